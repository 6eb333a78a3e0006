// SPDX-License-Identifier: Apache-2.0

package standing

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/agreement/agreementtest"
	"werkplek.dev/werkplek/internal/terms/facts"
	"werkplek.dev/werkplek/internal/terms/facts/factstest"
)

// TestTD8Boundary: D + P2M is still in time all day; the next day is not.
func TestTD8Boundary(t *testing.T) {
	t.Parallel()
	terms := agreementtest.TotalDesk(t)
	for name, c := range map[string]struct{ issued, suspends, from string }{
		"autumn, to winter time":      {"2026-09-01", "2026-11-02", "2026-11-01T23:00:00Z"},
		"31 Dec clamps to 28 Feb":     {"2026-12-31", "2027-03-01", "2027-02-28T23:00:00Z"},
		"31 Dec clamps to 29 Feb":     {"2027-12-31", "2028-03-01", "2028-02-29T23:00:00Z"},
		"31 Jan to 31 Mar, unclamped": {"2027-01-31", "2027-04-01", "2027-03-31T22:00:00Z"},
		"29 Feb":                      {"2028-02-29", "2028-04-30", "2028-04-29T22:00:00Z"},
		"31 Oct to 31 Dec":            {"2026-10-31", "2027-01-01", "2026-12-31T23:00:00Z"},
		"the spring DST night":        {"2026-01-28", "2026-03-29", "2026-03-28T23:00:00Z"},
		"the day after it":            {"2026-01-29", "2026-03-30", "2026-03-29T22:00:00Z"},
		"the autumn DST night":        {"2026-08-24", "2026-10-25", "2026-10-24T22:00:00Z"},
		"the day after that":          {"2026-08-25", "2026-10-26", "2026-10-25T23:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from, err := time.Parse(time.RFC3339, c.from)
			if err != nil {
				t.Fatal(err)
			}
			before := Stand(terms, factstest.Owing(from.Add(-time.Nanosecond), factstest.Open(t, c.issued, "1.00")))
			if before.Suspend != nil {
				t.Errorf("invoice %s: suspended 1 ns before %s", c.issued, c.from)
			}
			if got := before.Arrears.SuspendsOn.String(); got != c.suspends {
				t.Errorf("invoice %s: suspends on %s, want %s", c.issued, got, c.suspends)
			}
			if before.Next == nil || !before.Next.At.Equal(from) || before.Next.What != NextSuspend {
				t.Errorf("invoice %s: next is %+v, want Suspend at %s", c.issued, before.Next, c.from)
			}
			at := Stand(terms, factstest.Owing(from, factstest.Open(t, c.issued, "1.00")))
			if at.Suspend == nil {
				t.Fatalf("invoice %s: not suspended at %s", c.issued, c.from)
			}
			if want := "arrears-" + c.suspends; at.Suspend.Name != want || !at.Suspend.Since.Equal(from) {
				t.Errorf("invoice %s: suspension %+v, want %s since %s", c.issued, at.Suspend, want, c.from)
			}
		})
	}
}

// TestTD8Anchors: what the period counts from, for both anchors and date bases.
func TestTD8Anchors(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		anchor v1alpha1.ArrearsAnchor
		basis  v1alpha1.DateBasis
		want   string
	}{
		"oldest unpaid, issued": {v1alpha1.OldestUnpaidInvoice, v1alpha1.IssuedOn, "2026-09-01"},
		"oldest unpaid, due":    {v1alpha1.OldestUnpaidInvoice, v1alpha1.DueOn, "2026-09-15"},
		"last sent, issued":     {v1alpha1.LastSentInvoice, v1alpha1.IssuedOn, "2026-11-01"},
		"last sent, due":        {v1alpha1.LastSentInvoice, v1alpha1.DueOn, "2026-11-15"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			terms := agreementtest.TotalDesk(t, func(s *v1alpha1.ServiceTermsSpec) {
				s.Arrears.MeasuredFrom, s.Arrears.DateBasis = c.anchor, c.basis
			})
			s := Stand(terms, factstest.Owing(now, factstest.Open(t, "2026-09-01", "412.50"),
				factstest.Open(t, "2026-10-01", "10.00"),
				factstest.Open(t, "2026-11-01", "10.00")))
			if got := s.Arrears.Since.String(); got != c.want {
				t.Errorf("counted from %s, want %s", got, c.want)
			}
			if !s.Arrears.Amount.Equal(decimal.RequireFromString("432.50")) {
				t.Errorf("outstanding %s, want 432.50", s.Arrears.Amount)
			}
		})
	}
}

// TestFactsThatDecideNothing: neither suspension nor lift follows from them.
func TestFactsThatDecideNothing(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	due := func(s *v1alpha1.ServiceTermsSpec) { s.Arrears.DateBasis = v1alpha1.DueOn }
	last := func(s *v1alpha1.ServiceTermsSpec) { s.Arrears.MeasuredFrom = v1alpha1.LastSentInvoice }
	undated := factstest.Open(t, "2026-08-01", "1.00")
	undated.DueOn = calendar.Date{}
	for name, c := range map[string]struct {
		terms   *agreement.Terms
		billing *facts.Billing
		want    BillingVerdict
	}{
		"never reported": {agreementtest.TotalDesk(t), nil, v1alpha1.ReasonNeverReported},
		"three days old is fine": {
			agreementtest.TotalDesk(t), &facts.Billing{AsOf: now.AddDate(0, 0, -3), Open: []facts.Invoice{undated}},
			v1alpha1.ReasonFresh,
		},
		"older is not": {
			agreementtest.TotalDesk(t),
			&facts.Billing{AsOf: now.AddDate(0, 0, -3).Add(-time.Second), Open: []facts.Invoice{undated}},
			v1alpha1.ReasonStale,
		},
		"clocks differ a little": {
			agreementtest.TotalDesk(t), &facts.Billing{AsOf: now.Add(5 * time.Minute), Open: []facts.Invoice{undated}},
			v1alpha1.ReasonFresh,
		},
		"from the future": {
			agreementtest.TotalDesk(t), &facts.Billing{AsOf: now.Add(6 * time.Minute), Open: []facts.Invoice{undated}},
			v1alpha1.ReasonAsOfInFuture,
		},
		"no due date": {
			agreementtest.TotalDesk(t, due), &facts.Billing{AsOf: now, Open: []facts.Invoice{undated}},
			v1alpha1.ReasonDueDateMissing,
		},
		"no last invoice": {
			agreementtest.TotalDesk(t, last), &facts.Billing{AsOf: now, Open: []facts.Invoice{undated}},
			v1alpha1.ReasonLastInvoiceUnset,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := Stand(c.terms, facts.Facts{Now: now, StartsOn: calendar.Date{Year: 2020, Month: 1, Day: 1}, Billing: c.billing})
			if s.Billing != c.want {
				t.Errorf("verdict %s, want %s", s.Billing, c.want)
			}
			if suspended := s.Suspend != nil; suspended != s.Billing.Usable() {
				t.Errorf("suspended: %t, although the verdict is %s", suspended, s.Billing)
			}
			paid := facts.Facts{
				Now: now, StartsOn: calendar.Date{Year: 2020, Month: 1, Day: 1},
				Suspensions: []facts.Suspension{{Name: "a", Cause: v1alpha1.CauseArrears, Since: now.AddDate(0, 0, -9)}},
			}
			if c.billing != nil {
				paid.Billing = &facts.Billing{AsOf: c.billing.AsOf}
			}
			p := Stand(c.terms, paid)
			if lifted := p.Lift("a") != nil; lifted != p.Billing.Usable() {
				t.Errorf("lifted: %t, although the verdict is %s", lifted, p.Billing)
			}
		})
	}
}

// TestStory steps one tenant through arrears, an arrangement, a reversal and the
// end of a contract, and checks that doing what is asked leaves nothing to ask.
func TestStory(t *testing.T) {
	t.Parallel()
	terms := agreementtest.TotalDesk(t, func(s *v1alpha1.ServiceTermsSpec) {
		s.Arrears.Termination = v1alpha1.TerminationAutomatic
	})
	at := func(s string) time.Time {
		moment, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return moment
	}
	old, newer := factstest.Open(t, "2026-09-01", "100.00"), factstest.Open(t, "2026-11-01", "100.00")
	known := facts.Facts{StartsOn: calendar.Date{Year: 2026, Month: 1, Day: 15}}
	// step asks for the standing, checks what is asked for, does it, and asks again.
	step := func(now string, asks string, invoices ...facts.Invoice) Standing {
		t.Helper()
		known.Now = at(now)
		known.Billing = &facts.Billing{AsOf: known.Now, Open: invoices}
		s := Stand(terms, known)
		got := ""
		if s.Suspend != nil {
			got = "suspend " + s.Suspend.Name
			known.Suspensions = append(known.Suspensions, facts.Suspension{
				Name: s.Suspend.Name, Cause: v1alpha1.CauseArrears, Since: s.Suspend.Since,
			})
		}
		for _, lift := range s.Lifts {
			got = "lift " + lift.Suspension + " " + lift.Because
			if !lift.FeeDue {
				got += " free"
			}
			for i := range known.Suspensions {
				if known.Suspensions[i].Name == lift.Suspension {
					known.Suspensions[i].LiftedAt = known.Now
				}
			}
		}
		if got != asks {
			t.Errorf("%s: asks %q, want %q", now, got, asks)
		}
		if again := Stand(terms, known); again.Suspend != nil || len(again.Lifts) > 0 {
			t.Errorf("%s: once that is done it asks again: %+v %+v", now, again.Suspend, again.Lifts)
		}
		return s
	}
	step("2026-10-01T12:00:00Z", "", old)
	step("2026-11-01T23:00:00Z", "suspend arrears-2026-11-02", old, newer)
	step("2026-11-05T12:00:00Z", "", newer)      // the oldest is paid, not all (TD-11)
	step("2026-11-05T13:00:00Z", "", old, newer) // reversed while suspended: no second one
	known.Arrangement = &facts.Arrangement{Until: agreementtest.Day(t, "2026-11-30"), WaiveFee: true}
	step("2026-11-06T12:00:00Z", "lift arrears-2026-11-02 PaymentArrangement free", old, newer)
	step("2026-11-30T22:59:59Z", "", old, newer)                           // its last day, to the end
	step("2026-11-30T23:00:00Z", "suspend arrears-2026-12-01", old, newer) // the day after
	step("2026-12-01T10:00:00Z", "lift arrears-2026-12-01 Paid")           // the fee is due: the arrangement is over
	step("2026-12-01T12:00:00Z", "suspend arrears-2026-12-01-2", old)      // a reversal on the same date
	step("2026-12-01T13:00:00Z", "lift arrears-2026-12-01-2 Paid")         // paid again
	step("2026-12-01T14:00:00Z", "suspend arrears-2026-12-01-3", old)      // reversed again
	s := step("2027-01-01T22:59:59Z", "", old)                             // D + P4M is still in time (TD-12)
	if s.TerminationAllowed || s.Ended {
		t.Errorf("termination is allowed on D + P4M")
	}
	s = step("2027-01-01T23:00:00Z", "", old)
	if !s.TerminationAllowed || !s.Ended || s.EndsOn.String() != "2027-01-02" || s.EraseOn.String() != "2027-02-01" {
		t.Errorf("after D + P4M: allowed %t, ended %t on %s, erase on %s", s.TerminationAllowed, s.Ended, s.EndsOn, s.EraseOn)
	}
	known.EndedOn = s.EndsOn
	s = step("2027-01-10T12:00:00Z", "lift arrears-2026-12-01-3 Paid free") // nothing resumes
	if !s.Ended || s.State != v1alpha1.TenantEnded {
		t.Errorf("paying revived a contract that had ended: %s", s.State)
	}
}

// TestCausesAreIndependent: paying lifts arrears only, a person's word the rest.
func TestCausesAreIndependent(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	f := factstest.Owing(now)
	f.Suspensions = []facts.Suspension{
		{Name: "arrears", Cause: v1alpha1.CauseArrears, Since: now.AddDate(0, 0, -5)},
		{Name: "court", Cause: v1alpha1.CauseCourtOrder, Since: now.AddDate(0, 0, -5)},
		{Name: "abuse", Cause: v1alpha1.CauseAbuse, Since: now.AddDate(0, 0, -5), LiftRequested: true},
		{Name: "later", Cause: v1alpha1.CauseManual, Since: now.Add(time.Hour)},
	}
	s := Stand(agreementtest.TotalDesk(t), f)
	if len(s.Lifts) != 2 || s.Lift("arrears") == nil || s.Lift("abuse") == nil {
		t.Fatalf("lifts %+v, want those of arrears and abuse", s.Lifts)
	}
	if s.Lift("abuse").FeeDue || !s.Lift("arrears").FeeDue {
		t.Errorf("lifts %+v: the fee is for arrears only", s.Lifts)
	}
	if s.Next == nil || !s.Next.At.Equal(now.Add(time.Hour)) {
		t.Errorf("next is %+v, want the suspension in an hour", s.Next)
	}
}

// TestOverdueInvoicesPaid: what would be suspended again at once is not lifted.
func TestOverdueInvoicesPaid(t *testing.T) {
	t.Parallel()
	terms := agreementtest.TotalDesk(t, func(s *v1alpha1.ServiceTermsSpec) {
		s.Reactivation.Requires = v1alpha1.OverdueInvoicesPaid
	})
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	notDue := factstest.Open(t, "2026-11-15", "1.00")
	longTerm := factstest.Open(t, "2026-09-01", "1.00")
	longTerm.DueOn = agreementtest.Day(t, "2026-12-31")
	for name, c := range map[string]struct {
		open  []facts.Invoice
		lifts bool
	}{
		"nothing open":                         {nil, true},
		"one that is not due":                  {[]facts.Invoice{notDue}, true},
		"one that is overdue":                  {[]facts.Invoice{factstest.Open(t, "2026-10-01", "1.00")}, false},
		"one not due, but issued too long ago": {[]facts.Invoice{longTerm}, false},
		"one with nothing outstanding":         {[]facts.Invoice{factstest.Open(t, "2026-08-01", "0.00")}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := factstest.Owing(now, c.open...)
			f.Suspensions = []facts.Suspension{{Name: "a", Cause: v1alpha1.CauseArrears, Since: now.AddDate(0, 0, -5)}}
			if s := Stand(terms, f); (s.Lift("a") != nil) != c.lifts {
				t.Errorf("lifts %+v, want a lift: %t", s.Lifts, c.lifts)
			}
		})
	}
}

func BenchmarkStand(b *testing.B) {
	terms := agreementtest.TotalDesk(b)
	f := factstest.Owing(time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC), factstest.Open(b, "2026-09-01", "1.00"),
		factstest.Open(b, "2026-10-01", "1.00"))
	b.ReportAllocs()
	for b.Loop() {
		Stand(terms, f)
	}
}
