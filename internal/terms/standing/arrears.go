// SPDX-License-Identifier: Apache-2.0

package standing

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/facts"
	"werkplek.dev/werkplek/internal/terms/tidings"
)

// Arrears describes unpaid invoices and what they lead to.
type Arrears struct {
	// Since is the date from which the terms' periods count; zero if the
	// billing facts do not tell.
	Since calendar.Date
	// Invoice from which they count.
	Invoice string
	// Amount outstanding on all open invoices together.
	Amount decimal.Decimal
	// SuspendsOn is the first day on which access is suspended: the day after
	// Since plus suspendAfter, and after a payment arrangement (TD-8, TD-9).
	// Zero: never.
	SuspendsOn calendar.Date
	// Nominal is that day as long as nobody had to be warned. Zero: never.
	Nominal calendar.Date
	// WarnOn is the first day on which the tenant is warned (LA-12). Zero: never.
	WarnOn calendar.Date
	// TerminatesOn is the first day on which the contract may be ended (TD-12). Zero: never.
	TerminatesOn calendar.Date
}

// BillingVerdict says whether billing facts may decide anything. Its value is a
// condition reason.
type BillingVerdict string

// Usable reports whether the facts may suspend or lift.
func (v BillingVerdict) Usable() bool { return v == v1alpha1.ReasonFresh }

// clockSkew is how far the billing system's clock may run ahead of ours.
const clockSkew = 5 * time.Minute

// judgeBilling says whether the billing facts are there and recent. Others
// decide nothing: a silent billing system must not cost anybody access.
func judgeBilling(t *agreement.Terms, f facts.Facts, s *Standing, when *schedule) {
	if f.Billing == nil {
		s.Billing = v1alpha1.ReasonNeverReported
		return
	}
	freshness := agreement.DefaultFreshness
	if t.Arrears != nil {
		freshness = t.Arrears.Freshness
	}
	staleFrom := freshness.AfterMoment(f.Billing.AsOf, t.Zone).Add(time.Second) // exactly that old is still fresh
	switch {
	case f.Billing.AsOf.After(f.Now.Add(clockSkew)):
		s.Billing = v1alpha1.ReasonAsOfInFuture
		when.At(f.Billing.AsOf.Add(-clockSkew))
	case !f.Now.Before(staleFrom):
		s.Billing = v1alpha1.ReasonStale
	default:
		s.Billing = v1alpha1.ReasonFresh
		when.At(staleFrom)
	}
}

// judgeArrears finds the invoice from which arrears count and the dates that
// follow from it. Stale facts still show where things stood.
func judgeArrears(t *agreement.Terms, f facts.Facts, s *Standing, when *schedule) {
	if f.Billing == nil {
		return
	}
	open := facts.Unpaid(f.Billing.Open)
	if len(open) == 0 {
		return
	}
	s.Arrears = &Arrears{Amount: decimal.Sum(decimal.Zero, facts.Amounts(open)...)}
	anchor, since, verdict := anchor(t, f.Billing, open)
	if verdict != v1alpha1.ReasonFresh {
		if s.Billing.Usable() {
			s.Billing = verdict
		}
		return
	}
	s.Arrears.Since, s.Arrears.Invoice = since, anchor.Number
	if t.Arrears == nil {
		return
	}
	s.Arrears.Nominal = patiently(agreement.FirstDayAfter(t.Arrears.SuspendAfter, since), f.Arrangement)
	s.Arrears.SuspendsOn = s.Arrears.Nominal
	if t.Arrears.Warning != nil {
		s.Arrears.WarnOn = t.Arrears.Warning.Back(s.Arrears.Nominal)
		when.At(s.Arrears.WarnOn.Start(t.Zone))
		if t.Arrears.MustWarn {
			s.Arrears.SuspendsOn = WarnedFor(t, f, s.Arrears)
		}
	}
	if t.Arrears.TerminateAfter == nil {
		return
	}
	s.Arrears.TerminatesOn = patiently(agreement.FirstDayAfter(*t.Arrears.TerminateAfter, since), f.Arrangement)
	if !s.Billing.Usable() || !f.EndedOn.IsZero() {
		return
	}
	terminates := s.Arrears.TerminatesOn.Start(t.Zone)
	s.TerminationAllowed = !f.Now.Before(terminates)
	what := NextAllowTermination
	if t.Arrears.Automatic {
		what = NextTerminate
	}
	when.transition(terminates, what)
}

// WarnedFor returns the first day on which a tenant may be suspended that must
// be warned: its deadline, or so long after the warning was sent (LA-12). A
// warning that was not sent yet could be today.
func WarnedFor(t *agreement.Terms, f facts.Facts, a *Arrears) calendar.Date {
	sent := calendar.DateAt(f.Now, t.Zone)
	if at := f.Notices.SentAt(tidings.SuspensionWarningName(a.Nominal)); !at.IsZero() {
		sent = calendar.DateAt(at, t.Zone)
	}
	return calendar.Later(a.Nominal, t.Arrears.Warning.After(sent))
}

// patiently returns a day, or the first one after it on which no written
// arrangement stands against acting (TD-9).
func patiently(day calendar.Date, arrangement *facts.Arrangement) calendar.Date {
	if arrangement == nil {
		return day
	}
	return calendar.Later(day, arrangement.Until.AddDays(1))
}

// anchor returns the invoice and the date from which arrears count, or why the
// facts do not tell.
func anchor(t *agreement.Terms, b *facts.Billing, open []facts.Invoice) (facts.Invoice, calendar.Date, BillingVerdict) {
	basis, from := v1alpha1.IssuedOn, v1alpha1.OldestUnpaidInvoice
	if t.Arrears != nil {
		basis, from = t.Arrears.Basis, t.Arrears.Anchor
	}
	candidates, better := open, calendar.Date.Before
	if from == v1alpha1.LastSentInvoice {
		if b.Last == nil {
			return facts.Invoice{}, calendar.Date{}, v1alpha1.ReasonLastInvoiceUnset
		}
		// An open invoice newer than the reported last one was sent later still.
		candidates, better = append([]facts.Invoice{withDueDate(*b.Last, open)}, open...), func(a, b calendar.Date) bool {
			return b.Before(a)
		}
	}
	var best facts.Invoice
	var since calendar.Date
	for _, invoice := range candidates {
		on := invoice.IssuedOn
		if basis == v1alpha1.DueOn {
			on = invoice.DueOn
		}
		if on.IsZero() {
			return facts.Invoice{}, calendar.Date{}, v1alpha1.ReasonDueDateMissing
		}
		if since.IsZero() || better(on, since) || on == since && invoice.Number < best.Number {
			best, since = invoice, on
		}
	}
	return best, since, v1alpha1.ReasonFresh
}

// withDueDate completes the last invoice from the open one of the same number.
func withDueDate(last facts.Invoice, open []facts.Invoice) facts.Invoice {
	for _, invoice := range open {
		if last.DueOn.IsZero() && invoice.Number == last.Number {
			last.DueOn = invoice.DueOn
		}
	}
	return last
}

// arrearsLift says whether an arrears suspension ends now: when what the terms
// require is paid, or while a written arrangement runs (TD-9, TD-11).
func arrearsLift(t *agreement.Terms, f facts.Facts, s *Standing) *Lift {
	arranged := f.Arrangement != nil && !f.Arrangement.Until.Before(calendar.DateAt(f.Now, t.Zone))
	lift := &Lift{FeeDue: !(arranged && f.Arrangement.WaiveFee) && !s.Ended} // nothing resumes after the end
	switch {
	case s.Billing.Usable() && paid(t, f) && !suspends(t, f, s):
		lift.Because = LiftedPaid
	case arranged:
		lift.Because = LiftedPaymentArrangement
	default:
		return nil
	}
	return lift
}

// suspends reports whether the facts of now would suspend a tenant that is not.
// What would begin again at once must not be lifted: each end costs a fee.
func suspends(t *agreement.Terms, f facts.Facts, s *Standing) bool {
	return s.Arrears != nil && !s.Arrears.SuspendsOn.IsZero() && !f.Now.Before(s.Arrears.SuspendsOn.Start(t.Zone))
}

// paid reports whether what the terms require for reactivation is paid.
func paid(t *agreement.Terms, f facts.Facts) bool {
	today := calendar.DateAt(f.Now, t.Zone)
	for _, invoice := range facts.Unpaid(f.Billing.Open) {
		if t.Reactivation.Requires == v1alpha1.AllOpenInvoicesPaid || invoice.Overdue(today) {
			return false
		}
	}
	return true
}

// episodeName returns name, or name-2, name-3, ... for further episodes on the same date.
func episodeName(name string, taken map[string]bool) string {
	for n, candidate := 2, name; ; n++ {
		if !taken[candidate] {
			return candidate
		}
		candidate = fmt.Sprintf("%s-%d", name, n)
	}
}
