// SPDX-License-Identifier: Apache-2.0

package forecast

import (
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/facts"
)

// Event is a dated change of facts: something that people or other systems do.
type Event struct {
	// On this day, at noon: after what the contract brings at its first moment.
	On calendar.Date
	// At this moment, if set, whatever On says.
	At time.Time
	// What happens, as a sentence.
	What string

	timed  bool          // not at noon, but
	after  time.Duration // so long after the day's first moment
	change func(*Sim)
	about  subject // of which it says otherwise than was assumed
}

// Day reads YYYY-MM-DD and panics where there is no such day: for dates that
// stand in the program.
func Day(day string) calendar.Date {
	d, err := calendar.ParseDate(day)
	if err != nil {
		panic(err)
	}
	return d
}

// After returns the event so long after the first moment of its day, in the
// terms' zone, in place of noon.
func (e Event) After(passed time.Duration) Event {
	e.timed, e.after = true, passed
	return e
}

// paymentTerm is how long after its date an invoice is due, where nobody says.
const paymentTerm = 14

// Invoiced is an invoice that is sent, with an amount that is open until it is
// paid. due is zero where it is 14 days later. charges are the names of those
// that it is for.
func Invoiced(on calendar.Date, number string, amount decimal.Decimal, due calendar.Date, charges ...string) Event {
	return Event{On: on, What: fmt.Sprintf("Invoice %s of %s is sent.", number, amount.StringFixed(2)), change: func(s *Sim) {
		if due.IsZero() {
			due = on.AddDays(paymentTerm)
		}
		s.invoice(facts.Invoice{Number: number, IssuedOn: on, DueOn: due, Outstanding: amount}, charges...)
	}}
}

// invoice sends an invoice, and puts charges on it.
func (s *Sim) invoice(invoice facts.Invoice, charges ...string) {
	b := &s.ledger
	if invoice.Outstanding.IsPositive() {
		b.Open = append(b.Open, invoice)
	}
	if b.Last == nil || !invoice.IssuedOn.Before(b.Last.IssuedOn) {
		last := invoice
		b.Last = &last
	}
	for _, name := range charges {
		if charge, ok := s.facts.Charges.Named(name); ok {
			charge.Invoice, charge.IssuedOn = invoice.Number, invoice.IssuedOn
			s.facts.Charges.Put(charge)
		}
	}
}

// Paid is the payment of all that is open of an invoice.
func Paid(on calendar.Date, number string) Event {
	return Event{On: on, What: fmt.Sprintf("Invoice %s is paid.", number), about: owed, change: func(s *Sim) {
		b := &s.ledger
		b.Open = slices.DeleteFunc(b.Open, func(i facts.Invoice) bool { return i.Number == number })
	}}
}

// PaidPart is the payment of a part of an invoice.
func PaidPart(on calendar.Date, number string, amount decimal.Decimal) Event {
	return Event{On: on, What: fmt.Sprintf("%s of invoice %s is paid.", amount.StringFixed(2), number), about: owed, change: func(s *Sim) {
		b := &s.ledger
		for i := range b.Open {
			if b.Open[i].Number == number {
				b.Open[i].Outstanding = b.Open[i].Outstanding.Sub(amount)
			}
		}
		b.Open = slices.DeleteFunc(b.Open, func(i facts.Invoice) bool { return !i.Outstanding.IsPositive() })
	}}
}

// PaidAll is the payment of everything that is open.
func PaidAll(on calendar.Date) Event {
	return Event{On: on, What: "All open invoices are paid.", about: owed, change: func(s *Sim) { s.ledger.Open = nil }}
}

// Payment changes what becomes of charges from a day on.
func Payment(on calendar.Date, payments Payments) Event {
	what := map[Payments]string{Prompt: "From now on everything is paid.", Never: "From now on nothing is paid."}[payments]
	return Event{On: on, What: what, about: charged, change: func(s *Sim) { s.payments = payments }}
}

// NoticeReceived is the receipt of the tenant's notice (TD-7).
func NoticeReceived(on calendar.Date) Event {
	return Event{On: on, What: "The tenant's notice is received.", change: func(s *Sim) { s.facts.NoticeReceivedOn = on }}
}

// Withdrawn is the tenant's withdrawal (LS-4, EC-10, DF-2).
func Withdrawn(on calendar.Date) Event {
	return Event{On: on, What: "The tenant withdraws.", change: func(s *Sim) { s.facts.WithdrawnOn = on }}
}

// DetailsGiven is when the tenant gives its payment details (LA-1).
func DetailsGiven(on calendar.Date) Event {
	return Event{On: on, What: "The tenant gives its payment details.", change: func(s *Sim) { s.facts.PaymentDetailsOn = on }}
}

// Terminated is when the provider ends the contract because of arrears (TD-12).
func Terminated(on calendar.Date) Event {
	return Event{On: on, What: "The provider ends the contract because of arrears.", change: func(s *Sim) { s.facts.TerminatedOn = on }}
}

// PlanAsked is when the tenant asks for the plan of other terms.
func PlanAsked(on calendar.Date, name string) Event {
	return Event{On: on, What: fmt.Sprintf("The tenant asks for the plan %s.", name), change: func(s *Sim) {
		s.facts.Wish = &facts.PlanWish{Name: name, Terms: s.book[name], RequestedOn: on}
	}}
}

// Arranged is a written agreement to go on despite arrears until and including a day (TD-9).
func Arranged(on, until calendar.Date, waiveFee bool) Event {
	return Event{On: on, What: fmt.Sprintf("A payment arrangement until %s is agreed.", until), change: func(s *Sim) {
		s.facts.Arrangement = &facts.Arrangement{Until: until, WaiveFee: waiveFee}
	}}
}

// Held begins or ends a legal hold.
func Held(on calendar.Date, hold bool) Event {
	what := "The legal hold ends."
	if hold {
		what = "A legal hold begins."
	}
	return Event{On: on, What: what, change: func(s *Sim) { s.facts.LegalHold = hold }}
}

// WorkplaceAdded is a workplace that is made. Its CreatedOn becomes the day.
func WorkplaceAdded(on calendar.Date, workplace facts.Workplace) Event {
	return Event{On: on, What: fmt.Sprintf("Workplace %s is made.", workplace.Name), change: func(s *Sim) {
		workplace.CreatedOn = on
		s.facts.AddWorkplace(workplace)
	}}
}

// WorkplaceRemoved is a workplace that is removed.
func WorkplaceRemoved(on calendar.Date, name string) Event {
	return Event{On: on, What: fmt.Sprintf("Workplace %s is removed.", name), change: func(s *Sim) {
		s.facts.RemoveWorkplace(name)
	}}
}

// SessionHeld is a support session that the agreement covers.
func SessionHeld(on calendar.Date, name string, worked time.Duration) Event {
	return Event{On: on, What: fmt.Sprintf("Support session %s takes %s.", name, worked), change: func(s *Sim) {
		s.facts.Sessions = append(s.facts.Sessions, facts.Session{Name: name, EndedOn: on, Worked: worked})
	}}
}

// Active is the use of a workplace.
func Active(on calendar.Date) Event {
	return Event{On: on, What: "A workplace is used.", about: used, change: func(s *Sim) { s.facts.LastActive = s.facts.Now }}
}

// Stored is how much all homes hold from a day on, in bytes.
func Stored(on calendar.Date, bytes int64) Event {
	return Event{On: on, What: fmt.Sprintf("The homes hold %d bytes.", bytes), change: func(s *Sim) { s.facts.Stored = bytes }}
}

// Unused ends the use of the workplaces; see Sim.InUse.
func Unused(on calendar.Date) Event {
	return Event{On: on, What: "From now on nobody uses the workplaces.", about: used, change: func(s *Sim) { s.inUse = false }}
}

// Used lets the workplaces be used from a day on; see Sim.InUse.
func Used(on calendar.Date) Event {
	return Event{On: on, What: "From now on the workplaces are used.", about: used, change: func(s *Sim) { s.inUse = true }}
}

// MailDead are the two events between which no notice can be sent: from the
// first moment of a day until the first moment of another.
func MailDead(from, until calendar.Date) []Event {
	return []Event{
		{On: from, timed: true, What: "The mail server is down.", about: sent, change: func(s *Sim) { s.mailDead = true }},
		{On: until, timed: true, What: "The mail server works again.", change: func(s *Sim) { s.mailDead = false; s.flush() }},
	}
}

// BillingSilent are the two events between which the billing system reports
// nothing: from the first moment of a day until the first moment of another.
func BillingSilent(from, until calendar.Date) []Event {
	return []Event{
		{On: from, timed: true, What: "The billing system falls silent.", about: reported, change: func(s *Sim) { s.silent = true }},
		{On: until, timed: true, What: "The billing system reports again.", change: func(s *Sim) { s.silent = false }},
	}
}

// Changed is any other change of facts, told in a sentence.
func Changed(on calendar.Date, what string, change func(*facts.Facts)) Event {
	return Event{On: on, What: what, change: func(s *Sim) { change(&s.facts) }}
}

// SeatsTaken is when the tenant takes another number of seats.
func SeatsTaken(on calendar.Date, seats int) Event {
	return Event{On: on, What: fmt.Sprintf("The tenant takes %d seats.", seats), change: func(s *Sim) { s.facts.Seats = seats }}
}

// DirectDebit is when the tenant begins or ceases to pay by direct debit.
func DirectDebit(on calendar.Date, pays bool) Event {
	what := "The tenant ceases to pay by direct debit."
	if pays {
		what = "From now on the tenant pays by direct debit."
	}
	return Event{On: on, What: what, change: func(s *Sim) { s.facts.DirectDebit = pays }}
}
