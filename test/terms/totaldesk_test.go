// SPDX-License-Identifier: Apache-2.0

package terms_test

import (
	"testing"

	"werkplek.dev/werkplek/api/v1alpha1"
)

func TestTotalDesk(t *testing.T) {
	tell(t, []story{
		{
			name:  "TD-1 an answer is due within four office hours",
			terms: "totaldesk-2016", tenant: "Business 2026-01-15, direct debit",
			steps: `
				2026-11-25 09:00 | | answer 2026-11-25 13:00
				2026-11-25 13:01 | | answer 2026-11-26 09:01
				2026-11-27 16:00 | | answer 2026-11-30 12:00
				2026-11-28 11:00 | | answer 2026-11-30 13:00
				2027-03-26 16:30 | | answer 2027-03-29 12:30`,
		},
		{
			name:  "TD-4 TD-5 paid before the period, with two percent on top without direct debit",
			terms: "totaldesk-2016", tenant: "Business 2026-01-15",
			steps: `
				2026-01-15       | workplace anna standard 40.00; workplace piet standard 40.00 | Active; agreed 2026-01-15
				2026-01-15 24:00 | |
				2026-01-16       | | charge subscription-2026-01-15-added-*-class-standard 43.88 from 2026-01-15 to 2026-01-31; charge subscription-2026-01-15-added-*-surcharge 0.88 from 2026-01-15 to 2026-01-31
				2026-01-17 24:00 | |
				2026-01-18       | | charge subscription-2026-02-01-class-standard 80.00 from 2026-02-01 to 2026-02-28; charge subscription-2026-02-01-surcharge 1.60
				2026-01-20       | debit on |
				2026-02-15       | | charge subscription-2026-03-01-class-standard 80.00 from 2026-03-01 to 2026-03-31
				2026-02-20       | debit off |
				2026-03-18       | | charge subscription-2026-04-01-class-standard 80.00; charge subscription-2026-04-01-surcharge 1.60`,
		},
		{
			name:  "TD-5 no surcharge for a month in which no direct debit is offered",
			terms: "totaldesk-2016", tenant: "Business 2026-02-01",
			edit: func(s *v1alpha1.ServiceTermsSpec) {
				s.Billing.DirectDebitUnavailable = []v1alpha1.DateSpan{{From: "2026-04-01", Until: "2026-04-30"}}
			},
			steps: `
				2026-02-01       | workplace anna standard 40.00 |
				2026-02-02       | | charge subscription-2026-02-01-added-2026-02-01-class-standard 40.00; charge subscription-2026-02-01-added-2026-02-01-surcharge 0.80
				2026-02-15       | | charge subscription-2026-03-01-class-standard 40.00; charge subscription-2026-03-01-surcharge 0.80
				2026-03-18       | | charge subscription-2026-04-01-class-standard 40.00
				2026-04-17       | | charge subscription-2026-05-01-class-standard 40.00; charge subscription-2026-05-01-surcharge 0.80`,
		},
		{
			name:  "TD-6 nothing holds before delivery and acceptance",
			terms: "totaldesk-2016", tenant: "Business 2026-03-29, direct debit",
			steps: `
				2026-03-29       | workplace anna standard 31.00 | starts 2026-03-29; agreed 2026-03-29; term 2026-04-29; earliest 2026-05-01
				2026-03-30       | | charge subscription-2026-03-29-added-* 3.00 from 2026-03-29 to 2026-03-31; charge subscription-2026-04-01-* 31.00`,
		},
		{
			name:  "TD-7 notice on the last day of a month ends with the next",
			terms: "totaldesk-2016", tenant: "Business 2026-01-15, direct debit",
			steps: `
				2026-11-30       | notice | accepted 2027-01-01; ends 2027-01-01; because Notice; erases 2027-01-31; told notice-2026-11-30-accepted receivedOn=2026-11-30 endsOn=2027-01-01
				2026-12-31 24:00 | | Active; next End 2027-01-01
				2027-01-01       | | Ended; told closure-announcement-2027-01-31 eraseOn=2027-01-31
				2027-01-30 24:00 | | Ended; erasure NotYet
				2027-01-31       | | Erased`,
		},
		{
			name:  "TD-7 notice a day later ends a month later",
			terms: "totaldesk-2016", tenant: "Business 2026-01-15, direct debit",
			steps: `
				2026-12-01       | notice | accepted 2027-02-01; told notice-*
				2027-01-31 24:00 | | Active
				2027-02-01       | | Ended; told closure-announcement-*`,
		},
		{
			name:  "TD-7 the first month binds, also from 31 January into a leap February",
			terms: "totaldesk-2016", tenant: "Business 2028-01-31, direct debit",
			steps: `
				2028-01-31       | notice | term 2028-02-29; accepted 2028-03-01; told notice-*
				2028-02-29 24:00 | | Active
				2028-03-01       | | Ended; told closure-announcement-2028-03-31`,
		},
		{
			name:  "TD-7 notice during arrears has no effect until it is given again",
			terms: "totaldesk-2016", tenant: "Business 2026-01-15, direct debit",
			steps: `
				2026-03-10       | invoice 2026-031 80.00 due 2026-03-24 | InArrears; arrears 2026-03-10 80.00
				2026-03-25       | notice | refused 2026-031; ends -; told notice-2026-03-25-refused
				2026-03-28       | pays 2026-031 | Active; refused 2026-031; ends -
				2026-04-30       | | Active; ends -
				2026-04-30       | notice | accepted 2026-06-01; told notice-2026-04-30-accepted
				2026-06-01       | | Ended; told closure-announcement-*`,
		},
		{
			name:  "TD-7 an invoice that is not due yet is no arrears, and later ones take nothing back",
			terms: "totaldesk-2016", tenant: "Business 2026-01-15, direct debit",
			steps: `
				2026-03-10       | invoice 2026-031 80.00 due 2026-03-24 | InArrears
				2026-03-24       | notice | accepted 2026-05-01; told notice-2026-03-24-accepted
				2026-03-25       | | InArrears; accepted 2026-05-01
				2026-05-01       | | Ended; told closure-announcement-*`,
		},
		{
			name:  "TD-7 nothing is decided while the billing system is silent",
			terms: "totaldesk-2016", tenant: "Business 2026-01-15, direct debit",
			steps: `
				2026-03-01       | billing silent |
				2026-03-10       | notice | undecided BillingUnknown; billing Stale; ends -
				2026-03-12       | billing back | accepted 2026-05-01; told notice-2026-03-10-accepted
				2026-05-01       | | Ended; told closure-announcement-*`,
		},
		{
			name:  "TD-8 two months after the invoice is in time, the next day is not",
			terms: "totaldesk-2016", tenant: "Business 2026-01-15, direct debit",
			steps: `
				2026-09-01       | invoice 2026-0815 412.50 | InArrears; suspends 2026-11-02; terminates 2027-01-02
				2026-10-01       | invoice 2026-0920 412.50 | InArrears; arrears 2026-09-01 825.00; suspends 2026-11-02
				2026-11-01 24:00 | | InArrears; next Suspend 2026-11-02
				2026-11-02       | | Suspended by arrears-2026-11-02; told suspended-arrears-2026-11-02 cause=Arrears amount=825.00`,
		},
		{
			name:  "TD-8 two months from 31 December end with a leap February",
			terms: "totaldesk-2016", tenant: "Business 2026-01-15, direct debit",
			steps: `
				2027-12-31       | invoice 2027-1200 10.00 | suspends 2028-03-01
				2028-02-29 24:00 | | InArrears
				2028-03-01       | | Suspended by arrears-2028-03-01; told suspended-*`,
		},
		{
			name:  "TD-8 the nights on which the clocks change are days like others",
			terms: "totaldesk-2016", tenant: "Business 2026-01-15, direct debit",
			steps: `
				2026-08-25       | invoice autumn 10.00 | suspends 2026-10-26
				2026-10-25 24:00 | | InArrears
				2026-10-26       | pays everything | Active; lifted arrears-2026-10-26; told suspended-*; told resumed-*
				2027-01-28       | invoice spring 10.00 | suspends 2027-03-29
				2027-03-28 24:00 | | InArrears
				2027-03-29       | | Suspended by arrears-2027-03-29; told suspended-*`,
		},
		{
			name:  "TD-9 TD-10 TD-11 all open invoices bring access back, for 25 euro a user",
			terms: "totaldesk-2016", tenant: "Business 2026-01-15, direct debit",
			edit: func(s *v1alpha1.ServiceTermsSpec) { s.Billing = nil },
			steps: `
				2026-01-20       | workplace anna; workplace piet; workplace kim |
				2026-09-01       | invoice A 100.00 |
				2026-11-01       | invoice B 50.00 |
				2026-11-02       | | Suspended by arrears-2026-11-02; told suspended-*
				2026-11-05       | pays 60.00 of A | Suspended by arrears-2026-11-02; arrears 2026-09-01 90.00
				2026-11-06       | pays A | Suspended by arrears-2026-11-02; arrears 2026-11-01 50.00
				2026-11-09       | pays B | Active; lifted arrears-2026-11-02; charge reactivation-arrears-2026-11-02 75.00 on 2026-11-09; told resumed-arrears-2026-11-02 amount=75.00`,
		},
		{
			name:  "TD-9 service goes on under a written arrangement, its last day included",
			terms: "totaldesk-2016", tenant: "Business 2026-01-15, direct debit",
			edit: func(s *v1alpha1.ServiceTermsSpec) { s.Billing = nil },
			steps: `
				2026-01-20       | workplace anna |
				2026-09-01       | invoice A 100.00 |
				2026-11-02       | | Suspended by arrears-2026-11-02; told suspended-*
				2026-11-06       | arrangement 2026-12-31 free | InArrears; lifted arrears-2026-11-02; told resumed-arrears-2026-11-02
				2026-12-31 24:00 | | InArrears
				2027-01-01       | | Suspended by arrears-2027-01-01; told suspended-arrears-2027-01-01
				2027-01-04       | pays A | Active; charge reactivation-arrears-2027-01-01 25.00; told resumed-*`,
		},
		{
			name:  "TD-8 what a court ordered is not lifted by paying",
			terms: "totaldesk-2016", tenant: "Business 2026-01-15, direct debit",
			steps: `
				2026-09-01       | invoice A 100.00 |
				2026-10-01       | suspends CourtOrder order-17 | Suspended by order-17; told suspended-order-17
				2026-11-02       | | Suspended by order-17,arrears-2026-11-02; told suspended-arrears-2026-11-02
				2026-11-10       | pays everything | Suspended by order-17; lifted arrears-2026-11-02; told resumed-arrears-2026-11-02
				2026-11-20       | lifts order-17 | Active; told resumed-order-17`,
		},
		{
			name:  "TD-12 after four months the provider may end the contract and claim the rest of its term",
			terms: "totaldesk-2016", tenant: "Business 2026-07-15, direct debit",
			steps: `
				2026-07-15       | workplace anna standard 40.00 |
				2026-09-01       | invoice A 40.00 | charge subscription-* x3 101.94
				2027-01-01 24:00 | | Suspended by arrears-2026-11-02; termination refused; told suspended-*; charge subscription-* x4 160.00
				2027-01-02       | | Suspended by arrears-2026-11-02; termination allowed
				2027-01-20       | terminates | Ended by arrears-2026-11-02; ends 2027-01-20; because TerminatedByArrears; charge subscription-2027-02-01-class-standard 40.00; charge credit-subscription-2027-02-01-class-standard -40.00; charge early-termination-2027-01-20 20.00 from 2027-01-20 to 2027-02-14; told closure-*
				2027-01-25       | pays everything | Ended; ends 2027-01-20`,
		},
		{
			name:  "TD-12 terminated a day too early it ends when the terms allow",
			terms: "totaldesk-2016", tenant: "Business 2026-01-15, direct debit",
			steps: `
				2026-09-01       | invoice A 40.00 |
				2026-12-30       | terminates | Suspended by arrears-2026-11-02; ends 2027-01-02; told suspended-*
				2027-01-01 24:00 | | Suspended by arrears-2026-11-02
				2027-01-02       | | Ended by arrears-2026-11-02; told closure-announcement-*`,
		},
		{
			name:  "TD-13 TD-15 a price changes when a calendar year begins, and the customer is told",
			terms: "totaldesk-2016", tenant: "Business 2026-06-01, direct debit",
			steps: `
				2026-06-01       | workplace anna standard 40.00 |
				2026-07-01       | reprice standard 44.00 2026-07-15 | leave -; charge subscription-* x2 80.00
				2026-11-30 24:00 | | charge subscription-* x5 200.00
				2026-12-01       | | told price-change-workplaceclass-standard-2027-01-01 oldAmount=40.00 newAmount=44.00 from=2027-01-01 mayLeave=false
				2026-12-18       | | charge subscription-2027-01-01-class-standard 44.00`,
		},
		{
			name:  "TD-15 told too late, it waits for the next calendar year",
			terms: "totaldesk-2016", tenant: "Business 2026-11-01, direct debit",
			steps: `
				2026-11-01       | workplace anna standard 40.00 |
				2026-11-20       | | charge subscription-* x2 80.00
				2026-12-18       | | charge subscription-2027-01-01-class-standard 40.00
				2026-12-20       | reprice standard 43.00 2027-01-01 | told price-change-* from=2028-01-01
				2027-12-18       | | charge subscription-* x12 483.00
				2028-01-18       | | charge subscription-2028-02-01-* 43.00`,
		},
		{
			name:  "TD-15 more than ten percent lets a bound customer leave with three months' notice",
			terms: "totaldesk-2016", tenant: "Business 2026-06-01, direct debit",
			edit: func(s *v1alpha1.ServiceTermsSpec) { s.Contract.MinimumTerm, s.Billing = "P3Y", nil },
			steps: `
				2026-06-01       | workplace anna standard 40.00 |
				2026-09-01       | reprice standard 44.01 2026-10-01 | leave standard 10.03 2027-01-01; earliest 2029-06-01
				2026-12-01       | | told price-change-* mayLeave=true leaveNotice=P3M
				2026-12-15       | notice | accepted 2027-03-15; told notice-*
				2027-03-15       | | Ended; told closure-*`,
		},
		{
			name:  "TD-15 without such a change the term binds",
			terms: "totaldesk-2016", tenant: "Business 2026-06-01, direct debit",
			edit: func(s *v1alpha1.ServiceTermsSpec) { s.Contract.MinimumTerm, s.Billing = "P3Y", nil },
			steps: `
				2026-06-01       | workplace anna standard 40.00 |
				2026-09-01       | reprice standard 44.00 2026-10-01 | leave -
				2026-12-15       | notice | accepted 2029-06-01; told price-change-* mayLeave=false; told notice-*`,
		},
		{
			name:  "TD-17 TD-18 work outside the agreement is charged in quarters of an hour",
			terms: "totaldesk-2016", tenant: "Business 2026-01-15, direct debit",
			steps: `
				2026-03-02 10:00 | remote call-1 15m | charge call-1-remote-work 23.75
				2026-03-02 11:00 | remote call-2 16m | charge call-2-remote-work 47.50
				2026-03-03 15:00 | onsite visit-1 30m | charge visit-1-on-site-work 200.00; charge visit-1-call-out 75.00
				2026-03-04 15:00 | onsite visit-2 2h1m | charge visit-2-on-site-work 225.00; charge visit-2-call-out 75.00
				2026-03-29 03:30 | remote night 1h | charge night-remote-work 95.00`,
		},
		{
			name:  "TD-20 data under a legal hold outlives its time",
			terms: "totaldesk-2016", tenant: "Business 2026-01-15, direct debit",
			steps: `
				2026-11-15       | notice; stores 40G | accepted 2027-01-01; told notice-*
				2027-01-01       | hold | Ended; told closure-announcement-2027-01-31
				2027-03-01       | | Ended; erasure LegalHold; stores 40G
				2027-03-05       | release | Erased; stores 0`,
		},
		{
			name:  "a closure that could not be announced erases nothing",
			terms: "totaldesk-2016", tenant: "Business 2026-01-15, direct debit",
			steps: `
				2026-11-15       | notice | accepted 2027-01-01; told notice-*
				2026-12-20       | mail down |
				2027-02-20       | | Ended; erasure NotAnnounced
				2027-02-20       | mail up | Ended; told closure-announcement-2027-01-31
				2027-02-21 11:59 | | Ended; erasure NotYet
				2027-02-21 12:00 | | Erased`,
		},
	})
}
