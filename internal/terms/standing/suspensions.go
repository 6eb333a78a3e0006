// SPDX-License-Identifier: Apache-2.0

package standing

import (
	"fmt"
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/facts"
)

// NewSuspension is a suspension to make.
type NewSuspension struct {
	// Name follows from the date, so that a repeated attempt makes no second one.
	Name string
	// Cause is Arrears or TrialEnded.
	Cause v1alpha1.SuspensionCause
	// Since is the moment from which the terms deny access.
	Since time.Time
	// Invoice from which the arrears count; empty for other causes.
	Invoice string
	// Reason for people.
	Reason string
}

// Why a suspension is lifted.
const (
	LiftedPaid               = "Paid"
	LiftedPaymentArrangement = "PaymentArrangement"
	LiftedByHand             = "LiftedByHand"
	LiftedPaymentDetails     = "PaymentDetails"
)

// Lift is a suspension to lift.
type Lift struct {
	// Suspension is its name.
	Suspension string
	// Because is one of the Lifted reasons.
	Because string
	// FeeDue is true when resuming is charged for (TD-10).
	FeeDue bool
}

// Lift returns the lift of the named suspension, or nil if it must stay.
func (s *Standing) Lift(suspension string) *Lift {
	for i := range s.Lifts {
		if s.Lifts[i].Suspension == suspension {
			return &s.Lifts[i]
		}
	}
	return nil
}

// judgeSuspensions says which suspension to make and which to lift. Causes are
// independent: paying lifts arrears only, a person's word everything else.
func judgeSuspensions(t *agreement.Terms, f facts.Facts, s *Standing, when *schedule) {
	trialInForce := false
	for _, existing := range f.Suspensions {
		trialInForce = trialInForce || existing.Undecided && existing.Cause == v1alpha1.CauseTrialEnded
		if existing.Lifted() {
			continue
		}
		if existing.Since.After(f.Now) {
			when.transition(existing.Since, NextSuspend)
		}
		switch {
		case existing.Cause == v1alpha1.CauseTrialEnded:
			trialInForce = true
			if !s.AgreedOn.IsZero() && !f.Now.Before(s.AgreedOn.Start(t.Zone)) {
				s.Lifts = append(s.Lifts, Lift{Suspension: existing.Name, Because: LiftedPaymentDetails})
			}
		case existing.Cause == v1alpha1.CauseArrears:
			if lift := arrearsLift(t, f, s); lift != nil {
				lift.Suspension = existing.Name
				s.Lifts = append(s.Lifts, *lift)
			}
		case existing.LiftRequested:
			s.Lifts = append(s.Lifts, Lift{Suspension: existing.Name, Because: LiftedByHand})
		}
	}
	if s.Ended {
		return
	}
	if !trialInForce && trialOver(t, f, s) {
		s.Suspend = &NewSuspension{
			Name: "trial-" + s.TrialEndsOn.String(), Cause: v1alpha1.CauseTrialEnded, Since: s.TrialEndsOn.Start(t.Zone),
			Reason: fmt.Sprintf("the trial ended on %s, and no payment details were given", s.TrialEndsOn.AddDays(-1)),
		}
	}
	if f.InArrearsSuspension() || s.Arrears == nil || s.Arrears.SuspendsOn.IsZero() || !s.Billing.Usable() {
		return
	}
	deadline := s.Arrears.SuspendsOn.Start(t.Zone)
	if f.Now.Before(deadline) {
		when.transition(deadline, NextSuspend)
		return
	}
	s.Suspend = newSuspension(t, f, deadline, s.Arrears)
}

// trialOver reports whether a trial has ended that nobody turned into an agreement (LA-1).
func trialOver(t *agreement.Terms, f facts.Facts, s *Standing) bool {
	return !s.TrialEndsOn.IsZero() && s.AgreedOn.IsZero() && t.Contract.Trial.AtEnd == v1alpha1.TrialEndSuspend &&
		!f.Now.Before(s.TrialEndsOn.Start(t.Zone))
}

// newSuspension names an episode after the day it begins: the deadline's, or
// the day on which the episode before it ended, so that episodes never overlap.
func newSuspension(t *agreement.Terms, f facts.Facts, deadline time.Time, a *Arrears) *NewSuspension {
	since := deadline
	taken := map[string]bool{}
	for _, existing := range f.Suspensions {
		taken[existing.Name] = true
		if existing.Cause == v1alpha1.CauseArrears && existing.LiftedAt.After(since) {
			since = existing.LiftedAt
		}
	}
	return &NewSuspension{
		Name:  episodeName("arrears-"+calendar.DateAt(since, t.Zone).String(), taken),
		Cause: v1alpha1.CauseArrears, Since: since, Invoice: a.Invoice,
		Reason: fmt.Sprintf("invoice %s of %s has been unpaid for longer than the terms allow", a.Invoice, a.Since),
	}
}
