// SPDX-License-Identifier: Apache-2.0

// Package terms is the contract calendar: pure functions from a provider's
// terms, the facts about one tenant and a moment to where that tenant stands,
// what is due and what comes next. It knows no Kubernetes client and no clock.
package terms

import (
	"errors"
	"fmt"
	"sync"
	"time"
	_ "time/tzdata" // contract dates must not depend on the machine's zone files

	"github.com/shopspring/decimal"
	"golang.org/x/text/currency"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// Terms are a provider's terms in a form to compute with.
type Terms struct {
	// Zone in which all civil dates are read.
	Zone *time.Location
	// Currency of all amounts.
	Currency string

	arrears      *arrearsTerms
	reactivation reactivationTerms
	retention    *Period
	trial        *Period
	prices       *priceTerms
	minorUnit    int32 // decimals of the currency
	answer       *answerTerms
	approves     bool      // a contact's requests, within limits
	remote       *workRate // nil: no price for it
	onSite       *workRate
}

type arrearsTerms struct {
	anchor         v1alpha1.ArrearsAnchor
	basis          v1alpha1.DateBasis
	suspendAfter   Period
	terminateAfter *Period
	automatic      bool
	freshness      Period
}

type reactivationTerms struct {
	fee      decimal.Decimal
	per      v1alpha1.ReactivationUnit
	requires v1alpha1.ReactivationRequirement
}

// defaultFreshness applies where terms say nothing about arrears.
var defaultFreshness = Period{Days: 3}

// Compile turns the API's terms into computable ones. Its error names every
// field that cannot be used, each with what to write instead.
func Compile(spec *v1alpha1.ServiceTermsSpec) (*Terms, error) {
	var faults []error
	t := &Terms{Currency: string(spec.Currency)}

	zone, err := loadZone(spec.TimeZone)
	if err != nil {
		faults = append(faults, fmt.Errorf("spec.timeZone: %q is not a known IANA time zone; write one such as Europe/Amsterdam", spec.TimeZone))
	}
	t.Zone = zone

	if t.minorUnit, err = MinorUnit(t.Currency); err != nil {
		faults = append(faults, fmt.Errorf("spec.currency: %w", err))
	}

	period := func(field string, value v1alpha1.Period) Period {
		p, err := ParsePeriod(string(value))
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", field, err))
		}
		return p
	}
	if a := spec.Arrears; a != nil {
		t.arrears = &arrearsTerms{
			anchor:       orDefault(a.MeasuredFrom, v1alpha1.OldestUnpaidInvoice),
			basis:        orDefault(a.DateBasis, v1alpha1.IssuedOn),
			suspendAfter: period("spec.arrears.suspendAfter", a.SuspendAfter),
			automatic:    a.Termination == v1alpha1.TerminationAutomatic,
			freshness:    defaultFreshness,
		}
		if a.BillingFreshness != "" {
			t.arrears.freshness = period("spec.arrears.billingFreshness", a.BillingFreshness)
		}
		if a.TerminateAfter != "" {
			after := period("spec.arrears.terminateAfter", a.TerminateAfter)
			t.arrears.terminateAfter = &after
			// Any date shows which is longer: both count from the same one.
			if any := (Date{2000, time.January, 1}); after.After(any).Before(t.arrears.suspendAfter.After(any)) {
				faults = append(faults, fmt.Errorf("spec.arrears.terminateAfter: %s is shorter than suspendAfter %s; a contract cannot end before access is suspended", a.TerminateAfter, a.SuspendAfter))
			}
		} else if t.arrears.automatic {
			faults = append(faults, errors.New("spec.arrears.termination: Automatic needs terminateAfter; say after how long the contract ends"))
		}
	}

	t.reactivation = reactivationTerms{per: v1alpha1.PerWorkplaceUser, requires: v1alpha1.AllOpenInvoicesPaid}
	if r := spec.Reactivation; r != nil {
		t.reactivation.per = orDefault(r.Per, v1alpha1.PerWorkplaceUser)
		t.reactivation.requires = orDefault(r.Requires, v1alpha1.AllOpenInvoicesPaid)
		if t.reactivation.fee, err = decimal.NewFromString(string(r.Fee)); err != nil {
			faults = append(faults, fmt.Errorf("spec.reactivation.fee: %q is not an amount; write one such as 25.00", r.Fee))
		}
	}
	if c := spec.PriceChange; c != nil {
		t.prices = &priceTerms{indexingMonth: int(c.IndexingMonth), exitNotice: c.ExitNotice}
		if c.ExitAbovePercent != "" {
			above, err := decimal.NewFromString(string(c.ExitAbovePercent))
			if err != nil {
				faults = append(faults, fmt.Errorf("spec.priceChange.exitAbovePercent: %q is not a percentage; write one such as 10", c.ExitAbovePercent))
			}
			t.prices.exitAbove = &above
		}
		if c.ExitNotice != "" {
			t.prices.notice = period("spec.priceChange.exitNotice", c.ExitNotice)
		}
	}
	if c := spec.Contract; c != nil && c.Trial != nil {
		trial := period("spec.contract.trial.period", c.Trial.Period)
		t.trial = &trial
	}
	if r := spec.Retention; r != nil {
		after := period("spec.retention.afterEnd", r.AfterEnd)
		t.retention = &after
	}
	t.answer = compileAnswer(spec.Support, period, func(err error) { faults = append(faults, err) })
	t.compileRates(spec.Support, period, func(err error) { faults = append(faults, err) })
	t.approves = spec.Requests != nil && spec.Requests.Approval == "Automatic"
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return t, nil
}

// MinorUnit returns how many decimals a currency's amounts have.
func MinorUnit(code string) (int32, error) {
	unit, err := currency.ParseISO(code)
	if err != nil {
		return 0, fmt.Errorf("%q is not an ISO 4217 currency; write one such as EUR", code)
	}
	scale, _ := currency.Standard.Rounding(unit)
	return int32(scale), nil
}

// zones remembers loaded zones: reading one takes longer than all of a standing's arithmetic.
var zones sync.Map

func loadZone(name string) (*time.Location, error) {
	if zone, ok := zones.Load(name); ok {
		return zone.(*time.Location), nil
	}
	if name == "" || name == "Local" {
		return nil, errors.New("no zone")
	}
	zone, err := time.LoadLocation(name)
	if err == nil {
		zones.Store(name, zone)
	}
	return zone, err
}

func orDefault[T ~string](value, fallback T) T {
	if value == "" {
		return fallback
	}
	return value
}
