// SPDX-License-Identifier: Apache-2.0

// Package agenda decides what is to be done about a tenant now: from the terms
// that hold for it and the facts to actions, in the order in which they are to be
// carried out. Controllers carry them out, and the forecast plays the same ones on
// its facts: what the operator does is written once. It knows no client and no clock.
package agenda

import (
	"fmt"
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/charging"
	"werkplek.dev/werkplek/internal/terms/facts"
	"werkplek.dev/werkplek/internal/terms/standing"
	"werkplek.dev/werkplek/internal/terms/telling"
	"werkplek.dev/werkplek/internal/terms/tidings"
)

// Agenda is what is to be done about a tenant at a moment.
type Agenda struct {
	// Standing is where the tenant stands.
	Standing standing.Standing
	// Actions are to be carried out in this order, each only if those before it
	// were: see Decide. An action that failed is decided again.
	Actions []Action
	// Untold are the notices that are due and that nobody can be sent to.
	Untold []tidings.Notice
	// Recheck is when to decide again though no fact is known to have changed; zero if never.
	Recheck time.Time
	// Next is what time alone will bring next: the change of where the tenant stands
	// that comes first, whatever is charged or told before it; without one, the next
	// charge or notice. Nil: nothing.
	Next *standing.Transition
	// Problems are what a person must mend before all that is due can be done.
	Problems []outcome.Outcome
}

// Decide decides what is to be done about a tenant. The terms that hold for it
// are in the book, and those that plans refer to. Facts of which something was not
// read decide nothing: the error is a terms.UnreadError that names it.
func Decide(book facts.Book, f facts.Facts) (Agenda, error) {
	if len(f.Unread) > 0 {
		return Agenda{}, &facts.UnreadError{Tenant: f.Tenant, Unread: f.Unread}
	}
	held := book[f.TermsName]
	if held == nil {
		return Agenda{}, fmt.Errorf("the terms %s are not there; add their ServiceTerms", f.TermsName)
	}
	d := &decider{terms: held, book: book, facts: &f}
	d.Standing = standing.Stand(held, f)
	d.recheck(d.Standing.Recheck)
	d.Next = d.Standing.Next
	if f.Left {
		return d.Agenda, nil // nothing of it is left to act on, and nowhere to write to
	}
	d.due = charging.DueNow(held, f, &d.Standing)
	d.news = telling.DueNow(held, f, &d.Standing)
	d.recheck(d.due.Recheck)
	d.recheck(d.news.Recheck)
	d.foresee()

	d.remember()   // first: what was decided for good must not be lost should anything below fail
	d.lift()       // before anything new is asked of a tenant that has paid; each after its charge
	d.suspend()    // of what is unpaid; a lift and a new suspension of one cause exclude each other
	d.charge()     // under the terms that hold: once the plan has changed nothing asks for these any more
	d.homes()      // before the notices, to which it adds those that announce that homes go
	d.tell()       // of all that is due, before anything goes that the tenant must be told of
	d.changePlan() // after the charges of the plan before
	d.erase()      // not while a plan takes hold: under its terms the data may stay
	d.leave()      // last, and alone: whatever was done above may bring a charge or a notice first
	return d.Agenda, nil
}

// decider collects the actions.
type decider struct {
	Agenda
	terms *agreement.Terms
	book  facts.Book
	facts *facts.Facts
	due   charging.Due
	news  telling.Due
}

func (d *decider) add(action Action) { d.Actions = append(d.Actions, action) }

func (d *decider) recheck(at time.Time) {
	if !at.IsZero() && (d.Recheck.IsZero() || at.Before(d.Recheck)) {
		d.Recheck = at
	}
}

// The next things that are no change of where a tenant stands.
const (
	NextCharge = "Charge"
	NextNotice = "Notice"
)

// foresee finds out what comes next. Who looks at many tenants wants to see the one
// that is about to be suspended, not that all of them will be charged before.
func (d *decider) foresee() {
	if d.Next != nil {
		return
	}
	charge, notice := d.due.Recheck, d.news.Recheck
	switch {
	case !notice.IsZero() && !d.facts.NoAddress && (charge.IsZero() || notice.Before(charge)):
		d.Next = &standing.Transition{At: notice, What: NextNotice}
	case !charge.IsZero():
		d.Next = &standing.Transition{At: charge, What: NextCharge}
	}
}

func (d *decider) remember() {
	if decided, isNew := standing.ToRemember(d.facts, &d.Standing); isNew {
		d.add(Remember{decided})
	}
}

// lift ends suspensions. What ending one of arrears costs is charged first, so
// that a crash in between can neither lose that nor charge it twice (TD-9, TD-10).
func (d *decider) lift() {
	for _, order := range d.Standing.Lifts {
		lift := Lift{Suspension: order.Suspension, Because: order.Because}
		suspension := suspensionNamed(d.facts, order.Suspension)
		if order.FeeDue && suspension.Cause == v1alpha1.CauseArrears {
			today := calendar.DateAt(d.facts.Now, d.terms.Zone)
			users := d.facts.ShutOut(suspension, d.terms.Zone)
			if spec := charging.Reactivation(d.terms, order.Suspension, users, today); spec != nil {
				lift.Charge = &Charge{charging.NamedCharge{Name: charging.ReactivationChargeName(order.Suspension), Spec: *spec}}
			}
		}
		d.add(lift)
	}
}

func (d *decider) suspend() {
	if due := d.Standing.Suspend; due != nil {
		d.add(Suspend{*due})
	}
}

func (d *decider) charge() {
	for _, due := range d.due.Charges {
		d.add(Charge{due})
	}
	for _, problem := range d.due.Problems {
		d.Problems = append(d.Problems, outcome.Stalled(v1alpha1.ReasonPriceNotFound, problem))
	}
}

func (d *decider) tell() {
	for _, due := range d.news.Notices {
		if d.facts.NoAddress {
			d.Untold = append(d.Untold, due)
			continue
		}
		d.add(Tell{due})
	}
}

func (d *decider) changePlan() {
	step := d.Standing.Plan
	if step == nil {
		return
	}
	change := ChangePlan{PlanStep: *step, Terms: d.book[step.Terms]}
	if change.Terms != nil {
		change.Successor = d.book[change.Terms.AfterEnd()]
	}
	d.add(change)
	d.recheck(d.facts.Now) // its terms ask for other things
}

// erase orders that all data goes: also what came into the namespace after that
// (LS-5, EC-6..8).
func (d *decider) erase() {
	order := d.Standing.Erase
	if order == nil || d.Standing.Plan != nil {
		return
	}
	if left := len(d.facts.Workplaces) + len(d.facts.Homes); d.facts.Erased && left == 0 {
		return
	}
	d.add(Erase{*order, d.Standing.Ended})
}

// leave orders that the namespace goes once nothing in it must stay: the data is
// erased, every charge is invoiced, the use of licences is in final reports
// (TD-14), every notice was sent, and the law holds nothing.
func (d *decider) leave() {
	f := d.facts
	if !f.Erased || f.LegalHold || len(d.Actions) > 0 || len(d.Untold) > 0 || f.Unreported != "" ||
		len(f.Workplaces) > 0 || len(f.Homes) > 0 {
		return
	}
	for _, sent := range f.Notices {
		if sent.IsZero() {
			return
		}
	}
	for charge := range f.Charges.All() {
		if charge.Invoice == "" {
			return
		}
	}
	d.add(Leave{Charged: f.Charges.Sum(), Currency: d.terms.Currency})
}

func suspensionNamed(f *facts.Facts, name string) *facts.Suspension {
	for i := range f.Suspensions {
		if f.Suspensions[i].Name == name {
			return &f.Suspensions[i]
		}
	}
	return &facts.Suspension{Name: name}
}
