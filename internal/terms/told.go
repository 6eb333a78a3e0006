// SPDX-License-Identifier: Apache-2.0

package terms

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// Notices are those that exist, by name, with the moment at which each was sent;
// the zero moment while it was not.
type Notices map[string]time.Time

func (n Notices) sentAt(name string) time.Time { return n[name] }

// DueNotice is a notice that should exist by now.
type DueNotice struct {
	Name  string
	Type  v1alpha1.NoticeType
	Facts map[string]string
	About v1alpha1.SourceReference
}

type termsChange struct {
	from  Date
	title string
}

// The names of notices follow from their causes, so that none can exist twice.

// SuspensionWarningName names the warning of the suspension that would begin on a day.
func SuspensionWarningName(suspendsOn Date) string {
	return "suspension-warning-" + suspendsOn.String()
}

// InactivityWarningName names the warning to a tenant that was last active on a day.
func InactivityWarningName(lastActive Date) string {
	return "inactivity-warning-" + lastActive.String()
}

// ClosureAnnouncementName names the announcement of the erasure on a day.
func ClosureAnnouncementName(eraseOn Date) string { return "closure-announcement-" + eraseOn.String() }

// SeatsExceededName names the notice of more users than seats in the billing period that begins on a day.
func SeatsExceededName(period Date) string { return "seats-exceeded-" + period.String() }

// PriceChangeName names the notice of a price that changes on a day.
func PriceChangeName(kind, name string, from Date) string {
	return "price-change-" + strings.ToLower(kind) + "-" + name + "-" + from.String()
}

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

func (o *teller) tell(name string, kind v1alpha1.NoticeType, about v1alpha1.SourceReference, facts ...string) {
	if _, exists := o.f.Notices[name]; exists {
		return
	}
	all := map[string]string{}
	for i := 0; i+1 < len(facts); i += 2 {
		if facts[i+1] != "" {
			all[facts[i]] = facts[i+1]
		}
	}
	o.due = append(o.due, DueNotice{name, kind, all, about})
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
	tenant := v1alpha1.SourceReference{Kind: "Tenant", Name: v1alpha1.ObjectName(f.Tenant)}
	if f.Erased {
		if t.told[v1alpha1.NoticeErased] {
			o.tell("erased-"+s.EraseOn.String(), v1alpha1.NoticeErased, tenant, "erasedOn", s.EraseOn.String(), "homes", strconv.Itoa(f.ErasedHomes), "rule", f.ErasedUnder)
		}
		return o.due
	}
	o.requests()
	if t.told[v1alpha1.NoticeWelcome] && o.fresh(f.CreatedAt) {
		o.tell("welcome", v1alpha1.NoticeWelcome, tenant, "startsOn", f.StartsOn.String())
	}
	o.arrears(tenant)
	o.suspensions()
	o.contract(tenant)
	o.closure(tenant)
	if !s.Ended {
		o.prices(tenant)
		o.seats(tenant)
	}
	return o.due
}

func (o *teller) arrears(tenant v1alpha1.SourceReference) {
	s, a := o.s, o.s.Arrears
	if a == nil || a.WarnOn.IsZero() || !s.Billing.Usable() || s.Ended || s.inArrearsSuspension || !o.reached(a.WarnOn) {
		return
	}
	if !o.t.arrears.mustWarn && o.reached(a.SuspendsOn) {
		return // it has been overtaken
	}
	o.tell(SuspensionWarningName(a.Nominal), v1alpha1.NoticeSuspensionWarning, tenant,
		"invoice", a.Invoice, "issuedOn", a.Since.String(), "amount", string(o.t.Money(a.Amount)), "currency", o.t.Currency, "suspendsOn", o.t.warnedFor(*o.f, a).String())
}

func (o *teller) suspensions() {
	for _, suspension := range o.f.Suspensions {
		about := v1alpha1.SourceReference{Kind: "Suspension", Name: v1alpha1.ObjectName(suspension.Name)}
		switch {
		case o.t.told[v1alpha1.NoticeSuspended] && suspension.InForce(o.f.Now) && o.fresh(suspension.Since):
			facts := []string{"cause", string(suspension.Cause), "reason", suspension.Reason, "since", DateAt(suspension.Since, o.t.Zone).String()}
			if a := o.s.Arrears; a != nil && suspension.Cause == v1alpha1.CauseArrears {
				facts = append(facts, "invoices", strings.Join(o.openInvoices(), ", "), "amount", string(o.t.Money(a.Amount)), "currency", o.t.Currency)
			}
			o.tell("suspended-"+suspension.Name, v1alpha1.NoticeSuspended, about, facts...)
		case o.t.told[v1alpha1.NoticeResumed] && suspension.Lifted() && o.fresh(suspension.LiftedAt) && !o.s.Ended:
			facts := []string{"since", DateAt(suspension.LiftedAt, o.t.Zone).String()}
			if charge, ok := o.f.Charges[ReactivationChargeName(suspension.Name)]; ok {
				facts = append(facts, "charge", ReactivationChargeName(suspension.Name), "currency", o.t.Currency, "amount", string(o.t.Money(charge.Amount)))
			}
			o.tell("resumed-"+suspension.Name, v1alpha1.NoticeResumed, about, facts...)
		}
	}
}

// requests confirms requests at once, and says what became of them (TD-1).
func (o *teller) requests() {
	for _, request := range o.f.Requests {
		about := v1alpha1.SourceReference{Kind: "UserRequest", Name: v1alpha1.ObjectName(request.Name)}
		if o.t.told[v1alpha1.NoticeRequestReceived] && o.fresh(request.ReceivedAt) {
			due := ""
			if !request.AnswerDueAt.IsZero() {
				due = request.AnswerDueAt.In(o.t.Zone).Format("2006-01-02 15:04")
			}
			o.tell("request-received-"+request.Name, v1alpha1.NoticeRequestReceived, about, "request", request.Name, "type", request.Type, "answerDueAt", due)
		}
		if o.t.told[v1alpha1.NoticeRequestAnswered] && !request.AnsweredAt.IsZero() && o.fresh(request.AnsweredAt) {
			decision := "Approved"
			if !request.Approved {
				decision = "Denied"
			}
			o.tell("request-answered-"+request.Name, v1alpha1.NoticeRequestAnswered, about, "request", request.Name, "type", request.Type, "decision", decision, "reason", request.Answer)
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

func (o *teller) contract(tenant v1alpha1.SourceReference) {
	t, s := o.t, o.s
	if trial := t.contract.trial; trial != nil && s.OnTrial && trial.remind != nil && o.reached(trial.remind.Back(s.TrialEndsOn)) {
		o.tell("trial-ending-"+s.TrialEndsOn.String(), v1alpha1.NoticeTrialEnding, tenant, "endsOn", s.TrialEndsOn.String())
	}
	if i := t.inactivity; i != nil && i.warnAfter != nil && !s.LastActiveOn.IsZero() && !s.Ended && o.reached(i.warnAfter.After(s.LastActiveOn)) {
		// What is promised is what holds if the warning goes out today.
		warned := DateAt(o.f.Now, t.Zone)
		end := later(i.endAfter.After(s.LastActiveOn), warned.AddDays(i.endAfter.After(s.LastActiveOn).DaysSince(i.warnAfter.After(s.LastActiveOn))))
		o.tell(InactivityWarningName(s.LastActiveOn), v1alpha1.NoticeInactivityWarning, tenant, "lastActive", s.LastActiveOn.String(), "endsOn", end.String())
	}
	if n := s.Notice; n != nil {
		name := "notice-" + n.ReceivedOn.String()
		switch {
		case n.Accepted && t.told[v1alpha1.NoticeOfAcceptance]:
			o.tell(name+"-accepted", v1alpha1.NoticeOfAcceptance, tenant, "receivedOn", n.ReceivedOn.String(), "endsOn", n.EndsOn.String())
		case !n.Accepted && t.told[v1alpha1.NoticeOfRefusal]:
			o.tell(name+"-refused", v1alpha1.NoticeOfRefusal, tenant, "receivedOn", n.ReceivedOn.String(), "reason", refusal(n))
		}
	}
	if t.told[v1alpha1.NoticePlanChanged] && !o.f.PlanFrom.IsZero() && o.fresh(o.f.PlanFrom.Start(t.Zone)) {
		o.tell("plan-changed-"+o.f.PlanFrom.String(), v1alpha1.NoticePlanChanged, tenant, "plan", o.f.TermsTitle, "from", o.f.PlanFrom.String())
	}
}

func refusal(n *NoticeDecision) string {
	if n.Invoice == "" {
		return "an invoice was overdue"
	}
	return fmt.Sprintf("invoice %s was overdue", n.Invoice)
}

func (o *teller) closure(tenant v1alpha1.SourceReference) {
	t, s := o.t, o.s
	if s.EraseOn.IsZero() || o.f.LegalHold || o.f.Erased || t.retention == nil || t.retention.announce == nil || !o.reached(t.announceFrom(s)) {
		return
	}
	// What is promised is what holds if the announcement goes out now.
	eraseOn := later(s.EraseOn, DateAt(t.retention.announce.AfterMoment(o.f.Now, t.Zone), t.Zone))
	o.tell(ClosureAnnouncementName(s.EraseOn), v1alpha1.NoticeClosureAnnouncement, tenant, "endedOn", s.EndsOn.String(), "eraseOn", eraseOn.String(), "rule", s.EraseRule)
}

// prices tells of prices and terms that are going to change.
func (o *teller) prices(tenant v1alpha1.SourceReference) {
	t := o.t
	if t.prices == nil || t.prices.announced == nil {
		return
	}
	due := func(from Date) bool {
		return o.f.StartsOn.Before(from) && o.reached(t.prices.announced.Back(from)) && o.f.Now.Before(news.AfterMoment(from.Start(t.Zone), t.Zone))
	}
	for _, subject := range o.f.Subjects {
		held, ok := priceOn(subject.Prices, o.f.StartsOn)
		for _, day := range t.changeDays(o.f.StartsOn, subject.Prices) {
			price, _ := priceOn(subject.Prices, day)
			if ok && due(day) && !price.Amount.Equal(held.Amount) {
				about := v1alpha1.SourceReference{Kind: subject.Kind, Name: v1alpha1.ObjectName(subject.Name)}
				o.tell(PriceChangeName(subject.Kind, subject.Name, day), v1alpha1.NoticePriceChange, about,
					"subject", subject.Title(), "oldAmount", string(t.Money(held.Amount)), "newAmount", string(t.Money(price.Amount)), "currency", price.Currency,
					"from", t.announcedFrom(*o.f, subject.Kind, subject.Name, day, DateAt(o.f.Now, t.Zone)).String(), "mayLeave", strconv.FormatBool(t.right(subject, day, held, price) != nil), "leaveNotice", string(t.prices.exitNotice))
			}
			held, ok = price, true
		}
	}
	o.planPrices(due)
	for _, change := range t.changes {
		if due(change.from) {
			o.tell("terms-change-"+change.from.String(), v1alpha1.NoticeTermsChange, tenant, "from", change.from.String(), "title", change.title)
		}
	}
}

// planPrices tells of plan prices that are going to change.
func (o *teller) planPrices(due func(Date) bool) {
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
		if due(change.from) && !old.Equal(changed) {
			about := v1alpha1.SourceReference{Kind: planSubject, Name: v1alpha1.ObjectName(o.f.TermsName)}
			from := t.announcedFrom(*o.f, planSubject, o.f.TermsName, change.from, DateAt(o.f.Now, t.Zone))
			o.tell(PriceChangeName(planSubject, o.f.TermsName, change.from), v1alpha1.NoticePriceChange, about,
				"subject", o.f.title(), "oldAmount", string(t.Money(old)), "newAmount", string(t.Money(changed)), "currency", t.Currency,
				"from", from.String(), "mayLeave", "false")
		}
		held = next
	}
}

// announcedFrom returns the day from which a changed price holds: not before its
// notice was sent so long ago. today stands in for a notice that was not sent yet.
func (t *Terms) announcedFrom(f Facts, kind, name string, day, today Date) Date {
	if t.prices == nil || t.prices.announced == nil {
		return day
	}
	sent := today
	if at := f.Notices.sentAt(PriceChangeName(kind, name, day)); !at.IsZero() {
		sent = DateAt(at, t.Zone)
	}
	return later(day, t.indexed(t.prices.announced.After(sent)))
}

// seats tells of more users than seats, before they are charged (LA-10).
func (o *teller) seats(tenant v1alpha1.SourceReference) {
	t, s := o.t, o.s
	if t.plan == nil || t.plan.seats == nil || s.AgreedOn.IsZero() || !t.billing.charged {
		return
	}
	today := DateAt(o.f.Now, t.Zone)
	over := !s.EndsOn.IsZero() && !today.Before(s.EndsOn) // nothing more is charged
	if users := o.f.members(); users > o.f.seats() && !today.Before(s.AgreedOn) && !over {
		period := t.billing.start(s.AgreedOn, t.billing.at(s.AgreedOn, today))
		o.tell(SeatsExceededName(period), v1alpha1.NoticeSeatsExceeded, tenant, "seats", strconv.Itoa(o.f.seats()), "users", strconv.Itoa(users),
			"price", string(t.Money(t.plan.seats.extra)), "currency", t.Currency, "from", today.String())
	}
}
