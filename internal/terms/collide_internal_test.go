// SPDX-License-Identifier: Apache-2.0

package terms

import (
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
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
			terms := totaldesk(t, func(s *v1alpha1.ServiceTermsSpec) {
				s.Billing = &v1alpha1.BillingTerms{Period: "P1M"}
				s.Plan = &v1alpha1.PlanTerms{Price: "9.00"}
				remote := &v1alpha1.WorkRate{Amount: "20.00", Per: "PT15M"}
				s.Support = &v1alpha1.SupportTerms{Rates: &v1alpha1.SupportRates{Remote: remote}}
			})
			now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
			held := now.AddDate(0, 0, -2)
			worked, err := terms.SupportWork(session, v1alpha1.SupportRemote, held, held.Add(time.Minute))
			if err != nil || len(worked) != 1 {
				t.Fatalf("the session costs %v (%v)", worked, err)
			}
			f := Facts{Now: now, Tenant: "t", CreatedAt: held, StartsOn: day(t, "2026-11-01"), DirectDebit: true}
			for _, class := range []string{"a", "a-remote-work"} {
				f.Workplaces = append(f.Workplaces, Workplace{
					Name: class, Class: class, Username: class, CreatedOn: day(t, "2026-10-30"), Per: Period{Months: 1},
					Prices: []DatedPrice{{Amount: decimal.NewFromInt(10), Currency: "EUR"}},
				})
			}
			charge := v1alpha1.Charge{Spec: worked[0].Spec}
			charge.Name, charge.CreationTimestamp = worked[0].Name, metav1.NewTime(held)
			r := reader{zone: terms.Zone}
			if f.Charges = r.charges([]v1alpha1.Charge{charge}); r.err != nil {
				t.Fatal(r.err)
			}
			standing := Stand(terms, f)
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
