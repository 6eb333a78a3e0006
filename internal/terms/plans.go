// SPDX-License-Identifier: Apache-2.0

package terms

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/terms/dues"
)

// PlanWish is a tenant's wish to have another plan.
type PlanWish struct {
	// Name of the plan's terms.
	Name string
	// Terms are those; nil while they cannot be used.
	Terms *Terms
	// RequestedOn is the day on which the tenant asked.
	RequestedOn Date
}

// PlanStep is a change to another plan.
type PlanStep struct {
	Terms string
	// From is the first day on which it holds.
	From Date
	// AgreedOn is the day from which its terms and periods count.
	AgreedOn Date
	Because  v1alpha1.PlanReason
}

// judgePlan says whether a plan that the tenant asked for holds from now on, or
// what it waits for (LS-2, EC-2, EC-3, EC-5, EC-6).
func (t *Terms) judgePlan(f Facts, s *Standing, when *schedule) {
	wish := f.Wish
	if wish == nil || s.Ended || s.Plan != nil || f.beforePlan(wish.RequestedOn) || !s.Started {
		return
	}
	if wish.Name == f.TermsName {
		s.PlanWaits = v1alpha1.ReasonPlanHolds
		return
	}
	target, today := wish.Terms, DateAt(f.Now, t.Zone)
	if target == nil {
		s.PlanWaits = v1alpha1.ReasonTermsNotFound
		return
	}
	if s.PlanWaits = target.refuses(f, today); s.PlanWaits != "" {
		return
	}
	step := &PlanStep{Terms: wish.Name, From: later(today, wish.RequestedOn), Because: v1alpha1.PlanRequested}
	step.AgreedOn = step.From
	entry := v1alpha1.EntryAtOnce
	if target.plan != nil {
		entry = target.plan.entry
	}
	running := t.billing.charged && !s.AgreedOn.IsZero() && t.costs(f)
	if running && entry == v1alpha1.EntryPeriodEnd {
		step.From = t.billing.start(s.AgreedOn, t.billing.at(s.AgreedOn, later(wish.RequestedOn, s.AgreedOn))+1)
	}
	if step.AgreedOn = step.From; running && t.billing.inStep(&target.billing) {
		step.AgreedOn = s.AgreedOn
	}
	switch starts := step.From.Start(t.Zone); {
	case f.Now.Before(starts):
		s.PlanWaits, s.ChangesOn = v1alpha1.ReasonAwaitingPeriodEnd, step.From
		when.transition(starts, NextChangePlan)
		return
	case entry == v1alpha1.EntryOnPayment && target.plan.price.IsPositive():
		s.PlanCharge = true
		charge, made := f.Charges.Find(dues.PlanEntry(wish.Name, wish.RequestedOn))
		if !made || !s.Billing.Usable() || !f.paid(charge, t.Zone) {
			s.PlanWaits = v1alpha1.ReasonAwaitingPayment
			return
		}
		step.AgreedOn = step.From
	}
	s.Plan, s.ChangesOn = step, step.From
}

// inStep reports whether the billing periods of other terms may go on with those of these.
func (b *billingTerms) inStep(other *billingTerms) bool {
	return other.charged && b.period == other.period && b.calendar == other.calendar
}

// refuses returns the reason for which a plan cannot be had; none if it can.
func (t *Terms) refuses(f Facts, day Date) string {
	switch p := t.plan; {
	case p == nil:
		return ""
	case len(p.types) > 0 && !slices.Contains(p.types, f.Type):
		return v1alpha1.ReasonPlanNotForType
	case p.members != nil && f.members() > int(*p.members):
		return v1alpha1.ReasonTooManyMembers
	case !t.fits(f.Stored, day, f.Bonus):
		return v1alpha1.ReasonTooMuchData
	}
	return ""
}

// costs reports whether a tenant pays anything for its plan or its workplaces.
func (t *Terms) costs(f Facts) bool {
	if t.plan != nil && (t.plan.price.IsPositive() || t.plan.seats != nil) {
		return true
	}
	return slices.ContainsFunc(f.Workplaces, func(w Workplace) bool { return len(w.Prices) > 0 })
}

// Members returns how many distinct users a plan allows, and false where it
// sets no limit.
func (t *Terms) Members() (int32, bool) {
	if t.plan == nil || t.plan.members == nil {
		return 0, false
	}
	return *t.plan.members, true
}

// AfterEnd returns the name of the terms that follow when the plan ends; empty if none do.
func (t *Terms) AfterEnd() string {
	if t.plan == nil {
		return ""
	}
	return t.plan.afterEnd
}

// members counts the distinct users of all workplaces.
func (f *Facts) members() int {
	users := map[string]bool{}
	for i := range f.Workplaces {
		users[f.Workplaces[i].Username] = true
	}
	return len(users)
}

// paid reports whether the invoice on which a charge was put is paid: it was
// sent, and facts that are newer do not name it as open.
func (f *Facts) paid(charge Charge, zone *time.Location) bool {
	if charge.Invoice == "" || f.Billing == nil || f.Billing.AsOf.Before(charge.IssuedOn.Start(zone)) {
		return false
	}
	return !slices.ContainsFunc(f.Billing.Open, func(open Invoice) bool {
		return open.Number == charge.Invoice && open.Outstanding.GreaterThan(decimal.Zero)
	})
}
