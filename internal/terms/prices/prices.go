// SPDX-License-Identifier: Apache-2.0

// Package prices says what something costs a tenant on a day: the price of its
// agreement, or the last change since that the terms let through and that it was
// told of in time.
package prices

import (
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/facts"
	"werkplek.dev/werkplek/internal/terms/tidings"
)

// PlanSince returns the day whose plan prices a tenant agreed to: the first of
// its contract, or of the plan it changed to.
func PlanSince(f *facts.Facts) calendar.Date { return calendar.Later(f.StartsOn, f.PlanFrom) }

// PlanFor returns what the plan costs a tenant for a billing period that begins
// on a day: what it agreed to, or the last change since that it was told of in
// time (EC-11, DF-1, LA-4).
func PlanFor(t *agreement.Terms, f *facts.Facts, day calendar.Date) agreement.PlanPrices {
	if t.Plan == nil {
		return agreement.PlanPrices{}
	}
	held := t.Plan.PricesOn(PlanSince(f))
	for _, change := range t.Plan.Changes {
		if !PlanSince(f).Before(change.From) || day.Before(change.From) {
			continue
		}
		if t.Prices != nil && t.Prices.Announced != nil {
			if f.Notices.SentAt(tidings.PriceChangeName(agreement.PlanSubject, f.TermsName, change.From)).IsZero() ||
				day.Before(AnnouncedFrom(t, *f, agreement.PlanSubject, f.TermsName, change.From, change.From)) {
				continue
			}
		}
		held = t.Plan.PricesOn(change.From)
	}
	return held
}

// PriceFor returns the price of something that holds for a tenant on a day: the
// one of the contract's start, or the last change since that the terms let
// through and that the tenant was told of in time (TD-13, TD-15, EC-11, DF-1, LA-4).
func PriceFor(t *agreement.Terms, f facts.Facts, kind, name string, prices []agreement.DatedPrice,
	day calendar.Date) (agreement.DatedPrice, bool) {
	held, ok := agreement.PriceOn(prices, f.StartsOn)
	for _, change := range t.ChangeDays(f.StartsOn, prices) {
		from := change
		if ok && t.Prices != nil && t.Prices.Announced != nil {
			if f.Notices.SentAt(tidings.PriceChangeName(kind, name, change)).IsZero() {
				continue
			}
			from = AnnouncedFrom(t, f, kind, name, change, change)
		}
		if day.Before(from) {
			continue
		}
		if price, found := agreement.PriceOn(prices, change); found {
			held, ok = price, true
		}
	}
	return held, ok
}

// AnnouncedFrom returns the day from which a changed price holds: not before its
// notice was sent so long ago. today stands in for a notice that was not sent yet.
func AnnouncedFrom(t *agreement.Terms, f facts.Facts, kind, name string, day, today calendar.Date) calendar.Date {
	if t.Prices == nil || t.Prices.Announced == nil {
		return day
	}
	sent := today
	if at := f.Notices.SentAt(tidings.PriceChangeName(kind, name, day)); !at.IsZero() {
		sent = calendar.DateAt(at, t.Zone)
	}
	return calendar.Later(day, t.Indexed(t.Prices.Announced.After(sent)))
}
