// SPDX-License-Identifier: Apache-2.0

package terms

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/api/v1alpha1"
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
	day := Date{from.Year, time.Month(month), 1}
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
// Prices in different currencies, or from nothing, cannot be compared.
func (t *Terms) right(subject Subject, day Date, old, changed DatedPrice) *v1alpha1.RightToLeave {
	if old.Currency != changed.Currency || !old.Amount.IsPositive() {
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
