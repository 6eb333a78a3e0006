// SPDX-License-Identifier: Apache-2.0

package tidings

import (
	"fmt"
	"slices"
	"strings"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/terms/wording"
)

// Sentence says for the provider's people what the notice tells, without a full
// stop. What it does not know is left out; the mail itself is written by templates.
func (n Notice) Sentence() string {
	write, known := sentences[n.Type]
	if !known {
		return n.bare()
	}
	return write(saying(n.Facts))
}

// bare lists the facts, for a type that this program does not know.
func (n Notice) bare() string {
	var facts []string
	for name, value := range n.Facts {
		facts = append(facts, name+" "+value)
	}
	slices.Sort(facts)
	return strings.Join(facts, ", ")
}

// saying are the facts of a notice as parts of a sentence.
type saying map[string]string

// with writes facts into a part of a sentence, or nothing where one is missing.
func (s saying) with(format string, names ...string) string {
	values := make([]any, len(names))
	for i, name := range names {
		if s[name] == "" {
			return ""
		}
		values[i] = s[name]
	}
	return fmt.Sprintf(format, values...)
}

// sum is an amount with its currency.
func (s saying) sum(format, amount string) string {
	return s.with(format, FactCurrency, amount)
}

var sentences = map[v1alpha1.NoticeType]func(saying) string{
	v1alpha1.NoticeWelcome: func(s saying) string {
		return "the account is there" + s.with("; the contract starts on %s", FactStartsOn)
	},
	v1alpha1.NoticeSuspensionWarning: func(s saying) string {
		return "access stops" + s.with(" on %s", FactSuspendsOn) + " unless invoice" + s.with(" %s", FactInvoice) +
			s.with(" of %s", FactIssuedOn) + " is paid" + s.sum(", of which %s %s is open", FactAmount)
	},
	v1alpha1.NoticeSuspended: func(s saying) string {
		return "access has stopped" + s.with(" on %s", FactSince) + s.with(": %s", FactReason) +
			s.sum("; %s %s is open", FactAmount)
	},
	v1alpha1.NoticeResumed: func(s saying) string { return "access is back" + s.sum(", which costs %s %s", FactAmount) },
	v1alpha1.NoticeTrialEnding: func(s saying) string {
		return "the trial ends" + s.with(" on %s", FactEndsOn)
	},
	v1alpha1.NoticeInactivityWarning: func(s saying) string {
		return "nobody used the workplaces" + s.with(" since %s", FactLastActive) +
			", and the contract ends" + s.with(" on %s", FactEndsOn)
	},
	v1alpha1.NoticeClosureAnnouncement: func(s saying) string {
		what := "all data is erased"
		if s[FactUser] != "" {
			what = "the home of " + s[FactUser] + " is erased"
		}
		return what + s.with(" on %s", FactEraseOn) + s.with(", under %s", FactRule)
	},
	v1alpha1.NoticeErased: func(s saying) string {
		return "all data was erased" + s.with(" on %s", FactErasedOn) + s.with(", under %s", FactRule)
	},
	v1alpha1.NoticeOfAcceptance: func(s saying) string {
		return "its notice" + s.with(" of %s", FactReceivedOn) +
			" is accepted, and the contract ends" + s.with(" on %s", FactEndsOn)
	},
	v1alpha1.NoticeOfRefusal: func(s saying) string {
		return "its notice" + s.with(" of %s", FactReceivedOn) + " has no effect" + s.with(": %s", FactReason)
	},
	v1alpha1.NoticePriceChange: priceChange,
	v1alpha1.NoticeTermsChange: func(s saying) string {
		return "the terms" + s.with(" “%s”", FactTitle) + " change" + s.with(" on %s", FactFrom)
	},
	v1alpha1.NoticePlanChanged: func(s saying) string {
		return "the plan" + s.with(" %s", FactPlan) + " holds" + s.with(" from %s on", FactFrom)
	},
	v1alpha1.NoticeSeatsExceeded: func(s saying) string {
		return s.with("it has %s users for ", FactUsers) + s.with("%s seats", FactSeats) +
			s.sum("; each further one costs %s %s", FactPrice) + s.with(" from %s on", FactFrom)
	},
	v1alpha1.NoticeRequestReceived: func(s saying) string {
		return "its request" + s.with(" %s", FactRequest) + " was received" +
			s.with(", and is answered by %s", FactAnswerDueAt)
	},
	v1alpha1.NoticeRequestAnswered: func(s saying) string {
		decided := "answered"
		if s[FactDecision] != "" {
			decided = strings.ToLower(s[FactDecision])
		}
		return "its request" + s.with(" %s", FactRequest) + " was " + decided + s.with(": %s", FactReason)
	},
}

func priceChange(s saying) string {
	subject := "what it buys"
	if s[FactSubject] != "" {
		subject = s[FactSubject]
	}
	text := subject + s.sum(" costs %s %s", FactNewAmount) + s.with(" in place of %s", FactOldAmount) +
		s.with(" from %s on", FactFrom)
	switch {
	case s[FactMayLeave] == "true" && s[FactLeaveNotice] != "":
		notice := v1alpha1.Period(s[FactLeaveNotice])
		return text + "; it may leave because of that, with a notice of " + wording.Period(notice)
	case s[FactMayLeave] == "true":
		return text + "; it may leave because of that"
	case s[FactMayLeave] == "false":
		return text + "; that gives it no right to leave"
	}
	return text
}
