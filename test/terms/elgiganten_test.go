// SPDX-License-Identifier: Apache-2.0

package terms_test

import (
	"testing"

	"werkplek.dev/werkplek/api/v1alpha1"
)

func TestElgigantenCloud(t *testing.T) {
	tell(t, []story{
		{
			name:  "EC-1 EC-2 the free account, and the upgrade at any time",
			terms: "elgiganten-cloud-free", tenant: "Consumer 2026-01-31",
			steps: `
				2026-01-31       | stores 4G | Active; capacity 5G; members 1; told welcome
				2026-03-10       | asks elgiganten-cloud-individual-monthly | plan elgiganten-cloud-individual-monthly; capacity 500G; agreed 2026-03-10; charge subscription-2026-03-10-plan 39.00 from 2026-03-10 to 2026-04-09; told plan-changed-2026-03-10`,
		},
		{
			name:  "EC-2 an account that nobody uses for a year may be closed",
			terms: "elgiganten-cloud-free", tenant: "Consumer 2027-06-01",
			steps: `
				2028-02-29       | uses | inactive 2029-02-28; ends -; told welcome
				2029-01-28 24:00 | | Active
				2029-01-29       | | Active; ends 2029-02-28; told inactivity-warning-2028-02-29 endsOn=2029-02-28
				2029-02-27 24:00 | | Active
				2029-02-28       | | Ended; because Inactivity; erases 2029-05-29; told closure-announcement-2029-05-29
				2029-03-01       | uses | Ended
				2029-05-28 24:00 | | Ended
				2029-05-29       | | Erased`,
		},
		{
			name:  "EC-2 coming back after the warning keeps the account",
			terms: "elgiganten-cloud-free", tenant: "Consumer 2026-01-01",
			steps: `
				2026-03-15       | uses | told welcome
				2027-02-15       | | ends 2027-03-15; told inactivity-warning-2026-03-15
				2027-03-14 23:59 | uses | Active; ends -; inactive 2028-03-14
				2027-03-15       | | Active`,
		},
		{
			name:  "EC-2 what is not known to be unused is not closed",
			terms: "elgiganten-cloud-free", tenant: "Consumer 2026-01-01",
			steps: `
				2036-01-01       | | Active; ends -; inactive -; told welcome`,
		},
		{
			name:  "EC-3 cancelled the day before the period ends it is not renewed",
			terms: "elgiganten-cloud-individual-monthly", tenant: "Consumer 2026-01-31",
			steps: `
				2026-01-31       | | term 2026-02-28; charge subscription-2026-01-31-plan 39.00 from 2026-01-31 to 2026-02-27; told welcome
				2026-02-28       | | term 2026-03-31; charge subscription-2026-02-28-plan 39.00 from 2026-02-28 to 2026-03-30
				2026-03-29 23:59 | notice | accepted 2026-03-31; told notice-*
				2026-03-30 24:00 | | Active; plan elgiganten-cloud-individual-monthly; next ChangePlan 2026-03-31
				2026-03-31       | | Active; plan elgiganten-cloud-free; ends -; told plan-changed-2026-03-31`,
		},
		{
			name:  "EC-3 cancelled on the last day it is renewed once more, and nothing is refunded",
			terms: "elgiganten-cloud-individual-monthly", tenant: "Consumer 2026-01-31",
			steps: `
				2026-03-30 00:00 | notice | accepted 2026-04-30; told welcome; told notice-*; charge subscription-* x2 78.00
				2026-04-29 24:00 | | plan elgiganten-cloud-individual-monthly; charge subscription-2026-03-31-plan 39.00 from 2026-03-31 to 2026-04-29
				2026-04-30       | | plan elgiganten-cloud-free; told plan-changed-*`,
		},
		{
			name:  "EC-3 a year is renewed for a year",
			terms: "elgiganten-cloud-individual-yearly", tenant: "Consumer 2026-12-31",
			steps: `
				2026-12-31       | | charge subscription-2026-12-31-plan 390.00 from 2026-12-31 to 2027-12-30; told welcome
				2027-06-01       | notice | accepted 2027-12-31; told notice-2027-06-01-accepted
				2027-12-31       | | plan elgiganten-cloud-free; told plan-changed-*`,
		},
		{
			name:  "EC-3 another term follows the one that was paid for",
			terms: "elgiganten-cloud-individual-monthly", tenant: "Consumer 2026-03-10",
			steps: `
				2026-03-20       | asks elgiganten-cloud-individual-yearly | plan elgiganten-cloud-individual-monthly; waits AwaitingPeriodEnd; charge subscription-2026-03-10-plan 39.00; told welcome
				2026-04-09 24:00 | | plan elgiganten-cloud-individual-monthly
				2026-04-10       | | plan elgiganten-cloud-individual-yearly; term 2027-04-10; charge subscription-2026-04-10-plan 390.00 from 2026-04-10 to 2027-04-09; told plan-changed-*`,
		},
		{
			name:  "EC-3 a larger plan of the same term costs the difference for the days that are left",
			terms: "elgiganten-cloud-individual-monthly", tenant: "Consumer 2026-04-01",
			steps: `
				2026-04-01       | | charge subscription-2026-04-01-plan 39.00; told welcome
				2026-04-16       | asks elgiganten-cloud-family | plan elgiganten-cloud-family; members 5; agreed 2026-04-01; charge subscription-2026-04-01-changed-2026-04-16-plan 20.00 from 2026-04-16 to 2026-04-30; told plan-changed-*
				2026-05-01       | | charge subscription-2026-05-01-plan 79.00`,
		},
		{
			name:  "EC-3 a smaller one refunds nothing",
			terms: "elgiganten-cloud-family", tenant: "Consumer 2026-04-01",
			steps: `
				2026-04-16       | asks elgiganten-cloud-individual-monthly | plan elgiganten-cloud-individual-monthly; charge subscription-2026-04-01-plan 79.00; told welcome; told plan-changed-*
				2026-05-01       | | charge subscription-2026-05-01-plan 39.00`,
		},
		{
			name:  "EC-1 EC-4 a family has five members, and its data goes 90 days after it expires",
			terms: "elgiganten-cloud-family", tenant: "Consumer 2026-10-01",
			steps: `
				2026-10-01       | stores 900G | members 5; charge subscription-2026-10-01-plan 79.00; told welcome
				2026-10-10       | notice | accepted 2026-11-01; erases 2027-01-30; told notice-*
				2026-10-31 24:00 | | Active
				2026-11-01       | | Ended; told closure-announcement-2027-01-30 eraseOn=2027-01-30
				2027-01-29 24:00 | | Ended; stores 900G
				2027-01-30       | | Erased; stores 0`,
		},
		{
			name:  "EC-1 no family of six",
			terms: "elgiganten-cloud-individual-monthly", tenant: "Consumer 2026-10-01",
			steps: `
				2026-10-02       | workplace a; workplace b; workplace c; workplace d; workplace e; workplace f; asks elgiganten-cloud-family | plan elgiganten-cloud-individual-monthly; waits TooManyMembers; charge subscription-* 39.00; told welcome
				2026-10-03       | removes f | plan elgiganten-cloud-family; charge subscription-2026-10-01-changed-* 37.42; told plan-changed-*`,
		},
		{
			name:  "EC-5 a business's licences change when the period ends",
			terms: "elgiganten-cloud-business", tenant: "Business 2026-02-28",
			steps: `
				2026-02-28 00:00 | seats 3 | charge subscription-2026-02-28-seats 147.00 from 2026-02-28 to 2026-03-27; told welcome
				2026-03-10       | seats 5 |
				2026-03-27 24:00 | |
				2026-03-28       | | charge subscription-2026-03-28-seats 245.00 from 2026-03-28 to 2026-04-27
				2026-04-01       | seats 2 |
				2026-04-28       | | charge subscription-2026-04-28-seats 98.00`,
		},
		{
			name:  "EC-5 when a business ends its data is erased at once",
			terms: "elgiganten-cloud-business", tenant: "Business 2026-03-01",
			steps: `
				2026-03-20       | stores 2T; notice | accepted 2026-04-01; erases 2026-04-01; charge subscription-* 49.00; told welcome; told notice-*
				2026-03-31 24:00 | | Active; stores 2T
				2026-04-01       | | Erased; stores 0`,
		},
		{
			name:  "EC-6 a subscription that ran out becomes free, and keeps what fits",
			terms: "elgiganten-cloud-individual-monthly", tenant: "Consumer 2026-03-01",
			steps: `
				2026-03-20       | stores 5G; notice | accepted 2026-04-01; erases -; charge subscription-* 39.00; told welcome; told notice-*
				2026-04-01       | | Active; plan elgiganten-cloud-free; stores 5G; told plan-changed-*`,
		},
		{
			name:  "EC-6 what does not fit is erased, all of it, once that was announced",
			terms: "elgiganten-cloud-individual-monthly", tenant: "Consumer 2026-03-01",
			steps: `
				2026-03-10       | stores 5000000001; notice | accepted 2026-04-01; erases 2026-04-01; charge subscription-* 39.00; told welcome; told notice-*
				2026-03-24       | | told closure-announcement-2026-04-01 eraseOn=2026-04-01
				2026-03-31 24:00 | | Active; stores 5000000001
				2026-04-01       | | Active; plan elgiganten-cloud-free; stores 0; told plan-changed-*
				2027-04-01       | stores 2G | Active; plan elgiganten-cloud-free
				2027-10-01       | notice | Ended; erases 2027-12-30; stores 2G; told notice-2027-10-01-accepted; told closure-announcement-2027-12-30
				2027-12-29 24:00 | | Ended; stores 2G
				2027-12-30       | | Erased`,
		},
		{
			name:  "EC-6 deleted down to what fits after the announcement, it is kept",
			terms: "elgiganten-cloud-individual-monthly", tenant: "Consumer 2026-03-01",
			steps: `
				2026-03-10       | stores 6G; notice | erases 2026-04-01; charge subscription-* 39.00; told welcome; told notice-*
				2026-03-30       | stores 4G | erases -; told closure-announcement-*
				2026-04-01       | | Active; plan elgiganten-cloud-free; stores 4G; told plan-changed-*`,
		},
		{
			name:  "EC-6 a downgrade waits until the data fits and the members are gone",
			terms: "elgiganten-cloud-family", tenant: "Consumer 2026-03-01",
			steps: `
				2026-03-05       | workplace mor; workplace far; stores 6G; asks elgiganten-cloud-free | waits TooManyMembers; charge subscription-2026-03-01-plan 79.00; told welcome
				2026-03-10       | removes far | waits TooMuchData
				2026-03-12       | stores 5G | waits AwaitingPeriodEnd; plan elgiganten-cloud-family
				2026-03-31 24:00 | | plan elgiganten-cloud-family
				2026-04-01       | | plan elgiganten-cloud-free; stores 5G; told plan-changed-*`,
		},
		{
			name:  "EC-7 data is kept for 90 days at most after a free account was closed",
			terms: "elgiganten-cloud-free", tenant: "Consumer 2026-03-01",
			steps: `
				2026-10-20       | stores 2G; notice | Ended; erases 2027-01-18; told welcome; told notice-*; told closure-announcement-*
				2027-01-17 24:00 | | Ended; stores 2G
				2027-01-18       | | Erased`,
		},
		{
			name:  "EC-8 unpaid for 90 days after it was due, the account ends and all is erased",
			terms: "elgiganten-cloud-individual-monthly", tenant: "Consumer 2026-02-01",
			steps: `
				2026-02-01 00:00 | invoice A 39.00 due 2026-02-14 | InArrears; suspends 2026-03-01; terminates 2026-05-16; charge subscription-2026-02-01-plan 39.00; told welcome
				2026-02-22       | | told suspension-warning-2026-03-01
				2026-03-01       | | Suspended by arrears-2026-03-01; told suspended-*; charge subscription-2026-03-01-plan 39.00
				2026-05-15 24:00 | | Suspended by arrears-2026-03-01; ends -; charge subscription-* x2 78.00
				2026-05-16       | | Ended by arrears-2026-03-01; because TerminatedByArrears; erases 2026-05-16; told closure-announcement-2026-05-16
				2026-05-16 12:00 | pays A | Ended
				2026-05-17       | | Erased`,
		},
		{
			name:  "EC-8 paid on the ninetieth day it goes on",
			terms: "elgiganten-cloud-individual-monthly", tenant: "Consumer 2026-02-01",
			steps: `
				2026-02-01 00:00 | invoice A 39.00 due 2026-02-14 | charge subscription-* 39.00; told welcome
				2026-05-15 23:59 | pays A | Active; ends -; charge subscription-* x3 117.00; told suspension-warning-*; told suspended-*; told resumed-*
				2026-05-16       | | Active`,
		},
		{
			name:  "EC-10 an individual account withdraws within 14 days, and pays nothing",
			terms: "elgiganten-cloud-individual-yearly", tenant: "Consumer 2026-12-20",
			steps: `
				2026-12-20       | | withdrawable 2027-01-03; charge subscription-2026-12-20-plan 390.00; told welcome
				2027-01-03 23:59 | withdraws | Ended; because Withdrawal; charge credit-subscription-2026-12-20-plan -390.00; told closure-announcement-2027-04-03`,
		},
		{
			name:  "EC-10 a family account does not",
			terms: "elgiganten-cloud-family", tenant: "Consumer 2026-12-20",
			steps: `
				2026-12-21       | withdraws | Active; withdrawable -; withdrawal WithdrawalNotOffered; charge subscription-* 79.00; told welcome`,
		},
		{
			name:  "EC-11 changed terms are announced 30 days before",
			terms: "elgiganten-cloud-free", tenant: "Consumer 2026-03-01",
			edit: func(s *v1alpha1.ServiceTermsSpec) {
				s.Changes = []v1alpha1.TermsChange{{From: "2026-07-01", Title: "Sharing by link"}}
			},
			steps: `
				2026-05-31 24:00 | | told welcome
				2026-06-01       | | told terms-change-2026-07-01 from=2026-07-01`,
		},
		{
			name:  "EC-11 a changed price holds 30 days after the customer was told",
			terms: "elgiganten-cloud-individual-monthly", tenant: "Consumer 2026-03-15",
			edit: func(s *v1alpha1.ServiceTermsSpec) {
				s.Plan.PriceChanges = []v1alpha1.PlanPriceChange{{From: "2026-06-15", Price: "45.00"}}
			},
			steps: `
				2026-05-15       | | charge subscription-* x3 117.00; told welcome
				2026-05-16       | | told price-change-serviceterms-elgiganten-cloud-individual-monthly-2026-06-15 oldAmount=39.00 newAmount=45.00 from=2026-06-15
				2026-06-14 24:00 | |
				2026-06-15       | | charge subscription-2026-06-15-plan 45.00`,
		},
		{
			name:  "EC-11 a customer who could not be told pays the old price",
			terms: "elgiganten-cloud-individual-monthly", tenant: "Consumer 2026-03-15",
			edit: func(s *v1alpha1.ServiceTermsSpec) {
				s.Plan.PriceChanges = []v1alpha1.PlanPriceChange{{From: "2026-06-15", Price: "45.00"}}
			},
			steps: `
				2026-05-01       | mail down | charge subscription-* x2 78.00; told welcome
				2026-06-15       | | charge subscription-* x2 78.00
				2026-06-17       | mail up | told price-change-*
				2026-07-15       | | charge subscription-2026-07-15-plan 39.00
				2026-08-15       | | charge subscription-2026-08-15-plan 45.00`,
		},
		{
			name:  "EC-13 bonus capacity is for a time, and not for families",
			terms: "elgiganten-cloud-free", tenant: "Consumer 2026-03-01",
			steps: `
				2026-03-01       | bonus 2G 2026-03-31 | capacity 7G; told welcome
				2026-03-31 24:00 | | capacity 7G
				2026-04-01       | | capacity 5G
				2026-04-02       | asks elgiganten-cloud-family; bonus 2G 2026-12-31 | plan elgiganten-cloud-family; capacity 2T; charge subscription-* 79.00; told plan-changed-*`,
		},
		{
			name:  "EC-2 the free account is for private persons only",
			terms: "elgiganten-cloud-business", tenant: "Business 2026-03-01",
			steps: `
				2026-03-02       | asks elgiganten-cloud-free | waits PlanNotForType; charge subscription-* 49.00; told welcome`,
		},
	})
}
