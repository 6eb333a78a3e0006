// SPDX-License-Identifier: Apache-2.0

// Package facts is everything about one tenant, besides its terms, that decides
// where it stands and what is due, and the one reader of it from API objects.
package facts

import (
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/agreement"
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

// SeatsHeld returns how many seats the tenant has.
func (f *Facts) SeatsHeld() int { return max(f.Seats, 1) }

// MemberCount counts the distinct users of all workplaces.
func (f *Facts) MemberCount() int {
	users := map[string]bool{}
	for i := range f.Workplaces {
		users[f.Workplaces[i].Username] = true
	}
	return len(users)
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
