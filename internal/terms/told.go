// SPDX-License-Identifier: Apache-2.0

package terms

import (
	"fmt"
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/terms/dues"
	"werkplek.dev/werkplek/internal/terms/tidings"
)

// Notices are those that exist, by name, with the moment at which each was sent;
// the zero moment while it was not.
type Notices map[string]time.Time

func (n Notices) sentAt(name string) time.Time { return n[name] }

// DueNotice is a notice that should exist by now.
type DueNotice = tidings.Notice

type termsChange struct {
	from  Date
	title string
}

// SuspensionWarningName is tidings.SuspensionWarningName.
func SuspensionWarningName(suspendsOn Date) string { return tidings.SuspensionWarningName(suspendsOn) }

// ClosureAnnouncementName is tidings.ClosureAnnouncementName.
func ClosureAnnouncementName(eraseOn Date) string { return tidings.ClosureAnnouncementName(eraseOn) }

// news is for how long something that happened is worth a notice.
var news = Period{Days: 7}

func (c *compiler) notices(spec *v1alpha1.ServiceTermsSpec) (map[v1alpha1.NoticeType]bool, []termsChange) {
	told := map[v1alpha1.NoticeType]bool{}
	for _, kind := range spec.Notices {
		told[kind] = true
	}
	var changes []termsChange
	for i, change := range spec.Changes {
		changes = append(changes, termsChange{c.date(fmt.Sprintf("spec.changes[%d].from", i), change.From), change.Title})
	}
	if len(changes) > 0 && (spec.PriceChange == nil || spec.PriceChange.Notice == "") {
		c.fault(fmt.Errorf("spec.changes: say in spec.priceChange.notice how long before changes tenants are told"))
	}
	return told, changes
}

// Tells reports whether the terms send notices of a type beyond those that other fields demand.
func (t *Terms) Tells(kind v1alpha1.NoticeType) bool { return t.told[kind] }

// teller collects the notices that are due.
type teller struct {
	t    *Terms
	f    *Facts
	s    *Standing
	when *schedule
	due  []DueNotice
}

// tell notes that a notice should exist, unless it does.
func (o *teller) tell(name string, about v1alpha1.SourceReference, tiding tidings.Tiding) {
	if _, exists := o.f.Notices[name]; !exists {
		o.due = append(o.due, tidings.New(name, about, tiding))
	}
}

// reached reports whether a day has begun, and sees to it that it is asked again
// when it does.
func (o *teller) reached(day Date) bool {
	starts := day.Start(o.t.Zone)
	o.when.recheck(starts)
	return !o.f.Now.Before(starts)
}

// fresh reports whether something that happened at a moment is still news.
func (o *teller) fresh(at time.Time) bool {
	return !at.After(o.f.Now) && o.f.Now.Before(news.AfterMoment(at, o.t.Zone))
}

// dueNotices returns the notices that should exist and do not (LS-1, LS-5,
// LA-1, LA-8, LA-10, LA-12, EC-11, DF-1).
func (t *Terms) dueNotices(f Facts, s *Standing, when *schedule) []DueNotice {
	o := &teller{t: t, f: &f, s: s, when: when}
	if f.Erased {
		o.erased()
		return o.due
	}
	o.requests()
	if t.told[v1alpha1.NoticeWelcome] && o.fresh(f.CreatedAt) {
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
	return o.due
}

// tenant is what most notices are about.
func (o *teller) tenant() v1alpha1.SourceReference {
	return v1alpha1.SourceReference{Kind: "Tenant", Name: v1alpha1.ObjectName(o.f.Tenant)}
}

func (o *teller) erased() {
	if !o.t.told[v1alpha1.NoticeErased] {
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
	if o.f.inArrearsSuspension() || !o.reached(a.WarnOn) {
		return
	}
	if !o.t.arrears.mustWarn && o.reached(a.SuspendsOn) {
		return // it has been overtaken
	}
	o.tell(tidings.SuspensionWarningName(a.Nominal), o.tenant(), tidings.SuspensionWarning{
		Invoice: a.Invoice, IssuedOn: a.Since, Amount: o.t.Money(a.Amount), Currency: o.t.Currency,
		SuspendsOn: o.t.warnedFor(*o.f, a),
	})
}

func (o *teller) suspensions() {
	for i := range o.f.Suspensions {
		suspension := &o.f.Suspensions[i]
		about := v1alpha1.SourceReference{Kind: "Suspension", Name: v1alpha1.ObjectName(suspension.Name)}
		switch {
		case o.t.told[v1alpha1.NoticeSuspended] && suspension.InForce(o.f.Now) && o.fresh(suspension.Since):
			o.tell(tidings.SuspendedName(suspension.Name), about, o.suspended(suspension))
		case o.t.told[v1alpha1.NoticeResumed] && suspension.Lifted() && o.fresh(suspension.LiftedAt) && !o.s.Ended:
			o.tell(tidings.ResumedName(suspension.Name), about, o.resumed(suspension))
		}
	}
}

func (o *teller) suspended(suspension *Suspension) tidings.Suspended {
	tiding := tidings.Suspended{
		Cause: suspension.Cause, Reason: suspension.Reason, Since: DateAt(suspension.Since, o.t.Zone),
	}
	if a := o.s.Arrears; a != nil && suspension.Cause == v1alpha1.CauseArrears {
		tiding.Invoices, tiding.Amount, tiding.Currency = o.openInvoices(), o.t.Money(a.Amount), o.t.Currency
	}
	return tiding
}

func (o *teller) resumed(suspension *Suspension) tidings.Resumed {
	tiding := tidings.Resumed{Since: DateAt(suspension.LiftedAt, o.t.Zone)}
	charge, charged := o.f.Charges.Find(dues.Reactivation(suspension.Name))
	if !charged {
		return tiding
	}
	tiding.Charge, tiding.Amount, tiding.Currency = charge.Name, o.t.Money(charge.Amount), o.t.Currency
	// The terms may have changed since: only a fee that comes to the amount is told.
	fee := o.t.reactivation.fee
	if o.t.reactivation.per == v1alpha1.PerWorkplaceUser && o.t.Round(fee.Mul(charge.Quantity)).Equal(charge.Amount) {
		tiding.PerUser = o.t.Money(fee)
	}
	return tiding
}

// requests confirms requests at once, and says what became of them (TD-1).
func (o *teller) requests() {
	for i := range o.f.Requests {
		request := &o.f.Requests[i]
		about := v1alpha1.SourceReference{Kind: "UserRequest", Name: v1alpha1.ObjectName(request.Name)}
		if o.t.told[v1alpha1.NoticeRequestReceived] && o.fresh(request.ReceivedAt) {
			tiding := tidings.RequestReceived{Request: request.Name, Of: v1alpha1.UserRequestType(request.Type)}
			if !request.AnswerDueAt.IsZero() {
				tiding.AnswerDueAt = request.AnswerDueAt.In(o.t.Zone)
			}
			o.tell(tidings.RequestReceivedName(request.Name), about, tiding)
		}
		answered := !request.AnsweredAt.IsZero() && o.fresh(request.AnsweredAt)
		if o.t.told[v1alpha1.NoticeRequestAnswered] && answered {
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
		for _, invoice := range unpaid(o.f.Billing.Open) {
			numbers = append(numbers, invoice.Number)
		}
	}
	return numbers
}

func (o *teller) trial() {
	trial, ends := o.t.contract.trial, o.s.TrialEndsOn
	if trial == nil || !o.s.OnTrial || trial.remind == nil || !o.reached(trial.remind.Back(ends)) {
		return
	}
	o.tell(tidings.TrialEndingName(ends), o.tenant(), tidings.TrialEnding{EndsOn: ends})
}

func (o *teller) inactivity() {
	i, last := o.t.inactivity, o.s.LastActiveOn
	if i == nil || i.warnAfter == nil || last.IsZero() || o.s.Ended || !o.reached(i.warnAfter.After(last)) {
		return
	}
	// What is promised is what holds if the warning goes out today.
	warned, end := DateAt(o.f.Now, o.t.Zone), i.endAfter.After(last)
	end = later(end, warned.AddDays(end.DaysSince(i.warnAfter.After(last))))
	o.tell(tidings.InactivityWarningName(last), o.tenant(), tidings.InactivityWarning{LastActive: last, EndsOn: end})
}

// notice answers the tenant's own notice.
func (o *teller) notice() {
	n := o.s.Notice
	switch {
	case n == nil:
	case n.Accepted && o.t.told[v1alpha1.NoticeOfAcceptance]:
		o.tell(tidings.NoticeAcceptedName(n.ReceivedOn), o.tenant(), tidings.NoticeAccepted{
			ReceivedOn: n.ReceivedOn, EndsOn: n.EndsOn,
		})
	case !n.Accepted && o.t.told[v1alpha1.NoticeOfRefusal]:
		o.tell(tidings.NoticeRefusedName(n.ReceivedOn), o.tenant(), tidings.NoticeRefused{
			ReceivedOn: n.ReceivedOn, Reason: refusal(n),
		})
	}
}

func (o *teller) plan() {
	from := o.f.PlanFrom
	if o.t.told[v1alpha1.NoticePlanChanged] && !from.IsZero() && o.fresh(from.Start(o.t.Zone)) {
		o.tell(tidings.PlanChangedName(from), o.tenant(), tidings.PlanChanged{Plan: o.f.TermsTitle, From: from})
	}
}

func refusal(n *NoticeDecision) string {
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
func (o *teller) announced(from Date) bool {
	p := o.t.prices
	if p == nil || p.announced == nil || !o.f.StartsOn.Before(from) || !o.reached(p.announced.Back(from)) {
		return false
	}
	return o.f.Now.Before(news.AfterMoment(from.Start(o.t.Zone), o.t.Zone))
}

// prices tells of prices of classes and licences that are going to change.
func (o *teller) prices() {
	t := o.t
	for _, subject := range o.f.Subjects {
		held, ok := priceOn(subject.Prices, o.f.StartsOn)
		for _, day := range t.changeDays(o.f.StartsOn, subject.Prices) {
			price, _ := priceOn(subject.Prices, day)
			if ok && o.announced(day) && !price.Amount.Equal(held.Amount) {
				about := v1alpha1.SourceReference{Kind: subject.Kind, Name: v1alpha1.ObjectName(subject.Name)}
				o.tell(tidings.PriceChangeName(subject.Kind, subject.Name, day), about, tidings.PriceChange{
					Subject: subject.Title(), OldAmount: t.Money(held.Amount), NewAmount: t.Money(price.Amount),
					Currency: price.Currency, From: o.holdsFrom(subject.Kind, subject.Name, day),
					MayLeave: t.right(subject, day, held, price) != nil, LeaveNotice: t.prices.exitNotice,
				})
			}
			held, ok = price, true
		}
	}
}

// planPrices tells of plan prices that are going to change.
func (o *teller) planPrices() {
	t := o.t
	if t.plan == nil {
		return
	}
	held := t.plan.planPricesOn(planSince(o.f))
	for _, change := range t.plan.changes {
		if !planSince(o.f).Before(change.from) {
			continue
		}
		next := t.plan.planPricesOn(change.from)
		old, changed := held.plan, next.plan
		if old.Equal(changed) && held.seats != nil {
			old, changed = held.seats.price, next.seats.price
		}
		if o.announced(change.from) && !old.Equal(changed) {
			about := v1alpha1.SourceReference{Kind: planSubject, Name: v1alpha1.ObjectName(o.f.TermsName)}
			o.tell(tidings.PriceChangeName(planSubject, o.f.TermsName, change.from), about, tidings.PriceChange{
				Subject: o.f.title(), OldAmount: t.Money(old), NewAmount: t.Money(changed), Currency: t.Currency,
				From: o.holdsFrom(planSubject, o.f.TermsName, change.from),
			})
		}
		held = next
	}
}

// holdsFrom returns the day from which a changed price holds if its notice goes
// out today.
func (o *teller) holdsFrom(kind, name string, day Date) Date {
	return o.t.announcedFrom(*o.f, kind, name, day, DateAt(o.f.Now, o.t.Zone))
}

// changes tells of terms that are going to change.
func (o *teller) changes() {
	for _, change := range o.t.changes {
		if o.announced(change.from) {
			o.tell(tidings.TermsChangeName(change.from), o.tenant(), tidings.TermsChange{From: change.from, Title: change.title})
		}
	}
}

// announcedFrom returns the day from which a changed price holds: not before its
// notice was sent so long ago. today stands in for a notice that was not sent yet.
func (t *Terms) announcedFrom(f Facts, kind, name string, day, today Date) Date {
	if t.prices == nil || t.prices.announced == nil {
		return day
	}
	sent := today
	if at := f.Notices.sentAt(tidings.PriceChangeName(kind, name, day)); !at.IsZero() {
		sent = DateAt(at, t.Zone)
	}
	return later(day, t.indexed(t.prices.announced.After(sent)))
}

// seats tells of more users than seats, before they are charged (LA-10).
func (o *teller) seats() {
	t, s := o.t, o.s
	if t.plan == nil || t.plan.seats == nil || s.AgreedOn.IsZero() || !t.billing.charged {
		return
	}
	today := DateAt(o.f.Now, t.Zone)
	over := !s.EndsOn.IsZero() && !today.Before(s.EndsOn) // nothing more is charged
	users := o.f.members()
	if users <= o.f.seats() || today.Before(s.AgreedOn) || over {
		return
	}
	period := t.billing.start(s.AgreedOn, t.billing.at(s.AgreedOn, today))
	o.tell(tidings.SeatsExceededName(period), o.tenant(), tidings.SeatsExceeded{
		Seats: o.f.seats(), Users: users, Price: t.Money(t.plan.seats.extra), Currency: t.Currency, From: today,
	})
}
