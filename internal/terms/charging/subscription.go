// SPDX-License-Identifier: Apache-2.0

package charging

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/dues"
	"werkplek.dev/werkplek/internal/terms/facts"
	"werkplek.dev/werkplek/internal/terms/prices"
	"werkplek.dev/werkplek/internal/terms/standing"
)

// NamedCharge is a charge that should exist, and its name.
type NamedCharge struct {
	Name string
	Spec v1alpha1.ChargeSpec
}

// Due are the charges that should exist by now and do not.
type Due struct {
	Charges []NamedCharge
	// Recheck is the moment at which more becomes due without new facts; zero if none does.
	Recheck time.Time
	// Problems say what cannot be charged, and what to mend.
	Problems []string
}

// DueNow returns the charges and credits that should exist by now and do not,
// where a tenant stands as s says.
func DueNow(t *agreement.Terms, f facts.Facts, s *standing.Standing) Due {
	known := *s
	if s.EndReason == v1alpha1.EndInactivity && f.Now.Before(s.EndsOn.Start(t.Zone)) {
		// It ends so only if nobody comes back: what is charged does not foresee that.
		known.EndsOn, known.EndReason = calendar.Date{}, ""
	}
	b := &biller{t: t, f: &f, s: &known, when: calendar.Alarm{Now: f.Now}}
	if !f.Erased {
		b.planEntry()
		b.subscription()
		b.extraSeats()
		b.settle()
	}
	return Due{Charges: b.due, Recheck: b.when.Next, Problems: b.problems}
}

// biller collects the charges that are due.
type biller struct {
	t        *agreement.Terms
	f        *facts.Facts
	s        *standing.Standing
	when     calendar.Alarm
	due      []NamedCharge
	problems []string
	covered  map[string]calendar.Date // by class; see coveredBefore
}

var hundredPercent = decimal.NewFromInt(100)

// line is one price of a subscription.
type line struct {
	subject  dues.Subject
	quantity int
	unit     string // Workplace, Seat, Plan
	title    string
	price    decimal.Decimal // for a whole billing period
}

// part is a span of days of a billing period: from a day up to and not
// including another, of so many.
type part struct{ from, to, start, end calendar.Date }

func (p part) days() int { return p.to.DaysSince(p.from) }

// share returns the price for a part of a period of so many days, rounded as it leaves.
func (b *biller) share(price decimal.Decimal, days, of int) decimal.Decimal {
	if days == of {
		return b.t.Round(price)
	}
	return b.t.Round(price.Mul(decimal.NewFromInt(int64(days))).Div(decimal.NewFromInt(int64(of))))
}

// subscription charges each billing period that has begun, or begins so soon
// that it is to be paid (TD-5, LS-3, LA-2), and what was added since (LA-3).
func (b *biller) subscription() {
	t, since := b.t, b.s.AgreedOn
	if !t.Billing.Charged || since.IsZero() || b.s.EndReason == v1alpha1.EndWithdrawal && b.s.Ended {
		return
	}
	from := b.chargedFrom(since)
	for k := t.Billing.At(since, from); ; k++ {
		start, end := t.Billing.Start(since, k), t.Billing.Start(since, k+1)
		if b.over(start) || !b.s.ChangesOn.IsZero() && !start.Before(b.s.ChangesOn) {
			return // the next plan charges that
		}
		due, counted := b.dueOn(start, end)
		if made := due.Start(t.Zone); b.f.Now.Before(made) {
			b.when.At(made)
			if t.Billing.Advance || b.f.Now.Before(start.Start(t.Zone)) {
				return // periods become due in order
			}
		} else {
			b.period(k, start, end, counted)
		}
		if t.Billing.ProRata {
			b.additions(k, start, end, due, counted)
			b.seatsAdded(k, start, end)
			b.changed(k, start, end)
		}
	}
}

// dueOn returns the day on which a billing period is charged, and the first day
// that is too late for a workplace to be there for all of it. What is paid
// afterwards is charged when the period, or the agreement, is over.
func (b *biller) dueOn(start, end calendar.Date) (due, counted calendar.Date) {
	if b.t.Billing.Advance {
		due = b.t.Billing.Before.Back(start)
		return due, due
	}
	if b.over(end) {
		return b.s.EndsOn, start.AddDays(1)
	}
	return end, start.AddDays(1)
}

// chargedFrom returns the first day for which the operator charges: what ran
// before a Tenant was made was charged by others.
func (b *biller) chargedFrom(since calendar.Date) calendar.Date {
	if !b.f.ChargedFrom.IsZero() {
		return calendar.Later(since, b.f.ChargedFrom)
	}
	return calendar.Later(since, calendar.DateAt(b.f.CreatedAt, b.t.Zone))
}

// over reports whether the agreement has ended by a day.
func (b *biller) over(day calendar.Date) bool {
	return !b.s.EndsOn.IsZero() && !day.Before(b.s.EndsOn)
}

// part cuts a span to what the agreement covers of it.
func (b *biller) part(k int, from, start, end calendar.Date) part {
	p := part{from: calendar.Later(from, start), to: end, start: start, end: end}
	if !b.s.EndsOn.IsZero() && b.s.EndsOn.Before(p.to) {
		p.to = b.s.EndsOn
	}
	if !b.f.ChargedFrom.IsZero() && p.from.Before(b.f.ChargedFrom) {
		p.from = b.f.ChargedFrom
	}
	return p
}

// period charges one billing period: the plan, its seats, and the workplaces
// that are counted for all of it.
func (b *biller) period(k int, start, end, counted calendar.Date) {
	p := b.part(k, start, start, end)
	there := func(w *facts.Workplace) bool { return w.CreatedOn.Before(counted) }
	lines := append(b.planLines(k), b.classLines(start, there)...)
	sum := b.charge(dues.BillingPeriod(start), start, lines, p, b.t.Billing.Whole(b.s.AgreedOn, k))
	if sum.IsPositive() {
		b.invoiceFee(start, p)
	}
}

// planLines are the prices of the plan and its seats; the entry charge of a plan
// that is had on payment stands for its first period (LS-2).
func (b *biller) planLines(k int) []line {
	p := b.t.Plan
	if p == nil || k == 0 && !b.f.PlanFrom.IsZero() && p.Entry == v1alpha1.EntryOnPayment {
		return nil
	}
	var lines []line
	start := b.t.Billing.Start(b.s.AgreedOn, k)
	if price := prices.PlanFor(b.t, b.f, start).Plan; price.IsPositive() {
		lines = append(lines, line{dues.Plan(b.f.TermsName), 1, "Plan", b.f.PlanTitle(), price})
	}
	if seats := b.seatPrices(start); p.Seats != nil && seats.Price.IsPositive() {
		title := b.f.PlanTitle() + ", seats"
		lines = append(lines, line{dues.Seats(b.f.TermsName), b.f.SeatsHeld(), "Seat", title, seats.Price})
	}
	return lines
}

// seatPrices returns what seats cost in the period that begins on a day.
func (b *biller) seatPrices(start calendar.Date) agreement.Seats {
	if seats := prices.PlanFor(b.t, b.f, start).Seats; seats != nil {
		return *seats
	}
	return agreement.Seats{}
}

// classLines are the prices of the workplaces that are counted, by class.
func (b *biller) classLines(day calendar.Date, counted func(*facts.Workplace) bool) []line {
	var lines []line
	for i := range b.f.Workplaces {
		w := &b.f.Workplaces[i]
		if len(w.Prices) == 0 || !counted(w) {
			continue
		}
		subject := dues.Class(w.Class)
		if at := slices.IndexFunc(lines, func(l line) bool { return l.subject == subject }); at >= 0 {
			lines[at].quantity++
			continue
		}
		price, problem := b.classPrice(w, day)
		if problem != "" {
			if !slices.Contains(b.problems, problem) {
				b.problems = append(b.problems, problem)
			}
			continue
		}
		if price.IsPositive() {
			lines = append(lines, line{subject, 1, "Workplace", w.Title, price})
		}
	}
	slices.SortFunc(lines, func(a, c line) int { return strings.Compare(a.subject.Name, c.subject.Name) })
	return lines
}

// classPrice returns what a workplace costs for a billing period that begins on
// a day: the price that holds for this tenant then (TD-13, TD-15).
func (b *biller) classPrice(w *facts.Workplace, day calendar.Date) (decimal.Decimal, string) {
	price, ok := prices.PriceFor(b.t, *b.f, "WorkplaceClass", w.Class, w.Prices, day)
	if !ok {
		return decimal.Zero, ""
	}
	if price.Currency != b.t.Currency {
		return decimal.Zero, fmt.Sprintf("class %s is priced in %s, and the terms charge in %s: "+
			"give the class a price in that currency", w.Class, price.Currency, b.t.Currency)
	}
	period := b.t.Billing.Period
	if w.Per == period {
		return price.Amount, ""
	}
	if w.Per.Months == 0 || w.Per.Days != 0 || period.Days != 0 || period.Months%w.Per.Months != 0 {
		return decimal.Zero, fmt.Sprintf("the period of class %s's price does not divide the billing period "+
			"of the terms: give the class a price per month", w.Class)
	}
	return price.Amount.Mul(decimal.NewFromInt(int64(period.Months / w.Per.Months))), ""
}

// charge makes the charges of some lines for a part of a period, with the
// surcharge on their sum (TD-5), and returns the sum.
func (b *biller) charge(group dues.Group, on calendar.Date, lines []line, period part, whole int) decimal.Decimal {
	sum := decimal.Zero
	if period.days() <= 0 || b.closed(group) {
		return sum
	}
	for _, l := range lines {
		p := period
		if covered := b.coveredBefore(l.subject); !covered.Before(p.from) {
			if p.from = covered.AddDays(1); p.days() <= 0 {
				continue
			}
		}
		unit := b.share(l.price, p.days(), whole)
		quantity := decimal.NewFromInt(int64(l.quantity))
		amount := b.t.Round(unit.Mul(quantity))
		sum = sum.Add(amount)
		b.add(item{
			key: dues.Subscription(l.subject, group), on: on,
			quantity: quantity, unit: l.unit, price: unit, amount: amount, period: &p,
			description: b.describe(l, p, unit, whole),
		})
	}
	if b.surcharged(period.start) && sum.IsPositive() {
		percent := b.t.Billing.Surcharge
		amount := b.t.Round(sum.Mul(percent).Div(hundredPercent))
		b.add(item{
			key: dues.Surcharge(group), on: on,
			unit: "Surcharge", price: amount, amount: amount, period: &period,
			description: fmt.Sprintf("Payment without direct debit, %s to %s: %s percent of %s %s",
				period.from, period.to.AddDays(-1), percent, b.t.Currency, b.t.MoneyText(sum)),
		})
	}
	return sum
}

// describe says what a line costs for a part of a period of so many days.
func (b *biller) describe(l line, p part, unit decimal.Decimal, whole int) string {
	text := fmt.Sprintf("%s, %s to %s: %d at %s %s each",
		l.title, p.from, p.to.AddDays(-1), l.quantity, b.t.Currency, b.t.MoneyText(unit))
	if p.days() != whole {
		text += fmt.Sprintf(", for %d of %d days at %s %s", p.days(), whole, b.t.Currency, b.t.MoneyText(l.price))
	}
	return text
}

// settling is how long the charges of one group may take to be made: a crash
// can come between any two of them.
const settling = time.Hour

// closed reports whether a group of charges was made before now. What changed
// since, such as how a tenant pays, holds for later groups and not for that one.
func (b *biller) closed(group dues.Group) bool {
	first, made := b.f.Charges.Made(group)
	return made && !b.f.Now.Before(first.Add(settling))
}

// coveredBefore returns the last day for which a class was charged under the plan
// before this one: no day is charged twice because its periods begin on another.
func (b *biller) coveredBefore(subject dues.Subject) calendar.Date {
	if b.f.PlanFrom.IsZero() || subject.Kind != v1alpha1.SubjectClass {
		return calendar.Date{}
	}
	if b.covered == nil {
		b.covered = b.f.Charges.Covered(b.ownPeriod)
	}
	return b.covered[subject.Name]
}

// ownPeriod reports whether a billing period of the plan that holds begins on a day.
func (b *biller) ownPeriod(start calendar.Date) bool {
	if start.Before(b.s.AgreedOn) {
		return false
	}
	return b.t.Billing.Start(b.s.AgreedOn, b.t.Billing.At(b.s.AgreedOn, start)) == start
}

// surcharged reports whether the period that begins on a day costs more because
// the tenant does not pay by direct debit, though it could (TD-5).
func (b *biller) surcharged(start calendar.Date) bool {
	return b.t.Billing.Surcharge.IsPositive() && !b.f.DirectDebit && !b.noDirectDebit(start)
}

// noDirectDebit reports whether the provider offers no direct debit for the period that begins on a day (TD-5).
func (b *biller) noDirectDebit(start calendar.Date) bool {
	return slices.ContainsFunc(b.t.Billing.Unavailable, func(s agreement.Span) bool { return s.Holds(start) })
}

// invoiceFee charges for the invoice of a period that direct debit does not draw (DF-8).
func (b *biller) invoiceFee(start calendar.Date, p part) {
	fee := b.t.Billing.Fee
	if !fee.IsPositive() || b.f.DirectDebit {
		return
	}
	b.add(item{
		key: dues.InvoiceFee(start), on: start,
		unit: "Invoice", price: fee, amount: b.t.Round(fee), period: &p,
		description: fmt.Sprintf("Invoice fee for %s to %s", p.from, p.to.AddDays(-1)),
	})
}

// planEntry charges the first period of a plan that is had once it is paid (LS-2).
func (b *biller) planEntry() {
	wish := b.f.Wish
	if !b.s.PlanCharge || wish == nil || wish.Terms == nil {
		return
	}
	t := wish.Terms
	end := t.Billing.Start(wish.RequestedOn, 1)
	p := part{wish.RequestedOn, end, wish.RequestedOn, end}
	b.add(item{
		key: dues.PlanEntry(wish.Name, wish.RequestedOn), on: wish.RequestedOn,
		unit: "Plan", price: t.Plan.Price, amount: t.Round(t.Plan.Price), period: &p,
		description: fmt.Sprintf("%s: the first period, which begins when this is paid", wish.Name),
	})
}

// item is a charge that should exist.
type item struct {
	key         dues.Key
	on          calendar.Date
	quantity    decimal.Decimal // zero: one
	unit        string
	price       decimal.Decimal // of one unit
	amount      decimal.Decimal
	period      *part // nil: it covers none
	description string
}

// add notes a charge that should exist, unless it does or comes to nothing.
func (b *biller) add(i item) {
	if i.amount.IsZero() || b.f.Charges.Stands(i.key) {
		return
	}
	if i.quantity.IsZero() {
		i.quantity = decimal.NewFromInt(1)
	}
	spec := v1alpha1.ChargeSpec{
		On: v1alpha1.Date(i.on.String()), Quantity: v1alpha1.Amount(i.quantity.String()), Unit: i.unit,
		UnitPrice: b.t.Money(i.price), Amount: b.t.Money(i.amount), Currency: v1alpha1.Currency(b.t.Currency),
		VAT: b.t.VAT, Description: i.description,
	}
	if p := i.period; p != nil {
		spec.Period = &v1alpha1.DateSpan{
			From: v1alpha1.Date(p.from.String()), Until: v1alpha1.Date(p.to.AddDays(-1).String()),
		}
	}
	i.key.Write(&spec)
	b.due = append(b.due, NamedCharge{b.f.Charges.NameFor(i.key), spec})
}

func sortedDates(days map[calendar.Date]bool) []calendar.Date {
	list := make([]calendar.Date, 0, len(days))
	for day := range days {
		list = append(list, day)
	}
	slices.SortFunc(list, calendar.Date.Compare)
	return list
}
