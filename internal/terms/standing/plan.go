// SPDX-License-Identifier: Apache-2.0

package standing

import (
	"slices"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/dues"
	"werkplek.dev/werkplek/internal/terms/facts"
)

// judgePlan says whether a plan that the tenant asked for holds from now on, or
// what it waits for (LS-2, EC-2, EC-3, EC-5, EC-6).
func judgePlan(t *agreement.Terms, f facts.Facts, s *Standing, when *schedule) {
	wish := f.Wish
	if wish == nil || s.Ended || s.Plan != nil || f.BeforePlan(wish.RequestedOn) || !s.Started {
		return
	}
	if wish.Name == f.TermsName {
		s.PlanWaits = v1alpha1.ReasonPlanHolds
		return
	}
	target, today := wish.Terms, calendar.DateAt(f.Now, t.Zone)
	if target == nil {
		s.PlanWaits = v1alpha1.ReasonTermsNotFound
		return
	}
	if s.PlanWaits = refuses(target, f, today); s.PlanWaits != "" {
		return
	}
	step := &facts.PlanStep{
		Terms: wish.Name, From: calendar.Later(today, wish.RequestedOn), Because: v1alpha1.PlanRequested,
	}
	step.AgreedOn = step.From
	entry := v1alpha1.EntryAtOnce
	if target.Plan != nil {
		entry = target.Plan.Entry
	}
	running := t.Billing.Charged && !s.AgreedOn.IsZero() && costs(t, f)
	if running && entry == v1alpha1.EntryPeriodEnd {
		step.From = t.Billing.Start(s.AgreedOn, t.Billing.At(s.AgreedOn, calendar.Later(wish.RequestedOn, s.AgreedOn))+1)
	}
	if step.AgreedOn = step.From; running && t.Billing.InStep(&target.Billing) {
		step.AgreedOn = s.AgreedOn
	}
	switch starts := step.From.Start(t.Zone); {
	case f.Now.Before(starts):
		s.PlanWaits, s.ChangesOn = v1alpha1.ReasonAwaitingPeriodEnd, step.From
		when.transition(starts, NextChangePlan)
		return
	case entry == v1alpha1.EntryOnPayment && target.Plan.Price.IsPositive():
		s.PlanCharge = true
		charge, made := f.Charges.Find(dues.PlanEntry(wish.Name, wish.RequestedOn))
		if !made || !s.Billing.Usable() || !f.Paid(charge, t.Zone) {
			s.PlanWaits = v1alpha1.ReasonAwaitingPayment
			return
		}
		step.AgreedOn = step.From
	}
	s.Plan, s.ChangesOn = step, step.From
}

// refuses returns the reason for which a plan cannot be had; none if it can.
func refuses(t *agreement.Terms, f facts.Facts, day calendar.Date) string {
	switch p := t.Plan; {
	case p == nil:
		return ""
	case len(p.Types) > 0 && !slices.Contains(p.Types, f.Type):
		return v1alpha1.ReasonPlanNotForType
	case p.Members != nil && f.MemberCount() > int(*p.Members):
		return v1alpha1.ReasonTooManyMembers
	case !t.Fits(f.Stored, day, f.Bonus):
		return v1alpha1.ReasonTooMuchData
	}
	return ""
}

// costs reports whether a tenant pays anything for its plan or its workplaces.
func costs(t *agreement.Terms, f facts.Facts) bool {
	if t.Plan != nil && (t.Plan.Price.IsPositive() || t.Plan.Seats != nil) {
		return true
	}
	return slices.ContainsFunc(f.Workplaces, func(w facts.Workplace) bool { return len(w.Prices) > 0 })
}
