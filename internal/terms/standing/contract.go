// SPDX-License-Identifier: Apache-2.0

package standing

import (
	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/facts"
	"werkplek.dev/werkplek/internal/terms/tidings"
)

// agreedOn returns the day from which the paid agreement runs: that of its plan,
// the day on which a trial was turned into one (LA-1), or the contract's first.
// It is no date while a trial has not been.
func agreedOn(t *agreement.Terms, f facts.Facts) calendar.Date {
	switch {
	case !f.PlanFrom.IsZero():
		return f.PlanAgreedOn
	case t.Contract.Trial == nil:
		return f.StartsOn
	case f.PaymentDetailsOn.IsZero():
		return calendar.Date{}
	}
	return calendar.Later(f.StartsOn, f.PaymentDetailsOn)
}

// trialEndsOn returns the first day after the trial of a contract that has one.
func trialEndsOn(t *agreement.Terms, f facts.Facts) calendar.Date {
	if t.Contract.Trial == nil || !f.PlanFrom.IsZero() {
		return calendar.Date{}
	}
	return t.Contract.Trial.Period.After(f.StartsOn)
}

// judgeTerm finds the term's end and what a notice given today would bring.
func judgeTerm(t *agreement.Terms, f facts.Facts, s *Standing, when *schedule) {
	s.TrialEndsOn = trialEndsOn(t, f)
	s.AgreedOn = agreedOn(t, f)
	if s.AgreedOn.IsZero() {
		return
	}
	when.At(s.AgreedOn.Start(t.Zone))
	today := calendar.DateAt(f.Now, t.Zone)
	from := calendar.Later(today, s.AgreedOn)
	s.TermEndsOn, s.FirstTerm = t.Contract.TermEnd(s.AgreedOn, from)
	if !s.TermEndsOn.IsZero() {
		when.At(s.TermEndsOn.Start(t.Zone))
	}
	s.EarliestEndOn = t.NoticeEnd(s.AgreedOn, from, f.Rights)
	if w := t.Contract.Withdrawal; w != nil && w.Allows(f.Type) {
		s.WithdrawableUntil = w.Within.After(s.AgreedOn)
	}
}

// Why a withdrawal has no effect.
const (
	WithdrawalNotOffered = "WithdrawalNotOffered"
	WithdrawalTooLate    = "WithdrawalTooLate"
)

// judgeWithdrawal says whether the tenant has withdrawn (LS-4, EC-10, DF-2).
func judgeWithdrawal(t *agreement.Terms, f facts.Facts, s *Standing, _ *schedule) {
	switch {
	case f.WithdrawnOn.IsZero() || f.WithdrawnOn.Before(s.AgreedOn):
	case s.WithdrawableUntil.IsZero():
		s.WithdrawalRefused = WithdrawalNotOffered
	case s.WithdrawableUntil.Before(f.WithdrawnOn):
		s.WithdrawalRefused = WithdrawalTooLate
	default:
		s.ends(f.WithdrawnOn, v1alpha1.EndWithdrawal)
	}
}

// judgeNotice decides about the tenant's notice, once: what is paid later does
// not make a refused notice count, nor what is owed later an accepted one not (TD-7).
func judgeNotice(t *agreement.Terms, f facts.Facts, s *Standing, _ *schedule) {
	if f.NoticeReceivedOn.IsZero() || f.BeforePlan(f.NoticeReceivedOn) {
		return
	}
	if f.NoticeDecision != nil && f.NoticeDecision.ReceivedOn == f.NoticeReceivedOn {
		s.Notice = f.NoticeDecision
	} else {
		s.Notice = decideNotice(t, f, s)
	}
	if s.Notice != nil && s.Notice.Accepted {
		s.ends(s.Notice.EndsOn, v1alpha1.EndNotice)
	}
}

func decideNotice(t *agreement.Terms, f facts.Facts, s *Standing) *facts.NoticeDecision {
	received := f.NoticeReceivedOn
	since := s.AgreedOn
	if since.IsZero() {
		return &facts.NoticeDecision{ReceivedOn: received, Accepted: true, EndsOn: received} // a trial binds nobody
	}
	received = calendar.Later(received, since)
	rule := t.Contract.NoticeRule(since, received)
	if rule == nil {
		s.NoticeWaits = v1alpha1.ReasonNoNoticeTerms
		return nil
	}
	if rule.Refused {
		if f.Billing == nil || !s.Billing.Usable() || f.Billing.AsOf.Before(received.Start(t.Zone)) {
			s.NoticeWaits = v1alpha1.ReasonBillingUnknown
			return nil
		}
		for _, invoice := range facts.Unpaid(f.Billing.Open) {
			if invoice.Overdue(received) {
				return &facts.NoticeDecision{ReceivedOn: f.NoticeReceivedOn, Invoice: invoice.Number}
			}
		}
	}
	return &facts.NoticeDecision{
		ReceivedOn: f.NoticeReceivedOn, Accepted: true, EndsOn: t.NoticeEnd(since, received, f.Rights),
	}
}

// judgeTrial suspends or ends what a trial leaves unpaid (LA-1).
func judgeTrial(t *agreement.Terms, f facts.Facts, s *Standing, when *schedule) {
	if s.TrialEndsOn.IsZero() || !s.AgreedOn.IsZero() {
		return
	}
	ends := s.TrialEndsOn.Start(t.Zone)
	s.OnTrial = s.Started && f.Now.Before(ends)
	when.transition(ends, NextEndTrial)
	if t.Contract.Trial.AtEnd == v1alpha1.TrialEndEnd {
		s.ends(s.TrialEndsOn, v1alpha1.EndTrial)
	}
}

// judgeInactivity ends what nobody has used for too long, and has been warned of
// (LA-8, EC-2). Unknown activity is not inactivity.
func judgeInactivity(t *agreement.Terms, f facts.Facts, s *Standing, when *schedule) {
	i := t.Inactivity
	if i == nil || f.LastActive.IsZero() || !s.Started {
		return
	}
	last := calendar.Later(calendar.DateAt(f.LastActive, t.Zone), f.StartsOn)
	s.LastActiveOn = last
	end := i.EndAfter.After(last)
	if i.WarnAfter != nil {
		warn := i.WarnAfter.After(last)
		when.transition(warn.Start(t.Zone), NextWarnInactivity)
		sent := f.Notices.SentAt(tidings.InactivityWarningName(last))
		if sent.IsZero() {
			s.InactiveOn = end
			return // nobody is closed who was not warned
		}
		// A warning that came late leaves as long as one in time.
		end = calendar.Later(end, calendar.DateAt(sent, t.Zone).AddDays(end.DaysSince(warn)))
	}
	s.InactiveOn = end
	s.ends(end, v1alpha1.EndInactivity)
}

// judgeEnd says when the contract ends and why, and whether it has.
func judgeEnd(t *agreement.Terms, f facts.Facts, s *Standing, when *schedule) {
	if !f.EndedOn.IsZero() {
		s.EndsOn, s.EndReason = f.EndedOn, f.EndReason // the decision outlives its facts
	} else {
		if !f.TerminatedOn.IsZero() && s.Arrears != nil && !s.Arrears.TerminatesOn.IsZero() {
			s.ends(calendar.Later(f.TerminatedOn, s.Arrears.TerminatesOn), v1alpha1.EndTerminatedByArrears)
		}
		if s.TerminationAllowed && t.Arrears.Automatic {
			s.ends(s.Arrears.TerminatesOn, v1alpha1.EndTerminatedByArrears)
		}
		if !s.TermEndsOn.IsZero() && t.Contract.Renewal == nil {
			s.ends(s.TermEndsOn, v1alpha1.EndOfTerm)
		} else if !s.AgreedOn.IsZero() && t.Contract.Renewal == nil && !t.Contract.Minimum.IsZero() {
			s.ends(t.Contract.Boundary(s.AgreedOn, 0), v1alpha1.EndOfTerm) // over already
		}
	}
	if s.EndsOn.IsZero() {
		return
	}
	at := s.EndsOn.Start(t.Zone)
	if t.Succeeds(s.EndReason) {
		when.transition(at, NextChangePlan)
		return
	}
	when.transition(at, NextEnd)
	s.Ended = !f.Now.Before(at)
}

// judgeSuccession changes to the plan that follows when the agreement has ended
// (EC-6): not before the tenant's data fits it.
func judgeSuccession(t *agreement.Terms, f facts.Facts, s *Standing, _ *schedule) {
	if s.EndsOn.IsZero() || !t.Succeeds(s.EndReason) || f.Now.Before(s.EndsOn.Start(t.Zone)) {
		return
	}
	if s.EraseRule != v1alpha1.ErasureRuleSmallerPlan {
		s.Plan = &facts.PlanStep{Terms: t.Plan.AfterEnd, From: s.EndsOn, AgreedOn: s.EndsOn, Because: v1alpha1.PlanEnded}
	}
}

// ends notes a day on which the contract ends; the earliest stands.
func (s *Standing) ends(on calendar.Date, why v1alpha1.EndReason) {
	if s.EndsOn.IsZero() || on.Before(s.EndsOn) {
		s.EndsOn, s.EndReason = on, why
	}
}
