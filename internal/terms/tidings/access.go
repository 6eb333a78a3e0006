// SPDX-License-Identifier: Apache-2.0

package tidings

import (
	"strings"
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
)

// SuspensionWarning precedes a suspension for arrears (LA-12).
type SuspensionWarning struct {
	// Invoice is the number of the one from which arrears count, and IssuedOn its day.
	Invoice  string
	IssuedOn calendar.Date
	// Amount is outstanding on all invoices, in a currency (ISO 4217).
	Amount   v1alpha1.Amount
	Currency string
	// SuspendsOn is the first day without access, if this is sent today.
	SuspendsOn calendar.Date
}

// Type is SuspensionWarning.
func (SuspensionWarning) Type() v1alpha1.NoticeType { return v1alpha1.NoticeSuspensionWarning }

// Facts are what it says.
func (w SuspensionWarning) Facts() []Fact {
	return []Fact{
		{FactInvoice, w.Invoice}, on(FactIssuedOn, w.IssuedOn), amount(w.Amount), {FactCurrency, w.Currency},
		on(FactSuspendsOn, w.SuspendsOn),
	}
}

// Suspended says that access has ended, and why (TD-8).
type Suspended struct {
	Cause v1alpha1.SuspensionCause
	// Reason is a sentence without its full stop.
	Reason string
	// Since is the first day without access.
	Since calendar.Date
	// Invoices are the numbers of those unpaid, and Amount what is outstanding on
	// them in a currency (ISO 4217); nothing where the cause is not arrears.
	Invoices []string
	Amount   v1alpha1.Amount
	Currency string
}

// Type is Suspended.
func (Suspended) Type() v1alpha1.NoticeType { return v1alpha1.NoticeSuspended }

// Facts are what it says.
func (s Suspended) Facts() []Fact {
	return []Fact{
		{FactCause, string(s.Cause)}, {FactReason, s.Reason}, on(FactSince, s.Since),
		{FactInvoices, strings.Join(s.Invoices, ", ")}, amount(s.Amount), {FactCurrency, s.Currency},
	}
}

// Resumed says that access is back, and what that costs (TD-10).
type Resumed struct {
	// Since is the day from which there is access again.
	Since calendar.Date
	// Charge is the name of the Charge for it, and Amount what it comes to in a
	// currency (ISO 4217): PerUser for each user who was shut out. Nothing where
	// that is not charged.
	Charge   string
	Amount   v1alpha1.Amount
	PerUser  v1alpha1.Amount
	Currency string
}

// Type is Resumed.
func (Resumed) Type() v1alpha1.NoticeType { return v1alpha1.NoticeResumed }

// Facts are what it says.
func (r Resumed) Facts() []Fact {
	return []Fact{
		on(FactSince, r.Since), {FactCharge, r.Charge}, amount(r.Amount), {FactPerUser, string(r.PerUser)},
		{FactCurrency, r.Currency},
	}
}

// RequestReceived confirms a request (TD-1).
type RequestReceived struct {
	// Request is the name of the UserRequest, and Of its type.
	Request string
	Of      v1alpha1.UserRequestType
	// AnswerDueAt is the moment, in the terms' time zone, by which it is answered;
	// zero where none is promised.
	AnswerDueAt time.Time
}

// Type is RequestReceived.
func (RequestReceived) Type() v1alpha1.NoticeType { return v1alpha1.NoticeRequestReceived }

// Facts are what it says.
func (r RequestReceived) Facts() []Fact {
	return []Fact{{FactRequest, r.Request}, {FactType, string(r.Of)}, moment(FactAnswerDueAt, r.AnswerDueAt)}
}

// RequestAnswered says what became of a request (TD-1).
type RequestAnswered struct {
	// Request is the name of the UserRequest, and Of its type.
	Request string
	Of      v1alpha1.UserRequestType
	// Approved says whether it was; if not, it was denied.
	Approved bool
	// Reason is a sentence without its full stop.
	Reason string
}

// What was decided, as templates ask for it.
const (
	Approved = "Approved"
	Denied   = "Denied"
)

// Type is RequestAnswered.
func (RequestAnswered) Type() v1alpha1.NoticeType { return v1alpha1.NoticeRequestAnswered }

// Facts are what it says.
func (r RequestAnswered) Facts() []Fact {
	decision := Denied
	if r.Approved {
		decision = Approved
	}
	return []Fact{
		{FactRequest, r.Request}, {FactType, string(r.Of)}, {FactDecision, decision}, {FactReason, r.Reason},
	}
}
