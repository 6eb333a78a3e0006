// SPDX-License-Identifier: Apache-2.0

package terms

import (
	"fmt"
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/terms/retention"
)

// Standing is where a tenant stands at a moment, and what should be done now.
// It is computed afresh from the facts each time; nothing in it carries over.
type Standing struct {
	// State is a word for people.
	State v1alpha1.TenantState
	// StartsOn is the contract's first day.
	StartsOn Date
	// AgreedOn is the day from which the paid agreement, its terms and billing
	// periods count; zero while a trial has not become one.
	AgreedOn Date
	// TrialEndsOn is the first day after the trial; zero if there is none.
	TrialEndsOn Date
	// OnTrial says whether it runs.
	OnTrial bool
	// TermEndsOn is the first day after the current term; zero without one.
	TermEndsOn Date
	// FirstTerm says whether that is the first term.
	FirstTerm bool
	// EarliestEndOn is the first day after the contract if notice were received
	// today; zero if the terms know no notice.
	EarliestEndOn Date
	// WithdrawableUntil is the last day on which the tenant may withdraw; zero if it may not.
	WithdrawableUntil Date
	// WithdrawalRefused is why a withdrawal has no effect, if it has none.
	WithdrawalRefused string
	// Notice is what was decided about the tenant's notice; nil without one.
	Notice *NoticeDecision
	// NoticeWaits is the condition reason for which nothing is decided yet.
	NoticeWaits string
	// LastActiveOn is the day of the last use; zero if that is not known.
	LastActiveOn Date
	// InactiveOn is the day on which the contract ends unless it is used; zero: never.
	InactiveOn Date
	// EndsOn is the day from which the contract no longer holds; zero if none is known.
	EndsOn Date
	// EndReason is why.
	EndReason v1alpha1.EndReason
	// EraseOn is the day from which data may be erased; zero if none is known.
	EraseOn Date
	// EraseAt is the moment at which it is, at the earliest: when the
	// announcement has had its time too.
	EraseAt time.Time
	// EraseRule is the rule of the terms that says so.
	EraseRule string
	// EraseWaits is why data is not erased now, if it is to be some day.
	EraseWaits string
	// Announce is the announcement of its erasure that should exist by now, and
	// does not; nil if none should.
	Announce *retention.Announcement
	// Erase orders to erase the data now.
	Erase *Erasure
	// Plan is a change to another plan that is to be made now.
	Plan *PlanStep
	// ChangesOn is the day from which the plan that was asked for takes the place
	// of this one; zero if that is not known.
	ChangesOn Date
	// PlanWaits is the condition reason for which a plan that was asked for does
	// not hold yet, or PlanHolds.
	PlanWaits string
	// PlanCharge is true when that plan is had once its first period is paid.
	PlanCharge bool
	// Started and Ended say whether the contract has begun and is over.
	Started, Ended bool

	// Billing says whether the billing facts may decide anything.
	Billing BillingVerdict
	// Arrears is set while an invoice is unpaid, as far as is known.
	Arrears *Arrears
	// TerminationAllowed is true once arrears have lasted long enough (TD-12).
	TerminationAllowed bool

	// Suspend is the suspension to make now, if any (TD-8).
	Suspend *NewSuspension
	// Lifts are the tenant's own suspensions to lift now (TD-9..11).
	Lifts []Lift

	inArrearsSuspension bool

	// Next is the next thing that time alone will bring; nil if nothing will.
	Next *Transition
	// Recheck is the moment at which the standing changes without new facts;
	// zero if it does not. It is not after Next.
	Recheck time.Time
}

// Transition is something that time alone will bring.
type Transition struct {
	At   time.Time
	What string
}

// What a Transition brings.
const (
	NextSuspend          = "Suspend"
	NextAllowTermination = "AllowTermination"
	NextTerminate        = "Terminate"
	NextEnd              = "End"
	NextErase            = "Erase"
	NextEndTrial         = "EndTrial"
	NextChangePlan       = "ChangePlan"
	NextWarnInactivity   = "WarnInactivity"
	NextStart            = "Start"
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

// Stand returns where a tenant stands under its terms.
func Stand(t *Terms, f Facts) Standing {
	s := Standing{StartsOn: f.StartsOn}
	when := schedule{now: f.Now}

	starts := f.StartsOn.Start(t.Zone)
	s.Started = !f.Now.Before(starts)
	when.transition(starts, NextStart)

	t.judgeBilling(f, &s, &when)
	t.judgeArrears(f, &s, &when)
	t.judgeTerm(f, &s, &when)
	t.judgeTrial(f, &s, &when)
	t.judgeWithdrawal(f, &s)
	t.judgeNotice(f, &s)
	t.judgeInactivity(f, &s, &when)
	t.judgeEnd(f, &s, &when)
	t.judgeErasure(f, &s, &when)
	t.judgePlan(f, &s, &when)
	t.judgeSuspensions(f, &s, &when)

	s.State = state(f, &s)
	s.Next, s.Recheck = when.next, when.again
	return s
}

// judgeSuspensions says which suspension to make and which to lift. Causes are
// independent: paying lifts arrears only, a person's word everything else.
func (t *Terms) judgeSuspensions(f Facts, s *Standing, when *schedule) {
	arrearsInForce, trialInForce := false, false
	for _, existing := range f.Suspensions {
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
			arrearsInForce = true
			if lift := t.arrearsLift(f, s); lift != nil {
				lift.Suspension = existing.Name
				s.Lifts = append(s.Lifts, *lift)
			}
		case existing.LiftRequested:
			s.Lifts = append(s.Lifts, Lift{Suspension: existing.Name, Because: LiftedByHand})
		}
	}
	s.inArrearsSuspension = arrearsInForce
	if s.Ended {
		return
	}
	if !trialInForce && t.trialOver(f, s) {
		s.Suspend = &NewSuspension{
			Name: "trial-" + s.TrialEndsOn.String(), Cause: v1alpha1.CauseTrialEnded, Since: s.TrialEndsOn.Start(t.Zone),
			Reason: fmt.Sprintf("the trial ended on %s, and no payment details were given", s.TrialEndsOn.AddDays(-1)),
		}
	}
	if arrearsInForce || s.Arrears == nil || s.Arrears.SuspendsOn.IsZero() || !s.Billing.Usable() {
		return
	}
	deadline := s.Arrears.SuspendsOn.Start(t.Zone)
	if f.Now.Before(deadline) {
		when.transition(deadline, NextSuspend)
		return
	}
	s.Suspend = t.newSuspension(f, deadline, s.Arrears)
}

// trialOver reports whether a trial has ended that nobody turned into an agreement (LA-1).
func (t *Terms) trialOver(f Facts, s *Standing) bool {
	return !s.TrialEndsOn.IsZero() && s.AgreedOn.IsZero() && t.contract.trial.atEnd == v1alpha1.TrialEndSuspend &&
		!f.Now.Before(s.TrialEndsOn.Start(t.Zone))
}

// newSuspension names an episode after the day it begins: the deadline's, or
// the day on which the episode before it ended, so that episodes never overlap.
func (t *Terms) newSuspension(f Facts, deadline time.Time, a *Arrears) *NewSuspension {
	since := deadline
	taken := map[string]bool{}
	for _, existing := range f.Suspensions {
		taken[existing.Name] = true
		if existing.Cause == v1alpha1.CauseArrears && existing.LiftedAt.After(since) {
			since = existing.LiftedAt
		}
	}
	return &NewSuspension{
		Name: episodeName("arrears-"+DateAt(since, t.Zone).String(), taken), Cause: v1alpha1.CauseArrears, Since: since, Invoice: a.Invoice,
		Reason: fmt.Sprintf("invoice %s of %s has been unpaid for longer than the terms allow", a.Invoice, a.Since),
	}
}

func state(f Facts, s *Standing) v1alpha1.TenantState {
	if f.Erased {
		return v1alpha1.TenantErased
	}
	if s.Ended {
		return v1alpha1.TenantEnded
	}
	if f.ResellerSuspended {
		return v1alpha1.TenantSuspended
	}
	for _, existing := range f.Suspensions {
		if existing.InForce(f.Now) {
			return v1alpha1.TenantSuspended
		}
	}
	if s.Arrears != nil {
		return v1alpha1.TenantInArrears
	}
	if s.OnTrial {
		return v1alpha1.TenantTrial
	}
	return v1alpha1.TenantActive
}

// schedule collects the moments at which a standing changes by itself.
type schedule struct {
	now   time.Time
	next  *Transition
	again time.Time
}

// transition notes something that the contract will bring.
func (s *schedule) transition(at time.Time, what string) {
	if !at.After(s.now) {
		return
	}
	if s.next == nil || at.Before(s.next.At) {
		s.next = &Transition{At: at, What: what}
	}
	s.recheck(at)
}

// recheck notes a moment at which to compute again.
func (s *schedule) recheck(at time.Time) {
	if at.After(s.now) && (s.again.IsZero() || at.Before(s.again)) {
		s.again = at
	}
}
