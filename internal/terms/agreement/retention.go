// SPDX-License-Identifier: Apache-2.0

package agreement

import (
	"fmt"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/retention"
)

// KeepsRemoved reports whether the terms say for how long the homes of removed
// workplaces are kept. If not, or while a person erases, they stay.
func (t *Terms) KeepsRemoved() bool { return t.Retention != nil && !t.Retention.Manual }

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

// KeptUntil returns the day until which a home is kept that lost its workplace
// on a day; no date if a person decides when it goes.
func (t *Terms) KeptUntil(from calendar.Date) calendar.Date {
	if t.Retention == nil {
		return calendar.Date{}
	}
	return t.Retention.AfterEnd.From(from).EraseOn
}
