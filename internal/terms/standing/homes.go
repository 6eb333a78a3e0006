// SPDX-License-Identifier: Apache-2.0

package standing

import (
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/facts"
	"werkplek.dev/werkplek/internal/terms/tidings"
)

// RemovedHome is what becomes of a home whose workplace was removed.
type RemovedHome struct {
	// EraseOn is the first day on which it may be erased.
	EraseOn calendar.Date
	// Rule of the terms that says so.
	Rule string
	// Announce is the notice that should exist by now; nil if it does, or none is asked for.
	Announce *tidings.Notice
	// Erase says that it is to be erased now.
	Erase bool
	// Recheck is the moment at which more is to be done; zero if time alone brings nothing.
	Recheck time.Time
}

// HomeRemoved says what becomes of the home of a workplace that was removed on a
// day, while the contract goes on: it is kept for as long as data is after the
// contract's end, announced like that, and held by a legal hold.
func HomeRemoved(t *agreement.Terms, f facts.Facts, workplace, username string, on calendar.Date) RemovedHome {
	data := t.Retention.AfterEnd.From(on)
	data.Announcement = tidings.HomeAnnouncementName(workplace, data.EraseOn)
	decision := t.Retention.Decide(data, retained(t, f, data))
	home := RemovedHome{EraseOn: data.EraseOn, Rule: data.Rule, Erase: decision.Erase()}
	when := calendar.Alarm{Now: f.Now}
	for _, at := range decision.Recheck {
		when.At(at)
	}
	home.Recheck = when.Next
	if announce := decision.Announce; announce != nil {
		about := v1alpha1.SourceReference{Kind: "Workplace", Name: v1alpha1.ObjectName(workplace)}
		notice := tidings.New(announce.Name, about, tidings.ClosureAnnouncement{
			EndedOn: on, EraseOn: announce.EraseOn, Rule: home.Rule, User: username,
		})
		home.Announce = &notice
	}
	return home
}
