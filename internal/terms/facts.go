// SPDX-License-Identifier: Apache-2.0

package terms

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/terms/dues"
)

// Facts are everything about one tenant, besides its terms, that decides where
// it stands.
type Facts struct {
	// Now is the moment for which the standing is asked.
	Now time.Time
	// Tenant is its name, Type what kind of customer it is.
	Tenant string
	Type   v1alpha1.TenantType
	// CreatedAt is when the Tenant was made.
	CreatedAt time.Time
	// StartsOn is the contract's first day.
	StartsOn Date
	// EndedOn is the day from which an earlier standing ended the contract for
	// good, EndReason why. Paying or coming back later does not revive it.
	EndedOn   Date
	EndReason v1alpha1.EndReason
	// NoticeReceivedOn, WithdrawnOn, PaymentDetailsOn and TerminatedOn are what
	// the tenant or the provider declared, and when; zero if they did not.
	NoticeReceivedOn, WithdrawnOn, PaymentDetailsOn, TerminatedOn Date
	// NoticeDecision is what an earlier standing decided about a notice.
	NoticeDecision *NoticeDecision
	// ChargedFrom is the first day for which the subscription is charged; zero:
	// the billing period in which the Tenant was made.
	ChargedFrom Date
	// DirectDebit is true when the tenant pays so.
	DirectDebit bool
	// LegalHold keeps data from being erased.
	LegalHold bool
	// Erased is true once its data was.
	Erased bool
	// ErasedHomes is how many homes were, and ErasedUnder the rule.
	ErasedHomes int
	ErasedUnder string

	// TermsName and TermsTitle are those of the terms that hold now.
	TermsName, TermsTitle string
	// PlanFrom is the day from which a plan holds that the tenant changed to, and
	// PlanAgreedOn the one from which its terms count; zero if it changed to none.
	PlanFrom, PlanAgreedOn Date
	// PlanBecause is why it holds.
	PlanBecause v1alpha1.PlanReason
	// Wish is the plan that the tenant asked for; nil if none.
	Wish *PlanWish
	// Successor are the terms that follow when the plan ends; nil if none do.
	Successor *Terms

	// Workplaces of the tenant.
	Workplaces []Workplace
	// Stored is the size of all homes together, in bytes.
	Stored int64
	// Bonus is capacity beyond the plan's.
	Bonus []Bonus
	// Seats that the tenant has taken; nothing counts as one.
	Seats int
	// LastActive is the moment of the last use of any workplace; zero if it is
	// not known of every one.
	LastActive time.Time
	// Sessions are the support sessions that the agreement covers.
	Sessions []Session
	// Subjects are what the tenant pays for, with their price lists, and Rights
	// the changes that let it leave.
	Subjects []Subject
	Rights   []v1alpha1.RightToLeave
	// Requests of the contact.
	Requests []Request
	// Charges that exist.
	Charges dues.Ledger
	// Notices that exist.
	Notices Notices

	// Billing is what the billing system reported; nil if it never did.
	Billing *Billing
	// Arrangement is the written agreement to go on despite arrears, if any.
	Arrangement *Arrangement
	// Suspensions are the tenant's own, lifted ones included.
	Suspensions []Suspension
	// Homes are those that there are, also of workplaces that were removed.
	Homes []Home
	// Below are the workplaces of its sub-organisations.
	Below []Member
	// NoAddress is true while there is nobody whom notices could be sent to.
	NoAddress bool
	// Unreported is a month whose use of licences is in no final report; empty if there is none.
	Unreported string
	// Left is true once the namespace is gone, after all data.
	Left bool
	// Unread names what was not read although something that is due may depend on
	// it. Where the tenant stands does not.
	Unread []string
	// ResellerSuspended is true while a suspension of a reseller is in force.
	ResellerSuspended bool
}

// Request is a request of the tenant's contact.
type Request struct {
	Name        string
	Type        string
	ReceivedAt  time.Time
	AnswerDueAt time.Time // zero if none is promised
	AnsweredAt  time.Time // zero while it is not answered
	Approved    bool
	Answer      string
}

// Billing is what the billing system reported.
type Billing struct {
	AsOf time.Time
	// Last is the invoice sent last; nil if not reported.
	Last *Invoice
	// Open are the unpaid invoices.
	Open []Invoice
}

// Invoice is an invoice of the billing system.
type Invoice struct {
	Number      string
	IssuedOn    Date
	DueOn       Date // zero if not reported
	Outstanding decimal.Decimal
}

// Arrangement is a written agreement to go on despite arrears (TD-9).
type Arrangement struct {
	Until    Date // the last day on which it runs
	WaiveFee bool
}

// Suspension is a suspension that exists, in force or lifted.
type Suspension struct {
	Name          string
	Cause         v1alpha1.SuspensionCause
	Since         time.Time
	MadeAt        time.Time // zero: with Since
	Reason        string
	LiftRequested bool
	LiftedAt      time.Time // zero while not lifted
}

// Lifted reports whether the suspension has ended.
func (s Suspension) Lifted() bool { return !s.LiftedAt.IsZero() }

// InForce reports whether the suspension denies access at a moment.
func (s Suspension) InForce(at time.Time) bool { return !s.Lifted() && !at.Before(s.Since) }

// SuspensionOf returns the fact that an API object states. Without a moment of
// its own a suspension counts from its creation.
func SuspensionOf(s *v1alpha1.Suspension) Suspension {
	made := s.CreationTimestamp.Time
	fact := Suspension{
		Name: s.Name, Cause: s.Spec.Cause, Reason: s.Spec.Reason, Since: made, MadeAt: made, LiftRequested: s.Spec.Lift,
	}
	if s.Spec.Since != nil {
		fact.Since = s.Spec.Since.Time
	}
	if s.Status.LiftedAt != nil {
		fact.LiftedAt = s.Status.LiftedAt.Time
	}
	return fact
}

// beforePlan reports whether something that the tenant asked for on a day was
// said to a plan before the one that holds: also on the very day on which that
// one ended, which is what the tenant asked for.
func (f *Facts) beforePlan(day Date) bool {
	return day.Before(f.PlanFrom) || day == f.PlanFrom && f.PlanBecause == v1alpha1.PlanEnded
}

// inArrearsSuspension reports whether a suspension for arrears was made and not lifted.
func (f *Facts) inArrearsSuspension() bool {
	return slices.ContainsFunc(f.Suspensions, func(s Suspension) bool {
		return s.Cause == v1alpha1.CauseArrears && !s.Lifted()
	})
}

// seats returns how many seats the tenant has.
func (f *Facts) seats() int { return max(f.Seats, 1) }

// title returns the title of the terms that hold now.
func (f *Facts) title() string {
	if f.TermsTitle == "" {
		return "Subscription"
	}
	return f.TermsTitle
}
