// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/agreement"
)

// CapacityOf returns how many bytes all homes of a tenant may have together at a
// moment, and false where its plan sets no limit.
func CapacityOf(t *agreement.Terms, tenant *v1alpha1.Tenant, now time.Time) (int64, bool) {
	r := reader{}
	return t.Capacity(calendar.DateAt(now, t.Zone), r.bonus(tenant))
}

// TrialEnds returns the moment at which a tenant's trial ends, or, if that is
// earlier, the one that lies a period after the start of its contract; zero if
// the terms grant no trial or a date cannot be read.
func TrialEnds(t *agreement.Terms, tenant *v1alpha1.Tenant, upTo v1alpha1.Period) time.Time {
	most, err := calendar.ParsePeriod(string(upTo))
	if t.Contract.Trial == nil || err != nil {
		return time.Time{}
	}
	starts, err := startsOn(tenant, t.Zone)
	if err != nil {
		return time.Time{}
	}
	from := starts.Start(t.Zone)
	end, limit := t.Contract.Trial.Period.AfterMoment(from, t.Zone), most.AfterMoment(from, t.Zone)
	if limit.Before(end) {
		end = limit
	}
	return end
}

// startsOn returns the first day of a tenant's contract (TD-6).
func startsOn(tenant *v1alpha1.Tenant, zone *time.Location) (calendar.Date, error) {
	if c := tenant.Spec.Contract; c != nil && c.StartsOn != "" {
		return calendar.ParseDate(string(c.StartsOn))
	}
	return calendar.DateAt(tenant.CreationTimestamp.Time, zone), nil
}
