// SPDX-License-Identifier: Apache-2.0

package terms_test

import (
	"testing"

	"werkplek.dev/werkplek/api/v1alpha1"
)

func TestLiveAgent(t *testing.T) {
	tell(t, []story{
		{
			name:  "LA-1 a trial of 14 days, across the night of the clocks, then suspended until payment details are given",
			terms: "liveagent-monthly", tenant: "Business 2026-03-20",
			steps: `
				2026-03-20       | | Trial; trial 2026-04-03; agreed -; told welcome
				2026-03-31       | | Trial; told trial-ending-2026-04-03 endsOn=2026-04-03
				2026-04-02 24:00 | | Trial; next EndTrial 2026-04-03
				2026-04-03       | | Suspended by trial-2026-04-03; told suspended-trial-2026-04-03
				2026-04-10 09:00 | payment-details | Active; agreed 2026-04-10; lifted trial-2026-04-03; charge subscription-2026-04-10-seats 39.00 from 2026-04-10 to 2026-05-09; told resumed-trial-2026-04-03`,
		},
		{
			name:  "LA-1 payment details end the trial and start the billing at once",
			terms: "liveagent-monthly", tenant: "Business 2026-03-20",
			steps: `
				2026-03-25 10:00 | payment-details | Active; agreed 2026-03-25; charge subscription-2026-03-25-seats 39.00; told welcome
				2026-04-03       | | Active
				2026-04-25       | | charge subscription-2026-04-25-seats 39.00`,
		},
		{
			name:  "LA-1 nothing else brings a trial back",
			terms: "liveagent-monthly", tenant: "Business 2026-12-24",
			steps: `
				2027-01-07       | | Suspended by trial-2027-01-07; told welcome; told trial-ending-*; told suspended-*
				2027-02-07       | lifts trial-2027-01-07 | Suspended by trial-2027-01-07
				2027-06-01       | | Suspended by trial-2027-01-07`,
		},
		{
			name:  "LA-2 billed at the start of each month from the day of the agreement",
			terms: "liveagent-monthly", tenant: "Business 2027-12-20",
			steps: `
				2027-12-31       | payment-details; seats 2 | charge subscription-2027-12-31-seats 78.00 from 2027-12-31 to 2028-01-30; told welcome; told trial-ending-*
				2028-01-30 24:00 | |
				2028-01-31       | | charge subscription-2028-01-31-seats 78.00 from 2028-01-31 to 2028-02-28
				2028-02-29       | | charge subscription-2028-02-29-seats 78.00 from 2028-02-29 to 2028-03-30`,
		},
		{
			name:  "LA-3 by the month a new seat shows on the next invoice, and a seat less refunds nothing",
			terms: "liveagent-monthly", tenant: "Business 2026-03-20",
			steps: `
				2026-03-20       | payment-details; seats 2 | charge subscription-2026-03-20-seats 78.00; told welcome
				2026-04-01       | seats 3 |
				2026-04-20       | | charge subscription-2026-04-20-seats 117.00
				2026-05-01       | seats 1 |
				2026-05-20       | | charge subscription-2026-05-20-seats 39.00`,
		},
		{
			name:  "LA-3 LA-6 by the year a new seat is paid for the days that are left",
			terms: "liveagent-yearly", tenant: "Business 2026-03-20",
			steps: `
				2026-03-20       | payment-details; seats 2 | term 2027-03-20; charge subscription-2026-03-20-seats 696.00 from 2026-03-20 to 2027-03-19; told welcome
				2026-06-01       | seats 4 | charge subscription-2026-03-20-seats-added-2026-06-01-seats 556.80 from 2026-06-01 to 2027-03-19
				2026-07-01       | seats 3 |
				2026-08-01       | seats 4 |
				2027-03-20       | | charge subscription-2027-03-20-seats 1392.00`,
		},
		{
			name:  "LA-4 a changed price is announced 30 days before",
			terms: "liveagent-monthly", tenant: "Business 2026-03-20",
			edit: func(s *v1alpha1.ServiceTermsSpec) {
				s.Plan.PriceChanges = []v1alpha1.PlanPriceChange{{From: "2026-05-20", SeatPrice: "45.00"}}
			},
			steps: `
				2026-03-20       | payment-details | charge subscription-2026-03-20-seats 39.00; told welcome
				2026-04-20       | | charge subscription-2026-04-20-seats 39.00; told price-change-serviceterms-liveagent-monthly-2026-05-20 newAmount=45.00 from=2026-05-20
				2026-05-20       | | charge subscription-2026-05-20-seats 45.00`,
		},
		{
			name:  "LA-6 of what was prepaid and not used, half is refunded",
			terms: "liveagent-yearly", tenant: "Business 2026-03-20",
			steps: `
				2026-03-20       | payment-details; seats 2 | charge subscription-* 696.00; told welcome
				2026-09-20       | notice | Erased; told notice-*; charge credit-subscription-2026-03-20-seats -172.57 from 2026-09-20 to 2027-03-19`,
		},
		{
			name:  "LA-6 on the last day of a leap year's credit, half of that day is left",
			terms: "liveagent-yearly", tenant: "Business 2028-02-20",
			steps: `
				2028-02-29       | payment-details | charge subscription-* 348.00 from 2028-02-29 to 2029-02-27; told welcome
				2029-02-27       | notice | Erased; told notice-*; charge credit-* -0.48`,
		},
		{
			name:  "LA-7 LA-3 cancelled in the account it ends at once, without a charge or a refund",
			terms: "liveagent-monthly", tenant: "Business 2026-03-20",
			steps: `
				2026-03-20       | payment-details; seats 5 | charge subscription-* 195.00; told welcome
				2026-04-02       | notice | Erased; because Notice; ends 2026-04-02; told notice-2026-04-02-accepted
				2026-06-01       | | Erased`,
		},
		{
			name:  "LA-7 a trial binds nobody",
			terms: "liveagent-yearly", tenant: "Business 2026-03-20",
			steps: `
				2026-03-25       | notice | Erased; ends 2026-03-25; told welcome; told notice-*`,
		},
		{
			name:  "LA-8 warned after four weeks without use, closed with all data after eight",
			terms: "liveagent-monthly", tenant: "Business 2026-02-01",
			steps: `
				2026-02-01       | payment-details; stores 3G | charge subscription-* 39.00; told welcome
				2026-02-10       | uses | inactive 2026-04-07
				2026-03-09 24:00 | | charge subscription-2026-03-01-seats 39.00
				2026-03-10       | | Active; told inactivity-warning-2026-02-10 lastActive=2026-02-10 endsOn=2026-04-07
				2026-04-06 24:00 | | Active; stores 3G; charge subscription-2026-04-01-seats 39.00
				2026-04-07       | | Erased; because Inactivity; stores 0`,
		},
		{
			name:  "LA-8 a warning that came late leaves four weeks all the same",
			terms: "liveagent-monthly", tenant: "Business 2026-02-01",
			steps: `
				2026-02-10       | uses | told welcome
				2026-02-12       | payment-details | charge subscription-* 39.00; told trial-ending-*
				2026-03-01       | mail down |
				2026-04-08       | | Active; ends -; charge subscription-2026-03-12-seats 39.00
				2026-04-09       | mail up | Active; ends 2026-05-07; told inactivity-warning-2026-02-10
				2026-05-06 24:00 | | Active; charge subscription-2026-04-12-seats 39.00
				2026-05-07       | | Erased`,
		},
		{
			name:  "LA-8 use after the warning keeps the account",
			terms: "liveagent-monthly", tenant: "Business 2026-02-01",
			steps: `
				2026-02-02       | payment-details; uses | charge subscription-* 39.00; told welcome
				2026-03-02       | | told inactivity-warning-2026-02-02; charge subscription-2026-03-02-seats 39.00
				2026-03-29 02:30 | uses | Active; ends -; inactive 2026-05-24`,
		},
		{
			name:  "LA-10 users beyond the seats are charged for the days they have, after a mail that says so",
			terms: "liveagent-monthly", tenant: "Business 2026-03-20",
			steps: `
				2026-03-20       | payment-details; workplace ann | charge subscription-2026-03-20-seats 39.00; told welcome
				2026-04-10       | workplace bob; workplace cas | told seats-exceeded-2026-03-20 seats=1 users=3 price=39.00; charge extra-seats-* 25.16 from 2026-04-10 to 2026-04-19
				2026-04-15       | workplace dan | charge extra-seats-* 6.29 from 2026-04-15 to 2026-04-19
				2026-04-18       | removes cas; removes dan |
				2026-04-20       | | charge subscription-2026-04-20-seats 39.00; told seats-exceeded-2026-04-20 users=2; charge extra-seats-* 39.00 from 2026-04-20 to 2026-05-19`,
		},
		{
			name:  "LA-10 who could not be told is not charged",
			terms: "liveagent-monthly", tenant: "Business 2026-03-20",
			steps: `
				2026-03-20       | payment-details; workplace ann | charge subscription-* 39.00; told welcome
				2026-04-01       | mail down; workplace bob |
				2026-04-09       | |
				2026-04-10       | mail up | told seats-exceeded-2026-03-20; charge extra-seats-* 12.58 from 2026-04-10 to 2026-04-19`,
		},
		{
			name:  "LA-12 nobody is suspended who was not warned a week before",
			terms: "liveagent-monthly", tenant: "Business 2026-03-20",
			steps: `
				2026-03-20       | payment-details; invoice A 39.00 due 2026-03-20 | InArrears; suspends 2026-04-04; charge subscription-* 39.00; told welcome
				2026-03-27 24:00 | |
				2026-03-28       | | InArrears; told suspension-warning-2026-04-04 suspendsOn=2026-04-04
				2026-04-03 24:00 | | InArrears
				2026-04-04       | | Suspended by arrears-2026-04-04; told suspended-*
				2026-04-05       | pays A | Active; told resumed-*`,
		},
		{
			name:  "LA-12 a warning that could not be sent puts the suspension off",
			terms: "liveagent-monthly", tenant: "Business 2026-03-20",
			steps: `
				2026-03-20       | payment-details; invoice A 39.00 due 2026-03-20 | charge subscription-* 39.00; told welcome
				2026-03-25       | mail down |
				2026-04-14       | | InArrears
				2026-04-15       | mail up | InArrears; suspends 2026-04-22; told suspension-warning-2026-04-04
				2026-04-21 24:00 | | InArrears; charge subscription-2026-04-20-seats 39.00
				2026-04-22       | | Suspended by arrears-2026-04-22; told suspended-*`,
		},
	})
}
