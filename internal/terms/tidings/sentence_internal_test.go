// SPDX-License-Identifier: Apache-2.0

package tidings

import (
	"strings"
	"testing"
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
)

func TestSentence(t *testing.T) {
	t.Parallel()
	day := func(month time.Month, day int) calendar.Date {
		return calendar.Date{Year: 2026, Month: month, Day: day}
	}
	price := PriceChange{Subject: "Remote desktop", OldAmount: "6.10", NewAmount: "7.00", Currency: "EUR", From: day(12, 1)}
	mayLeave, withNotice := price, price
	mayLeave.MayLeave, withNotice.MayLeave, withNotice.LeaveNotice, price.LeaveNotice = true, true, "P3M", "P3M"
	tested := map[v1alpha1.NoticeType]bool{}
	for want, tiding := range map[string]Tiding{
		"the account is there; the contract starts on 2026-11-02": Welcome{StartsOn: day(11, 2)},
		"access stops on 2026-12-02 unless invoice 2026-0815 of 2026-10-01 is paid, of which EUR 412.50 is open": SuspensionWarning{
			Invoice: "2026-0815", IssuedOn: day(10, 1), Amount: "412.50", Currency: "EUR", SuspendsOn: day(12, 2)},
		"access has stopped on 2026-12-02: invoice 2026-0815 is unpaid; EUR 412.50 is open": Suspended{
			Cause: v1alpha1.CauseArrears, Reason: "invoice 2026-0815 is unpaid", Since: day(12, 2), Amount: "412.50", Currency: "EUR"},
		"access is back, which costs EUR 25.00": Resumed{Amount: "25.00", Currency: "EUR"},
		"access is back":                        Resumed{Since: day(12, 2)},
		"the trial ends on 2026-12-02":          TrialEnding{EndsOn: day(12, 2)},
		"nobody used the workplaces since 2026-06-01, and the contract ends on 2026-12-02":                                           InactivityWarning{LastActive: day(6, 1), EndsOn: day(12, 2)},
		"all data is erased on 2026-12-02, under spec.retention":                                                                     ClosureAnnouncement{EraseOn: day(12, 2), Rule: "spec.retention"},
		"the home of anna is erased on 2026-12-02":                                                                                   ClosureAnnouncement{EraseOn: day(12, 2), User: "anna"},
		"all data was erased on 2026-12-02":                                                                                          Erased{ErasedOn: day(12, 2)},
		"its notice of 2026-11-02 is accepted, and the contract ends on 2026-12-02":                                                  NoticeAccepted{ReceivedOn: day(11, 2), EndsOn: day(12, 2)},
		"its notice of 2026-11-02 has no effect: invoice 7 was overdue":                                                              NoticeRefused{ReceivedOn: day(11, 2), Reason: "invoice 7 was overdue"},
		"Remote desktop costs EUR 7.00 in place of 6.10 from 2026-12-01 on; that gives it no right to leave":                         price,
		"Remote desktop costs EUR 7.00 in place of 6.10 from 2026-12-01 on; it may leave because of that":                            mayLeave,
		"Remote desktop costs EUR 7.00 in place of 6.10 from 2026-12-01 on; it may leave because of that, with a notice of 3 months": withNotice,
		"the terms “Hosted desktop” change on 2026-12-02":                                                                            TermsChange{From: day(12, 2), Title: "Hosted desktop"},
		"the plan gold holds from 2026-12-02 on":                                                                                     PlanChanged{Plan: "gold", From: day(12, 2)},
		"it has 6 users for 5 seats; each further one costs EUR 9.00 from 2026-12-02 on": SeatsExceeded{
			Seats: 5, Users: 6, Price: "9.00", Currency: "EUR", From: day(12, 2)},
		"its request eva was received, and is answered by 2026-11-20 15:00": RequestReceived{
			Request: "eva", AnswerDueAt: time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC)},
		"its request eva was denied: too many": RequestAnswered{Request: "eva", Reason: "too many"},
	} {
		tested[tiding.Type()] = true
		if got := New("n", v1alpha1.SourceReference{}, tiding).Sentence(); got != want {
			t.Errorf("%s is told as %q, want %q", tiding.Type(), got, want)
		}
	}
	for _, tiding := range every {
		if !tested[tiding.Type()] {
			t.Errorf("%s has no sentence to compare with", tiding.Type())
		}
		if got := (Notice{Type: tiding.Type()}).Sentence(); strings.Contains(got, "%") || strings.Contains(got, "  ") {
			t.Errorf("%s without facts is told as %q", tiding.Type(), got)
		}
	}
	if got := (Notice{Type: "Later", Facts: map[string]string{"b": "2", "a": "1"}}).Sentence(); got != "a 1, b 2" {
		t.Errorf("a type of a later version is told as %q", got)
	}
}
