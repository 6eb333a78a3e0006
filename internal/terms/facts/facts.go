// SPDX-License-Identifier: Apache-2.0

// Package facts is everything about one tenant, besides its terms, that decides
// where it stands and what is due, and the one reader of it from API objects.
package facts

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/dues"
)

// NoticeDecision is what was decided about a notice.
type NoticeDecision struct {
	ReceivedOn calendar.Date
	Accepted   bool
	// EndsOn is the first day on which the contract no longer holds, if accepted.
	EndsOn calendar.Date
	// Invoice that was overdue when a refused notice was received.
	Invoice string
}

// Sticks reports whether the end of a contract, once reached, holds whatever
// becomes of the facts: those that a person stated can be taken back, those that
// a customer makes by paying or coming back cannot.
func Sticks(reason v1alpha1.EndReason) bool {
	switch reason {
	case v1alpha1.EndTerminatedByArrears, v1alpha1.EndInactivity, v1alpha1.EndTrial:
		return true
	}
	return false
}

// Session is a support session that the agreement covers and that is over.
type Session struct {
	Name    string
	EndedOn calendar.Date
	Worked  time.Duration
}

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
	StartsOn calendar.Date
	// EndedOn is the day from which an earlier standing ended the contract for
	// good, EndReason why. Paying or coming back later does not revive it.
	EndedOn   calendar.Date
	EndReason v1alpha1.EndReason
	// NoticeReceivedOn, WithdrawnOn, PaymentDetailsOn and TerminatedOn are what
	// the tenant or the provider declared, and when; zero if they did not.
	NoticeReceivedOn, WithdrawnOn, PaymentDetailsOn, TerminatedOn calendar.Date
	// NoticeDecision is what an earlier standing decided about a notice.
	NoticeDecision *NoticeDecision
	// ChargedFrom is the first day for which the subscription is charged; zero:
	// the billing period in which the Tenant was made.
	ChargedFrom calendar.Date
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
	PlanFrom, PlanAgreedOn calendar.Date
	// PlanBecause is why it holds.
	PlanBecause v1alpha1.PlanReason
	// Wish is the plan that the tenant asked for; nil if none.
	Wish *PlanWish
	// Successor are the terms that follow when the plan ends; nil if none do.
	Successor *agreement.Terms

	// Workplaces of the tenant.
	Workplaces []Workplace
	// Stored is the size of all homes together, in bytes.
	Stored int64
	// Bonus is capacity beyond the plan's.
	Bonus []agreement.Bonus
	// Seats that the tenant has taken; nothing counts as one.
	Seats int
	// LastActive is the moment of the last use of any workplace; zero if it is
	// not known of every one.
	LastActive time.Time
	// Sessions are the support sessions that the agreement covers.
	Sessions []Session
	// Subjects are what the tenant pays for, with their price lists, and Rights
	// the changes that let it leave.
	Subjects []agreement.Subject
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
	IssuedOn    calendar.Date
	DueOn       calendar.Date // zero if not reported
	Outstanding decimal.Decimal
}

// Arrangement is a written agreement to go on despite arrears (TD-9).
type Arrangement struct {
	Until    calendar.Date // the last day on which it runs
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

// BeforePlan reports whether something that the tenant asked for on a day was
// said to a plan before the one that holds: also on the very day on which that
// one ended, which is what the tenant asked for.
func (f *Facts) BeforePlan(day calendar.Date) bool {
	return day.Before(f.PlanFrom) || day == f.PlanFrom && f.PlanBecause == v1alpha1.PlanEnded
}

// InArrearsSuspension reports whether a suspension for arrears was made and not lifted.
func (f *Facts) InArrearsSuspension() bool {
	return slices.ContainsFunc(f.Suspensions, func(s Suspension) bool {
		return s.Cause == v1alpha1.CauseArrears && !s.Lifted()
	})
}

// SeatsHeld returns how many seats the tenant has.
func (f *Facts) SeatsHeld() int { return max(f.Seats, 1) }

// PlanTitle returns the title of the terms that hold now.
func (f *Facts) PlanTitle() string {
	if f.TermsTitle == "" {
		return "Subscription"
	}
	return f.TermsTitle
}

// Overdue reports whether an invoice should have been paid before today. One
// without a due date should be paid at once.
func (i Invoice) Overdue(today calendar.Date) bool {
	if i.DueOn.IsZero() {
		return !today.Before(i.IssuedOn)
	}
	return i.DueOn.Before(today)
}

// Unpaid returns the invoices of which something is outstanding.
func Unpaid(invoices []Invoice) []Invoice {
	var open []Invoice
	for _, invoice := range invoices {
		if invoice.Outstanding.IsPositive() {
			open = append(open, invoice)
		}
	}
	return open
}

// Amounts returns what is outstanding on invoices.
func Amounts(invoices []Invoice) []decimal.Decimal {
	sums := make([]decimal.Decimal, len(invoices))
	for i, invoice := range invoices {
		sums[i] = invoice.Outstanding
	}
	return sums
}

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

// MemberCount counts the distinct users of all workplaces.
func (f *Facts) MemberCount() int {
	users := map[string]bool{}
	for i := range f.Workplaces {
		users[f.Workplaces[i].Username] = true
	}
	return len(users)
}

// Paid reports whether the invoice on which a charge was put is paid: it was
// sent, and facts that are newer do not name it as open.
func (f *Facts) Paid(charge dues.Charge, zone *time.Location) bool {
	if charge.Invoice == "" || f.Billing == nil || f.Billing.AsOf.Before(charge.IssuedOn.Start(zone)) {
		return false
	}
	return !slices.ContainsFunc(f.Billing.Open, func(open Invoice) bool {
		return open.Number == charge.Invoice && open.Outstanding.GreaterThan(decimal.Zero)
	})
}

// Workplace is a workplace as the subscription sees it.
type Workplace struct {
	Name      string
	Class     string
	Title     string // of the class, for people
	Username  string
	CreatedOn calendar.Date
	// CreatedAt is the moment of that; zero where only the day is known.
	CreatedAt time.Time
	// Blocked is true while its user is shut out for a reason of its own.
	Blocked bool
	// Bytes is the size of its home.
	Bytes int64
	// Prices of the class, with the period that each covers.
	Prices []agreement.DatedPrice
	Per    calendar.Period
}

// Notices are those that exist, by name, with the moment at which each was sent;
// the zero moment while it was not.
type Notices map[string]time.Time

// SentAt returns when a notice was sent; zero while it was not, or is not there.
func (n Notices) SentAt(name string) time.Time { return n[name] }
