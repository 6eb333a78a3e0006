// SPDX-License-Identifier: Apache-2.0

package terms

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/terms/tidings"
)

// DatedPrice is a price from a day on; the zero day: from the beginning.
type DatedPrice struct {
	From     Date
	Amount   decimal.Decimal
	Currency string
}

// Subject is what a tenant pays for, with the prices of its list.
type Subject struct {
	Kind string // WorkplaceClass or License
	Name string
	// Display is its name for people.
	Display string
	Prices  []DatedPrice
}

// Title returns the name for people.
func (s *Subject) Title() string {
	if s.Display == "" {
		return s.Name
	}
	return s.Display
}

// priceTerms say when prices may change during an agreement, and when that lets
// a tenant leave (TD-13, TD-15).
type priceTerms struct {
	indexingMonth int
	exitAbove     *decimal.Decimal
	exitNotice    v1alpha1.Period // as the terms write it
	exit          Period
	announced     *Period // before a changed price holds; nil: at once
}

// RightsToLeave returns the price changes, past and announced, that let a tenant
// leave whose contract started on a day: those by more than the terms allow
// (TD-15). Where the terms name a month for indexing, a changed price holds for
// the tenant from the first day of that month on, and is compared with the one
// that held for it until then (TD-13).
func (t *Terms) RightsToLeave(startsOn Date, subjects []Subject) []v1alpha1.RightToLeave {
	if t.prices == nil || t.prices.exitAbove == nil {
		return nil
	}
	var rights []v1alpha1.RightToLeave
	for _, subject := range subjects {
		held, ok := priceOn(subject.Prices, startsOn)
		if !ok {
			continue
		}
		for _, day := range t.changeDays(startsOn, subject.Prices) {
			price, _ := priceOn(subject.Prices, day)
			if right := t.right(subject, day, held, price); right != nil {
				rights = append(rights, *right)
			}
			held = price
		}
	}
	return rights
}

// changeDays returns the days after the start of a contract on which a changed
// price begins to hold for its tenant, in order.
func (t *Terms) changeDays(startsOn Date, prices []DatedPrice) []Date {
	var days []Date
	for _, price := range prices {
		if day := t.indexed(price.From); startsOn.Before(price.From) && !slices.Contains(days, day) {
			days = append(days, day)
		}
	}
	slices.SortFunc(days, Date.Compare)
	return days
}

// indexed returns the first day, not before one, on which prices may change.
func (t *Terms) indexed(from Date) Date {
	if t.prices == nil || t.prices.indexingMonth == 0 {
		return from
	}
	month := t.prices.indexingMonth
	day := Date{Year: from.Year, Month: time.Month(month), Day: 1}
	if day.Before(from) {
		day.Year++
	}
	return day
}

// priceOn returns the price that holds on a day, as the list has it.
func priceOn(prices []DatedPrice, day Date) (DatedPrice, bool) {
	var found DatedPrice
	ok := false
	for _, price := range prices {
		if !day.Before(price.From) && (!ok || !price.From.Before(found.From)) {
			found, ok = price, true
		}
	}
	return found, ok
}

var hundred = decimal.NewFromInt(100)

// right returns the right that a change from one price to another gives, or nil.
// Prices in different currencies, or from nothing, cannot be compared, and some
// terms give none.
func (t *Terms) right(subject Subject, day Date, old, changed DatedPrice) *v1alpha1.RightToLeave {
	if t.prices.exitAbove == nil || old.Currency != changed.Currency || !old.Amount.IsPositive() {
		return nil
	}
	difference := changed.Amount.Sub(old.Amount).Mul(hundred)
	if difference.Abs().LessThanOrEqual(t.prices.exitAbove.Mul(old.Amount)) {
		return nil
	}
	right := &v1alpha1.RightToLeave{
		Kind: subject.Kind, Name: v1alpha1.ObjectName(subject.Name), From: v1alpha1.Date(day.String()),
		OldAmount: v1alpha1.Price(t.Money(old.Amount)), NewAmount: v1alpha1.Price(t.Money(changed.Amount)), Currency: v1alpha1.Currency(changed.Currency),
		Percent: difference.DivRound(old.Amount, 2).StringFixed(2), Notice: t.prices.exitNotice,
	}
	if right.Notice != "" {
		right.EarliestEndOn = v1alpha1.Date(t.prices.exit.After(day).String())
	}
	return right
}

// planPrices are what a plan costs.
type planPrices struct {
	plan  decimal.Decimal
	seats *seatTerms
}

// planSubject is the kind of object whose price the plan's is.
const planSubject = "ServiceTerms"

// planPricesOn returns what the plan costs on a day, as its list has it.
func (p *planTerms) planPricesOn(day Date) planPrices {
	prices := planPrices{plan: p.price}
	if p.seats != nil {
		seats := *p.seats
		prices.seats = &seats
	}
	for _, change := range p.changes {
		if day.Before(change.from) {
			break
		}
		if change.price != nil {
			prices.plan = *change.price
		}
		if change.seat == nil || prices.seats == nil {
			continue
		}
		prices.seats.price = *change.seat
		if prices.seats.asSeats {
			prices.seats.extra = *change.seat
		}
	}
	return prices
}

// planSince returns the day whose plan prices a tenant agreed to: the first of
// its contract, or of the plan it changed to.
func planSince(f *Facts) Date { return later(f.StartsOn, f.PlanFrom) }

// planPrices returns what the plan costs a tenant for a billing period that begins
// on a day: what it agreed to, or the last change since that it was told of in
// time (EC-11, DF-1, LA-4).
func (t *Terms) planPrices(f *Facts, day Date) planPrices {
	if t.plan == nil {
		return planPrices{}
	}
	held := t.plan.planPricesOn(planSince(f))
	for _, change := range t.plan.changes {
		if !planSince(f).Before(change.from) || day.Before(change.from) {
			continue
		}
		if t.prices != nil && t.prices.announced != nil {
			if f.Notices.sentAt(tidings.PriceChangeName(planSubject, f.TermsName, change.from)).IsZero() || day.Before(t.announcedFrom(*f, planSubject, f.TermsName, change.from, change.from)) {
				continue
			}
		}
		held = t.plan.planPricesOn(change.from)
	}
	return held
}
