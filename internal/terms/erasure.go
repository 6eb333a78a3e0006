// SPDX-License-Identifier: Apache-2.0

package terms

import (
	"fmt"
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/terms/retention"
	"werkplek.dev/werkplek/internal/terms/tidings"
)

func (c *compiler) retention(spec *v1alpha1.RetentionTerms) *retention.Terms {
	if spec == nil {
		return nil
	}
	r := &retention.Terms{
		AfterEnd: c.span("afterEnd", spec.AfterEnd),
		Manual:   spec.Erasure == v1alpha1.ErasureManual,
	}
	if spec.Announce != "" {
		announce := c.period("spec.retention.announce", spec.Announce)
		r.Announce = &announce
	}
	if spec.AfterUnpaid != "" {
		unpaid := c.span("afterUnpaid", spec.AfterUnpaid)
		r.AfterUnpaid = &unpaid
	}
	return r
}

func (c *compiler) span(field string, period v1alpha1.Period) retention.Span {
	return retention.Span{
		Period: c.period("spec.retention."+field, period), Rule: fmt.Sprintf("retention.%s %s", field, period),
	}
}

// Erasure is an order to erase a tenant's data.
type Erasure struct {
	// Rule of the terms that says so.
	Rule string
	// Announcement is the name of the Notice that announced it; empty if the
	// terms ask for none.
	Announcement string
}

// Why data that is to be erased is not yet. The values are condition reasons.
const (
	EraseNotYet       = retention.NotYet
	EraseNotAnnounced = retention.NotAnnounced
	EraseByPerson     = retention.ByPerson
)

// judgeErasure says when data may be erased, and whether that is now (LS-5,
// EC-7, EC-8).
func (t *Terms) judgeErasure(f Facts, s *Standing, when *schedule) {
	data, ends := t.outlives(f, s)
	if !ends {
		return
	}
	s.EraseOn, s.EraseRule = data.EraseOn, data.Rule
	decision := t.retention.Decide(data, t.retained(f, data))
	s.EraseAt, s.EraseWaits, s.Announce = decision.EraseAt, decision.Waits, decision.Announce
	for _, at := range decision.Recheck {
		when.recheck(at)
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
func (t *Terms) outlives(f Facts, s *Standing) (retention.Data, bool) {
	var data retention.Data
	switch {
	case s.EndsOn.IsZero():
		return data, false
	case t.succeeds(s.EndReason):
		if !t.plan.eraseAbove || f.Successor == nil || f.Successor.fits(f.Stored, Date{}, nil) {
			return data, false
		}
		data = retention.Data{Since: s.EndsOn, EraseOn: s.EndsOn, Rule: v1alpha1.ErasureRuleSmallerPlan}
	case t.retention == nil:
		return data, false
	case s.EndReason == v1alpha1.EndTerminatedByArrears && t.retention.AfterUnpaid != nil:
		data = t.retention.AfterUnpaid.From(s.EndsOn)
	default:
		data = t.retention.AfterEnd.From(s.EndsOn)
	}
	data.Announcement, data.ToldAtEnd = tidings.ClosureAnnouncementName(data.EraseOn), true
	return data, true
}

// retained returns what decides about data besides the terms.
func (t *Terms) retained(f Facts, data retention.Data) retention.Facts {
	sent, made := f.Notices[data.Announcement]
	return retention.Facts{Now: f.Now, Zone: t.Zone, LegalHold: f.LegalHold, Made: made, SentAt: sent}
}

// fits reports whether so many bytes fit a plan, with the bonus capacity of a day (EC-6, EC-13).
func (t *Terms) fits(bytes int64, day Date, bonus []Bonus) bool {
	limit, limited := t.Capacity(day, bonus)
	return !limited || bytes <= limit
}

// Bonus is capacity that a tenant has until and including a day (EC-13).
type Bonus struct {
	Bytes int64
	Until Date
}

// Capacity returns how many bytes all homes of a tenant may have together on a
// day, and false where the plan sets no limit.
func (t *Terms) Capacity(day Date, bonus []Bonus) (int64, bool) {
	if t.plan == nil || t.plan.capacity == nil {
		return 0, false
	}
	bytes := *t.plan.capacity
	for _, extra := range bonus {
		if t.plan.bonus && !day.IsZero() && !extra.Until.Before(day) {
			bytes += extra.Bytes
		}
	}
	return bytes, true
}

// CapacityOf returns how many bytes all homes of a tenant may have together at a
// moment, and false where its plan sets no limit.
func (t *Terms) CapacityOf(tenant *v1alpha1.Tenant, now time.Time) (int64, bool) {
	r := reader{}
	return t.Capacity(DateAt(now, t.Zone), r.bonus(tenant))
}
