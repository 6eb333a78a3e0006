// SPDX-License-Identifier: Apache-2.0

package charging

import (
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/agreement/agreementtest"
	"werkplek.dev/werkplek/internal/terms/facts"
	"werkplek.dev/werkplek/internal/terms/standing"
)

// TestChargesOfSessionsPayForNothingElse: support sessions may be called as the
// charges of a billing period are, and the period is charged nonetheless.
func TestChargesOfSessionsPayForNothingElse(t *testing.T) {
	t.Parallel()
	for session, want := range map[string][]string{
		"monday": {
			"subscription-2026-11-01-plan", "subscription-2026-11-01-class-a", "subscription-2026-11-01-class-a-remote-work",
		},
		"subscription-2026-11-01-class-x": {
			"subscription-2026-11-01-plan", "subscription-2026-11-01-class-a", "subscription-2026-11-01-class-a-remote-work",
		},
		"subscription-2026-11-01-class-a": {
			// The name is taken: a charge is found by what it is for, so that any other will do.
			"subscription-2026-11-01-plan", "subscription-2026-11-01-class-a",
			"subscription-2026-11-01-class-a-remote-work-b8a4eaa3",
		},
	} {
		t.Run(session, func(t *testing.T) {
			t.Parallel()
			terms := agreementtest.TotalDesk(t, func(s *v1alpha1.ServiceTermsSpec) {
				s.Billing = &v1alpha1.BillingTerms{Period: "P1M"}
				s.Plan = &v1alpha1.PlanTerms{Price: "9.00"}
				remote := &v1alpha1.WorkRate{Amount: "20.00", Per: "PT15M"}
				s.Support = &v1alpha1.SupportTerms{Rates: &v1alpha1.SupportRates{Remote: remote}}
			})
			now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
			held := now.AddDate(0, 0, -2)
			worked, err := SupportWork(terms, session, v1alpha1.SupportRemote, held, held.Add(time.Minute))
			if err != nil || len(worked) != 1 {
				t.Fatalf("the session costs %v (%v)", worked, err)
			}
			f := facts.Facts{
				Now: now, Tenant: "t", CreatedAt: held, StartsOn: agreementtest.Day(t, "2026-11-01"), DirectDebit: true,
			}
			for _, class := range []string{"a", "a-remote-work"} {
				f.Workplaces = append(f.Workplaces, facts.Workplace{
					Name: class, Class: class, Username: class, CreatedOn: agreementtest.Day(t, "2026-10-30"),
					Per:    calendar.Period{Months: 1},
					Prices: []agreement.DatedPrice{{Amount: decimal.NewFromInt(10), Currency: "EUR"}},
				})
			}
			charge := v1alpha1.Charge{Spec: worked[0].Spec}
			charge.Name, charge.CreationTimestamp = worked[0].Name, metav1.NewTime(held)
			charged, err := facts.ChargeOf(charge.Name, &charge.Spec, &charge.Status)
			if err != nil {
				t.Fatal(err)
			}
			charged.MadeAt = held
			f.Charges.Put(charged)
			standing := standing.Stand(terms, f)
			var got []string
			for _, due := range DueNow(terms, f, &standing).Charges {
				got = append(got, due.Name)
			}
			if !slices.Equal(got, want) {
				t.Errorf("beside %s due are\n%q, want\n%q", charge.Name, got, want)
			}
		})
	}
}
