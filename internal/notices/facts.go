// SPDX-License-Identifier: Apache-2.0

package notices

import (
	"maps"
	"slices"
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/tidings"
)

// Fact is something that a notice may speak of.
type Fact struct {
	Name string
	// Example is a value as it may be.
	Example string
}

// common are the facts of every type.
var common = []Fact{
	{tidings.FactTenant, "Bakkerij Jansen B.V."},
	{tidings.FactContact, "Piet Jansen"},
	{tidings.FactProvider, "Noorderlicht Werkplekken"},
}

// examples are one tiding of each type that says all it can.
var examples = byType(
	tidings.Welcome{StartsOn: day(2026, 1, 15)},
	tidings.SuspensionWarning{
		Invoice: "2026-0815", IssuedOn: day(2026, 9, 1), Amount: "1412.50", Currency: "EUR", SuspendsOn: day(2026, 11, 2),
	},
	tidings.Suspended{
		Cause: v1alpha1.CauseArrears, Reason: "invoice 2026-0815 unpaid for more than 2 months", Since: day(2026, 11, 2),
		Invoices: []string{"2026-0815", "2026-0912"}, Amount: "825.00", Currency: "EUR",
	},
	tidings.Resumed{
		Since: day(2026, 11, 20), Charge: "reactivation-arrears-2026-11-02", Amount: "300.00", PerUser: "25.00",
		Currency: "EUR",
	},
	tidings.TrialEnding{EndsOn: day(2026, 11, 29)},
	tidings.InactivityWarning{LastActive: day(2026, 10, 1), EndsOn: day(2026, 11, 26)},
	tidings.ClosureAnnouncement{
		EndedOn: day(2026, 11, 1), EraseOn: day(2026, 12, 1), Rule: ruleExample, User: "anna@jansen.example",
	},
	tidings.Erased{ErasedOn: day(2026, 12, 1), Homes: 12, Rule: ruleExample},
	tidings.NoticeAccepted{ReceivedOn: day(2026, 5, 12), EndsOn: day(2026, 7, 1)},
	tidings.NoticeRefused{ReceivedOn: day(2026, 5, 12), Reason: "invoice 2026-0415 is unpaid"},
	tidings.PriceChange{
		Subject: "Standard desktop", OldAmount: "39.00", NewAmount: "45.00", Currency: "EUR", From: day(2027, 1, 1),
		MayLeave: true, LeaveNotice: "P3M",
	},
	tidings.TermsChange{From: day(2027, 1, 1), Title: "TotalDesk 2027"},
	tidings.PlanChanged{Plan: "Family", From: day(2026, 12, 1)},
	tidings.SeatsExceeded{Seats: 10, Users: 12, Price: "3.00", Currency: "EUR", From: day(2026, 12, 1)},
	tidings.RequestReceived{
		Request: "add-anna", Of: v1alpha1.RequestAddUser, AnswerDueAt: time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC),
	},
	tidings.RequestAnswered{
		Request: "add-anna", Of: v1alpha1.RequestAddUser, Reason: "the limit of 50 workplaces is reached",
	},
)

const ruleExample = "retention.afterEnd P30D of the terms totaldesk-2016"

func day(year int, month time.Month, day int) calendar.Date {
	return calendar.Date{Year: year, Month: month, Day: day}
}

func byType(list ...tidings.Tiding) map[v1alpha1.NoticeType]tidings.Tiding {
	all := map[v1alpha1.NoticeType]tidings.Tiding{}
	for _, tiding := range list {
		all[tiding.Type()] = tiding
	}
	return all
}

// Types returns every type of notice, sorted.
func Types() []v1alpha1.NoticeType { return slices.Sorted(maps.Keys(examples)) }

// Facts returns the facts that a type of notice may speak of, those of every type first.
func Facts(of v1alpha1.NoticeType) []Fact {
	facts := slices.Clone(common)
	if example, known := examples[of]; known {
		for _, fact := range example.Facts() {
			facts = append(facts, Fact{fact.Name, fact.Value})
		}
	}
	return facts
}
