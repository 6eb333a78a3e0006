// SPDX-License-Identifier: Apache-2.0

package forecast

import (
	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/agenda"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/retention"
	"werkplek.dev/werkplek/internal/terms/standing"
)

// seen is what was said already, so that it is said once.
type seen struct {
	started, ended, allowed bool
	waits                   map[string]string
	problems                map[string]bool
}

// worthSaying are the days on which a wait becomes one that is worth saying.
func (s *Sim) worthSaying() []calendar.Date {
	var days []calendar.Date
	if on := s.agenda.Standing.EraseOn; !on.IsZero() && !s.facts.Erased {
		days = append(days, on)
	}
	if a := s.agenda.Standing.Arrears; a != nil && !a.Nominal.IsZero() {
		days = append(days, a.Nominal)
	}
	if on := s.agenda.Standing.EndsOn; !on.IsZero() {
		days = append(days, on)
	}
	return days
}

// reached reports whether a day has begun.
func (s *Sim) reached(day calendar.Date) bool {
	return !day.IsZero() && !s.facts.Now.Before(day.Start(s.Zone()))
}

// observe says what the standing shows that nothing had to be done for.
func (s *Sim) observe() {
	first := s.seen.waits == nil
	if first {
		s.seen = seen{waits: map[string]string{}, problems: map[string]bool{}}
		s.seen.started = s.agenda.Standing.Started && s.facts.Now.After(s.agenda.Standing.StartsOn.Start(s.Zone()))
		s.seen.ended = s.agenda.Standing.Ended && s.facts.Now.After(s.agenda.Standing.EndsOn.Start(s.Zone()))
		s.seen.allowed = s.agenda.Standing.TerminationAllowed
	}
	stand := &s.agenda.Standing
	if stand.Started && !s.seen.started {
		s.note(Starts, "", "The contract starts.")
	}
	if stand.Ended && !s.seen.ended {
		s.note(Ends, "", "The contract no longer holds: %s. Access stops.", agenda.WhyEnded[stand.EndReason])
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
	for _, problem := range s.agenda.Problems {
		if s.seen.problems[problem.Message] {
			continue
		}
		s.seen.problems[problem.Message] = true
		if problem.Reason == v1alpha1.ReasonPriceNotFound {
			s.note(Waits, "charges", "Not charged: %s.", problem.Message)
		} else {
			s.note(Waits, "erasure", "A home is not erased: %s.", problem.Message)
		}
	}
}

// reasons say in words why something waits.
var reasons = map[string]string{
	v1alpha1.ReasonNoNoticeTerms:     "The notice has no effect: the terms know none.",
	v1alpha1.ReasonBillingUnknown:    "Nothing is decided about the notice until the billing system reports.",
	standing.WithdrawalNotOffered:    "The withdrawal has no effect: the terms offer none to this tenant.",
	standing.WithdrawalTooLate:       "The withdrawal has no effect: it came too late.",
	v1alpha1.ReasonTermsNotFound:     "The plan that was asked for does not begin: its ServiceTerms are not there.",
	v1alpha1.ReasonPlanNotForType:    "The plan that was asked for does not begin: it is not for this type of tenant.",
	v1alpha1.ReasonTooManyMembers:    "The plan that was asked for does not begin: the tenant has more users than it allows.",
	v1alpha1.ReasonTooMuchData:       "The plan that was asked for does not begin: the homes do not fit its capacity.",
	v1alpha1.ReasonAwaitingPeriodEnd: "The plan that was asked for begins when the period that runs is over.",
	v1alpha1.ReasonAwaitingPayment:   "The plan that was asked for begins when its first period is paid.",
	v1alpha1.ReasonLegalHold:         "The data is not erased: a legal hold keeps it.",
	retention.NotAnnounced:           "The data is not erased: the announcement that the terms demand was not sent.",
	retention.ByPerson:               "The data may be erased: the terms leave that to a person.",
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
	if s.agenda.Standing.PlanWaits == v1alpha1.ReasonPlanHolds {
		return ""
	}
	return s.agenda.Standing.PlanWaits
}

// erasureWaits says what keeps data whose time is over.
func (s *Sim) erasureWaits() string {
	if s.facts.Erased || !s.reached(s.agenda.Standing.EraseOn) || s.agenda.Standing.EraseWaits == retention.NotYet {
		return ""
	}
	return s.agenda.Standing.EraseWaits
}

// suspensionWaits says what keeps access on though its time is over.
func (s *Sim) suspensionWaits() string {
	a := s.agenda.Standing.Arrears
	if a == nil || s.agenda.Standing.Ended || !s.reached(a.Nominal) || s.reached(a.SuspendsOn) {
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
	if s.agenda.Standing.Ended || s.agenda.Standing.Billing.Usable() {
		return ""
	}
	return string(s.agenda.Standing.Billing)
}
