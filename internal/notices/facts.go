// SPDX-License-Identifier: Apache-2.0

package notices

import (
	"maps"
	"slices"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// The names of the facts that notices speak of. Dates are YYYY-MM-DD; moments
// are YYYY-MM-DD HH:MM in the terms' time zone, or RFC 3339 with its offset;
// amounts are decimal with their currency apart; periods are ISO 8601.
const (
	FactTenant   = "tenant"   // display name
	FactContact  = "contact"  // name of the person
	FactProvider = "provider" // name of the provider; the manager's own where absent
	FactCurrency = "currency" // ISO 4217, of the notice's amounts
	FactAmount   = "amount"

	FactInvoice     = "invoice"    // number
	FactInvoices    = "invoices"   // numbers, with commas between
	FactIssuedOn    = "issuedOn"   // date of the invoice
	FactStartsOn    = "startsOn"   // date of the contract
	FactSuspendsOn  = "suspendsOn" // first day without access
	FactCause       = "cause"      // SuspensionCause
	FactReason      = "reason"     // a sentence without its full stop
	FactSince       = "since"      // date or moment
	FactCharge      = "charge"     // name of the Charge
	FactPerUser     = "perUser"    // amount
	FactEndsOn      = "endsOn"     // first day that is no longer covered
	FactEndedOn     = "endedOn"    // date
	FactEraseOn     = "eraseOn"    // date
	FactUser        = "user"       // whose workplace was removed, while the contract goes on
	FactErasedOn    = "erasedOn"   // date
	FactHomes       = "homes"      // count
	FactRule        = "rule"       // what it follows from, as people read it
	FactLastActive  = "lastActive" // date or moment
	FactReceivedOn  = "receivedOn" // date
	FactSubject     = "subject"    // what has the price
	FactOldAmount   = "oldAmount"
	FactNewAmount   = "newAmount"
	FactFrom        = "from"        // first day on which it holds
	FactMayLeave    = "mayLeave"    // "true": the change lets the tenant leave
	FactLeaveNotice = "leaveNotice" // period
	FactTitle       = "title"       // of the terms
	FactPlan        = "plan"        // display name
	FactSeats       = "seats"       // count
	FactUsers       = "users"       // count
	FactPrice       = "price"       // amount for each user beyond the seats
	FactRequest     = "request"     // name of the UserRequest
	FactType        = "type"        // UserRequestType
	FactAnswerDueAt = "answerDueAt" // moment
	FactDecision    = "decision"    // Approved or Denied
)

// Fact is something that a notice may speak of.
type Fact struct {
	Name string
	// Example is a value as it may be.
	Example string
}

// common are the facts of every type.
var common = []Fact{{FactTenant, "Bakkerij Jansen B.V."}, {FactContact, "Piet Jansen"}, {FactProvider, "Noorderlicht Werkplekken"}}

var (
	inEuro = Fact{FactCurrency, "EUR"}
	rule   = Fact{FactRule, "retention.afterEnd P30D of the terms totaldesk-2016"}
)

var factsOf = map[v1alpha1.NoticeType][]Fact{
	v1alpha1.NoticeWelcome:             {{FactStartsOn, "2026-01-15"}},
	v1alpha1.NoticeSuspensionWarning:   {{FactInvoice, "2026-0815"}, {FactIssuedOn, "2026-09-01"}, {FactAmount, "1412.50"}, inEuro, {FactSuspendsOn, "2026-11-02"}},
	v1alpha1.NoticeSuspended:           {{FactCause, "Arrears"}, {FactReason, "invoice 2026-0815 unpaid for more than 2 months"}, {FactSince, "2026-11-02"}, {FactInvoices, "2026-0815, 2026-0912"}, {FactAmount, "825.00"}, inEuro},
	v1alpha1.NoticeResumed:             {{FactSince, "2026-11-20"}, {FactCharge, "reactivation-arrears-2026-11-02"}, inEuro, {FactAmount, "300.00"}, {FactPerUser, "25.00"}},
	v1alpha1.NoticeTrialEnding:         {{FactEndsOn, "2026-11-29"}},
	v1alpha1.NoticeInactivityWarning:   {{FactLastActive, "2026-10-01"}, {FactEndsOn, "2026-11-26"}},
	v1alpha1.NoticeClosureAnnouncement: {{FactEndedOn, "2026-11-01"}, {FactEraseOn, "2026-12-01"}, rule, {FactUser, "anna@jansen.example"}},
	v1alpha1.NoticeErased:              {{FactErasedOn, "2026-12-01"}, {FactHomes, "12"}, rule},
	v1alpha1.NoticeOfAcceptance:        {{FactReceivedOn, "2026-05-12"}, {FactEndsOn, "2026-07-01"}},
	v1alpha1.NoticeOfRefusal:           {{FactReceivedOn, "2026-05-12"}, {FactReason, "invoice 2026-0415 is unpaid"}},
	v1alpha1.NoticePriceChange:         {{FactSubject, "Standard desktop"}, {FactOldAmount, "39.00"}, {FactNewAmount, "45.00"}, inEuro, {FactFrom, "2027-01-01"}, {FactMayLeave, "true"}, {FactLeaveNotice, "P3M"}},
	v1alpha1.NoticeTermsChange:         {{FactFrom, "2027-01-01"}, {FactTitle, "TotalDesk 2027"}},
	v1alpha1.NoticePlanChanged:         {{FactPlan, "Family"}, {FactFrom, "2026-12-01"}},
	v1alpha1.NoticeSeatsExceeded:       {{FactSeats, "10"}, {FactUsers, "12"}, {FactPrice, "3.00"}, inEuro, {FactFrom, "2026-12-01"}},
	v1alpha1.NoticeRequestReceived:     {{FactRequest, "add-anna"}, {FactType, "AddUser"}, {FactAnswerDueAt, "2026-11-20 15:00"}},
	v1alpha1.NoticeRequestAnswered:     {{FactRequest, "add-anna"}, {FactType, "AddUser"}, {FactDecision, "Denied"}, {FactReason, "the limit of 50 workplaces is reached"}},
}

// Types returns every type of notice, sorted.
func Types() []v1alpha1.NoticeType { return slices.Sorted(maps.Keys(factsOf)) }

// Facts returns the facts that a type of notice may speak of, those of every type first.
func Facts(of v1alpha1.NoticeType) []Fact { return slices.Concat(common, factsOf[of]) }
