// SPDX-License-Identifier: Apache-2.0

// Package tidings is what tenants are told: for each type of notice what it is
// called and what it says. Who finds a notice due fills one of these structs;
// who writes it reads the same facts by the names that stand here.
package tidings

import (
	"strconv"
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
)

// Notice is a notice that should exist.
type Notice struct {
	Name string
	Type v1alpha1.NoticeType
	// Facts are what it says, by name.
	Facts map[string]string
	// About is the object that caused it.
	About v1alpha1.SourceReference
}

// New returns the notice that tells something.
func New(name string, about v1alpha1.SourceReference, tiding Tiding) Notice {
	facts := map[string]string{}
	for _, fact := range tiding.Facts() {
		if fact.Value != "" {
			facts[fact.Name] = fact.Value
		}
	}
	return Notice{Name: name, Type: tiding.Type(), Facts: facts, About: about}
}

// Tiding is what a notice of one type says.
type Tiding interface {
	Type() v1alpha1.NoticeType
	// Facts are all that a notice of the type may say, in order; a fact without a
	// value is not said.
	Facts() []Fact
}

// Fact is something that a notice says: a date as YYYY-MM-DD, a moment as
// YYYY-MM-DD HH:MM in the terms' time zone, an amount in decimals, a count, a
// period as ISO 8601, or words.
type Fact struct{ Name, Value string }

func on(name string, date calendar.Date) Fact { return Fact{name, date.String()} }

func amount(value v1alpha1.Amount) Fact { return Fact{FactAmount, string(value)} }

func count(name string, n int) Fact { return Fact{name, strconv.Itoa(n)} }

// moment writes a moment in its own time zone; the zero moment is none.
func moment(name string, at time.Time) Fact {
	if at.IsZero() {
		return Fact{Name: name}
	}
	return Fact{name, at.Format("2006-01-02 15:04")}
}

// Names of facts. Every type of notice may speak of the first three, which
// whoever makes the Notice adds.
const (
	FactTenant   = "tenant"   // display name
	FactContact  = "contact"  // name of the person
	FactProvider = "provider" // name of the provider; the manager's own where absent

	FactAmount      = "amount"
	FactAnswerDueAt = "answerDueAt"
	FactCause       = "cause"
	FactCharge      = "charge"
	FactCurrency    = "currency"
	FactDecision    = "decision"
	FactEndedOn     = "endedOn"
	FactEndsOn      = "endsOn"
	FactEraseOn     = "eraseOn"
	FactErasedOn    = "erasedOn"
	FactFrom        = "from"
	FactHomes       = "homes"
	FactInvoice     = "invoice"
	FactInvoices    = "invoices"
	FactIssuedOn    = "issuedOn"
	FactLastActive  = "lastActive"
	FactLeaveNotice = "leaveNotice"
	FactMayLeave    = "mayLeave"
	FactNewAmount   = "newAmount"
	FactOldAmount   = "oldAmount"
	FactPerUser     = "perUser"
	FactPlan        = "plan"
	FactPrice       = "price"
	FactReason      = "reason"
	FactReceivedOn  = "receivedOn"
	FactRequest     = "request"
	FactRule        = "rule"
	FactSeats       = "seats"
	FactSince       = "since"
	FactStartsOn    = "startsOn"
	FactSubject     = "subject"
	FactSuspendsOn  = "suspendsOn"
	FactTitle       = "title"
	FactType        = "type"
	FactUser        = "user"
	FactUsers       = "users"
)
