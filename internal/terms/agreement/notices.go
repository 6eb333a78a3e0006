// SPDX-License-Identifier: Apache-2.0

package agreement

import (
	"fmt"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
)

// Change is a change of the terms themselves, which tenants are told of.
type Change struct {
	From  calendar.Date
	Title string // for people
}

// notices reads of what tenants are told.
func (c *compiler) notices(spec *v1alpha1.ServiceTermsSpec) (map[v1alpha1.NoticeType]bool, []Change) {
	told := map[v1alpha1.NoticeType]bool{}
	for _, kind := range spec.Notices {
		told[kind] = true
	}
	var changes []Change
	for i, change := range spec.Changes {
		changes = append(changes, Change{c.date(fmt.Sprintf("spec.changes[%d].from", i), change.From), change.Title})
	}
	if len(changes) > 0 && (spec.PriceChange == nil || spec.PriceChange.Notice == "") {
		c.fault(fmt.Errorf("spec.changes: say in spec.priceChange.notice how long before changes tenants are told"))
	}
	return told, changes
}

// Tells reports whether the terms send notices of a type beyond those that other fields demand.
func (t *Terms) Tells(kind v1alpha1.NoticeType) bool { return t.Told[kind] }
