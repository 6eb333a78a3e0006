// SPDX-License-Identifier: Apache-2.0

package agreement

import (
	"errors"
	"fmt"
	"slices"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
)

// Contract says how agreements start, renew and end.
type Contract struct {
	Minimum      calendar.Period  // the first term; zero: there is none
	Renewal      *calendar.Period // nil: the agreement is not renewed
	Notice       *Notice          // nil: none can be given
	AfterRenewal *Notice          // nil: as in the first term
	Early        *Early           // nil: the first term binds
	Withdrawal   *Withdrawal
	Trial        *Trial
}

// Notice says when notice ends an agreement (TD-7).
type Notice struct {
	Period  calendar.Period
	To      v1alpha1.NoticeTarget
	Refused bool  // during arrears
	Refund  int32 // percent of what was paid for the days after the end
}

// Early lets a tenant leave within the first term (DF-3).
type Early struct {
	// Percent of the subscription for the rest of the term that it pays.
	Percent int32
}

// Withdrawal lets a tenant withdraw (LS-4, EC-10, DF-2).
type Withdrawal struct {
	Within calendar.Period
	Types  []v1alpha1.TenantType // who may; empty: everybody
	Keep   bool                  // the days used are paid for
}

// Trial is a time for which nothing is charged (LA-1).
type Trial struct {
	Period calendar.Period
	AtEnd  v1alpha1.TrialEnd
	Remind *calendar.Period // before its end; nil: nobody is reminded
}

// contract reads how agreements start, renew and end.
func (c *compiler) contract(spec *v1alpha1.ContractTerms) *Contract {
	compiled := &Contract{}
	if spec == nil {
		return compiled
	}
	compiled.Minimum = c.optional("spec.contract.minimumTerm", spec.MinimumTerm)
	if spec.Renewal != "" {
		renewal := c.period("spec.contract.renewal", spec.Renewal)
		if renewal.Months == 0 && renewal.Days == 0 {
			c.fault(fmt.Errorf("spec.contract.renewal: %s is no calendar period; write one such as P1M", spec.Renewal))
		}
		compiled.Renewal = &renewal
	}
	compiled.Notice = c.notice("spec.contract.notice", spec.Notice)
	compiled.AfterRenewal = c.notice("spec.contract.noticeAfterRenewal", spec.NoticeAfterRenewal)
	if spec.NoticeAfterRenewal != nil && spec.Renewal == "" {
		c.fault(errors.New("spec.contract.noticeAfterRenewal: these terms are never renewed; set spec.contract.renewal, " +
			"or remove it"))
	}
	if e := spec.EarlyTermination; e != nil {
		compiled.Early = &Early{Percent: 100}
		if e.RestOfTermPercent != nil {
			compiled.Early.Percent = *e.RestOfTermPercent
		}
	}
	if w := spec.Withdrawal; w != nil {
		compiled.Withdrawal = &Withdrawal{
			Within: c.period("spec.contract.withdrawal.within", w.Within), Types: w.ForTypes,
			Keep: w.KeepDaysUsed != nil && *w.KeepDaysUsed,
		}
	}
	if trial := spec.Trial; trial != nil {
		compiled.Trial = &Trial{
			Period: c.period("spec.contract.trial.period", trial.Period),
			AtEnd:  orDefault(trial.AtEnd, v1alpha1.TrialEndSuspend),
		}
		if trial.RemindBefore != "" {
			before := c.period("spec.contract.trial.remindBefore", trial.RemindBefore)
			compiled.Trial.Remind = &before
		}
	}
	return compiled
}

func (c *compiler) notice(field string, spec *v1alpha1.NoticeTerms) *Notice {
	if spec == nil {
		return nil
	}
	return &Notice{
		Period: c.period(field+".period", spec.Period), To: spec.To, Refund: spec.RefundPercent,
		Refused: spec.RefusedDuringArrears != nil && *spec.RefusedDuringArrears,
	}
}

// Boundary returns the first day after the k-th term, counted from 0 for the
// first, of an agreement that runs since a day; no date if there is no such term.
func (c *Contract) Boundary(since calendar.Date, k int) calendar.Date {
	first := !c.Minimum.IsZero()
	switch {
	case k == 0 && first:
		return c.Minimum.After(since)
	case c.Renewal == nil:
		return calendar.Date{}
	case !first:
		k++ // without a first term of its own, the first is a renewal's length
	}
	months, days := c.Minimum.Months+k*c.Renewal.Months, c.Minimum.Days+k*c.Renewal.Days
	return calendar.Period{Months: months, Days: days}.After(since)
}

// TermEnd returns the first boundary after a day, and whether it is that of the
// first term; no date where there is none.
func (c *Contract) TermEnd(since, day calendar.Date) (end calendar.Date, first bool) {
	if end = c.Boundary(since, 0); end.IsZero() || day.Before(end) {
		return end, !end.IsZero()
	}
	if c.Renewal == nil {
		return calendar.Date{}, false
	}
	// Close by from below, as months have at most 31 days; then step.
	length := 31*c.Renewal.Months + c.Renewal.Days
	k := max(1, (day.DaysSince(end)-31)/length)
	for {
		if end = c.Boundary(since, k); day.Before(end) {
			return end, false
		}
		k++
	}
}

// NoticeRule returns the rule for a notice that is received on a day.
func (c *Contract) NoticeRule(since, received calendar.Date) *Notice {
	if c.AfterRenewal != nil {
		if first := c.Boundary(since, 0); !first.IsZero() && !received.Before(first) {
			return c.AfterRenewal
		}
	}
	return c.Notice
}

// NoticeEnd returns the first day on which an agreement no longer holds that
// runs since a day, if notice is received on another (TD-7, LS-6, LS-7, EC-3,
// DF-6, LA-7). The first term binds, unless the terms let a tenant leave within
// it; what ends immediately ends whatever the term.
func (t *Terms) NoticeEnd(since, received calendar.Date, rights []v1alpha1.RightToLeave) calendar.Date {
	rule := t.Contract.NoticeRule(since, received)
	if rule == nil {
		return calendar.Date{}
	}
	end := rule.Period.After(received)
	switch rule.To {
	case v1alpha1.NoticeToEndOfCalendarMonth:
		end = end.MonthStart().AddMonths(1)
	case v1alpha1.NoticeToNextCollection:
		end = rule.Period.After(t.NextCollection(received))
	case v1alpha1.NoticeToEndOfTerm:
		// Like the end of a month, that of a term must come after the whole period:
		// the day of receipt does not count.
		if until, _ := t.Contract.TermEnd(since, end); !until.IsZero() {
			end = until
		}
	}
	if first := t.Contract.Boundary(since, 0); t.Contract.Early == nil && rule.To != v1alpha1.NoticeToImmediate &&
		!t.Contract.Minimum.IsZero() {
		end = calendar.Later(end, first)
	}
	return t.leaving(end, received, rights)
}

// leaving returns the day on which a right to leave over changed prices lets a
// notice end the agreement, if that is before it would (TD-15). A right holds
// from its notice's length before the change until as long after it.
func (t *Terms) leaving(end, received calendar.Date, rights []v1alpha1.RightToLeave) calendar.Date {
	if t.Prices == nil || t.Prices.ExitNotice == "" {
		return end
	}
	for _, right := range rights {
		from, err := calendar.ParseDate(string(right.From))
		if err != nil || t.Prices.Exit.After(received).Before(from) || t.Prices.Exit.After(from).Before(received) {
			continue
		}
		if leaves := t.Prices.Exit.After(received); leaves.Before(end) {
			end = leaves
		}
	}
	return end
}

// NextCollection returns the first collection day after a day (DF-6): a draw
// made on the day itself has been ordered before the notice came.
func (t *Terms) NextCollection(day calendar.Date) calendar.Date {
	on := t.Billing.CollectionDay
	for month := day.MonthStart(); ; month = month.AddMonths(1) {
		last := month.AddMonths(1).AddDays(-1).Day
		if draw := (calendar.Date{Year: month.Year, Month: month.Month, Day: min(on, last)}); day.Before(draw) {
			return draw
		}
	}
}

// Allows reports whether a kind of tenant may withdraw.
func (w *Withdrawal) Allows(kind v1alpha1.TenantType) bool {
	return len(w.Types) == 0 || slices.Contains(w.Types, kind)
}

// Succeeds reports whether another plan follows when the agreement ends for a reason (EC-6).
func (t *Terms) Succeeds(reason v1alpha1.EndReason) bool {
	return t.Plan != nil && t.Plan.AfterEnd != "" && (reason == v1alpha1.EndNotice || reason == v1alpha1.EndOfTerm)
}
