// SPDX-License-Identifier: Apache-2.0

package terms

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// workRate is a price for started units of time.
type workRate struct {
	amount  decimal.Decimal
	per     Period
	minimum Period
	callOut decimal.Decimal
}

// compileRates reads the rates for work outside the agreement.
func (t *Terms) compileRates(support *v1alpha1.SupportTerms, period func(string, v1alpha1.Period) Period, fault func(error)) {
	if support == nil || support.Rates == nil {
		return
	}
	compile := func(field string, rate *v1alpha1.WorkRate) *workRate {
		if rate == nil {
			return nil
		}
		compiled := &workRate{per: period(field+".per", rate.Per)}
		if compiled.per.Clock <= 0 {
			fault(fmt.Errorf("%s.per: %s is not a clock period; write one such as PT15M", field, rate.Per))
			return nil
		}
		if rate.Minimum != "" {
			compiled.minimum = period(field+".minimum", rate.Minimum)
		}
		for _, price := range []struct {
			name string
			from v1alpha1.Price
			to   *decimal.Decimal
		}{{"amount", rate.Amount, &compiled.amount}, {"callOut", rate.CallOut, &compiled.callOut}} {
			if price.from == "" {
				continue
			}
			amount, err := decimal.NewFromString(string(price.from))
			if err != nil {
				fault(fmt.Errorf("%s.%s: %q is not an amount; write one such as 23.75", field, price.name, price.from))
			}
			*price.to = amount
		}
		return compiled
	}
	t.remote = compile("spec.support.rates.remote", support.Rates.Remote)
	t.onSite = compile("spec.support.rates.onSite", support.Rates.OnSite)
}

// ErrNoRate says that work is to be charged for which the terms have no price.
type ErrNoRate struct{ Field string }

// Error names the field to fill in.
func (e ErrNoRate) Error() string {
	return fmt.Sprintf("the terms have no price for this work: set %s of the ServiceTerms, or bill it by hand", e.Field)
}

// SupportCharge is a charge for support work, and its name.
type SupportCharge struct {
	Name string
	Spec v1alpha1.ChargeSpec
}

// SupportWork returns what is due for work outside the agreement: remote work
// for started units (TD-17), work on site with its minimum and the call-out
// (TD-18). Elapsed time counts, whatever the clocks on the wall did meanwhile.
func (t *Terms) SupportWork(session string, mode v1alpha1.SupportMode, started, ended time.Time) ([]SupportCharge, error) {
	rate, kind, suffix, words := t.remote, v1alpha1.ChargeRemoteWork, "-remote-work", "Remote support"
	if mode == v1alpha1.SupportOnSite {
		rate, kind, suffix, words = t.onSite, v1alpha1.ChargeOnSiteWork, "-on-site-work", "Support on site"
	}
	if rate == nil {
		field := "spec.support.rates.remote"
		if mode == v1alpha1.SupportOnSite {
			field = "spec.support.rates.onSite"
		}
		return nil, ErrNoRate{field}
	}
	worked := ended.Sub(started)
	if worked <= 0 {
		return nil, nil
	}
	on := DateAt(ended, t.Zone)
	source := &v1alpha1.SourceReference{Kind: "SupportSession", Name: v1alpha1.ObjectName(session)}
	minutes := int64((worked + time.Minute - 1) / time.Minute)
	units := decimal.NewFromInt(rate.units(worked))
	unit := rate.per.Clock
	charges := []SupportCharge{{session + suffix, v1alpha1.ChargeSpec{
		Type: kind, On: v1alpha1.Date(on.String()), Quantity: v1alpha1.Amount(units.String()), Unit: isoMinutes(unit),
		UnitPrice: t.Money(rate.amount), Amount: t.Money(t.Round(rate.amount.Mul(units))), Currency: v1alpha1.Currency(t.Currency),
		Description: fmt.Sprintf("%s on %s, %d minutes: %s at %s %s for each %s begun%s", words, on, minutes, count(int(units.IntPart()), "unit"),
			t.Currency, t.money(rate.amount), spoken(unit), rate.least()),
		SourceRef: source,
	}}}
	if rate.callOut.IsPositive() && mode == v1alpha1.SupportOnSite {
		charges = append(charges, SupportCharge{session + "-call-out", v1alpha1.ChargeSpec{
			Type: v1alpha1.ChargeCallOut, On: v1alpha1.Date(on.String()), Quantity: "1", Unit: "visit",
			UnitPrice: t.Money(rate.callOut), Amount: t.Money(t.Round(rate.callOut)), Currency: v1alpha1.Currency(t.Currency),
			Description: fmt.Sprintf("Call-out on %s", on), SourceRef: source,
		}})
	}
	return charges, nil
}

// units returns the started units of time worked, the minimum at least.
func (r *workRate) units(worked time.Duration) int64 {
	worked = max(worked, r.minimum.Clock)
	return int64((worked + r.per.Clock - 1) / r.per.Clock)
}

func (r *workRate) least() string {
	if r.minimum.Clock == 0 {
		return ""
	}
	return fmt.Sprintf(", at least %s", spoken(r.minimum.Clock))
}

func isoMinutes(d time.Duration) string { return fmt.Sprintf("PT%dM", int(d.Minutes())) }

func spoken(d time.Duration) string {
	if d%time.Hour == 0 {
		return count(int(d.Hours()), "hour")
	}
	return count(int(d.Minutes()), "minute")
}
