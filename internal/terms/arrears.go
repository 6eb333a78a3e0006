// SPDX-License-Identifier: Apache-2.0

package terms

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/terms/tidings"
)

// Arrears describes unpaid invoices and what they lead to.
type Arrears struct {
	// Since is the date from which the terms' periods count; zero if the
	// billing facts do not tell.
	Since Date
	// Invoice from which they count.
	Invoice string
	// Amount outstanding on all open invoices together.
	Amount decimal.Decimal
	// SuspendsOn is the first day on which access is suspended: the day after
	// Since plus suspendAfter, and after a payment arrangement (TD-8, TD-9).
	// Zero: never.
	SuspendsOn Date
	// Nominal is that day as long as nobody had to be warned. Zero: never.
	Nominal Date
	// WarnOn is the first day on which the tenant is warned (LA-12). Zero: never.
	WarnOn Date
	// TerminatesOn is the first day on which the contract may be ended (TD-12). Zero: never.
	TerminatesOn Date
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
func (t *Terms) judgeBilling(f Facts, s *Standing, when *schedule) {
	if f.Billing == nil {
		s.Billing = v1alpha1.ReasonNeverReported
		return
	}
	freshness := defaultFreshness
	if t.arrears != nil {
		freshness = t.arrears.freshness
	}
	staleFrom := freshness.AfterMoment(f.Billing.AsOf, t.Zone).Add(time.Second) // exactly that old is still fresh
	switch {
	case f.Billing.AsOf.After(f.Now.Add(clockSkew)):
		s.Billing = v1alpha1.ReasonAsOfInFuture
		when.recheck(f.Billing.AsOf.Add(-clockSkew))
	case !f.Now.Before(staleFrom):
		s.Billing = v1alpha1.ReasonStale
	default:
		s.Billing = v1alpha1.ReasonFresh
		when.recheck(staleFrom)
	}
}

// judgeArrears finds the invoice from which arrears count and the dates that
// follow from it. Stale facts still show where things stood.
func (t *Terms) judgeArrears(f Facts, s *Standing, when *schedule) {
	if f.Billing == nil {
		return
	}
	open := unpaid(f.Billing.Open)
	if len(open) == 0 {
		return
	}
	s.Arrears = &Arrears{Amount: decimal.Sum(decimal.Zero, amounts(open)...)}
	anchor, since, verdict := t.anchor(f.Billing, open)
	if verdict != v1alpha1.ReasonFresh {
		if s.Billing.Usable() {
			s.Billing = verdict
		}
		return
	}
	s.Arrears.Since, s.Arrears.Invoice = since, anchor.Number
	if t.arrears == nil {
		return
	}
	s.Arrears.Nominal = t.firstDayAfter(t.arrears.suspendAfter, since, f.Arrangement)
	s.Arrears.SuspendsOn = s.Arrears.Nominal
	if t.arrears.warning != nil {
		s.Arrears.WarnOn = t.arrears.warning.Back(s.Arrears.Nominal)
		when.recheck(s.Arrears.WarnOn.Start(t.Zone))
		if t.arrears.mustWarn {
			s.Arrears.SuspendsOn = t.warnedFor(f, s.Arrears)
		}
	}
	if t.arrears.terminateAfter == nil {
		return
	}
	s.Arrears.TerminatesOn = t.firstDayAfter(*t.arrears.terminateAfter, since, f.Arrangement)
	if !s.Billing.Usable() || !f.EndedOn.IsZero() {
		return
	}
	terminates := s.Arrears.TerminatesOn.Start(t.Zone)
	s.TerminationAllowed = !f.Now.Before(terminates)
	what := NextAllowTermination
	if t.arrears.automatic {
		what = NextTerminate
	}
	when.transition(terminates, what)
}

// warnedFor returns the first day on which a tenant may be suspended that must
// be warned: its deadline, or so long after the warning was sent (LA-12). A
// warning that was not sent yet could be today.
func (t *Terms) warnedFor(f Facts, a *Arrears) Date {
	sent := DateAt(f.Now, t.Zone)
	if at := f.Notices.sentAt(tidings.SuspensionWarningName(a.Nominal)); !at.IsZero() {
		sent = DateAt(at, t.Zone)
	}
	return later(a.Nominal, t.arrears.warning.After(sent))
}

// firstDayAfter returns the first day on which arrears since a date have lasted
// more than a period and no written arrangement stands against acting on it.
func (t *Terms) firstDayAfter(p Period, since Date, arrangement *Arrangement) Date {
	day := p.After(since).AddDays(1)
	if arrangement != nil {
		day = later(day, arrangement.Until.AddDays(1))
	}
	return day
}

// anchor returns the invoice and the date from which arrears count, or why the
// facts do not tell.
func (t *Terms) anchor(b *Billing, open []Invoice) (Invoice, Date, BillingVerdict) {
	basis, from := v1alpha1.IssuedOn, v1alpha1.OldestUnpaidInvoice
	if t.arrears != nil {
		basis, from = t.arrears.basis, t.arrears.anchor
	}
	candidates, better := open, Date.Before
	if from == v1alpha1.LastSentInvoice {
		if b.Last == nil {
			return Invoice{}, Date{}, v1alpha1.ReasonLastInvoiceUnset
		}
		// An open invoice newer than the reported last one was sent later still.
		candidates, better = append([]Invoice{withDueDate(*b.Last, open)}, open...), func(a, b Date) bool { return b.Before(a) }
	}
	var best Invoice
	var since Date
	for _, invoice := range candidates {
		on := invoice.IssuedOn
		if basis == v1alpha1.DueOn {
			on = invoice.DueOn
		}
		if on.IsZero() {
			return Invoice{}, Date{}, v1alpha1.ReasonDueDateMissing
		}
		if since.IsZero() || better(on, since) || on == since && invoice.Number < best.Number {
			best, since = invoice, on
		}
	}
	return best, since, v1alpha1.ReasonFresh
}

// withDueDate completes the last invoice from the open one of the same number.
func withDueDate(last Invoice, open []Invoice) Invoice {
	for _, invoice := range open {
		if last.DueOn.IsZero() && invoice.Number == last.Number {
			last.DueOn = invoice.DueOn
		}
	}
	return last
}

// arrearsLift says whether an arrears suspension ends now: when what the terms
// require is paid, or while a written arrangement runs (TD-9, TD-11).
func (t *Terms) arrearsLift(f Facts, s *Standing) *Lift {
	arranged := f.Arrangement != nil && !f.Arrangement.Until.Before(DateAt(f.Now, t.Zone))
	lift := &Lift{FeeDue: !(arranged && f.Arrangement.WaiveFee) && !s.Ended} // nothing resumes after the end
	switch {
	case s.Billing.Usable() && t.paid(f) && !t.suspends(f, s):
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
func (t *Terms) suspends(f Facts, s *Standing) bool {
	return s.Arrears != nil && !s.Arrears.SuspendsOn.IsZero() && !f.Now.Before(s.Arrears.SuspendsOn.Start(t.Zone))
}

// paid reports whether what the terms require for reactivation is paid.
func (t *Terms) paid(f Facts) bool {
	today := DateAt(f.Now, t.Zone)
	for _, invoice := range unpaid(f.Billing.Open) {
		if t.reactivation.requires == v1alpha1.AllOpenInvoicesPaid || invoice.overdue(today) {
			return false
		}
	}
	return true
}

// overdue reports whether an invoice should have been paid before today. One
// without a due date should be paid at once.
func (i Invoice) overdue(today Date) bool {
	if i.DueOn.IsZero() {
		return !today.Before(i.IssuedOn)
	}
	return i.DueOn.Before(today)
}

func unpaid(invoices []Invoice) []Invoice {
	var open []Invoice
	for _, invoice := range invoices {
		if invoice.Outstanding.IsPositive() {
			open = append(open, invoice)
		}
	}
	return open
}

func amounts(invoices []Invoice) []decimal.Decimal {
	sums := make([]decimal.Decimal, len(invoices))
	for i, invoice := range invoices {
		sums[i] = invoice.Outstanding
	}
	return sums
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
