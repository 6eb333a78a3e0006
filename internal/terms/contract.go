// SPDX-License-Identifier: Apache-2.0

package terms

import (
	"errors"
	"fmt"
	"slices"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/terms/tidings"
)

// contractTerms say how agreements start, renew and end.
type contractTerms struct {
	minimum      Period
	renewal      *Period
	notice       *noticeTerms
	afterRenewal *noticeTerms // nil: as in the first term
	early        *earlyTerms  // nil: the first term binds
	withdrawal   *withdrawalTerms
	trial        *trialTerms
}

type noticeTerms struct {
	period  Period
	to      v1alpha1.NoticeTarget
	refused bool // during arrears
	refund  int32
}

type earlyTerms struct{ percent int32 }

type withdrawalTerms struct {
	within Period
	types  []v1alpha1.TenantType
	keep   bool // the days used are paid for
}

type trialTerms struct {
	period Period
	atEnd  v1alpha1.TrialEnd
	remind *Period
}

// contract reads how agreements start, renew and end.
func (c *compiler) contract(spec *v1alpha1.ContractTerms) *contractTerms {
	compiled := &contractTerms{}
	if spec == nil {
		return compiled
	}
	compiled.minimum = c.optional("spec.contract.minimumTerm", spec.MinimumTerm)
	if spec.Renewal != "" {
		renewal := c.period("spec.contract.renewal", spec.Renewal)
		if renewal.Months == 0 && renewal.Days == 0 {
			c.fault(fmt.Errorf("spec.contract.renewal: %s is no calendar period; write one such as P1M", spec.Renewal))
		}
		compiled.renewal = &renewal
	}
	compiled.notice = c.notice("spec.contract.notice", spec.Notice)
	compiled.afterRenewal = c.notice("spec.contract.noticeAfterRenewal", spec.NoticeAfterRenewal)
	if spec.NoticeAfterRenewal != nil && spec.Renewal == "" {
		c.fault(errors.New("spec.contract.noticeAfterRenewal: these terms are never renewed; set spec.contract.renewal, or remove it"))
	}
	if e := spec.EarlyTermination; e != nil {
		compiled.early = &earlyTerms{percent: 100}
		if e.RestOfTermPercent != nil {
			compiled.early.percent = *e.RestOfTermPercent
		}
	}
	if w := spec.Withdrawal; w != nil {
		compiled.withdrawal = &withdrawalTerms{
			within: c.period("spec.contract.withdrawal.within", w.Within), types: w.ForTypes, keep: w.KeepDaysUsed != nil && *w.KeepDaysUsed,
		}
	}
	if trial := spec.Trial; trial != nil {
		compiled.trial = &trialTerms{period: c.period("spec.contract.trial.period", trial.Period), atEnd: orDefault(trial.AtEnd, v1alpha1.TrialEndSuspend)}
		if trial.RemindBefore != "" {
			before := c.period("spec.contract.trial.remindBefore", trial.RemindBefore)
			compiled.trial.remind = &before
		}
	}
	return compiled
}

func (c *compiler) notice(field string, spec *v1alpha1.NoticeTerms) *noticeTerms {
	if spec == nil {
		return nil
	}
	return &noticeTerms{
		period: c.period(field+".period", spec.Period), to: spec.To, refund: spec.RefundPercent,
		refused: spec.RefusedDuringArrears != nil && *spec.RefusedDuringArrears,
	}
}

// agreedOn returns the day from which the paid agreement runs: that of its plan,
// the day on which a trial was turned into one (LA-1), or the contract's first.
// It is no date while a trial has not been.
func (t *Terms) agreedOn(f Facts) Date {
	switch {
	case !f.PlanFrom.IsZero():
		return f.PlanAgreedOn
	case t.contract.trial == nil:
		return f.StartsOn
	case f.PaymentDetailsOn.IsZero():
		return Date{}
	}
	return later(f.StartsOn, f.PaymentDetailsOn)
}

// trialEndsOn returns the first day after the trial of a contract that has one.
func (t *Terms) trialEndsOn(f Facts) Date {
	if t.contract.trial == nil || !f.PlanFrom.IsZero() {
		return Date{}
	}
	return t.contract.trial.period.After(f.StartsOn)
}

// boundary returns the first day after the k-th term, counted from 0 for the
// first, of an agreement that runs since a day; no date if there is no such term.
func (c *contractTerms) boundary(since Date, k int) Date {
	first := !c.minimum.IsZero()
	switch {
	case k == 0 && first:
		return c.minimum.After(since)
	case c.renewal == nil:
		return Date{}
	case !first:
		k++ // without a first term of its own, the first is a renewal's length
	}
	months, days := c.minimum.Months+k*c.renewal.Months, c.minimum.Days+k*c.renewal.Days
	return Period{Months: months, Days: days}.After(since)
}

// termEnd returns the first boundary after a day, and whether it is that of the
// first term; no date where there is none.
func (c *contractTerms) termEnd(since, day Date) (end Date, first bool) {
	if end = c.boundary(since, 0); end.IsZero() || day.Before(end) {
		return end, !end.IsZero()
	}
	if c.renewal == nil {
		return Date{}, false
	}
	// Close by from below, as months have at most 31 days; then step.
	length := 31*c.renewal.Months + c.renewal.Days
	k := max(1, (day.DaysSince(end)-31)/length)
	for {
		if end = c.boundary(since, k); day.Before(end) {
			return end, false
		}
		k++
	}
}

// noticeRule returns the rule for a notice that is received on a day.
func (c *contractTerms) noticeRule(since, received Date) *noticeTerms {
	if c.afterRenewal != nil {
		if first := c.boundary(since, 0); !first.IsZero() && !received.Before(first) {
			return c.afterRenewal
		}
	}
	return c.notice
}

// noticeEnd returns the first day on which an agreement no longer holds that
// runs since a day, if notice is received on another (TD-7, LS-6, LS-7, EC-3,
// DF-6, LA-7). The first term binds, unless the terms let a tenant leave within
// it; what ends immediately ends whatever the term.
func (t *Terms) noticeEnd(since, received Date, rights []v1alpha1.RightToLeave) Date {
	rule := t.contract.noticeRule(since, received)
	if rule == nil {
		return Date{}
	}
	end := rule.period.After(received)
	switch rule.to {
	case v1alpha1.NoticeToEndOfCalendarMonth:
		end = end.MonthStart().AddMonths(1)
	case v1alpha1.NoticeToNextCollection:
		end = rule.period.After(t.nextCollection(received))
	case v1alpha1.NoticeToEndOfTerm:
		// Like the end of a month, that of a term must come after the whole period:
		// the day of receipt does not count.
		if until, _ := t.contract.termEnd(since, end); !until.IsZero() {
			end = until
		}
	}
	if first := t.contract.boundary(since, 0); t.contract.early == nil && rule.to != v1alpha1.NoticeToImmediate && !t.contract.minimum.IsZero() {
		end = later(end, first)
	}
	return t.leaving(end, received, rights)
}

// leaving returns the day on which a right to leave over changed prices lets a
// notice end the agreement, if that is before it would (TD-15). A right holds
// from its notice's length before the change until as long after it.
func (t *Terms) leaving(end, received Date, rights []v1alpha1.RightToLeave) Date {
	if t.prices == nil || t.prices.exitNotice == "" {
		return end
	}
	for _, right := range rights {
		from, err := ParseDate(string(right.From))
		if err != nil || t.prices.exit.After(received).Before(from) || t.prices.exit.After(from).Before(received) {
			continue
		}
		if leaves := t.prices.exit.After(received); leaves.Before(end) {
			end = leaves
		}
	}
	return end
}

// nextCollection returns the first collection day after a day (DF-6): a draw
// made on the day itself has been ordered before the notice came.
func (t *Terms) nextCollection(day Date) Date {
	on := t.billing.collectionDay
	for month := day.MonthStart(); ; month = month.AddMonths(1) {
		last := month.AddMonths(1).AddDays(-1).Day
		if draw := (Date{Year: month.Year, Month: month.Month, Day: min(on, last)}); day.Before(draw) {
			return draw
		}
	}
}

// judgeTerm finds the term's end and what a notice given today would bring.
func (t *Terms) judgeTerm(f Facts, s *Standing, when *schedule) {
	s.TrialEndsOn = t.trialEndsOn(f)
	s.AgreedOn = t.agreedOn(f)
	if s.AgreedOn.IsZero() {
		return
	}
	when.recheck(s.AgreedOn.Start(t.Zone))
	today := DateAt(f.Now, t.Zone)
	from := later(today, s.AgreedOn)
	s.TermEndsOn, s.FirstTerm = t.contract.termEnd(s.AgreedOn, from)
	if !s.TermEndsOn.IsZero() {
		when.recheck(s.TermEndsOn.Start(t.Zone))
	}
	s.EarliestEndOn = t.noticeEnd(s.AgreedOn, from, f.Rights)
	if w := t.contract.withdrawal; w != nil && w.allows(f.Type) {
		s.WithdrawableUntil = w.within.After(s.AgreedOn)
	}
}

func (w *withdrawalTerms) allows(kind v1alpha1.TenantType) bool {
	return len(w.types) == 0 || slices.Contains(w.types, kind)
}

// Why a withdrawal has no effect.
const (
	WithdrawalNotOffered = "WithdrawalNotOffered"
	WithdrawalTooLate    = "WithdrawalTooLate"
)

// judgeWithdrawal says whether the tenant has withdrawn (LS-4, EC-10, DF-2).
func (t *Terms) judgeWithdrawal(f Facts, s *Standing, _ *schedule) {
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
func (t *Terms) judgeNotice(f Facts, s *Standing, _ *schedule) {
	if f.NoticeReceivedOn.IsZero() || f.beforePlan(f.NoticeReceivedOn) {
		return
	}
	if f.NoticeDecision != nil && f.NoticeDecision.ReceivedOn == f.NoticeReceivedOn {
		s.Notice = f.NoticeDecision
	} else {
		s.Notice = t.decideNotice(f, s)
	}
	if s.Notice != nil && s.Notice.Accepted {
		s.ends(s.Notice.EndsOn, v1alpha1.EndNotice)
	}
}

func (t *Terms) decideNotice(f Facts, s *Standing) *NoticeDecision {
	received := f.NoticeReceivedOn
	since := s.AgreedOn
	if since.IsZero() {
		return &NoticeDecision{ReceivedOn: received, Accepted: true, EndsOn: received} // a trial binds nobody
	}
	received = later(received, since)
	rule := t.contract.noticeRule(since, received)
	if rule == nil {
		s.NoticeWaits = v1alpha1.ReasonNoNoticeTerms
		return nil
	}
	if rule.refused {
		if f.Billing == nil || !s.Billing.Usable() || f.Billing.AsOf.Before(received.Start(t.Zone)) {
			s.NoticeWaits = v1alpha1.ReasonBillingUnknown
			return nil
		}
		for _, invoice := range unpaid(f.Billing.Open) {
			if invoice.overdue(received) {
				return &NoticeDecision{ReceivedOn: f.NoticeReceivedOn, Invoice: invoice.Number}
			}
		}
	}
	return &NoticeDecision{ReceivedOn: f.NoticeReceivedOn, Accepted: true, EndsOn: t.noticeEnd(since, received, f.Rights)}
}

// NoticeDecision is what was decided about a notice.
type NoticeDecision struct {
	ReceivedOn Date
	Accepted   bool
	// EndsOn is the first day on which the contract no longer holds, if accepted.
	EndsOn Date
	// Invoice that was overdue when a refused notice was received.
	Invoice string
}

// judgeTrial suspends or ends what a trial leaves unpaid (LA-1).
func (t *Terms) judgeTrial(f Facts, s *Standing, when *schedule) {
	if s.TrialEndsOn.IsZero() || !s.AgreedOn.IsZero() {
		return
	}
	ends := s.TrialEndsOn.Start(t.Zone)
	s.OnTrial = s.Started && f.Now.Before(ends)
	when.transition(ends, NextEndTrial)
	if t.contract.trial.atEnd == v1alpha1.TrialEndEnd {
		s.ends(s.TrialEndsOn, v1alpha1.EndTrial)
	}
}

// judgeInactivity ends what nobody has used for too long, and has been warned of
// (LA-8, EC-2). Unknown activity is not inactivity.
func (t *Terms) judgeInactivity(f Facts, s *Standing, when *schedule) {
	i := t.inactivity
	if i == nil || f.LastActive.IsZero() || !s.Started {
		return
	}
	last := later(DateAt(f.LastActive, t.Zone), f.StartsOn)
	s.LastActiveOn = last
	end := i.endAfter.After(last)
	if i.warnAfter != nil {
		warn := i.warnAfter.After(last)
		when.transition(warn.Start(t.Zone), NextWarnInactivity)
		sent := f.Notices.sentAt(tidings.InactivityWarningName(last))
		if sent.IsZero() {
			s.InactiveOn = end
			return // nobody is closed who was not warned
		}
		// A warning that came late leaves as long as one in time.
		end = later(end, DateAt(sent, t.Zone).AddDays(end.DaysSince(warn)))
	}
	s.InactiveOn = end
	s.ends(end, v1alpha1.EndInactivity)
}

// judgeEnd says when the contract ends and why, and whether it has.
func (t *Terms) judgeEnd(f Facts, s *Standing, when *schedule) {
	if !f.EndedOn.IsZero() {
		s.EndsOn, s.EndReason = f.EndedOn, f.EndReason // the decision outlives its facts
	} else {
		if !f.TerminatedOn.IsZero() && s.Arrears != nil && !s.Arrears.TerminatesOn.IsZero() {
			s.ends(later(f.TerminatedOn, s.Arrears.TerminatesOn), v1alpha1.EndTerminatedByArrears)
		}
		if s.TerminationAllowed && t.arrears.automatic {
			s.ends(s.Arrears.TerminatesOn, v1alpha1.EndTerminatedByArrears)
		}
		if !s.TermEndsOn.IsZero() && t.contract.renewal == nil {
			s.ends(s.TermEndsOn, v1alpha1.EndOfTerm)
		} else if !s.AgreedOn.IsZero() && t.contract.renewal == nil && !t.contract.minimum.IsZero() {
			s.ends(t.contract.boundary(s.AgreedOn, 0), v1alpha1.EndOfTerm) // over already
		}
	}
	if s.EndsOn.IsZero() {
		return
	}
	at := s.EndsOn.Start(t.Zone)
	if t.succeeds(s.EndReason) {
		when.transition(at, NextChangePlan)
		return
	}
	when.transition(at, NextEnd)
	s.Ended = !f.Now.Before(at)
}

// judgeSuccession changes to the plan that follows when the agreement has ended
// (EC-6): not before the tenant's data fits it.
func (t *Terms) judgeSuccession(f Facts, s *Standing, _ *schedule) {
	if s.EndsOn.IsZero() || !t.succeeds(s.EndReason) || f.Now.Before(s.EndsOn.Start(t.Zone)) {
		return
	}
	if s.EraseRule != v1alpha1.ErasureRuleSmallerPlan {
		s.Plan = &PlanStep{Terms: t.plan.afterEnd, From: s.EndsOn, AgreedOn: s.EndsOn, Because: v1alpha1.PlanEnded}
	}
}

// succeeds reports whether another plan follows when the agreement ends for a reason (EC-6).
func (t *Terms) succeeds(reason v1alpha1.EndReason) bool {
	return t.plan != nil && t.plan.afterEnd != "" && (reason == v1alpha1.EndNotice || reason == v1alpha1.EndOfTerm)
}

// sticks reports whether the end of a contract, once reached, holds whatever
// becomes of the facts: those that a person stated can be taken back, those that
// a customer makes by paying or coming back cannot.
func sticks(reason v1alpha1.EndReason) bool {
	switch reason {
	case v1alpha1.EndTerminatedByArrears, v1alpha1.EndInactivity, v1alpha1.EndTrial:
		return true
	}
	return false
}

// ends notes a day on which the contract ends; the earliest stands.
func (s *Standing) ends(on Date, why v1alpha1.EndReason) {
	if s.EndsOn.IsZero() || on.Before(s.EndsOn) {
		s.EndsOn, s.EndReason = on, why
	}
}
