// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/agreement"
)

// PlanWish is a tenant's wish to have another plan.
type PlanWish struct {
	// Name of the plan's terms.
	Name string
	// Terms are those; nil while they cannot be used.
	Terms *agreement.Terms
	// RequestedOn is the day on which the tenant asked.
	RequestedOn calendar.Date
}

// PlanStep is a change to another plan.
type PlanStep struct {
	Terms string
	// From is the first day on which it holds.
	From calendar.Date
	// AgreedOn is the day from which its terms and periods count.
	AgreedOn calendar.Date
	Because  v1alpha1.PlanReason
}

// BeforePlan reports whether something that the tenant asked for on a day was
// said to a plan before the one that holds: also on the very day on which that
// one ended, which is what the tenant asked for.
func (f *Facts) BeforePlan(day calendar.Date) bool {
	return day.Before(f.PlanFrom) || day == f.PlanFrom && f.PlanBecause == v1alpha1.PlanEnded
}

// PlanTitle returns the title of the terms that hold now.
func (f *Facts) PlanTitle() string {
	if f.TermsTitle == "" {
		return "Subscription"
	}
	return f.TermsTitle
}
