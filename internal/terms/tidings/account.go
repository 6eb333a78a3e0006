// SPDX-License-Identifier: Apache-2.0

package tidings

import (
	"strconv"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
)

// All dates are days in the terms' time zone, and all amounts are rounded as
// they leave.

// Welcome confirms that the account exists (LS-1).
type Welcome struct {
	// StartsOn is the contract's first day.
	StartsOn calendar.Date
}

// Type is Welcome.
func (Welcome) Type() v1alpha1.NoticeType { return v1alpha1.NoticeWelcome }

// Facts are what it says.
func (w Welcome) Facts() []Fact { return []Fact{on(FactStartsOn, w.StartsOn)} }

// TrialEnding reminds of the end of a trial (LA-1).
type TrialEnding struct {
	// EndsOn is the first day after the trial.
	EndsOn calendar.Date
}

// Type is TrialEnding.
func (TrialEnding) Type() v1alpha1.NoticeType { return v1alpha1.NoticeTrialEnding }

// Facts are what it says.
func (e TrialEnding) Facts() []Fact { return []Fact{on(FactEndsOn, e.EndsOn)} }

// InactivityWarning precedes the end of an unused account (LA-8).
type InactivityWarning struct {
	// LastActive is the day of the last use.
	LastActive calendar.Date
	// EndsOn is the first day without the account, if it stays unused.
	EndsOn calendar.Date
}

// Type is InactivityWarning.
func (InactivityWarning) Type() v1alpha1.NoticeType { return v1alpha1.NoticeInactivityWarning }

// Facts are what it says.
func (w InactivityWarning) Facts() []Fact {
	return []Fact{on(FactLastActive, w.LastActive), on(FactEndsOn, w.EndsOn)}
}

// NoticeAccepted confirms the tenant's own notice (TD-7).
type NoticeAccepted struct {
	ReceivedOn calendar.Date
	// EndsOn is the first day without the contract.
	EndsOn calendar.Date
}

// Type is NoticeAccepted.
func (NoticeAccepted) Type() v1alpha1.NoticeType { return v1alpha1.NoticeOfAcceptance }

// Facts are what it says.
func (n NoticeAccepted) Facts() []Fact {
	return []Fact{on(FactReceivedOn, n.ReceivedOn), on(FactEndsOn, n.EndsOn)}
}

// NoticeRefused says why the tenant's own notice has no effect (TD-7).
type NoticeRefused struct {
	ReceivedOn calendar.Date
	// Reason is a sentence without its full stop.
	Reason string
}

// Type is NoticeRefused.
func (NoticeRefused) Type() v1alpha1.NoticeType { return v1alpha1.NoticeOfRefusal }

// Facts are what it says.
func (n NoticeRefused) Facts() []Fact {
	return []Fact{on(FactReceivedOn, n.ReceivedOn), {FactReason, n.Reason}}
}

// ClosureAnnouncement precedes the erasure of data (LS-5).
type ClosureAnnouncement struct {
	// EndedOn is the day on which the contract ended, or the workplace was removed.
	EndedOn calendar.Date
	// EraseOn is the day on which the data goes, if this is sent today.
	EraseOn calendar.Date
	// Rule of the terms that says so, as people read it.
	Rule string
	// User is the username whose workplace was removed, while the contract goes
	// on; empty if the contract ended.
	User string
}

// Type is ClosureAnnouncement.
func (ClosureAnnouncement) Type() v1alpha1.NoticeType { return v1alpha1.NoticeClosureAnnouncement }

// Facts are what it says.
func (c ClosureAnnouncement) Facts() []Fact {
	return []Fact{on(FactEndedOn, c.EndedOn), on(FactEraseOn, c.EraseOn), {FactRule, c.Rule}, {FactUser, c.User}}
}

// Erased says what was erased, and under which rule (LS-5).
type Erased struct {
	ErasedOn calendar.Date
	// Homes is how many home folders were.
	Homes int
	// Rule of the terms that said so, as people read it.
	Rule string
}

// Type is Erased.
func (Erased) Type() v1alpha1.NoticeType { return v1alpha1.NoticeErased }

// Facts are what it says.
func (e Erased) Facts() []Fact {
	return []Fact{on(FactErasedOn, e.ErasedOn), count(FactHomes, e.Homes), {FactRule, e.Rule}}
}

// PriceChange precedes a changed price (EC-11, DF-1, LA-4).
type PriceChange struct {
	// Subject is what has the price, as people call it.
	Subject string
	// OldAmount and NewAmount are prices in a currency (ISO 4217).
	OldAmount, NewAmount v1alpha1.Amount
	Currency             string
	// From is the first day on which the new one holds, if this is sent today.
	From calendar.Date
	// MayLeave is true where the change lets the tenant leave (TD-15), with this
	// notice.
	MayLeave    bool
	LeaveNotice v1alpha1.Period
}

// Type is PriceChange.
func (PriceChange) Type() v1alpha1.NoticeType { return v1alpha1.NoticePriceChange }

// Facts are what it says.
func (p PriceChange) Facts() []Fact {
	return []Fact{
		{FactSubject, p.Subject}, {FactOldAmount, string(p.OldAmount)}, {FactNewAmount, string(p.NewAmount)},
		{FactCurrency, p.Currency}, on(FactFrom, p.From),
		{FactMayLeave, strconv.FormatBool(p.MayLeave)}, {FactLeaveNotice, string(p.LeaveNotice)},
	}
}

// TermsChange precedes changed terms (EC-11, DF-1).
type TermsChange struct {
	// From is the first day on which they hold.
	From calendar.Date
	// Title of the change, for people.
	Title string
}

// Type is TermsChange.
func (TermsChange) Type() v1alpha1.NoticeType { return v1alpha1.NoticeTermsChange }

// Facts are what it says.
func (c TermsChange) Facts() []Fact { return []Fact{on(FactFrom, c.From), {FactTitle, c.Title}} }

// PlanChanged says that another plan holds (LS-2).
type PlanChanged struct {
	// Plan is its title, for people.
	Plan string
	// From is the first day on which it holds.
	From calendar.Date
}

// Type is PlanChanged.
func (PlanChanged) Type() v1alpha1.NoticeType { return v1alpha1.NoticePlanChanged }

// Facts are what it says.
func (p PlanChanged) Facts() []Fact { return []Fact{{FactPlan, p.Plan}, on(FactFrom, p.From)} }

// SeatsExceeded precedes a charge for users beyond the seats (LA-10).
type SeatsExceeded struct {
	Seats, Users int
	// Price of each user beyond the seats for a billing period, in a currency (ISO 4217).
	Price    v1alpha1.Amount
	Currency string
	// From is the first day that is charged.
	From calendar.Date
}

// Type is SeatsExceeded.
func (SeatsExceeded) Type() v1alpha1.NoticeType { return v1alpha1.NoticeSeatsExceeded }

// Facts are what it says.
func (s SeatsExceeded) Facts() []Fact {
	return []Fact{
		count(FactSeats, s.Seats), count(FactUsers, s.Users), {FactPrice, string(s.Price)},
		{FactCurrency, s.Currency}, on(FactFrom, s.From),
	}
}
