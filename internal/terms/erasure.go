// SPDX-License-Identifier: Apache-2.0

package terms

import (
	"fmt"
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/terms/tidings"
)

// retentionTerms say how long data outlives the contract.
type retentionTerms struct {
	afterEnd    Period
	announce    *Period
	afterUnpaid *Period // nil: as after any other end
	manual      bool
	rule        string // as the terms write it
	unpaidRule  string
}

func (c *compiler) retention(spec *v1alpha1.RetentionTerms) *retentionTerms {
	if spec == nil {
		return nil
	}
	r := &retentionTerms{
		afterEnd: c.period("spec.retention.afterEnd", spec.AfterEnd), manual: spec.Erasure == v1alpha1.ErasureManual,
		rule: fmt.Sprintf("retention.afterEnd %s", spec.AfterEnd),
	}
	if spec.Announce != "" {
		announce := c.period("spec.retention.announce", spec.Announce)
		r.announce = &announce
	}
	if spec.AfterUnpaid != "" {
		unpaid := c.period("spec.retention.afterUnpaid", spec.AfterUnpaid)
		r.afterUnpaid, r.unpaidRule = &unpaid, fmt.Sprintf("retention.afterUnpaid %s", spec.AfterUnpaid)
	}
	return r
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
	EraseNotYet       = "NotYet"
	EraseNotAnnounced = "NotAnnounced"
	EraseByPerson     = "ByPerson"
)

// announcedAhead is how long before the last moment a closure is announced, so
// that a mail server that is away for some days does not put it off.
const announcedAhead = 7

// judgeErasure says when data may be erased, and whether that is now (LS-5,
// EC-7, EC-8). Nothing is erased that a hold keeps, or whose announcement the
// terms demand and that was not sent.
func (t *Terms) judgeErasure(f Facts, s *Standing, when *schedule) {
	switch {
	case s.EndsOn.IsZero():
		return
	case t.succeeds(s.EndReason):
		if !t.plan.eraseAbove || f.Successor == nil || f.Successor.fits(f.Stored, Date{}, nil) {
			return
		}
		s.EraseOn, s.EraseRule = s.EndsOn, v1alpha1.ErasureRuleSmallerPlan
		s.Plan = nil // not before its data fits it
	case t.retention == nil:
		return
	default:
		s.EraseOn, s.EraseRule = t.retention.afterEnd.After(s.EndsOn), t.retention.rule
		if s.EndReason == v1alpha1.EndTerminatedByArrears && t.retention.afterUnpaid != nil {
			s.EraseOn, s.EraseRule = t.retention.afterUnpaid.After(s.EndsOn), t.retention.unpaidRule
		}
	}
	at := s.EraseOn.Start(t.Zone)
	var announcement string
	if t.retention != nil && t.retention.announce != nil {
		announcement = tidings.ClosureAnnouncementName(s.EraseOn)
		when.recheck(t.announceFrom(s).Start(t.Zone))
		sent := f.Notices.sentAt(announcement)
		if sent.IsZero() {
			s.EraseWaits = EraseNotAnnounced
		} else if least := t.retention.announce.AfterMoment(sent, t.Zone); at.Before(least) {
			at = least
		}
	}
	s.EraseAt = at
	when.recheck(at)
	over := !f.Now.Before(s.EndsOn.Start(t.Zone))
	switch {
	case f.LegalHold:
		s.EraseWaits = v1alpha1.ReasonLegalHold
	case s.EraseWaits != "":
	case f.Now.Before(at) || !over:
		s.EraseWaits = EraseNotYet
	case t.retention != nil && t.retention.manual:
		s.EraseWaits = EraseByPerson
	default:
		s.Erase = &Erasure{Rule: s.EraseRule, Announcement: announcement}
	}
	if s.EraseWaits != EraseNotAnnounced && !f.LegalHold && (t.retention == nil || !t.retention.manual) {
		when.transition(at, NextErase)
	}
}

// announceFrom returns the day from which the erasure is announced: the
// contract's end, or in time before it if data goes soon after.
func (t *Terms) announceFrom(s *Standing) Date {
	day := t.retention.announce.Back(s.EraseOn).AddDays(-announcedAhead)
	if t.retention.announce.Clock > 0 {
		day = day.AddDays(-int((t.retention.announce.Clock + 24*time.Hour - 1) / (24 * time.Hour)))
	}
	if s.EndsOn.Before(day) {
		return s.EndsOn
	}
	return day
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
