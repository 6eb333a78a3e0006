// SPDX-License-Identifier: Apache-2.0

package charging

import (
	"fmt"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/dues"
	"werkplek.dev/werkplek/internal/terms/facts"
	"werkplek.dev/werkplek/internal/terms/tidings"
	"werkplek.dev/werkplek/internal/terms/wording"
)

// additions charges the workplaces that were made on each later day: when it is
// over, or with what is paid afterwards.
func (b *biller) additions(k int, start, end, due, counted calendar.Date) {
	whole := b.t.Billing.Whole(b.s.AgreedOn, k)
	days := map[calendar.Date]bool{}
	for i := range b.f.Workplaces {
		if made := b.f.Workplaces[i].CreatedOn; !made.Before(counted) && made.Before(end) {
			days[made] = true
		}
	}
	for _, day := range sortedDates(days) {
		at := day.AddDays(1)
		if !b.t.Billing.Advance {
			at = calendar.Later(at, due)
		}
		if over := at.Start(b.t.Zone); b.f.Now.Before(over) {
			b.when.At(over)
			continue
		}
		if b.over(calendar.Later(day, start)) || !b.f.ChargedFrom.IsZero() && day.Before(b.f.ChargedFrom) {
			continue
		}
		lines := b.classLines(start, func(w *facts.Workplace) bool { return w.CreatedOn == day })
		b.charge(dues.WorkplacesAdded(start, day), calendar.Later(day, start), lines, b.part(k, day, start, end), whole)
	}
}

// seatsAdded charges, for the days that are left, the seats that were taken since
// the period of now was charged (LA-3). A seat that was given up refunds nothing.
func (b *biller) seatsAdded(k int, start, end calendar.Date) {
	today := calendar.DateAt(b.f.Now, b.t.Zone)
	if b.t.Plan == nil || b.t.Plan.Seats == nil || today.Before(start) || !today.Before(end) || b.over(today) {
		return
	}
	paid := b.f.Charges.Seats(start)
	if paid == 0 {
		return // the period itself is charged first
	}
	// Users beyond the seats were charged for the rest of the period as well.
	added := b.f.SeatsHeld() - paid - b.f.Charges.ExtraSeats(start, end)
	if added <= 0 {
		return
	}
	title, price := b.f.PlanTitle()+", seats added", b.seatPrices(start).Price
	lines := []line{{dues.Seats(b.f.TermsName), added, "Seat", title, price}}
	p, whole := b.part(k, today, start, end), b.t.Billing.Whole(b.s.AgreedOn, k)
	b.charge(dues.SeatsAdded(start, today), today, lines, p, whole)
}

// changed charges what a plan that took the place of a cheaper one within a
// period costs more for the days that are left of it (LA-3). A cheaper plan
// refunds nothing.
func (b *biller) changed(k int, start, end calendar.Date) {
	from := b.f.PlanFrom
	today := calendar.DateAt(b.f.Now, b.t.Zone)
	if from.IsZero() || !start.Before(from) || !from.Before(end) || b.s.AgreedOn == from || b.over(from) {
		return
	}
	if today.Before(from) || from.AddDays(1).Before(today) {
		return // the day on which it changed is over; what changed since has nothing to do with it
	}
	paid := b.f.Charges.PaidForPlan(from)
	if !paid.IsPositive() {
		return // what the plan before it cost for this period was not charged here
	}
	p, whole := b.part(k, from, start, end), b.t.Billing.Whole(b.s.AgreedOn, k)
	costs := decimal.Zero
	for _, l := range b.planLines(k) {
		full := l.price.Mul(decimal.NewFromInt(int64(l.quantity)))
		costs = costs.Add(full.Mul(decimal.NewFromInt(int64(p.days()))).Div(decimal.NewFromInt(int64(whole))))
	}
	group := dues.PlanChange(start, from)
	amount := b.t.Round(costs.Sub(paid))
	if !amount.IsPositive() || b.closed(group) {
		return
	}
	b.add(item{
		key: dues.Subscription(dues.Plan(b.f.TermsName), group), on: from,
		unit: "Plan", price: amount, amount: amount, period: &p,
		description: fmt.Sprintf("%s from %s on: what it costs more than the plan before until %s",
			b.f.PlanTitle(), from, p.to.AddDays(-1)),
	})
}

// extraSeats charges users beyond the seats, once the tenant was told (LA-10).
func (b *biller) extraSeats() {
	t, s := b.t, b.s
	if t.Plan == nil || t.Plan.Seats == nil || s.AgreedOn.IsZero() || s.Ended || !t.Billing.Charged {
		return
	}
	today := calendar.DateAt(b.f.Now, t.Zone)
	extra := b.f.MemberCount() - b.f.SeatsHeld()
	if extra <= 0 || today.Before(s.AgreedOn) || b.over(today) {
		return
	}
	k := t.Billing.At(s.AgreedOn, today)
	start, end := t.Billing.Start(s.AgreedOn, k), t.Billing.Start(s.AgreedOn, k+1)
	b.when.At(end.Start(t.Zone))
	if b.f.Notices.SentAt(tidings.SeatsExceededName(start)).IsZero() {
		return
	}
	if extra -= b.f.Charges.ExtraSeats(start, end); extra <= 0 {
		return
	}
	p := b.part(k, today, start, end)
	whole := t.Billing.Whole(s.AgreedOn, k)
	price := b.seatPrices(start).Extra
	unit, quantity := b.share(price, p.days(), whole), decimal.NewFromInt(int64(extra))
	b.add(item{
		key: dues.ExtraSeats(b.f.TermsName, today), on: today,
		quantity: quantity, unit: "Seat", price: unit, amount: t.Round(unit.Mul(quantity)), period: &p,
		description: fmt.Sprintf("%s beyond %s, %s to %s: %s %s each",
			wording.Count(extra, "user"), wording.Count(b.f.SeatsHeld(), "seat"), p.from, p.to.AddDays(-1), t.Currency,
			t.MoneyText(unit)),
	})
}
