// SPDX-License-Identifier: Apache-2.0

package forecast

import (
	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/terms"
)

// seen is what was said already, so that it is said once.
type seen struct {
	started, ended, allowed bool
	waits                   map[string]string
	problems                map[string]bool
}

// worthSaying are the days on which a wait becomes one that is worth saying.
func (s *Sim) worthSaying() []terms.Date {
	var days []terms.Date
	if on := s.standing.EraseOn; !on.IsZero() && !s.facts.Erased {
		days = append(days, on)
	}
	if a := s.standing.Arrears; a != nil && !a.Nominal.IsZero() {
		days = append(days, a.Nominal)
	}
	if on := s.standing.EndsOn; !on.IsZero() {
		days = append(days, on)
	}
	return days
}

// reached reports whether a day has begun.
func (s *Sim) reached(day terms.Date) bool {
	return !day.IsZero() && !s.facts.Now.Before(day.Start(s.Zone()))
}

// whyEnds says why contracts end.
var whyEnds = map[v1alpha1.EndReason]string{
	v1alpha1.EndNotice: "notice was given", v1alpha1.EndOfTerm: "its term is over", v1alpha1.EndWithdrawal: "the tenant has withdrawn",
	v1alpha1.EndTrial: "the trial is over", v1alpha1.EndInactivity: "nobody has used it for too long",
	v1alpha1.EndTerminatedByArrears: "invoices were unpaid for too long",
}

// observe says what the standing shows that nothing had to be done for.
func (s *Sim) observe() {
	first := s.seen.waits == nil
	if first {
		s.seen = seen{waits: map[string]string{}, problems: map[string]bool{}, started: s.standing.Started && s.facts.Now.After(s.standing.StartsOn.Start(s.Zone()))}
		s.seen.ended = s.standing.Ended && s.facts.Now.After(s.standing.EndsOn.Start(s.Zone()))
		s.seen.allowed = s.standing.TerminationAllowed
	}
	stand := &s.standing
	if stand.Started && !s.seen.started {
		s.note(Starts, "", "The contract starts.")
	}
	if stand.Ended && !s.seen.ended {
		s.note(Ends, "", "The contract no longer holds: %s. Access stops.", whyEnds[stand.EndReason])
	}
	if stand.TerminationAllowed && !s.seen.allowed && !stand.Ended {
		s.note(Allows, "", "The provider may end the contract: invoice %s is unpaid for too long.", stand.Arrears.Invoice)
	}
	s.seen.started, s.seen.ended, s.seen.allowed = stand.Started, stand.Ended, stand.TerminationAllowed
	s.wait("notice", stand.NoticeWaits)
	s.wait("withdrawal", stand.WithdrawalRefused)
	s.wait("plan", s.planWaits())
	s.wait("erasure", s.erasureWaits())
	s.wait("suspension", s.suspensionWaits())
	s.wait("billing", s.billingWaits())
	for _, problem := range s.due.Problems {
		if !s.seen.problems[problem] {
			s.seen.problems[problem] = true
			s.note(Waits, "charges", "Not charged: %s.", problem)
		}
	}
}

// reasons say in words why something waits.
var reasons = map[string]string{
	v1alpha1.ReasonNoNoticeTerms:     "The notice has no effect: the terms know none.",
	v1alpha1.ReasonBillingUnknown:    "Nothing is decided about the notice until the billing system reports.",
	terms.WithdrawalNotOffered:       "The withdrawal has no effect: the terms offer none to this tenant.",
	terms.WithdrawalTooLate:          "The withdrawal has no effect: it came too late.",
	v1alpha1.ReasonTermsNotFound:     "The plan that was asked for does not begin: its ServiceTerms are not there.",
	v1alpha1.ReasonPlanNotForType:    "The plan that was asked for does not begin: it is not for this type of tenant.",
	v1alpha1.ReasonTooManyMembers:    "The plan that was asked for does not begin: the tenant has more users than it allows.",
	v1alpha1.ReasonTooMuchData:       "The plan that was asked for does not begin: the homes do not fit its capacity.",
	v1alpha1.ReasonAwaitingPeriodEnd: "The plan that was asked for begins when the period that runs is over.",
	v1alpha1.ReasonAwaitingPayment:   "The plan that was asked for begins when its first period is paid.",
	v1alpha1.ReasonLegalHold:         "The data is not erased: a legal hold keeps it.",
	terms.EraseNotAnnounced:          "The data is not erased: the announcement that the terms demand was not sent.",
	terms.EraseByPerson:              "The data may be erased: the terms leave that to a person.",
	"NotWarned":                      "Access is not suspended: the warning that the terms demand was not sent in time.",
	v1alpha1.ReasonNeverReported:     "Billing decides nothing: its system never reported.",
	v1alpha1.ReasonStale:             "Billing decides nothing: its facts are too old.",
	v1alpha1.ReasonAsOfInFuture:      "Billing decides nothing: its facts are dated in the future.",
	v1alpha1.ReasonDueDateMissing:    "Billing decides nothing: an invoice has no due date, from which the terms count.",
	v1alpha1.ReasonLastInvoiceUnset:  "Billing decides nothing: it did not report the last invoice, from which the terms count.",
}

// wait says why something waits, when that changes.
func (s *Sim) wait(what, reason string) {
	if s.seen.waits[what] == reason {
		return
	}
	s.seen.waits[what] = reason
	if reason == "" {
		return
	}
	sentence, ok := reasons[reason]
	if !ok {
		sentence = "The " + what + " waits: " + reason + "."
	}
	s.note(Waits, what, "%s", sentence)
}

func (s *Sim) planWaits() string {
	if s.standing.PlanWaits == v1alpha1.ReasonPlanHolds {
		return ""
	}
	return s.standing.PlanWaits
}

// erasureWaits says what keeps data whose time is over.
func (s *Sim) erasureWaits() string {
	if s.facts.Erased || !s.reached(s.standing.EraseOn) || s.standing.EraseWaits == terms.EraseNotYet {
		return ""
	}
	return s.standing.EraseWaits
}

// suspensionWaits says what keeps access on though its time is over.
func (s *Sim) suspensionWaits() string {
	a := s.standing.Arrears
	if a == nil || s.standing.Ended || !s.reached(a.Nominal) || s.reached(a.SuspendsOn) {
		return ""
	}
	for _, suspension := range s.facts.Suspensions {
		if suspension.Cause == v1alpha1.CauseArrears && !suspension.Lifted() {
			return ""
		}
	}
	return "NotWarned"
}

func (s *Sim) billingWaits() string {
	if s.standing.Ended || s.standing.Billing.Usable() {
		return ""
	}
	return string(s.standing.Billing)
}
