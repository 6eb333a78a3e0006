// SPDX-License-Identifier: Apache-2.0

// Package telling finds the notices that should exist by now.
package telling

import (
	"fmt"
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/dues"
	"werkplek.dev/werkplek/internal/terms/facts"
	"werkplek.dev/werkplek/internal/terms/prices"
	"werkplek.dev/werkplek/internal/terms/standing"
	"werkplek.dev/werkplek/internal/terms/tidings"
)

// news is for how long something that happened is worth a notice.
var news = calendar.Period{Days: 7}

// teller collects the notices that are due.
type teller struct {
	t    *agreement.Terms
	f    *facts.Facts
	s    *standing.Standing
	when calendar.Alarm
	due  []tidings.Notice
}

// tell notes that a notice should exist, unless it does.
func (o *teller) tell(name string, about v1alpha1.SourceReference, tiding tidings.Tiding) {
	if _, exists := o.f.Notices[name]; !exists {
		o.due = append(o.due, tidings.New(name, about, tiding))
	}
}

// reached reports whether a day has begun, and sees to it that it is asked again
// when it does.
func (o *teller) reached(day calendar.Date) bool {
	starts := day.Start(o.t.Zone)
	o.when.At(starts)
	return !o.f.Now.Before(starts)
}

// fresh reports whether something that happened at a moment is still news.
func (o *teller) fresh(at time.Time) bool {
	return !at.After(o.f.Now) && o.f.Now.Before(news.AfterMoment(at, o.t.Zone))
}

// Due are the notices that should exist by now and do not.
type Due struct {
	Notices []tidings.Notice
	// Recheck is the moment at which more becomes due without new facts; zero if none does.
	Recheck time.Time
}

// DueNow returns the notices that should exist by now and do not, where a
// tenant stands as s says (LS-1, LS-5, LA-1, LA-8, LA-10, LA-12, EC-11, DF-1).
func DueNow(t *agreement.Terms, f facts.Facts, s *standing.Standing) Due {
	o := &teller{t: t, f: &f, s: s, when: calendar.Alarm{Now: f.Now}}
	o.all()
	return Due{Notices: o.due, Recheck: o.when.Next}
}

// all finds them, each kind by its rule.
func (o *teller) all() {
	t, f, s := o.t, o.f, o.s
	if f.Erased {
		o.erased()
		return
	}
	o.requests()
	if t.Told[v1alpha1.NoticeWelcome] && o.fresh(f.CreatedAt) {
		o.tell(tidings.WelcomeName, o.tenant(), tidings.Welcome{StartsOn: f.StartsOn})
	}
	o.arrears()
	o.suspensions()
	o.trial()
	o.inactivity()
	o.notice()
	o.plan()
	o.closure()
	if !s.Ended {
		o.prices()
		o.planPrices()
		o.changes()
		o.seats()
	}
}

// tenant is what most notices are about.
func (o *teller) tenant() v1alpha1.SourceReference {
	return v1alpha1.SourceReference{Kind: "Tenant", Name: v1alpha1.ObjectName(o.f.Tenant)}
}

func (o *teller) erased() {
	if !o.t.Told[v1alpha1.NoticeErased] {
		return
	}
	o.tell(tidings.ErasedName(o.s.EraseOn), o.tenant(), tidings.Erased{
		ErasedOn: o.s.EraseOn, Homes: o.f.ErasedHomes, Rule: o.f.ErasedUnder,
	})
}

func (o *teller) arrears() {
	s, a := o.s, o.s.Arrears
	if a == nil || a.WarnOn.IsZero() || !s.Billing.Usable() || s.Ended {
		return
	}
	if o.f.InArrearsSuspension() || !o.reached(a.WarnOn) {
		return
	}
	if !o.t.Arrears.MustWarn && o.reached(a.SuspendsOn) {
		return // it has been overtaken
	}
	o.tell(tidings.SuspensionWarningName(a.Nominal), o.tenant(), tidings.SuspensionWarning{
		Invoice: a.Invoice, IssuedOn: a.Since, Amount: o.t.Money(a.Amount), Currency: o.t.Currency,
		SuspendsOn: standing.WarnedFor(o.t, *o.f, a),
	})
}

func (o *teller) suspensions() {
	for i := range o.f.Suspensions {
		suspension := &o.f.Suspensions[i]
		about := v1alpha1.SourceReference{Kind: "Suspension", Name: v1alpha1.ObjectName(suspension.Name)}
		switch {
		case o.t.Told[v1alpha1.NoticeSuspended] && suspension.InForce(o.f.Now) && o.fresh(suspension.Since):
			o.tell(tidings.SuspendedName(suspension.Name), about, o.suspended(suspension))
		case o.t.Told[v1alpha1.NoticeResumed] && suspension.Lifted() && o.fresh(suspension.LiftedAt) && !o.s.Ended:
			o.tell(tidings.ResumedName(suspension.Name), about, o.resumed(suspension))
		}
	}
}

func (o *teller) suspended(suspension *facts.Suspension) tidings.Suspended {
	tiding := tidings.Suspended{
		Cause: suspension.Cause, Reason: suspension.Reason, Since: calendar.DateAt(suspension.Since, o.t.Zone),
	}
	if a := o.s.Arrears; a != nil && suspension.Cause == v1alpha1.CauseArrears {
		tiding.Invoices, tiding.Amount, tiding.Currency = o.openInvoices(), o.t.Money(a.Amount), o.t.Currency
	}
	return tiding
}

func (o *teller) resumed(suspension *facts.Suspension) tidings.Resumed {
	tiding := tidings.Resumed{Since: calendar.DateAt(suspension.LiftedAt, o.t.Zone)}
	charge, charged := o.f.Charges.Find(dues.Reactivation(suspension.Name))
	if !charged {
		return tiding
	}
	tiding.Charge, tiding.Amount, tiding.Currency = charge.Name, o.t.Money(charge.Amount), o.t.Currency
	// The terms may have changed since: only a fee that comes to the amount is told.
	fee := o.t.Reactivation.Fee
	if o.t.Reactivation.Per == v1alpha1.PerWorkplaceUser && o.t.Round(fee.Mul(charge.Quantity)).Equal(charge.Amount) {
		tiding.PerUser = o.t.Money(fee)
	}
	return tiding
}

// requests confirms requests at once, and says what became of them (TD-1).
func (o *teller) requests() {
	for i := range o.f.Requests {
		request := &o.f.Requests[i]
		about := v1alpha1.SourceReference{Kind: "UserRequest", Name: v1alpha1.ObjectName(request.Name)}
		if o.t.Told[v1alpha1.NoticeRequestReceived] && o.fresh(request.ReceivedAt) {
			tiding := tidings.RequestReceived{Request: request.Name, Of: v1alpha1.UserRequestType(request.Type)}
			if !request.AnswerDueAt.IsZero() {
				tiding.AnswerDueAt = request.AnswerDueAt.In(o.t.Zone)
			}
			o.tell(tidings.RequestReceivedName(request.Name), about, tiding)
		}
		answered := !request.AnsweredAt.IsZero() && o.fresh(request.AnsweredAt)
		if o.t.Told[v1alpha1.NoticeRequestAnswered] && answered {
			o.tell(tidings.RequestAnsweredName(request.Name), about, tidings.RequestAnswered{
				Request: request.Name, Of: v1alpha1.UserRequestType(request.Type),
				Approved: request.Approved, Reason: request.Answer,
			})
		}
	}
}

func (o *teller) openInvoices() []string {
	var numbers []string
	if o.f.Billing != nil {
		for _, invoice := range facts.Unpaid(o.f.Billing.Open) {
			numbers = append(numbers, invoice.Number)
		}
	}
	return numbers
}

func (o *teller) trial() {
	trial, ends := o.t.Contract.Trial, o.s.TrialEndsOn
	if trial == nil || !o.s.OnTrial || trial.Remind == nil || !o.reached(trial.Remind.Back(ends)) {
		return
	}
	o.tell(tidings.TrialEndingName(ends), o.tenant(), tidings.TrialEnding{EndsOn: ends})
}

func (o *teller) inactivity() {
	i, last := o.t.Inactivity, o.s.LastActiveOn
	if i == nil || i.WarnAfter == nil || last.IsZero() || o.s.Ended || !o.reached(i.WarnAfter.After(last)) {
		return
	}
	// What is promised is what holds if the warning goes out today.
	warned, end := calendar.DateAt(o.f.Now, o.t.Zone), i.EndAfter.After(last)
	end = calendar.Later(end, warned.AddDays(end.DaysSince(i.WarnAfter.After(last))))
	o.tell(tidings.InactivityWarningName(last), o.tenant(), tidings.InactivityWarning{LastActive: last, EndsOn: end})
}

// notice answers the tenant's own notice.
func (o *teller) notice() {
	n := o.s.Notice
	switch {
	case n == nil:
	case n.Accepted && o.t.Told[v1alpha1.NoticeOfAcceptance]:
		o.tell(tidings.NoticeAcceptedName(n.ReceivedOn), o.tenant(), tidings.NoticeAccepted{
			ReceivedOn: n.ReceivedOn, EndsOn: n.EndsOn,
		})
	case !n.Accepted && o.t.Told[v1alpha1.NoticeOfRefusal]:
		o.tell(tidings.NoticeRefusedName(n.ReceivedOn), o.tenant(), tidings.NoticeRefused{
			ReceivedOn: n.ReceivedOn, Reason: refusal(n),
		})
	}
}

func (o *teller) plan() {
	from := o.f.PlanFrom
	if o.t.Told[v1alpha1.NoticePlanChanged] && !from.IsZero() && o.fresh(from.Start(o.t.Zone)) {
		o.tell(tidings.PlanChangedName(from), o.tenant(), tidings.PlanChanged{Plan: o.f.TermsTitle, From: from})
	}
}

func refusal(n *facts.NoticeDecision) string {
	if n.Invoice == "" {
		return "an invoice was overdue"
	}
	return fmt.Sprintf("invoice %s was overdue", n.Invoice)
}

func (o *teller) closure() {
	if announce := o.s.Announce; announce != nil {
		o.tell(announce.Name, o.tenant(), tidings.ClosureAnnouncement{
			EndedOn: o.s.EndsOn, EraseOn: announce.EraseOn, Rule: o.s.EraseRule,
		})
	}
}

// announced reports whether a change from a day on is to be told of by now, and
// is still news.
func (o *teller) announced(from calendar.Date) bool {
	p := o.t.Prices
	if p == nil || p.Announced == nil || !o.f.StartsOn.Before(from) || !o.reached(p.Announced.Back(from)) {
		return false
	}
	return o.f.Now.Before(news.AfterMoment(from.Start(o.t.Zone), o.t.Zone))
}

// prices tells of prices of classes and licences that are going to change.
func (o *teller) prices() {
	t := o.t
	for _, subject := range o.f.Subjects {
		held, ok := agreement.PriceOn(subject.Prices, o.f.StartsOn)
		for _, day := range t.ChangeDays(o.f.StartsOn, subject.Prices) {
			price, _ := agreement.PriceOn(subject.Prices, day)
			if ok && o.announced(day) && !price.Amount.Equal(held.Amount) {
				about := v1alpha1.SourceReference{Kind: subject.Kind, Name: v1alpha1.ObjectName(subject.Name)}
				o.tell(tidings.PriceChangeName(subject.Kind, subject.Name, day), about, tidings.PriceChange{
					Subject: subject.Title(), OldAmount: t.Money(held.Amount), NewAmount: t.Money(price.Amount),
					Currency: price.Currency, From: o.holdsFrom(subject.Kind, subject.Name, day),
					MayLeave: t.Right(subject, day, held, price) != nil, LeaveNotice: t.Prices.ExitNotice,
				})
			}
			held, ok = price, true
		}
	}
}

// planPrices tells of plan prices that are going to change.
func (o *teller) planPrices() {
	t := o.t
	if t.Plan == nil {
		return
	}
	held := t.Plan.PricesOn(prices.PlanSince(o.f))
	for _, change := range t.Plan.Changes {
		if !prices.PlanSince(o.f).Before(change.From) {
			continue
		}
		next := t.Plan.PricesOn(change.From)
		old, changed := held.Plan, next.Plan
		if old.Equal(changed) && held.Seats != nil {
			old, changed = held.Seats.Price, next.Seats.Price
		}
		if o.announced(change.From) && !old.Equal(changed) {
			about := v1alpha1.SourceReference{Kind: agreement.PlanSubject, Name: v1alpha1.ObjectName(o.f.TermsName)}
			o.tell(tidings.PriceChangeName(agreement.PlanSubject, o.f.TermsName, change.From), about, tidings.PriceChange{
				Subject: o.f.PlanTitle(), OldAmount: t.Money(old), NewAmount: t.Money(changed), Currency: t.Currency,
				From: o.holdsFrom(agreement.PlanSubject, o.f.TermsName, change.From),
			})
		}
		held = next
	}
}

// holdsFrom returns the day from which a changed price holds if its notice goes
// out today.
func (o *teller) holdsFrom(kind, name string, day calendar.Date) calendar.Date {
	return prices.AnnouncedFrom(o.t, *o.f, kind, name, day, calendar.DateAt(o.f.Now, o.t.Zone))
}

// changes tells of terms that are going to change.
func (o *teller) changes() {
	for _, change := range o.t.Changes {
		if o.announced(change.From) {
			o.tell(tidings.TermsChangeName(change.From), o.tenant(), tidings.TermsChange{From: change.From, Title: change.Title})
		}
	}
}

// seats tells of more users than seats, before they are charged (LA-10).
func (o *teller) seats() {
	t, s := o.t, o.s
	if t.Plan == nil || t.Plan.Seats == nil || s.AgreedOn.IsZero() || !t.Billing.Charged {
		return
	}
	today := calendar.DateAt(o.f.Now, t.Zone)
	over := !s.EndsOn.IsZero() && !today.Before(s.EndsOn) // nothing more is charged
	users := o.f.MemberCount()
	if users <= o.f.SeatsHeld() || today.Before(s.AgreedOn) || over {
		return
	}
	period := t.Billing.Start(s.AgreedOn, t.Billing.At(s.AgreedOn, today))
	o.tell(tidings.SeatsExceededName(period), o.tenant(), tidings.SeatsExceeded{
		Seats: o.f.SeatsHeld(), Users: users, Price: t.Money(t.Plan.Seats.Extra), Currency: t.Currency, From: today,
	})
}
