// SPDX-License-Identifier: Apache-2.0

// Package prose says in sentences what terms mean, and finds what in them cannot be kept.
package prose

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/charging"
	"werkplek.dev/werkplek/internal/terms/wording"
)

// Passage says in a sentence what a field of terms means.
type Passage struct {
	// Field of the ServiceTerms, from spec on.
	Field string `json:"field"`
	// Sentence about it, with dates worked out on an example.
	Sentence string `json:"sentence"`
}

// Explain says what each field that is set means, for a contract that would
// start on a day. The error is Compile's.
func Explain(spec *v1alpha1.ServiceTermsSpec, starts calendar.Date) ([]Passage, error) {
	t, err := agreement.Compile(spec)
	if err != nil {
		return nil, err
	}
	e := &explainer{t: t, spec: spec, starts: starts}
	e.say("timeZone", "Every date is a day in %s: it begins at 00:00 there.", spec.TimeZone)
	e.say("currency", "Amounts are in %s.", spec.Currency)
	if spec.DisplayName != "" {
		e.say("displayName", "These are the terms “%s”.", spec.DisplayName)
	}
	if spec.Prices != "" {
		e.say("prices", "%s", map[v1alpha1.PriceBasis]string{
			v1alpha1.PricesExcludingVAT: "Amounts do not include value-added tax.",
			v1alpha1.PricesIncludingVAT: "Amounts include value-added tax.",
		}[spec.Prices])
	}
	if spec.Language != "" {
		e.say("language", "Tenants that chose no language are written to in %q.", spec.Language)
	}
	e.plan()
	e.billing()
	e.contract()
	e.arrears()
	e.retention()
	e.inactivity()
	e.prices()
	e.support()
	if spec.Requests != nil && spec.Requests.Approval != "" {
		e.say("requests.approval", "%s", map[bool]string{
			true:  "What a contact asks for within the tenant's limits is done without anybody's approval.",
			false: "A person decides about what a contact asks for.",
		}[t.ApprovesAlone])
	}
	if len(spec.Notices) > 0 {
		e.say("notices", "Tenants are also told of: %s.", wording.Joined(spec.Notices))
	}
	if h := spec.Handover; h != nil {
		if h.Fee != "" {
			e.say("handover.fee", "Handing data over costs %s each time.", e.money(h.Fee))
		}
		if h.FeePerGigabyte != "" {
			e.say("handover.feePerGigabyte", "It costs %s for each started gigabyte (1,000,000,000 bytes) that is handed over.",
				e.money(h.FeePerGigabyte))
		}
	}
	return e.passages, nil
}

type explainer struct {
	t        *agreement.Terms
	spec     *v1alpha1.ServiceTermsSpec
	starts   calendar.Date
	passages []Passage
}

func (e *explainer) say(field, format string, arguments ...any) {
	e.passages = append(e.passages, Passage{"spec." + field, fmt.Sprintf(format, arguments...)})
}

func (e *explainer) money(price v1alpha1.Price) string {
	return fmt.Sprintf("%s %s", e.t.Currency, e.t.MoneyText(amountOf(price)))
}

func (e *explainer) plan() {
	p := e.spec.Plan
	if p == nil {
		return
	}
	if p.Price == "" && p.Seats == nil {
		e.say("plan", "The plan itself is free.")
	}
	if p.Price != "" {
		e.say("plan.price", "The plan costs %s for each billing period.", e.money(p.Price))
	}
	if p.Seats != nil {
		e.say("plan.seats.price", "Each seat costs %s for each billing period.", e.money(p.Seats.Price))
		if p.Seats.ExtraPrice != "" {
			e.say("plan.seats.extraPrice",
				"Each user beyond the seats costs %s for each billing period, once the tenant was told.",
				e.money(p.Seats.ExtraPrice))
		}
	}
	for i, change := range p.PriceChanges {
		var costs []string
		if change.Price != "" {
			costs = append(costs, "the plan costs "+e.money(change.Price))
		}
		if change.SeatPrice != "" {
			costs = append(costs, "each seat costs "+e.money(change.SeatPrice))
		}
		e.say(fmt.Sprintf("plan.priceChanges[%d]", i), "In periods that begin on %s or later, %s.", change.From,
			strings.Join(costs, " and "))
	}
	if len(p.ForTypes) > 0 {
		e.say("plan.forTypes", "Only these may have it: %s.", wording.Joined(p.ForTypes))
	}
	if p.Capacity != nil {
		e.say("plan.capacity", "All homes of a tenant together hold %s at most.", p.Capacity)
	}
	if p.Members != nil {
		e.say("plan.members", "It is for %s at most.", wording.Count(int(*p.Members), "user"))
	}
	if p.Bonus != nil {
		e.say("plan.bonus", "%s", map[bool]string{
			true: "A tenant may have more capacity for a time.", false: "Nobody has more capacity than that.",
		}[*p.Bonus])
	}
	if p.Entry != "" {
		e.say("plan.entry", "%s", map[v1alpha1.PlanEntry]string{
			v1alpha1.EntryOnPayment: "Who changes to this plan gets it when its first period is paid.",
			v1alpha1.EntryAtOnce:    "Who changes to this plan gets it at once.",
			v1alpha1.EntryPeriodEnd: "Who changes to this plan gets it when the billing period that runs is over.",
		}[p.Entry])
	}
	if after := p.AfterEnd; after != nil {
		e.say("plan.afterEnd.termsRef", "When it ends by notice or at the end of its term, the tenant goes on under %s.",
			after.TermsRef.Name)
		if after.EraseAboveCapacity != nil {
			e.say("plan.afterEnd.eraseAboveCapacity", "%s", map[bool]string{
				true: "If its data does not fit there, all of it is erased.", false: "Data that does not fit there stays.",
			}[*after.EraseAboveCapacity])
		}
	}
}

func (e *explainer) billing() {
	b := e.spec.Billing
	if b == nil {
		return
	}
	k := &e.t.Billing
	second := k.Start(e.starts, 1)
	e.say("billing.period", "The subscription is charged for each %s: a contract that starts on %s is charged from "+
		"then to %s, then from %s to %s.",
		strings.TrimPrefix(wording.Period(b.Period), "1 "), e.starts, second.AddDays(-1), second,
		k.Start(e.starts, 2).AddDays(-1))
	if b.PaidInAdvance != nil {
		e.say("billing.paidInAdvance", "%s", map[bool]string{
			true:  "That is before the period: on its first day, if nothing else is said.",
			false: "That is when the period is over.",
		}[*b.PaidInAdvance])
	}
	if b.InvoiceBefore != "" {
		e.say("billing.invoiceBefore", "Charges are made %s before their period: those for the period from %s on %s.",
			wording.Period(b.InvoiceBefore), second, k.Before.Back(second))
	}
	if b.Anchor != "" {
		e.say("billing.anchor", "%s", map[v1alpha1.PeriodAnchor]string{
			v1alpha1.AnchorContractStart: "Periods count from the day on which the contract starts.",
			v1alpha1.AnchorCalendarMonth: "Periods begin with a calendar month; the first one is shorter, and is charged by " +
				"the day.",
		}[b.Anchor])
	}
	if b.Additions != "" {
		e.say("billing.additions", "%s", map[v1alpha1.AdditionMode]string{
			v1alpha1.AdditionsProRata:    "What is added within a period is charged for the days that are left of it.",
			v1alpha1.AdditionsNextPeriod: "What is added within a period is charged from the next one on.",
		}[b.Additions])
	}
	if b.SurchargeWithoutDirectDebit != "" {
		e.say("billing.surchargeWithoutDirectDebit", "Who does not pay by direct debit pays %s percent more.",
			b.SurchargeWithoutDirectDebit)
	}
	if len(b.DirectDebitUnavailable) > 0 {
		var spans []string
		for _, span := range b.DirectDebitUnavailable {
			spans = append(spans, fmt.Sprintf("from %s to %s", span.From, span.Until))
		}
		e.say("billing.directDebitUnavailable", "Not for periods that begin when no direct debit is offered: %s.",
			strings.Join(spans, ", "))
	}
	if b.CollectionDay > 0 {
		e.say("billing.collectionDay",
			"Direct debits are drawn on day %d of each month, or its last day: after %s, first on %s.", b.CollectionDay,
			e.starts, e.t.NextCollection(e.starts))
	}
	if b.InvoiceFee != "" {
		e.say("billing.invoiceFee", "Each period's invoice costs %s besides, unless direct debit draws it.",
			e.money(b.InvoiceFee))
	}
}

func (e *explainer) contract() {
	c := e.spec.Contract
	if c == nil {
		return
	}
	t, first := e.t, e.t.Contract.Boundary(e.starts, 0)
	if c.MinimumTerm != "" {
		e.say("contract.minimumTerm", "The first term lasts %s: from %s to %s.", wording.Period(c.MinimumTerm), e.starts,
			first.AddDays(-1))
	}
	if c.Renewal != "" {
		from := first
		if c.MinimumTerm == "" {
			from = e.starts
		}
		end, _ := t.Contract.TermEnd(e.starts, from)
		e.say("contract.renewal", "Unless notice is given, a term of %s follows each: here from %s to %s.",
			wording.Period(c.Renewal),
			from, end.AddDays(-1))
	}
	e.notice("contract.notice", c.Notice, e.starts.AddDays(9))
	if first.IsZero() {
		first = e.starts
	}
	if c.NoticeAfterRenewal != nil {
		e.notice("contract.noticeAfterRenewal", c.NoticeAfterRenewal, first.AddDays(9))
	}
	if early := c.EarlyTermination; early != nil {
		percent := t.Contract.Early.Percent
		e.say("contract.earlyTermination.restOfTermPercent",
			"A tenant may leave within the first term, and pays %d percent of the subscription for the rest of it.", percent)
	} else if c.Notice != nil && c.MinimumTerm != "" && c.Notice.To != v1alpha1.NoticeToImmediate {
		e.say("contract.minimumTerm", "The first term binds: notice ends no agreement before it is over.")
	}
	if w := c.Withdrawal; w != nil {
		e.say("contract.withdrawal.within", "A tenant may withdraw within %s: here until and including %s.",
			wording.Period(w.Within),
			t.Contract.Withdrawal.Within.After(e.starts))
		if len(w.ForTypes) > 0 {
			e.say("contract.withdrawal.forTypes", "Only these may: %s.", wording.Joined(w.ForTypes))
		}
		if w.KeepDaysUsed != nil {
			e.say("contract.withdrawal.keepDaysUsed", "%s", map[bool]string{
				true: "It pays for the days until then, and gets the rest back.", false: "It gets everything back.",
			}[*w.KeepDaysUsed])
		}
	}
	if trial := c.Trial; trial != nil {
		end := t.Contract.Trial.Period.After(e.starts)
		e.say("contract.trial.period",
			"The first %s are a trial: here to %s. Nothing is charged until payment details are given.",
			wording.Period(trial.Period),
			end.AddDays(-1))
		if trial.AtEnd != "" {
			e.say("contract.trial.atEnd", "%s", map[v1alpha1.TrialEnd]string{
				v1alpha1.TrialEndSuspend: fmt.Sprintf("Without them, access is suspended from %s, until they are given.", end),
				v1alpha1.TrialEndEnd:     fmt.Sprintf("Without them, the contract ends on %s.", end),
			}[trial.AtEnd])
		}
		if trial.RemindBefore != "" {
			e.say("contract.trial.remindBefore", "The tenant is reminded %s before: on %s.", wording.Period(trial.RemindBefore),
				t.Contract.Trial.Remind.Back(end))
		}
	}
}

// notice explains how notice works, for one that is received on a day.
func (e *explainer) notice(field string, n *v1alpha1.NoticeTerms, received calendar.Date) {
	if n == nil {
		return
	}
	ends := e.t.NoticeEnd(e.starts, received, nil)
	to := map[v1alpha1.NoticeTarget]string{
		v1alpha1.NoticeToEndOfTerm: "the end of the term", v1alpha1.NoticeToEndOfCalendarMonth: "the end of a calendar month",
		v1alpha1.NoticeToNextCollection: "that long after the next direct debit",
		v1alpha1.NoticeToImmediate:      "the moment at which that time is over",
	}[n.To]
	e.say(field+".period", "Notice takes %s, to %s.", wording.Period(n.Period), to)
	e.say(field+".to", "Received on %s, it ends the agreement on %s: that is the first day without it.", received, ends)
	if n.RefusedDuringArrears != nil {
		e.say(field+".refusedDuringArrears", "%s", map[bool]string{
			true:  "Notice that is received while an invoice is overdue has no effect, even if that is paid later.",
			false: "Unpaid invoices do not keep anybody from giving notice.",
		}[*n.RefusedDuringArrears])
	}
	if n.RefundPercent > 0 {
		e.say(field+".refundPercent", "Of what was paid for the days after the end, %d percent is credited.", n.RefundPercent)
	}
}

func (e *explainer) arrears() {
	a := e.spec.Arrears
	if a == nil {
		return
	}
	t, issued := e.t, e.starts
	from, basis := "the oldest unpaid invoice", "was sent"
	if t.Arrears.Anchor == v1alpha1.LastSentInvoice {
		from = "the invoice that was sent last"
	}
	if t.Arrears.Basis == v1alpha1.DueOn {
		basis = "is due"
	}
	if a.MeasuredFrom != "" {
		e.say("arrears.measuredFrom", "What follows counts from %s.", from)
	}
	if a.DateBasis != "" {
		e.say("arrears.dateBasis", "It counts from the day on which that invoice %s.", basis)
	}
	suspends := agreement.FirstDayAfter(t.Arrears.SuspendAfter, issued)
	e.say("arrears.suspendAfter",
		"An invoice that %s on %s may stay unpaid for %s, so until and including %s: access is suspended from %s.", basis,
		issued, wording.Period(a.SuspendAfter), suspends.AddDays(-1), suspends)
	if w := a.Warning; w != nil {
		e.say("arrears.warning.before", "The tenant is warned %s before: on %s.", wording.Period(w.Before),
			t.Arrears.Warning.Back(suspends))
		if w.Required != nil {
			e.say("arrears.warning.required", "%s", map[bool]string{
				true:  "Nobody is suspended who was not warned that long before.",
				false: "A warning that could not be sent puts nothing off.",
			}[*w.Required])
		}
	}
	if a.TerminateAfter != "" {
		e.say("arrears.terminateAfter", "From %s, after more than %s, the provider may end the contract.",
			agreement.FirstDayAfter(*t.Arrears.TerminateAfter, issued), wording.Period(a.TerminateAfter))
	}
	if a.Termination != "" {
		e.say("arrears.termination", "%s",
			map[bool]string{true: "It then ends by itself.", false: "A person ends it then, or does not."}[t.Arrears.Automatic])
	}
	if a.ClaimRestOfTerm != nil {
		e.say("arrears.claimRestOfTerm", "%s", map[bool]string{
			true: "The subscription for the rest of the term is then charged.", false: "Nothing more is charged then.",
		}[*a.ClaimRestOfTerm])
	}
	if a.BillingFreshness != "" {
		e.say("arrears.billingFreshness",
			"If the billing system has not reported for %s, nobody is suspended, and no suspension ends by payment.",
			wording.Period(a.BillingFreshness))
	}
	r := e.spec.Reactivation
	if r == nil {
		return
	}
	per := map[v1alpha1.ReactivationUnit]string{v1alpha1.PerWorkplaceUser: "each user who was shut out",
		v1alpha1.PerTenant: "the tenant, however many users it has"}[t.Reactivation.Per]
	e.say("reactivation.fee", "Access that comes back costs %s for %s; for 12 users, %s %s.", e.money(r.Fee), per,
		t.Currency, e.reactivation(12))
	if r.Per != "" {
		e.say("reactivation.per", "The fee is for %s.", per)
	}
	if r.Requires != "" {
		e.say("reactivation.requires", "It comes back when %s.", map[v1alpha1.ReactivationRequirement]string{
			v1alpha1.AllOpenInvoicesPaid: "every open invoice is paid",
			v1alpha1.OverdueInvoicesPaid: "every invoice that is overdue is paid",
		}[r.Requires])
	}
}

func (e *explainer) reactivation(users int) string {
	if charge := charging.Reactivation(e.t, "example", users, e.starts); charge != nil {
		return string(charge.Amount)
	}
	return e.t.MoneyText(decimal.Zero)
}

func (e *explainer) retention() {
	r := e.spec.Retention
	if r == nil {
		return
	}
	ended, t := e.starts, e.t.Retention
	data := t.AfterEnd.From(ended)
	e.say("retention.afterEnd", "Data is kept for %s after the end: of a contract that ended on %s, it is erased on %s.",
		wording.Period(r.AfterEnd), ended, data.EraseOn)
	if r.AfterUnpaid != "" {
		e.say("retention.afterUnpaid", "If arrears ended the contract, it is kept for %s: it is erased on %s.",
			wording.Period(r.AfterUnpaid), t.AfterUnpaid.From(ended).EraseOn)
	}
	if r.Announce != "" {
		data.ToldAtEnd = true
		e.say("retention.announce", "Nothing is erased before the tenant was told %s before; here it is told on %s. "+
			"What cannot be announced is not erased.", wording.Period(r.Announce), t.AnnounceFrom(data))
	}
	if r.Erasure != "" {
		e.say("retention.erasure", "%s",
			map[bool]string{true: "A person erases it then.", false: "It is erased by itself then."}[t.Manual])
	}
}

func (e *explainer) inactivity() {
	i := e.spec.Inactivity
	if i == nil {
		return
	}
	if i.WarnAfter != "" {
		e.say("inactivity.warnAfter", "A tenant that used nothing since %s is warned after %s: on %s.", e.starts,
			wording.Period(i.WarnAfter), e.t.Inactivity.WarnAfter.After(e.starts))
	}
	e.say("inactivity.endAfter", "After %s without use, on %s, its contract ends.", wording.Period(i.EndAfter),
		e.t.Inactivity.EndAfter.After(e.starts))
}

func (e *explainer) prices() {
	if p := e.spec.PriceChange; p != nil {
		if p.Notice != "" {
			e.say("priceChange.notice", "A changed price holds for a tenant that was told %s before: one of %s is told on %s.",
				wording.Period(p.Notice), e.starts, e.t.Prices.Announced.Back(e.starts))
		}
		if p.IndexingMonth > 0 {
			e.say("priceChange.indexingMonth",
				"During an agreement prices change on the first day of month %d only: one that changes on %s holds from %s.",
				p.IndexingMonth, e.starts.AddDays(1), e.t.Indexed(e.starts.AddDays(1)))
		}
		if p.ExitAbovePercent != "" {
			e.say("priceChange.exitAbovePercent", "If a price changes by more than %s percent, the tenant may leave.",
				p.ExitAbovePercent)
		}
		if p.ExitNotice != "" {
			e.say("priceChange.exitNotice", "That takes %s: said on %s, it leaves on %s.", wording.Period(p.ExitNotice),
				e.starts,
				e.t.Prices.Exit.After(e.starts))
		}
	}
	for i, change := range e.spec.Changes {
		e.say(fmt.Sprintf("changes[%d]", i), "From %s other terms hold: %s. Tenants are told beforehand.", change.From,
			change.Title)
	}
}

func (e *explainer) support() {
	s := e.spec.Support
	if s == nil {
		return
	}
	if s.AnswerWithin != "" {
		e.say("support.answerWithin", "A request is answered within %s.", wording.Period(s.AnswerWithin))
	}
	if o := s.OfficeHours; o != nil {
		e.say("support.officeHours",
			"Support works from %s to %s on %s; only that time counts, if the answer is promised within hours.", o.From, o.Until,
			wording.Joined(o.Days))
		if o.HolidayCalendar != "" {
			e.say("support.officeHours.holidayCalendar", "It does not work on public holidays of %s.", o.HolidayCalendar)
		}
		if len(o.Holidays) > 0 {
			e.say("support.officeHours.holidays", "Nor does it on %s.", wording.Joined(o.Holidays))
		}
		if len(o.WorkingHolidays) > 0 {
			e.say("support.officeHours.workingHolidays", "It does work on %s.", wording.Joined(o.WorkingHolidays))
		}
	}
	if r := s.Rates; r != nil {
		e.rate("support.rates.remote", "Remote work", r.Remote)
		e.rate("support.rates.onSite", "Work on site", r.OnSite)
	}
	sessions := s.Sessions
	if sessions == nil {
		return
	}
	e.say("support.sessions.included", "The agreement includes %s for each %s.",
		wording.Count(int(sessions.Included), "support session"), strings.TrimPrefix(wording.Period(sessions.Per), "1 "))
	if sessions.Length != "" {
		e.say("support.sessions.length", "A session lasts up to %s; longer work takes several.",
			wording.Period(sessions.Length))
	}
	if sessions.Consecutive > 0 {
		e.say("support.sessions.consecutive", "One problem takes %s at most; what is longer is charged.",
			wording.Count(int(sessions.Consecutive), "session"))
	}
	if sessions.DiscountPercent > 0 {
		e.say("support.sessions.discountPercent", "Once all are used, work is charged with a discount of %d percent.",
			sessions.DiscountPercent)
	}
	if sessions.Overused != "" && e.t.Sessions.Per.Months > 0 {
		earned := int(sessions.Included) * 3 / e.t.Sessions.Per.Months
		e.say("support.sessions.overused",
			"Who leaves pays %s for each session used beyond those that its full months have earned: after 3 months, beyond %d.",
			e.money(sessions.Overused), earned)
	}
}

func (e *explainer) rate(field, what string, r *v1alpha1.WorkRate) {
	if r == nil {
		return
	}
	e.say(field+".amount", "%s outside the agreement costs %s for each started %s.", what, e.money(r.Amount),
		strings.TrimPrefix(wording.Period(r.Per), "1 "))
	if r.Minimum != "" {
		e.say(field+".minimum", "At least %s are charged.", wording.Period(r.Minimum))
	}
	if r.CallOut != "" {
		e.say(field+".callOut", "Each visit costs %s besides.", e.money(r.CallOut))
	}
	if r.MinimumAmount != "" {
		e.say(field+".minimumAmount", "Any such work costs %s at least.", e.money(r.MinimumAmount))
	}
}
