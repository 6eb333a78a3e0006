// SPDX-License-Identifier: Apache-2.0

// Package retention says for how long data is kept that is no longer in use, and
// when it is erased: all of a tenant's, or the home of one workplace, each with
// its backups. It is the one place that does; it is pure.
package retention

import (
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
)

// Terms say how long data is kept.
type Terms struct {
	// AfterEnd is how long, from the day on which it is no longer in use.
	AfterEnd Span
	// AfterUnpaid is how long after an end by arrears; nil: as after any other.
	AfterUnpaid *Span
	// Announce is how long before its erasure the tenant is told; nil: it is not.
	Announce *calendar.Period
	// Manual says that a person erases it.
	Manual bool
}

// Span is for how long data is kept, and the rule as the terms write it.
type Span struct {
	Period calendar.Period
	Rule   string
}

// From returns data that is kept for the span, from a day on which it is not in use.
func (s Span) From(day calendar.Date) Data {
	return Data{Since: day, EraseOn: s.Period.After(day), Rule: s.Rule}
}

// Data is what is kept.
type Data struct {
	// Since is the first day on which it is not in use: the contract's end, the
	// workplace's removal, a smaller plan's beginning.
	Since calendar.Date
	// EraseOn is the first day on which it may be erased, and Rule the rule that
	// says so.
	EraseOn calendar.Date
	Rule    string
	// Announcement is the name that the notice of its erasure has.
	Announcement string
	// ToldAtEnd says that the tenant is told when the data goes out of use, however
	// long it is still kept: that its contract ends is no news without this.
	ToldAtEnd bool
}

// Facts are what a decision stands on besides the terms.
type Facts struct {
	Now  time.Time
	Zone *time.Location
	// LegalHold keeps data from being erased.
	LegalHold bool
	// Made says that the announcement exists, SentAt when it was sent; zero while it
	// was not.
	Made   bool
	SentAt time.Time
}

// Why data is not erased. The values are condition reasons, besides that of a legal hold.
const (
	NotYet       = "NotYet"
	NotAnnounced = "NotAnnounced"
	ByPerson     = "ByPerson"
)

// Decision is what becomes of data.
type Decision struct {
	// EraseAt is the moment at which it is erased at the earliest: when the
	// announcement has had its time too.
	EraseAt time.Time
	// Announcement is the name of the notice that the terms demand; empty if none.
	Announcement string
	// Announce is the announcement to make now; nil if none is.
	Announce *Announcement
	// Waits is why it is not erased now; empty if it is.
	Waits string
	// ByItself says that only time stands in the way, if anything does.
	ByItself bool
	// Recheck are the moments at which time alone changes the decision.
	Recheck []time.Time
}

// Erase reports whether the data is to be erased now.
func (d Decision) Erase() bool { return d.Waits == "" }

// Announcement is that data is going to be erased.
type Announcement struct {
	Name string
	// EraseOn is the day that is promised: what holds if it goes out now.
	EraseOn calendar.Date
}

// announcedAhead is how many days before the last moment an erasure is announced,
// so that a mail server that is away for some days does not put it off.
const announcedAhead = 7

// Decide says what becomes of data (LS-5, EC-6..8). Nothing is erased that a legal
// hold keeps, or whose announcement the terms demand and that was not sent.
// Without terms data goes on its day, unannounced.
func (t *Terms) Decide(data Data, f Facts) Decision {
	decision := Decision{EraseAt: data.EraseOn.Start(f.Zone)}
	if t != nil && t.Announce != nil {
		decision.Announcement = data.Announcement
		t.announce(&decision, data, f)
	}
	decision.Recheck = append(decision.Recheck, decision.EraseAt)
	switch {
	case f.LegalHold:
		decision.Waits = v1alpha1.ReasonLegalHold
	case decision.Waits != "":
	case f.Now.Before(decision.EraseAt) || f.Now.Before(data.Since.Start(f.Zone)):
		decision.Waits = NotYet
	case t != nil && t.Manual:
		decision.Waits = ByPerson
	}
	decision.ByItself = (decision.Waits == "" || decision.Waits == NotYet) && (t == nil || !t.Manual)
	return decision
}

// announce says when the tenant is told, and what waits for that.
func (t *Terms) announce(decision *Decision, data Data, f Facts) {
	from := t.AnnounceFrom(data).Start(f.Zone)
	decision.Recheck = append(decision.Recheck, from)
	if !f.Made && !f.LegalHold && !f.Now.Before(from) {
		promised := calendar.DateAt(t.Announce.AfterMoment(f.Now, f.Zone), f.Zone)
		decision.Announce = &Announcement{Name: data.Announcement, EraseOn: calendar.Later(data.EraseOn, promised)}
	}
	if f.SentAt.IsZero() {
		decision.Waits = NotAnnounced
	} else if least := t.Announce.AfterMoment(f.SentAt, f.Zone); decision.EraseAt.Before(least) {
		decision.EraseAt = least
	}
}

// AnnounceFrom returns the day from which the erasure of data is announced: in
// time before it, in whole days, and for data whose end is told, no later than then.
func (t *Terms) AnnounceFrom(data Data) calendar.Date {
	const day = 24 * time.Hour
	from := t.Announce.Back(data.EraseOn).AddDays(-announcedAhead - int((t.Announce.Clock+day-1)/day))
	if data.ToldAtEnd && data.Since.Before(from) {
		return data.Since
	}
	return from
}
