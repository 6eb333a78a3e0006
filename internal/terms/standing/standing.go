// SPDX-License-Identifier: Apache-2.0

// Package standing judges where a tenant stands: from a provider's terms, the
// facts about one tenant and a moment to its days, decisions and orders, and to what
// comes next. It knows no Kubernetes client and no clock.
package standing

import (
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/facts"
	"werkplek.dev/werkplek/internal/terms/retention"
)

// Standing is where a tenant stands at a moment, and what should be done now.
// It is computed afresh from the facts each time; nothing in it carries over.
type Standing struct {
	// State is a word for people.
	State v1alpha1.TenantState
	Days
	Decisions
	Orders

	// Billing says whether the billing facts may decide anything.
	Billing BillingVerdict
	// Arrears is set while an invoice is unpaid, as far as is known.
	Arrears *Arrears

	// Next is the next thing that time alone will bring; nil if nothing will.
	Next *Transition
	// Recheck is the moment at which the standing changes without new facts;
	// zero if it does not. It is not after Next.
	Recheck time.Time
}

// Days are the days of the contract, and what they make of the moment. A zero
// Date is none.
type Days struct {
	// StartsOn is the contract's first day.
	StartsOn calendar.Date
	// AgreedOn is the day from which the paid agreement, its terms and billing
	// periods count; zero while a trial has not become one.
	AgreedOn calendar.Date
	// TrialEndsOn is the first day after the trial; zero if there is none.
	TrialEndsOn calendar.Date
	// OnTrial says whether it runs.
	OnTrial bool
	// TermEndsOn is the first day after the current term; zero without one.
	TermEndsOn calendar.Date
	// FirstTerm says whether that is the first term.
	FirstTerm bool
	// EarliestEndOn is the first day after the contract if notice were received
	// today; zero if the terms know no notice.
	EarliestEndOn calendar.Date
	// WithdrawableUntil is the last day on which the tenant may withdraw; zero if it may not.
	WithdrawableUntil calendar.Date
	// LastActiveOn is the day of the last use; zero if that is not known.
	LastActiveOn calendar.Date
	// InactiveOn is the day on which the contract ends unless it is used; zero: never.
	InactiveOn calendar.Date
	// ChangesOn is the day from which the plan that was asked for takes the place
	// of this one; zero if that is not known.
	ChangesOn calendar.Date
	// EndsOn is the day from which the contract no longer holds; zero if none is known.
	EndsOn calendar.Date
	// EndReason is why.
	EndReason v1alpha1.EndReason
	// EraseOn is the day from which data may be erased; zero if none is known.
	EraseOn calendar.Date
	// EraseRule is the rule of the terms that says so.
	EraseRule string
	// EraseAt is the moment at which it is, at the earliest: when the
	// announcement has had its time too.
	EraseAt time.Time
	// Started and Ended say whether the contract has begun and is over.
	Started, Ended bool
}

// Decisions are the answers to what the tenant asked for or the provider may do.
// The values of those that wait or refuse are condition reasons.
type Decisions struct {
	// WithdrawalRefused is why a withdrawal has no effect, if it has none.
	WithdrawalRefused string
	// Notice is what was decided about the tenant's notice; nil without one.
	Notice *facts.NoticeDecision
	// NoticeWaits is why nothing is decided yet.
	NoticeWaits string
	// TerminationAllowed is true once arrears have lasted long enough (TD-12).
	TerminationAllowed bool
	// PlanWaits is why a plan that was asked for does not hold yet, or PlanHolds.
	PlanWaits string
	// PlanCharge is true when that plan is had once its first period is paid.
	PlanCharge bool
	// EraseWaits is why data is not erased now, if it is to be some day.
	EraseWaits string
}

// Orders are what is to be done now.
type Orders struct {
	// Suspend is the suspension to make, if any (TD-8).
	Suspend *NewSuspension
	// Lifts are the tenant's own suspensions to lift (TD-9..11).
	Lifts []Lift
	// Plan is a change to another plan.
	Plan *facts.PlanStep
	// Announce is the announcement of the erasure to make.
	Announce *retention.Announcement
	// Erase orders to erase the data.
	Erase *Erasure
}
