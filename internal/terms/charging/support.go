// SPDX-License-Identifier: Apache-2.0

package charging

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/dues"
	"werkplek.dev/werkplek/internal/terms/wording"
)

// NoRateError says that work is to be charged for which the terms have no price.
type NoRateError struct{ Field string }

// Error names the field to fill in.
func (e *NoRateError) Error() string {
	return fmt.Sprintf("the terms have no price for this work: set %s of the ServiceTerms, and it is charged", e.Field)
}

// SupportWork returns what is due for work outside the agreement: remote work
// for started units (TD-17), work on site with its minimum and the call-out
// (TD-18). Elapsed time counts, whatever the clocks on the wall did meanwhile.
// Nothing is due for what ended before it began, nor for no remote work at all;
// who came on site came, however short.
func SupportWork(t *agreement.Terms,
	session string, mode v1alpha1.SupportMode, started, ended time.Time,
) ([]NamedCharge, error) {
	return work(t, session, mode, started, ended, 0)
}

// work charges support work, less a discount in percent.
func work(t *agreement.Terms,
	session string, mode v1alpha1.SupportMode, started, ended time.Time, discount int32,
) ([]NamedCharge, error) {
	rate, kind, words, field := t.Remote, v1alpha1.ChargeRemoteWork, "Remote support", "spec.support.rates.remote"
	onSite := mode == v1alpha1.SupportOnSite
	if onSite {
		rate, kind, words, field = t.OnSite, v1alpha1.ChargeOnSiteWork, "Support on site", "spec.support.rates.onSite"
	}
	if rate == nil {
		return nil, &NoRateError{field}
	}
	worked := ended.Sub(started)
	if worked < 0 || worked == 0 && !onSite {
		return nil, nil
	}
	on := calendar.DateAt(ended, t.Zone)
	var due []NamedCharge
	add := func(kind v1alpha1.ChargeType, units int64, unit string, price decimal.Decimal, description string) {
		quantity := decimal.NewFromInt(units)
		amount := t.Round(price.Mul(quantity))
		if kind != v1alpha1.ChargeCallOut && amount.LessThan(rate.Least) {
			// The least that is charged stands for all of the work (DF-9).
			quantity, unit, price, amount = decimal.NewFromInt(1), "minimum", rate.Least, t.Round(rate.Least)
			description += fmt.Sprintf(", and %s %s at least", t.Currency, t.MoneyText(rate.Least))
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
		due = append(due, NamedCharge{key.Name(), spec})
	}

	price := rate.Amount
	reduced := ""
	if discount > 0 {
		price = t.Round(price.Mul(decimal.NewFromInt32(100 - discount)).Div(hundredPercent))
		reduced = fmt.Sprintf(", reduced by %d percent", discount)
	}
	units, least := agreement.Begun(max(worked, rate.Minimum), rate.Per), ""
	if worked < rate.Minimum {
		least = ", which charge at least " + wording.Spoken(rate.Minimum)
	}
	add(kind, units, rate.Unit, price, fmt.Sprintf(
		"%s on %s, %s worked: %s of %s at %s %s each under the service terms%s%s",
		words, on, wording.Count(int(agreement.Begun(worked, time.Minute)), "minute"),
		wording.Count(int(units), "started unit"),
		wording.Spoken(rate.Per), t.Currency, t.MoneyText(price), reduced, least))
	if onSite {
		add(v1alpha1.ChargeCallOut, 1, "visit", rate.CallOut,
			fmt.Sprintf("Call-out for support on site on %s: %s %s for each visit under the service terms",
				on, t.Currency, t.MoneyText(rate.CallOut)))
	}
	return due, nil
}
