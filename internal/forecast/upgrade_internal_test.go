// SPDX-License-Identifier: Apache-2.0

package forecast

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/terms/charging"
	"werkplek.dev/werkplek/internal/terms/dues"
	"werkplek.dev/werkplek/internal/terms/standing"
	"werkplek.dev/werkplek/test/histories"
)

// TestUpgrade: over random terms and histories, an operator that finds only
// charges which do not say what they are for charges nothing of it again, and
// goes on as if it had always been there.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	var mutex sync.Mutex
	upgraded := map[string]int{}
	if list := seeds(t); len(list) >= seedsByDefault {
		t.Cleanup(func() {
			for _, kind := range []string{
				"Subscription", "Surcharge", "Reactivation", "Credit",
				"EarlyTermination", "ExtraSeats", "InvoiceFee", "SessionsOverused",
				"Plan", "Seats", "WorkplaceClass",
				// The stories have the other groups.
				"BillingPeriod", "WorkplacesAdded", "SeatsExceeded", "PlanEntry", "AgreementEnd",
			} {
				if upgraded[kind] == 0 {
					t.Errorf("no history had a charge of %s when it was upgraded: %v", kind, upgraded)
				}
			}
		})
	}
	for _, seed := range seeds(t) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			world := histories.Invent(seed)
			straight := start(t, world)
			straight.Until(world.End)

			upgrading := start(t, world)
			var made []charging.NamedCharge
			for _, stop := range world.Stops {
				upgrading.Until(stop)
				made = append(made, upgrading.made...)
				mutex.Lock()
				for charge := range upgrading.facts.Charges.All() {
					upgraded[string(charge.Type)]++
					upgraded[string(charge.Key.Subject.Kind)]++
					upgraded[string(charge.Key.Group.Kind)]++
				}
				mutex.Unlock()
				upgrading = again(upgrading)
				upgrading.facts.Charges = asBefore(t, upgrading.facts.Charges)
				if held := upgrading.Terms(); held != nil {
					standing := standing.Stand(held, upgrading.facts)
					if due := charging.DueNow(held, upgrading.facts, &standing); len(due.Charges) > 0 {
						t.Fatalf("at %s %s is charged again", stop, due.Charges[0].Name)
					}
				}
			}
			upgrading.Until(world.End)
			made = append(made, upgrading.made...)
			if diff := cmp.Diff(straight.made, made); diff != "" {
				t.Errorf("with charges from before, something else is charged (-want +got):\n%s", diff)
				t.Logf("run it again with %s=%d", seedVariable, seed)
			}
		})
	}
}

// asBefore returns charges as an operator finds them that were made before
// charges said what they are for.
func asBefore(t *testing.T, ledger dues.Ledger) dues.Ledger {
	t.Helper()
	var before dues.Ledger
	for charge := range ledger.All() {
		key, known := dues.FromName(charge.Name, &v1alpha1.ChargeSpec{Type: charge.Type})
		if !known {
			t.Fatalf("nobody can tell what %s is for", charge.Name)
		}
		charge.Key = key
		before.Put(charge)
	}
	if all, left := slices.Collect(ledger.All()), slices.Collect(before.All()); len(all) != len(left) {
		t.Fatalf("%d charges became %d", len(all), len(left))
	}
	return before
}
