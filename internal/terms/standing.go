// SPDX-License-Identifier: Apache-2.0

package terms

import (
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// Standing is where a tenant stands at a moment, and what should be done now.
// It is computed afresh from the facts each time; nothing in it carries over.
type Standing struct {
	// State is a word for people.
	State v1alpha1.TenantState
	// StartsOn is the contract's first day.
	StartsOn Date
	// EndsOn is the day from which the contract no longer holds; zero if none is known.
	EndsOn Date
	// EraseOn is the day from which data may be erased; zero if none is known.
	EraseOn Date
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
)

// NewSuspension is a suspension to make.
type NewSuspension struct {
	// Name follows from the date, so that a repeated attempt makes no second one.
	Name string
	// Since is the moment from which the terms deny access.
	Since time.Time
	// Invoice from which the arrears count.
	Invoice string
}

// Why a suspension is lifted.
const (
	LiftedPaid               = "Paid"
	LiftedPaymentArrangement = "PaymentArrangement"
	LiftedByHand             = "LiftedByHand"
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
	when.recheck(starts)

	t.judgeBilling(f, &s, &when)
	t.judgeArrears(f, &s, &when)
	t.judgeContract(f, &s)
	t.judgeSuspensions(f, &s, &when)

	s.State = state(f, &s)
	s.Next, s.Recheck = when.next, when.again
	return s
}

// judgeContract says when the contract ends and its data may go.
func (t *Terms) judgeContract(f Facts, s *Standing) {
	switch {
	case !f.EndedOn.IsZero():
		s.EndsOn = f.EndedOn
	case s.TerminationAllowed && t.arrears.automatic:
		s.EndsOn = s.Arrears.TerminatesOn
	default:
		return
	}
	s.Ended = !f.Now.Before(s.EndsOn.Start(t.Zone))
	if t.retention != nil {
		s.EraseOn = t.retention.After(s.EndsOn)
	}
}

// judgeSuspensions says which suspension to make and which to lift. Causes are
// independent: paying lifts arrears only, a person's word everything else.
func (t *Terms) judgeSuspensions(f Facts, s *Standing, when *schedule) {
	arrearsInForce := false
	for _, existing := range f.Suspensions {
		if existing.Lifted() {
			continue
		}
		if existing.Since.After(f.Now) {
			when.transition(existing.Since, NextSuspend)
		}
		switch {
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
	if arrearsInForce || s.Ended || s.Arrears == nil || s.Arrears.SuspendsOn.IsZero() || !s.Billing.Usable() {
		return
	}
	deadline := s.Arrears.SuspendsOn.Start(t.Zone)
	if f.Now.Before(deadline) {
		when.transition(deadline, NextSuspend)
		return
	}
	s.Suspend = t.newSuspension(f, deadline, s.Arrears.Invoice)
}

// newSuspension names an episode after the day it begins: the deadline's, or
// the day on which the episode before it ended, so that episodes never overlap.
func (t *Terms) newSuspension(f Facts, deadline time.Time, invoice string) *NewSuspension {
	since := deadline
	taken := map[string]bool{}
	for _, existing := range f.Suspensions {
		taken[existing.Name] = true
		if existing.Cause == v1alpha1.CauseArrears && existing.LiftedAt.After(since) {
			since = existing.LiftedAt
		}
	}
	return &NewSuspension{Name: episodeName("arrears-"+DateAt(since, t.Zone).String(), taken), Since: since, Invoice: invoice}
}

func state(f Facts, s *Standing) v1alpha1.TenantState {
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
