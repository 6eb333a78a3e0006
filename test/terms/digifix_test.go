// SPDX-License-Identifier: Apache-2.0

package terms_test

import (
	"testing"

	"werkplek.dev/werkplek/api/v1alpha1"
)

func TestDigiFix(t *testing.T) {
	tell(t, []story{
		{
			name:  "DF-1 a changed price holds 30 days after the customer was told",
			terms: "digifix-service", tenant: "Consumer 2026-01-20, direct debit",
			edit: func(s *v1alpha1.ServiceTermsSpec) {
				s.Plan.PriceChanges = []v1alpha1.PlanPriceChange{{From: "2026-04-20", Price: "229.00"}}
			},
			steps: `
				2026-03-20       | | charge subscription-* x3 597.00; told welcome
				2026-03-21       | | told price-change-serviceterms-digifix-service-2026-04-20 from=2026-04-20 oldAmount=199.00 newAmount=229.00
				2026-04-20       | | charge subscription-2026-04-20-plan 229.00`,
		},
		{
			name:  "DF-1 changed terms are announced 30 days before",
			terms: "digifix-security", tenant: "Consumer 2026-01-01, direct debit",
			edit: func(s *v1alpha1.ServiceTermsSpec) {
				s.Changes = []v1alpha1.TermsChange{{From: "2026-03-31", Title: "Another supplier of the software"}}
			},
			steps: `
				2026-02-28 24:00 | | charge subscription-* x2 298.00; told welcome
				2026-03-01       | | charge subscription-* 149.00; told terms-change-2026-03-31`,
		},
		{
			name:  "DF-2 a private person withdraws within 14 days, at no cost",
			terms: "digifix-security", tenant: "Consumer 2026-01-20, direct debit",
			steps: `
				2026-01-20       | | withdrawable 2026-02-03; charge subscription-2026-01-20-plan 149.00; told welcome
				2026-02-03 23:59 | withdraws | Ended; because Withdrawal; charge credit-subscription-2026-01-20-plan -149.00; told closure-*`,
		},
		{
			name:  "DF-2 the sessions that were used are billed on withdrawal as well",
			terms: "digifix-service", tenant: "Consumer 2026-01-20, direct debit",
			steps: `
				2026-01-22 10:00 | session s1 30m | charge subscription-* 199.00; told welcome
				2026-01-23 10:00 | session s2 20m |
				2026-01-25       | withdraws | Ended; charge credit-* -199.00; charge sessions-overused-2026-01-25 500.00; told closure-*`,
		},
		{
			name:  "DF-2 a business does not withdraw",
			terms: "digifix-security", tenant: "Business 2026-01-20, direct debit",
			steps: `
				2026-01-21       | withdraws | Active; withdrawable -; withdrawal WithdrawalNotOffered; charge subscription-* 149.00; told welcome`,
		},
		{
			name:  "DF-3 DF-7 leaving within the twelve months costs the rest of them",
			terms: "digifix-security", tenant: "Consumer 2026-01-10, direct debit",
			steps: `
				2026-03-05       | notice | term 2027-01-10; accepted 2026-04-20; charge subscription-* x2 298.00; told welcome; told notice-*
				2026-04-19 24:00 | | Active; charge subscription-2026-03-10-plan 149.00; charge subscription-2026-04-10-plan 49.67 from 2026-04-10 to 2026-04-19
				2026-04-20       | | Ended; charge early-termination-2026-04-20 1291.33 from 2026-04-20 to 2027-01-09; told closure-*`,
		},
		{
			name:  "DF-7 notice that runs out after the twelve months costs nothing",
			terms: "digifix-security", tenant: "Consumer 2026-01-10, direct debit",
			steps: `
				2026-12-19       | notice | accepted 2027-01-20; charge subscription-* x12 1788.00; told welcome; told notice-*
				2027-01-20       | | Ended; charge subscription-2027-01-10-plan 48.06 from 2027-01-10 to 2027-01-19; told closure-*`,
		},
		{
			name:  "DF-7 after them there is no binding term",
			terms: "digifix-security", tenant: "Consumer 2028-02-29, direct debit",
			steps: `
				2028-02-29       | | term 2029-02-28; charge subscription-* 149.00; told welcome
				2029-06-01       | notice | accepted 2029-07-20; charge subscription-* x15 2235.00; told notice-*
				2029-07-20       | | Ended; charge subscription-2029-06-29-plan 104.30 from 2029-06-29 to 2029-07-19; told closure-*`,
		},
		{
			name:  "DF-4 two sessions in a row are included, what goes beyond is billed",
			terms: "digifix-service", tenant: "Consumer 2026-01-20, direct debit",
			steps: `
				2026-02-02 11:00 | session s1 1h | charge subscription-* 199.00; told welcome
				2026-02-03 11:00 | session s2 61m | charge s2-remote-work 890.00
				2026-02-04 12:30 | session s3 2h15m | charge s3-remote-work 1780.00`,
		},
		{
			name:  "DF-4 once the twelve are used further ones get a discount, and are not billed again on leaving",
			terms: "digifix-service", tenant: "Consumer 2026-01-20, direct debit",
			steps: `
				2026-02-02 11:00 | session a1 1h; session a2 1h; session a3 1h; session a4 1h; session a5 1h | charge subscription-* 199.00; told welcome
				2026-02-03 11:00 | session a6 30m |
				2026-02-04 11:00 | session a7 1h | charge a7-remote-work 712.00
				2026-02-05 11:00 | session a8 15m | charge a8-remote-work 712.00
				2026-02-19       | notice | accepted 2026-03-20; told notice-*
				2026-03-20       | | Ended; charge subscription-2026-02-20-plan 199.00; charge sessions-overused-2026-03-20 2500.00; told closure-*`,
		},
		{
			name:  "DF-4 DF-6 the allowance is new each year of membership",
			terms: "digifix-service", tenant: "Consumer 2026-01-20, direct debit",
			steps: `
				2026-06-01 11:00 | session a1 1h; session a2 1h; session a3 1h; session a4 1h; session a5 1h; session a6 1h | charge subscription-* x5 995.00; told welcome
				2027-01-19 11:00 | session a7 10m | charge subscription-* x7 1393.00; charge a7-remote-work 712.00
				2027-01-20 11:00 | session b1 30m | charge subscription-2027-01-20-plan 199.00
				2027-02-19       | notice | accepted 2027-03-20; told notice-*
				2027-03-20       | | Ended; charge subscription-2027-02-20-plan 199.00; told closure-*`,
		},
		{
			name:  "DF-5 the VIP agreement includes three in a row",
			terms: "digifix-vip", tenant: "Consumer 2026-01-20, direct debit",
			steps: `
				2026-02-02 11:00 | session s1 90m | charge subscription-* 399.00; told welcome
				2026-02-03 12:00 | session s2 91m | charge s2-remote-work 890.00`,
		},
		{
			name:  "DF-6 five of twelve sessions used after two months: three are billed",
			terms: "digifix-service", tenant: "Consumer 2026-01-20, direct debit",
			steps: `
				2026-02-02 11:00 | session s1 30m; session s2 30m; session s3 25m | charge subscription-2026-01-20-plan 199.00; told welcome
				2026-02-12 11:00 | session s4 30m; session s5 5m |
				2026-02-19       | notice | accepted 2026-03-20; told notice-*
				2026-03-19 24:00 | | Active; charge subscription-2026-02-20-plan 199.00
				2026-03-20       | | Ended; charge sessions-overused-2026-03-20 750.00; told closure-announcement-*`,
		},
		{
			name:  "DF-6 ten of twenty-four used after two months: six are billed",
			terms: "digifix-vip", tenant: "Consumer 2026-01-20, direct debit",
			steps: `
				2026-02-02 11:00 | session s1 30m; session s2 30m; session s3 25m; session s4 30m; session s5 5m | charge subscription-2026-01-20-plan 399.00; told welcome
				2026-02-12 11:00 | session s6 30m; session s7 30m; session s8 25m; session s9 30m; session s10 5m |
				2026-02-19       | notice | accepted 2026-03-20; told notice-*
				2026-03-20       | | Ended; charge subscription-2026-02-20-plan 399.00; charge sessions-overused-2026-03-20 1500.00; told closure-announcement-*`,
		},
		{
			name:  "DF-6 no more than was earned is billed for nothing",
			terms: "digifix-service", tenant: "Consumer 2026-01-20, direct debit",
			steps: `
				2026-02-02 11:00 | session s1 30m; session s2 30m | charge subscription-* 199.00; told welcome
				2026-02-19       | notice | accepted 2026-03-20; told notice-*
				2026-03-20       | | Ended; charge subscription-2026-02-20-plan 199.00; told closure-announcement-*`,
		},
		{
			name:  "DF-6 notice on the day of a draw waits for the next, also from 31 January",
			terms: "digifix-service", tenant: "Consumer 2026-01-31, direct debit",
			steps: `
				2026-02-20       | notice | accepted 2026-04-20; charge subscription-* 199.00; told welcome; told notice-*
				2026-04-19 24:00 | | Active; charge subscription-2026-02-28-plan 199.00 from 2026-02-28 to 2026-03-30; charge subscription-2026-03-31-plan 132.67 from 2026-03-31 to 2026-04-19
				2026-04-20       | | Ended; told closure-*`,
		},
		{
			name:  "DF-6 a month after the draw in December is January",
			terms: "digifix-service", tenant: "Consumer 2026-01-20, direct debit",
			steps: `
				2026-12-19       | notice | accepted 2027-01-20; charge subscription-* x11 2189.00; told welcome; told notice-*
				2027-01-19 24:00 | | Active; charge subscription-2026-12-20-plan 199.00 from 2026-12-20 to 2027-01-19
				2027-01-20       | | Ended; told closure-*`,
		},
		{
			name:  "DF-8 without direct debit each invoice costs a fee",
			terms: "digifix-security", tenant: "Consumer 2026-01-20, direct debit",
			steps: `
				2026-01-20       | | charge subscription-2026-01-20-plan 149.00; told welcome
				2026-02-10       | debit off |
				2026-02-20       | | charge subscription-2026-02-20-plan 149.00; charge invoice-fee-2026-02-20 39.00
				2026-03-01       | debit on |
				2026-03-20       | | charge subscription-2026-03-20-plan 149.00`,
		},
		{
			name:  "DF-9 work by the hour is billed by the started hour, and costs a minimum",
			terms: "digifix-service", tenant: "Consumer 2026-01-20, direct debit",
			edit: func(s *v1alpha1.ServiceTermsSpec) { s.Support.Rates.Remote.Amount = "300.00" },
			steps: `
				2026-02-02 11:00 | remote w1 5m | charge subscription-* 199.00; charge w1-remote-work 375.00; told welcome
				2026-02-02 15:00 | remote w2 61m | charge w2-remote-work 600.00
				2026-02-03 15:00 | onsite w3 10m | charge w3-on-site-work 990.00; charge w3-call-out 450.00`,
		},
	})
}
