// SPDX-License-Identifier: Apache-2.0

// Package forecast tells a tenant's future: it moves a clock from one moment that
// matters to the next and does at each what the operator would do: the actions of
// the same agenda. It is pure: no Kubernetes client, no clock but its own.
package forecast

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"werkplek.dev/werkplek/internal/agenda"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/charging"
	"werkplek.dev/werkplek/internal/terms/facts"
	"werkplek.dev/werkplek/internal/terms/standing"
	"werkplek.dev/werkplek/internal/terms/tidings"
)

const (
	// passesAtMost bounds how often facts can change at one moment.
	passesAtMost = 200
	// stepsAtMost bounds the moments of one run.
	stepsAtMost = 500_000
)

// Sim is one tenant's future. The zero Sim is of no use; see New.
//
// It assumes a provider whose systems work: notices are sent at once, and the
// billing system reports at every moment, unless events say otherwise. Nobody
// pays, uses or asks for anything but by events, or as Assume says.
type Sim struct {
	book     facts.Book
	facts    facts.Facts
	agenda   agenda.Agenda
	events   []Event       // still to come, in order
	ledger   facts.Billing // what the billing system knows, reported or not
	payments Payments
	inUse    bool
	mailDead bool
	silent   bool
	assumed  []assumption

	entries []Entry
	made    []charging.NamedCharge
	sent    []tidings.Notice // handed to a mail server, in order
	queue   []agenda.Tell    // made, and not sent
	seen    seen
	watch   func() // after each step, in tests
	err     error
}

// Payments is what becomes of charges.
type Payments int

// What becomes of charges.
const (
	// ByEvents: invoices are sent and paid by events only.
	ByEvents Payments = iota
	// Prompt: what is charged is invoiced at once, and paid.
	Prompt
	// Never: what is charged is invoiced at once, and not paid.
	Never
)

// New returns the future of a tenant from facts.Now on. The terms named name
// hold, unless the facts say that another plan does; book holds these and those
// that plans refer to.
func New(book facts.Book, name string, facts facts.Facts) *Sim {
	s := &Sim{book: book, facts: clone(facts)}
	if known := clone(facts).Billing; known != nil {
		s.ledger = *known
	}
	if s.facts.TermsName == "" {
		s.facts.TermsName = name
	}
	if held := book[s.facts.TermsName]; held != nil {
		if s.facts.TermsTitle == "" {
			s.facts.TermsTitle = held.Title
		}
		if s.facts.Successor == nil {
			s.facts.Successor = book[held.AfterEnd()]
		}
	} else {
		s.err = fmt.Errorf("the terms %s are not there; add their ServiceTerms", s.facts.TermsName)
	}
	for _, notice := range slices.Sorted(maps.Keys(s.facts.Notices)) {
		if s.facts.Notices[notice].IsZero() {
			s.queue = append(s.queue, agenda.Tell{Notice: tidings.Notice{Name: notice}})
		}
	}
	return s
}

// Assume says what becomes of charges from now on.
func (s *Sim) Assume(payments Payments) *Sim {
	s.payments = payments
	return s
}

// InUse says whether the workplaces are used from now on, all the time.
func (s *Sim) InUse(used bool) *Sim {
	s.inUse = used
	return s
}

// Do adds an event. One that lies in the past happens now.
func (s *Sim) Do(events ...Event) *Sim {
	for _, event := range events {
		if event.At.IsZero() {
			if event.At = noon(event.On, s.Zone()); event.timed {
				event.At = event.On.Start(s.Zone()).Add(event.after)
			}
		}
		s.events = append(s.events, event)
	}
	slices.SortStableFunc(s.events, func(a, b Event) int { return a.At.Compare(b.At) })
	return s
}

// noon is when things happen of which only the day is known: after whatever the
// contract brings at the day's first moment.
func noon(day calendar.Date, zone *time.Location) time.Time {
	return time.Date(day.Year, day.Month, day.Day, 12, 0, 0, 0, zone)
}

// UntilDate lets time pass until noon of a day.
func (s *Sim) UntilDate(day calendar.Date) []Entry { return s.Until(noon(day, s.Zone())) }

// Until lets time pass until a moment, and returns what happened. At that moment
// itself everything that is due then was done.
func (s *Sim) Until(moment time.Time) []Entry {
	before := len(s.entries)
	for steps := 0; s.err == nil; steps++ {
		s.step()
		next := s.next()
		if steps > stepsAtMost {
			s.err = fmt.Errorf("the future does not come to an end: at %s it is still looked at every moment", s.facts.Now.Format(time.RFC3339))
		}
		if next.IsZero() || next.After(moment) {
			break
		}
		s.facts.Now = next
	}
	if s.err == nil && s.facts.Now.Before(moment) {
		s.facts.Now = moment
		s.step()
	}
	return slices.Clone(s.entries[before:])
}

// next returns the next moment at which something may change; zero if nothing will.
func (s *Sim) next() time.Time {
	var next time.Time
	consider := func(at time.Time) {
		if at.After(s.facts.Now) && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	consider(s.agenda.Recheck)
	if len(s.events) > 0 {
		consider(s.events[0].At)
	}
	for _, day := range s.worthSaying() {
		consider(day.Start(s.Zone()))
	}
	return next
}

// step does everything that is due at this moment.
func (s *Sim) step() {
	for len(s.events) > 0 && !s.events[0].At.After(s.facts.Now) {
		event := s.events[0]
		s.events = s.events[1:]
		s.refresh() // what billing knew until now
		if event.What != "" {
			s.note(Happens, "", "%s", event.What)
		}
		event.change(s)
	}
	s.refresh()
	s.billOld()
	for pass := 0; s.pass(); pass++ {
		if pass > passesAtMost {
			s.err = fmt.Errorf("the facts of %s do not settle: each look at them changes them again", s.facts.Now.Format(time.RFC3339))
			return
		}
	}
	s.observe()
	if s.watch != nil {
		s.watch()
	}
}

// refresh lets the systems around the operator report.
func (s *Sim) refresh() {
	if !s.silent {
		known := facts.Billing{AsOf: s.facts.Now, Last: copied(s.ledger.Last), Open: slices.Clone(s.ledger.Open)}
		s.facts.Billing = &known
	}
	if s.inUse && len(s.facts.Workplaces) > 0 {
		s.facts.LastActive = s.facts.Now
	}
}

// Now is the moment that the future has reached.
func (s *Sim) Now() time.Time { return s.facts.Now }

// Zone is that of the terms that hold.
func (s *Sim) Zone() *time.Location {
	if held := s.book[s.facts.TermsName]; held != nil {
		return held.Zone
	}
	return time.UTC
}

// Terms returns those that hold now.
func (s *Sim) Terms() *agreement.Terms { return s.book[s.facts.TermsName] }

// Standing returns where the tenant stands.
func (s *Sim) Standing() standing.Standing { return s.agenda.Standing }

// Facts returns what is known of the tenant now, from which New can go on.
func (s *Sim) Facts() facts.Facts { return clone(s.facts) }

// Charges returns the charges that were made on the way, in order.
func (s *Sim) Charges() []charging.NamedCharge { return slices.Clone(s.made) }

// Charge returns a charge that was made on the way, by its name.
func (s *Sim) Charge(name string) (charging.NamedCharge, bool) {
	for _, charge := range s.made {
		if charge.Name == name {
			return charge, true
		}
	}
	return charging.NamedCharge{}, false
}

// Notices returns the notices that were sent on the way, in order.
func (s *Sim) Notices() []tidings.Notice { return slices.Clone(s.sent) }

// Entries returns everything that happened so far, in order.
func (s *Sim) Entries() []Entry { return slices.Clone(s.entries) }

// Err says why the future cannot be told any further, if so.
func (s *Sim) Err() error { return s.err }

func (s *Sim) note(what What, name, format string, arguments ...any) {
	s.entries = append(s.entries, Entry{At: s.facts.Now, What: what, Name: name, Detail: fmt.Sprintf(format, arguments...)})
}

// clone copies facts so deeply that neither side's changes reach the other.
func clone(f facts.Facts) facts.Facts {
	f.Workplaces = slices.Clone(f.Workplaces)
	f.Bonus = slices.Clone(f.Bonus)
	f.Sessions = slices.Clone(f.Sessions)
	f.Subjects = slices.Clone(f.Subjects)
	f.Rights = slices.Clone(f.Rights)
	f.Suspensions = slices.Clone(f.Suspensions)
	f.Homes = slices.Clone(f.Homes)
	f.Below = slices.Clone(f.Below)
	f.NoticeDecision = copied(f.NoticeDecision)
	f.Wish = copied(f.Wish)
	f.Arrangement = copied(f.Arrangement)
	if f.Billing = copied(f.Billing); f.Billing != nil {
		f.Billing.Last = copied(f.Billing.Last)
		f.Billing.Open = slices.Clone(f.Billing.Open)
	}
	f.Charges = f.Charges.Clone()
	if f.Notices = maps.Clone(f.Notices); f.Notices == nil {
		f.Notices = facts.Notices{}
	}
	return f
}

func copied[T any](value *T) *T {
	if value == nil {
		return nil
	}
	copy := *value
	return &copy
}
