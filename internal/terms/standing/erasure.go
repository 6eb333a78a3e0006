// SPDX-License-Identifier: Apache-2.0

package standing

import (
	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/facts"
	"werkplek.dev/werkplek/internal/terms/retention"
	"werkplek.dev/werkplek/internal/terms/tidings"
)

// Erasure is an order to erase a tenant's data.
type Erasure struct {
	// Rule of the terms that says so.
	Rule string
	// Announcement is the name of the Notice that announced it; empty if the
	// terms ask for none.
	Announcement string
}

// judgeErasure says when data may be erased, and whether that is now (LS-5,
// EC-7, EC-8).
func judgeErasure(t *agreement.Terms, f facts.Facts, s *Standing, when *schedule) {
	data, ends := outlives(t, f, s)
	if !ends {
		return
	}
	s.EraseOn, s.EraseRule = data.EraseOn, data.Rule
	decision := t.Retention.Decide(data, retained(t, f, data))
	s.EraseAt, s.EraseWaits, s.Announce = decision.EraseAt, decision.Waits, decision.Announce
	for _, at := range decision.Recheck {
		when.At(at)
	}
	if decision.Erase() {
		s.Erase = &Erasure{Rule: data.Rule, Announcement: decision.Announcement}
	}
	if decision.ByItself {
		when.transition(decision.EraseAt, NextErase)
	}
}

// outlives returns the tenant's data as it is kept after the end of its contract,
// or while a smaller plan waits for less of it; false if neither is known to come.
func outlives(t *agreement.Terms, f facts.Facts, s *Standing) (retention.Data, bool) {
	var data retention.Data
	switch {
	case s.EndsOn.IsZero():
		return data, false
	case t.Succeeds(s.EndReason):
		if !t.Plan.EraseAbove || f.Successor == nil || f.Successor.Fits(f.Stored, calendar.Date{}, nil) {
			return data, false
		}
		data = retention.Data{Since: s.EndsOn, EraseOn: s.EndsOn, Rule: v1alpha1.ErasureRuleSmallerPlan}
	case t.Retention == nil:
		return data, false
	case s.EndReason == v1alpha1.EndTerminatedByArrears && t.Retention.AfterUnpaid != nil:
		data = t.Retention.AfterUnpaid.From(s.EndsOn)
	default:
		data = t.Retention.AfterEnd.From(s.EndsOn)
	}
	data.Announcement, data.ToldAtEnd = tidings.ClosureAnnouncementName(data.EraseOn), true
	return data, true
}

// retained returns what decides about data besides the terms.
func retained(t *agreement.Terms, f facts.Facts, data retention.Data) retention.Facts {
	sent, made := f.Notices[data.Announcement]
	return retention.Facts{Now: f.Now, Zone: t.Zone, LegalHold: f.LegalHold, Made: made, SentAt: sent}
}
