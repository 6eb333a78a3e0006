// SPDX-License-Identifier: Apache-2.0

package terms

import (
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/terms/tidings"
)

// RemovedHome is what becomes of a home whose workplace was removed.
type RemovedHome struct {
	// EraseOn is the first day on which it may be erased.
	EraseOn Date
	// Rule of the terms that says so.
	Rule string
	// Announce is the notice that should exist by now; nil if it does, or none is asked for.
	Announce *DueNotice
	// Erase says that it is to be erased now.
	Erase bool
	// Recheck is the moment at which more is to be done; zero if time alone brings nothing.
	Recheck time.Time
}

// KeepsRemoved reports whether the terms say for how long the homes of removed
// workplaces are kept. If not, or while a person erases, they stay.
func (t *Terms) KeepsRemoved() bool { return t.retention != nil && !t.retention.Manual }

// HomeRemoved says what becomes of the home of a workplace that was removed on a
// day, while the contract goes on: it is kept for as long as data is after the
// contract's end, announced like that, and held by a legal hold.
func (t *Terms) HomeRemoved(f Facts, workplace, username string, on Date) RemovedHome {
	data := t.retention.AfterEnd.From(on)
	data.Announcement = tidings.HomeAnnouncementName(workplace, data.EraseOn)
	decision := t.retention.Decide(data, t.retained(f, data))
	home := RemovedHome{EraseOn: data.EraseOn, Rule: data.Rule, Erase: decision.Erase()}
	when := schedule{now: f.Now}
	for _, at := range decision.Recheck {
		when.recheck(at)
	}
	home.Recheck = when.again
	if announce := decision.Announce; announce != nil {
		about := v1alpha1.SourceReference{Kind: "Workplace", Name: v1alpha1.ObjectName(workplace)}
		notice := tidings.New(announce.Name, about, tidings.ClosureAnnouncement{
			EndedOn: on, EraseOn: announce.EraseOn, Rule: home.Rule, User: username,
		})
		home.Announce = &notice
	}
	return home
}
