// SPDX-License-Identifier: Apache-2.0

package agenda

import (
	"slices"
	"strings"
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/terms/facts"
	"werkplek.dev/werkplek/internal/terms/standing"
)

const (
	// arriving is how long a home may be known before its workplace is.
	arriving = 10 * time.Second
	// settling is how long what was written on a home may take to be known.
	settling = time.Second
)

// homes keeps the homes of removed workplaces for as long as the terms say,
// announces that they go, and erases them, while the contract goes on. When it has
// ended, or all data goes, they go with that.
func (d *decider) homes() {
	if d.Standing.Ended || d.Standing.Erase != nil || !d.terms.KeepsRemoved() {
		return
	}
	there := make(map[string]bool, len(d.facts.Workplaces))
	for i := range d.facts.Workplaces {
		there[d.facts.Workplaces[i].Name] = true
	}
	var apart []*facts.Home // from their workplaces, or noted to be
	for i := range d.facts.Homes {
		if home := &d.facts.Homes[i]; home.Workplace != "" && !home.Going && (noted(home) || !there[home.Workplace]) {
			apart = append(apart, home)
		}
	}
	slices.SortFunc(apart, func(a, b *facts.Home) int { return strings.Compare(a.Claim, b.Claim) })
	for _, home := range apart {
		switch known := home.MadeAt.Add(arriving); {
		case there[home.Workplace]:
			d.add(KeepHome{*home})
		case d.facts.Now.Before(known):
			d.recheck(known)
		case home.Unreadable != "":
			d.Problems = append(d.Problems, outcome.Stalled(v1alpha1.ReasonDataKept, home.Unreadable))
		case !noted(home):
			d.noteRemoved(*home)
		default:
			d.removed(*home)
		}
	}
}

// noted reports whether something is written on a home about its workplace being gone.
func noted(home *facts.Home) bool { return !home.RemovedOn.IsZero() || home.Unreadable != "" }

// noteRemoved notes since when a workplace is gone: nothing but its home tells.
func (d *decider) noteRemoved(home facts.Home) {
	today := calendar.DateAt(d.facts.Now, d.terms.Zone)
	kept := standing.HomeRemoved(d.terms, *d.facts, home.Workplace, home.Username, today)
	d.add(NoteRemoved{Home: home, On: today, EraseOn: kept.EraseOn, Rule: kept.Rule})
	d.recheck(d.facts.Now.Add(settling))
}

func (d *decider) removed(home facts.Home) {
	kept := standing.HomeRemoved(d.terms, *d.facts, home.Workplace, home.Username, home.RemovedOn)
	d.recheck(kept.Recheck)
	if kept.Announce != nil {
		d.news.Notices = append(d.news.Notices, *kept.Announce)
	}
	if kept.Erase {
		d.add(EraseHome{Home: home, Rule: kept.Rule})
	}
}
