// SPDX-License-Identifier: Apache-2.0

package terms_test

import (
	"testing"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// TestNamesDecideNothing: what is charged does not depend on how something is
// called, nor on how the charges that exist are.
func TestNamesDecideNothing(t *testing.T) {
	t.Parallel()
	for _, s := range []story{
		{
			name:  "LA-3 TD-5 a surcharge is no seat",
			terms: "liveagent-yearly", tenant: "Business 2026-03-20",
			edit: func(s *v1alpha1.ServiceTermsSpec) { s.Billing.SurchargeWithoutDirectDebit = "2" },
			steps: `
				2026-03-20       | payment-details; seats 5 | charge subscription-2026-03-20-seats 1740.00; charge subscription-2026-03-20-surcharge 34.80; told welcome
				2026-06-01       | seats 8 | charge subscription-2026-03-20-seats-added-2026-06-01-seats 835.20; charge subscription-2026-03-20-seats-added-2026-06-01-surcharge 16.70
				2026-07-01       | seats 9 | charge subscription-2026-03-20-seats-added-2026-07-01-seats 249.80; charge subscription-2026-03-20-seats-added-2026-07-01-surcharge 5.00
				2027-03-20       | | charge subscription-2027-03-20-seats 3132.00; charge subscription-2027-03-20-surcharge 62.64`,
		},
		{
			name:  "LA-3 a class called starter-plan is no plan",
			terms: "elgiganten-cloud-individual-monthly", tenant: "Consumer 2026-04-01",
			steps: `
				2026-04-02       | workplace anna starter-plan 10.00 | charge subscription-2026-04-01-plan 39.00; told welcome
				2026-04-03       | | charge subscription-2026-04-01-added-2026-04-02-class-starter-plan 9.67
				2026-04-16       | asks elgiganten-cloud-family | charge subscription-2026-04-01-changed-2026-04-16-plan 20.00; told plan-changed-*`,
		},
		{
			name:  "LA-3 a class called team-seats is no seat",
			terms: "elgiganten-cloud-individual-monthly", tenant: "Consumer 2026-04-01",
			steps: `
				2026-04-02       | workplace anna team-seats 10.00 | charge subscription-2026-04-01-plan 39.00; told welcome
				2026-04-03       | | charge subscription-2026-04-01-added-2026-04-02-class-team-seats 9.67
				2026-04-16       | asks elgiganten-cloud-family | charge subscription-2026-04-01-changed-2026-04-16-plan 20.00; told plan-changed-*`,
		},
		{
			name:  "LS-2 a plan called first-class-desk pays for no workplace of class desk",
			terms: "liveschijf-free", tenant: "Consumer 2026-03-01",
			also: map[string]string{"first-class-desk": "liveschijf-consumer"},
			steps: `
				2026-03-02       | workplace anna desk 10.00 | told welcome
				2026-03-10       | asks first-class-desk | charge plan-2026-03-10-first-class-desk 119.00
				2026-03-10 13:00 | invoice L-1 119.00 for plan-2026-03-10-first-class-desk |
				2026-03-12       | pays L-1 | plan first-class-desk; charge subscription-2026-03-12-added-2026-03-02-class-desk 120.00 from 2026-03-12 to 2027-03-11; told plan-changed-*`,
		},
	} {
		each(t, s)
	}
}
