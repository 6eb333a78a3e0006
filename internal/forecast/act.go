// SPDX-License-Identifier: Apache-2.0

package forecast

import (
	"fmt"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/internal/agenda"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/charging"
	"werkplek.dev/werkplek/internal/terms/facts"
)

// pass does once what the operator does at this moment, and reports whether that
// changed a fact: then it must be decided again.
func (s *Sim) pass() bool {
	if s.agenda, s.err = agenda.Decide(s.book, s.facts); s.err != nil {
		return false
	}
	made := len(s.made)
	for _, action := range s.agenda.Actions {
		if s.err = s.do(action); s.err != nil {
			return false
		}
	}
	if s.payments != ByEvents {
		s.bill(s.made[made:])
	}
	if !s.mailDead {
		s.flush()
	}
	return len(s.agenda.Actions) > 0
}

// do plays one action, and tells of it.
func (s *Sim) do(action agenda.Action) error {
	switch a := action.(type) {
	case agenda.Lift:
		if a.Charge != nil {
			s.charged(*a.Charge)
		}
		s.note(Lifts, a.Name(), "%s", a)
	case agenda.Charge:
		s.charged(a)
	case agenda.Tell:
		s.queue = append(s.queue, a) // told of once it is sent
	case agenda.Remember:
		if a.Notice != nil {
			s.note(Decides, a.Name(), "%s", a)
		}
	default:
		s.note(whatIs(a), a.Name(), "%s", a)
	}
	return agenda.Apply(&s.facts, action)
}

// whatIs says what kind of thing an action is.
func whatIs(action agenda.Action) What {
	switch action.(type) {
	case agenda.Suspend:
		return Suspends
	case agenda.ChangePlan:
		return ChangesPlan
	case agenda.NoteRemoved, agenda.KeepHome:
		return Keeps
	case agenda.Leave:
		return Leaves
	default:
		return Erases
	}
}

// charged tells of a charge, unless it was made before.
func (s *Sim) charged(charge agenda.Charge) {
	if _, exists := s.facts.Charges.Named(charge.Name()); !exists {
		s.made = append(s.made, charge.NamedCharge)
		s.note(Charges, charge.Name(), "%s", charge)
	}
}

// billOld invoices what was charged before this future began, as was assumed.
func (s *Sim) billOld() {
	if s.seen.waits != nil || s.payments == ByEvents {
		return
	}
	var old []string
	for charge := range s.facts.Charges.All() {
		if charge.Invoice == "" {
			old = append(old, charge.Name)
		}
	}
	if len(old) > 0 {
		s.invoiceAll(old)
	}
}

// bill puts charges on an invoice of today.
func (s *Sim) bill(charges []charging.NamedCharge) {
	if len(charges) == 0 {
		return
	}
	names := make([]string, len(charges))
	for i := range charges {
		names[i] = charges[i].Name
	}
	s.invoiceAll(names)
}

// invoiceAll puts charges on an invoice of today, by their names. A sum below
// zero is paid out.
func (s *Sim) invoiceAll(charges []string) {
	sum := decimal.Zero
	for _, name := range charges {
		charge, _ := s.facts.Charges.Named(name)
		sum = sum.Add(charge.Amount)
	}
	if s.payments == Prompt || sum.IsNegative() {
		sum = decimal.Zero
	}
	today := calendar.DateAt(s.facts.Now, s.Zone())
	s.invoice(facts.Invoice{Number: s.invoiceNumber(today), IssuedOn: today, DueOn: today.AddDays(paymentTerm), Outstanding: sum}, charges...)
	s.refresh()
}

// invoiceNumber returns a number that no invoice has.
func (s *Sim) invoiceNumber(day calendar.Date) string {
	taken := map[string]bool{}
	for charge := range s.facts.Charges.All() {
		taken[charge.Invoice] = true
	}
	base := "forecast-" + day.String()
	for n, number := 2, base; ; n++ {
		if !taken[number] {
			return number
		}
		number = fmt.Sprintf("%s-%d", base, n)
	}
}

// flush sends what could not be sent before.
func (s *Sim) flush() {
	for _, notice := range s.queue {
		s.facts.Notices[notice.Name()] = s.facts.Now
		s.sent = append(s.sent, notice.Notice)
		s.note(Tells, notice.Name(), "%s", notice)
	}
	s.queue = nil
}
