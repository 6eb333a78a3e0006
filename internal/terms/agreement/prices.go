// SPDX-License-Identifier: Apache-2.0

package agreement

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
)

// DatedPrice is a price from a day on; the zero day: from the beginning.
type DatedPrice struct {
	From     calendar.Date
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

// Prices says when prices may change during an agreement, and when that lets
// a tenant leave (TD-13, TD-15).
type Prices struct {
	IndexingMonth int
	ExitAbove     *decimal.Decimal
	ExitNotice    v1alpha1.Period // as the terms write it
	Exit          calendar.Period
	Announced     *calendar.Period // before a changed price holds; nil: at once
}

// RightsToLeave returns the price changes, past and announced, that let a tenant
// leave whose contract started on a day: those by more than the terms allow
// (TD-15). Where the terms name a month for indexing, a changed price holds for
// the tenant from the first day of that month on, and is compared with the one
// that held for it until then (TD-13).
func (t *Terms) RightsToLeave(startsOn calendar.Date, subjects []Subject) []v1alpha1.RightToLeave {
	if t.Prices == nil || t.Prices.ExitAbove == nil {
		return nil
	}
	var rights []v1alpha1.RightToLeave
	for _, subject := range subjects {
		held, ok := PriceOn(subject.Prices, startsOn)
		if !ok {
			continue
		}
		for _, day := range t.ChangeDays(startsOn, subject.Prices) {
			price, _ := PriceOn(subject.Prices, day)
			if right := t.Right(subject, day, held, price); right != nil {
				rights = append(rights, *right)
			}
			held = price
		}
	}
	return rights
}

// ChangeDays returns the days after the start of a contract on which a changed
// price begins to hold for its tenant, in order.
func (t *Terms) ChangeDays(startsOn calendar.Date, prices []DatedPrice) []calendar.Date {
	var days []calendar.Date
	for _, price := range prices {
		if day := t.Indexed(price.From); startsOn.Before(price.From) && !slices.Contains(days, day) {
			days = append(days, day)
		}
	}
	slices.SortFunc(days, calendar.Date.Compare)
	return days
}

// Indexed returns the first day, not before one, on which prices may change.
func (t *Terms) Indexed(from calendar.Date) calendar.Date {
	if t.Prices == nil || t.Prices.IndexingMonth == 0 {
		return from
	}
	month := t.Prices.IndexingMonth
	day := calendar.Date{Year: from.Year, Month: time.Month(month), Day: 1}
	if day.Before(from) {
		day.Year++
	}
	return day
}

// PriceOn returns the price that holds on a day, as the list has it.
func PriceOn(prices []DatedPrice, day calendar.Date) (DatedPrice, bool) {
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

// Right returns the right that a change from one price to another gives, or nil.
// Prices in different currencies, or from nothing, cannot be compared, and some
// terms give none.
func (t *Terms) Right(subject Subject, day calendar.Date, old, changed DatedPrice) *v1alpha1.RightToLeave {
	if t.Prices.ExitAbove == nil || old.Currency != changed.Currency || !old.Amount.IsPositive() {
		return nil
	}
	difference := changed.Amount.Sub(old.Amount).Mul(hundred)
	if difference.Abs().LessThanOrEqual(t.Prices.ExitAbove.Mul(old.Amount)) {
		return nil
	}
	right := &v1alpha1.RightToLeave{
		Kind: subject.Kind, Name: v1alpha1.ObjectName(subject.Name), From: v1alpha1.Date(day.String()),
		OldAmount: v1alpha1.Price(t.Money(old.Amount)), NewAmount: v1alpha1.Price(t.Money(changed.Amount)),
		Currency: v1alpha1.Currency(changed.Currency),
		Percent:  difference.DivRound(old.Amount, 2).StringFixed(2), Notice: t.Prices.ExitNotice,
	}
	if right.Notice != "" {
		right.EarliestEndOn = v1alpha1.Date(t.Prices.Exit.After(day).String())
	}
	return right
}

func (c *compiler) prices(spec *v1alpha1.PriceChangeTerms) *Prices {
	if spec == nil {
		return nil
	}
	p := &Prices{IndexingMonth: int(spec.IndexingMonth), ExitNotice: spec.ExitNotice}
	if spec.ExitAbovePercent != "" {
		above := c.percent("spec.priceChange.exitAbovePercent", spec.ExitAbovePercent)
		p.ExitAbove = &above
	}
	p.Exit = c.optional("spec.priceChange.exitNotice", spec.ExitNotice)
	if spec.Notice != "" {
		announced := c.period("spec.priceChange.notice", spec.Notice)
		p.Announced = &announced
	}
	return p
}
