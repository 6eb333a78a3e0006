// SPDX-License-Identifier: Apache-2.0

package terms_test

import "testing"

func TestLiveSchijf(t *testing.T) {
	tell(t, []story{
		{
			name:  "LS-1 everybody begins on the free plan, and is told so at once",
			terms: "liveschijf-free", tenant: "Consumer 2026-03-01",
			steps: `
				2026-03-01       | | Active; plan liveschijf-free; capacity 5G; told welcome startsOn=2026-03-01
				2031-03-01       | | Active; plan liveschijf-free; ends -`,
		},
		{
			name:  "LS-2 LS-3 the upgrade is invoiced, and holds when the payment is reported",
			terms: "liveschijf-free", tenant: "Consumer 2026-03-01",
			steps: `
				2026-03-01       | | told welcome
				2026-03-10       | asks liveschijf-consumer | plan liveschijf-free; waits AwaitingPayment; charge plan-2026-03-10-liveschijf-consumer 119.00
				2026-03-10 13:00 | invoice L-1 119.00 for plan-2026-03-10-liveschijf-consumer | plan liveschijf-free; waits AwaitingPayment
				2026-03-12 08:59 | | plan liveschijf-free
				2026-03-12 09:00 | pays L-1 | plan liveschijf-consumer; agreed 2026-03-12; term 2027-03-12; withdrawable 2026-03-26; told plan-changed-2026-03-12
				2027-02-25 24:00 | |
				2027-02-26       | | charge subscription-2027-03-12-plan 119.00 from 2027-03-12 to 2028-03-11
				2027-03-12       | | Active; term 2028-03-12`,
		},
		{
			name:  "LS-2 what is not paid is not upgraded",
			terms: "liveschijf-free", tenant: "Consumer 2026-03-01",
			steps: `
				2026-03-01       | | told welcome
				2026-03-10       | asks liveschijf-consumer | charge plan-* 119.00
				2026-03-10 13:00 | invoice L-1 119.00 for plan-2026-03-10-liveschijf-consumer |
				2026-03-20       | pays 118.99 of L-1 | plan liveschijf-free; waits AwaitingPayment
				2027-03-20       | | plan liveschijf-free; waits AwaitingPayment; InArrears`,
		},
		{
			name:  "LS-2 a report that is too old upgrades nobody",
			terms: "liveschijf-free", tenant: "Consumer 2026-03-01",
			steps: `
				2026-03-01       | | told welcome
				2026-03-10       | asks liveschijf-consumer | charge plan-* 119.00
				2026-03-10 13:00 | invoice L-1 119.00 for plan-2026-03-10-liveschijf-consumer |
				2026-03-11       | billing silent; pays L-1 | plan liveschijf-free
				2026-03-20       | | plan liveschijf-free; billing Stale
				2026-03-21       | billing back | plan liveschijf-consumer; agreed 2026-03-21; told plan-changed-2026-03-21`,
		},
		{
			name:  "LS-3 a year from 29 February ends on 28 February, and on the 29th again in a leap year",
			terms: "liveschijf-free", tenant: "Consumer 2028-02-01",
			steps: `
				2028-02-01       | | told welcome
				2028-02-29       | asks liveschijf-consumer | charge plan-* 119.00
				2028-02-29 13:00 | invoice L-1 119.00 for plan-2028-02-29-liveschijf-consumer; pays L-1 | plan liveschijf-consumer; term 2029-02-28; told plan-changed-*
				2029-02-14       | | charge subscription-2029-02-28-plan 119.00 from 2029-02-28 to 2030-02-27
				2030-02-14       | | charge subscription-2030-02-28-plan 119.00 from 2030-02-28 to 2031-02-27
				2031-02-14       | | charge subscription-2031-02-28-plan 119.00 from 2031-02-28 to 2032-02-28
				2032-02-28       | | term 2032-02-29; charge subscription-2032-02-29-plan 119.00 from 2032-02-29 to 2033-02-27`,
		},
		{
			name:  "LS-4 withdrawn on the sixth day, all but five days are refunded",
			terms: "liveschijf-free", tenant: "Consumer 2026-03-01",
			steps: `
				2026-03-01       | | told welcome
				2026-03-10       | asks liveschijf-consumer | charge plan-* 119.00
				2026-03-10 13:00 | invoice L-1 119.00 for plan-2026-03-10-liveschijf-consumer |
				2026-03-12       | pays L-1 | plan liveschijf-consumer; told plan-changed-*
				2026-03-17 10:00 | withdraws | Ended; ends 2026-03-17; because Withdrawal; charge credit-plan-2026-03-10-liveschijf-consumer -117.37 on 2026-03-17; told closure-announcement-2026-03-17 eraseOn=2026-03-18
				2026-03-18 09:59 | | Ended; erasure NotYet
				2026-03-18 10:00 | | Erased
				2027-03-12       | | Erased`,
		},
		{
			name:  "LS-4 the fourteenth day after the purchase is in time",
			terms: "liveschijf-free", tenant: "Business 2026-03-01",
			steps: `
				2026-03-01       | | told welcome
				2026-03-12       | asks liveschijf-business | charge plan-* 119.00
				2026-03-12 13:00 | invoice L-1 119.00 for plan-2026-03-12-liveschijf-business; pays L-1 | withdrawable 2026-03-26; told plan-changed-*
				2026-03-26 23:59 | withdraws | Ended; charge credit-plan-2026-03-12-liveschijf-business -114.44; told closure-*`,
		},
		{
			name:  "LS-4 the fifteenth is too late",
			terms: "liveschijf-free", tenant: "Business 2026-03-01",
			steps: `
				2026-03-01       | | told welcome
				2026-03-12       | asks liveschijf-business | charge plan-* 119.00
				2026-03-12 13:00 | invoice L-1 119.00 for plan-2026-03-12-liveschijf-business; pays L-1 | told plan-changed-*
				2026-03-27 00:00 | withdraws | Active; withdrawal WithdrawalTooLate; ends -`,
		},
		{
			name:  "LS-5 a closed account is announced, erased a day later, and stays closed",
			terms: "liveschijf-free", tenant: "Consumer 2026-03-01",
			steps: `
				2026-03-01       | stores 3G | told welcome
				2026-03-28 12:00 | notice | Ended; ends 2026-03-28; told notice-2026-03-28-accepted; told closure-announcement-2026-03-28 eraseOn=2026-03-29
				2026-03-29 12:59 | | Ended; stores 3G
				2026-03-29 13:00 | | Erased; stores 0
				2026-04-01       | uses; asks liveschijf-consumer | Erased; plan liveschijf-free`,
		},
		{
			name:  "LS-5 nothing is erased whose announcement could not be sent",
			terms: "liveschijf-free", tenant: "Consumer 2026-03-01",
			steps: `
				2026-03-01       | stores 3G | told welcome
				2026-03-02       | mail down |
				2026-03-03       | notice | Ended; erasure NotAnnounced
				2026-06-03       | | Ended; erasure NotAnnounced; stores 3G
				2026-06-03       | mail up | Ended; told notice-2026-03-03-accepted; told closure-announcement-2026-03-03
				2026-06-04 12:00 | | Erased; stores 0`,
		},
		{
			name:  "LS-6 a consumer leaves in the first year at once, without a refund",
			terms: "liveschijf-free", tenant: "Consumer 2026-03-01",
			steps: `
				2026-03-01       | | told welcome
				2026-03-12       | asks liveschijf-consumer | charge plan-* 119.00
				2026-03-12 13:00 | invoice L-1 119.00 for plan-2026-03-12-liveschijf-consumer; pays L-1 | told plan-changed-*
				2026-09-01       | notice | Ended; ends 2026-09-01; told notice-*; told closure-*
				2026-09-02 12:00 | | Erased`,
		},
		{
			name:  "LS-6 the last day of the first year refunds nothing, but the year that was invoiced ahead",
			terms: "liveschijf-free", tenant: "Consumer 2026-03-01",
			steps: `
				2026-03-01       | | told welcome
				2026-03-12       | asks liveschijf-consumer | charge plan-* 119.00
				2026-03-12 13:00 | invoice L-1 119.00 for plan-2026-03-12-liveschijf-consumer; pays L-1 | told plan-changed-*
				2027-03-11       | notice | Ended; ends 2027-03-11; charge subscription-2027-03-12-plan 119.00; charge credit-subscription-2027-03-12-plan -119.00; told notice-*; told closure-*`,
		},
		{
			name:  "LS-6 after a renewal a consumer leaves in a month, and the rest is refunded",
			terms: "liveschijf-free", tenant: "Consumer 2026-03-01",
			steps: `
				2026-03-01       | | told welcome
				2026-03-12       | asks liveschijf-consumer | charge plan-* 119.00
				2026-03-12 13:00 | invoice L-1 119.00 for plan-2026-03-12-liveschijf-consumer; pays L-1 | told plan-changed-*
				2027-03-12       | | charge subscription-2027-03-12-plan 119.00 from 2027-03-12 to 2028-03-11; earliest 2027-04-12
				2027-06-12       | notice | accepted 2027-07-12; told notice-*
				2027-07-11 24:00 | | Active; told closure-announcement-2027-07-12 eraseOn=2027-07-12
				2027-07-12       | | Erased; charge credit-subscription-2027-03-12-plan -79.33 from 2027-07-12 to 2028-03-11`,
		},
		{
			name:  "LS-7 a business gives notice a month before the year ends",
			terms: "liveschijf-free", tenant: "Business 2026-03-01",
			steps: `
				2026-03-01       | | told welcome
				2026-03-12       | asks liveschijf-business | charge plan-* 119.00
				2026-03-12 13:00 | invoice L-1 119.00 for plan-2026-03-12-liveschijf-business; pays L-1 | told plan-changed-*
				2027-02-11       | notice | accepted 2027-03-12; told notice-*
				2027-03-11 24:00 | | Active; told closure-*
				2027-03-12       | | Erased`,
		},
		{
			name:  "LS-7 a day later the agreement was renewed, and nothing is refunded",
			terms: "liveschijf-free", tenant: "Business 2026-03-01",
			steps: `
				2026-03-01       | | told welcome
				2026-03-12       | asks liveschijf-business | charge plan-* 119.00
				2026-03-12 13:00 | invoice L-1 119.00 for plan-2026-03-12-liveschijf-business; pays L-1 | told plan-changed-*
				2027-02-12       | notice | accepted 2028-03-12; told notice-*
				2028-03-11 24:00 | | Active; charge subscription-2027-03-12-plan 119.00; told closure-*
				2028-03-12       | | Erased`,
		},
		{
			name:  "LS-6 LS-7 each type of customer has its own plan",
			terms: "liveschijf-free", tenant: "Consumer 2026-03-01",
			steps: `
				2026-03-01       | | told welcome
				2026-03-12       | asks liveschijf-business | plan liveschijf-free; waits PlanNotForType`,
		},
		{
			name:  "LS-9 an answer is due within 24 hours, whatever the clocks do",
			terms: "liveschijf-free", tenant: "Consumer 2026-03-01",
			steps: `
				2026-03-07 18:00 | | answer 2026-03-08 18:00; told welcome
				2026-03-28 12:00 | | answer 2026-03-29 13:00
				2026-10-24 12:00 | | answer 2026-10-25 11:00`,
		},
		{
			name:  "LS-3 an unpaid renewal is warned of, suspended and resumed without a fee",
			terms: "liveschijf-consumer", tenant: "Consumer 2026-03-12",
			steps: `
				2026-03-12       | | charge subscription-2026-03-12-plan 119.00 from 2026-03-12 to 2027-03-11; told welcome
				2027-02-26       | invoice L-2 119.00 | InArrears; suspends 2027-03-27; charge subscription-2027-03-12-plan 119.00
				2027-03-20       | | InArrears; told suspension-warning-2027-03-27 invoice=L-2 suspendsOn=2027-03-27
				2027-03-26 24:00 | | InArrears
				2027-03-27       | | Suspended by arrears-2027-03-27; told suspended-*
				2027-03-30       | pays L-2 | Active; told resumed-*`,
		},
	})
}
