// SPDX-License-Identifier: Apache-2.0

package terms

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/terms/dues"
)

// workRate is a price for started units of time.
type workRate struct {
	amount  decimal.Decimal
	per     time.Duration
	unit    string // per, as the terms write it
	minimum time.Duration
	callOut decimal.Decimal
	least   decimal.Decimal // what any such work costs
}

// compileRates reads the rates for work outside the agreement.
func (t *Terms) compileRates(
	support *v1alpha1.SupportTerms, period func(string, v1alpha1.Period) Period, fault func(error),
) {
	if support == nil || support.Rates == nil {
		return
	}
	clock := func(field string, value v1alpha1.Period, least time.Duration) time.Duration {
		p := period(field, value)
		switch {
		case p.Months != 0 || p.Days != 0:
			fault(fmt.Errorf("%s: %s is not a clock period; write one such as PT15M: work is counted in elapsed time",
				field, value))
		case p.Clock < least:
			fault(fmt.Errorf("%s: %s is no time at all; write a period such as PT15M", field, value))
		}
		return p.Clock
	}
	price := func(field string, value v1alpha1.Price) decimal.Decimal {
		amount, err := decimal.NewFromString(string(value))
		if err != nil {
			fault(fmt.Errorf("%s: %q is not an amount; write one such as 23.75", field, value))
		}
		return amount
	}
	compile := func(field string, rate *v1alpha1.WorkRate) *workRate {
		if rate == nil {
			return nil
		}
		compiled := &workRate{
			unit: string(rate.Per), per: clock(field+".per", rate.Per, time.Second),
			amount: price(field+".amount", rate.Amount),
		}
		if rate.Minimum != "" {
			compiled.minimum = clock(field+".minimum", rate.Minimum, 0)
		}
		if rate.CallOut != "" {
			compiled.callOut = price(field+".callOut", rate.CallOut)
		}
		if rate.MinimumAmount != "" {
			compiled.least = price(field+".minimumAmount", rate.MinimumAmount)
		}
		return compiled
	}
	t.remote = compile("spec.support.rates.remote", support.Rates.Remote)
	t.onSite = compile("spec.support.rates.onSite", support.Rates.OnSite)
}

// NoRateError says that work is to be charged for which the terms have no price.
type NoRateError struct{ Field string }

// Error names the field to fill in.
func (e *NoRateError) Error() string {
	return fmt.Sprintf("the terms have no price for this work: set %s of the ServiceTerms, and it is charged", e.Field)
}

// SupportCharge is a charge for support work, and its name.
type SupportCharge = NamedCharge

// SupportWork returns what is due for work outside the agreement: remote work
// for started units (TD-17), work on site with its minimum and the call-out
// (TD-18). Elapsed time counts, whatever the clocks on the wall did meanwhile.
// Nothing is due for what ended before it began, nor for no remote work at all;
// who came on site came, however short.
func (t *Terms) SupportWork(
	session string, mode v1alpha1.SupportMode, started, ended time.Time,
) ([]SupportCharge, error) {
	return t.work(session, mode, started, ended, 0)
}

// work charges support work, less a discount in percent.
func (t *Terms) work(
	session string, mode v1alpha1.SupportMode, started, ended time.Time, discount int32,
) ([]SupportCharge, error) {
	rate, kind, words, field := t.remote, v1alpha1.ChargeRemoteWork, "Remote support", "spec.support.rates.remote"
	onSite := mode == v1alpha1.SupportOnSite
	if onSite {
		rate, kind, words, field = t.onSite, v1alpha1.ChargeOnSiteWork, "Support on site", "spec.support.rates.onSite"
	}
	if rate == nil {
		return nil, &NoRateError{field}
	}
	worked := ended.Sub(started)
	if worked < 0 || worked == 0 && !onSite {
		return nil, nil
	}
	on := DateAt(ended, t.Zone)
	var due []SupportCharge
	add := func(kind v1alpha1.ChargeType, units int64, unit string, price decimal.Decimal, description string) {
		quantity := decimal.NewFromInt(units)
		amount := t.Round(price.Mul(quantity))
		if kind != v1alpha1.ChargeCallOut && amount.LessThan(rate.least) {
			// The least that is charged stands for all of the work (DF-9).
			quantity, unit, price, amount = decimal.NewFromInt(1), "minimum", rate.least, t.Round(rate.least)
			description += fmt.Sprintf(", and %s %s at least", t.Currency, t.money(rate.least))
		}
		if !amount.IsPositive() {
			return
		}
		spec := v1alpha1.ChargeSpec{
			On: v1alpha1.Date(on.String()), Quantity: v1alpha1.Amount(quantity.String()), Unit: unit,
			UnitPrice: t.Money(price), Amount: t.Money(amount), Currency: v1alpha1.Currency(t.Currency),
			Description: description,
			SourceRef:   &v1alpha1.SourceReference{Kind: "SupportSession", Name: v1alpha1.ObjectName(session)},
		}
		key := dues.Work(kind, session)
		key.Write(&spec)
		due = append(due, SupportCharge{key.Name(), spec})
	}

	price := rate.amount
	reduced := ""
	if discount > 0 {
		price = t.Round(price.Mul(decimal.NewFromInt32(100 - discount)).Div(hundred))
		reduced = fmt.Sprintf(", reduced by %d percent", discount)
	}
	units, least := begun(max(worked, rate.minimum), rate.per), ""
	if worked < rate.minimum {
		least = ", which charge at least " + spoken(rate.minimum)
	}
	add(kind, units, rate.unit, price, fmt.Sprintf(
		"%s on %s, %s worked: %s of %s at %s %s each under the service terms%s%s",
		words, on, count(int(begun(worked, time.Minute)), "minute"), count(int(units), "started unit"),
		spoken(rate.per), t.Currency, t.money(price), reduced, least))
	if onSite {
		add(v1alpha1.ChargeCallOut, 1, "visit", rate.callOut,
			fmt.Sprintf("Call-out for support on site on %s: %s %s for each visit under the service terms",
				on, t.Currency, t.money(rate.callOut)))
	}
	return due, nil
}

// begun returns how many units a time has begun.
func begun(worked, unit time.Duration) int64 {
	return int64((worked + unit - 1) / unit)
}

// spoken writes a time in the largest unit that divides it.
func spoken(d time.Duration) string {
	switch {
	case d%time.Hour == 0:
		return count(int(d/time.Hour), "hour")
	case d%time.Minute == 0:
		return count(int(d/time.Minute), "minute")
	default:
		return count(int(d/time.Second), "second")
	}
}
