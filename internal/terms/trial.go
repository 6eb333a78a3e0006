// SPDX-License-Identifier: Apache-2.0

package terms

import (
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// TrialEnds returns the moment at which a tenant's trial ends, or, if that is
// earlier, the one that lies a period after the start of its contract; zero if
// the terms grant no trial or a date cannot be read.
func (t *Terms) TrialEnds(tenant *v1alpha1.Tenant, upTo v1alpha1.Period) time.Time {
	most, err := ParsePeriod(string(upTo))
	if t.contract.trial == nil || err != nil {
		return time.Time{}
	}
	starts, err := startsOn(tenant, t.Zone)
	if err != nil {
		return time.Time{}
	}
	from := starts.Start(t.Zone)
	end, limit := t.contract.trial.period.AfterMoment(from, t.Zone), most.AfterMoment(from, t.Zone)
	if limit.Before(end) {
		end = limit
	}
	return end
}

// startsOn returns the first day of a tenant's contract (TD-6).
func startsOn(tenant *v1alpha1.Tenant, zone *time.Location) (Date, error) {
	if c := tenant.Spec.Contract; c != nil && c.StartsOn != "" {
		return ParseDate(string(c.StartsOn))
	}
	return DateAt(tenant.CreationTimestamp.Time, zone), nil
}
