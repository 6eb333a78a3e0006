// SPDX-License-Identifier: Apache-2.0

// Package terms is the contract calendar: pure functions from a provider's
// terms, the facts about one tenant and a moment to where that tenant stands,
// what is due and what comes next. It knows no Kubernetes client and no clock.
package terms

import (
	"errors"
	"fmt"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/text/currency"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/retention"
)

// Terms are a provider's terms in a form to compute with.
type Terms struct {
	// Title of the terms, for people.
	Title string
	// Language of notices to tenants that chose none.
	Language v1alpha1.Language
	// Zone in which all civil dates are read.
	Zone *time.Location
	// Currency of all amounts.
	Currency string

	contract     *contractTerms
	billing      billingTerms
	plan         *planTerms // nil: classes alone are priced
	arrears      *arrearsTerms
	reactivation reactivationTerms
	retention    *retention.Terms
	inactivity   *inactivityTerms
	prices       *priceTerms
	vat          v1alpha1.PriceBasis
	minorUnit    int32 // decimals of the currency
	answer       *answerTerms
	approves     bool      // a contact's requests, within limits
	remote       *workRate // nil: no price for it
	onSite       *workRate
	sessions     *sessionTerms
	told         map[v1alpha1.NoticeType]bool // beyond what other fields demand
	changes      []termsChange
}

type arrearsTerms struct {
	anchor         v1alpha1.ArrearsAnchor
	basis          v1alpha1.DateBasis
	suspendAfter   Period
	terminateAfter *Period
	automatic      bool
	claims         bool // the rest of the term
	freshness      Period
	warning        *Period
	mustWarn       bool
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
	c := &compiler{}
	t := &Terms{Title: spec.DisplayName, Language: orDefault(spec.Language, "en"), Currency: string(spec.Currency), vat: orDefault(spec.Prices, v1alpha1.PricesExcludingVAT)}

	zone, err := calendar.LoadZone(spec.TimeZone)
	if err != nil {
		c.fault(fmt.Errorf("spec.timeZone: %q is not a known IANA time zone; write one such as Europe/Amsterdam", spec.TimeZone))
	}
	t.Zone = zone
	if t.minorUnit, err = MinorUnit(t.Currency); err != nil {
		c.fault(fmt.Errorf("spec.currency: %w", err))
	}

	t.contract = c.contract(spec.Contract)
	t.billing = c.billing(spec.Billing, spec.Contract)
	t.plan = c.plan(spec.Plan)
	t.arrears = c.arrears(spec.Arrears)
	t.reactivation = c.reactivation(spec.Reactivation)
	t.retention = c.retention(spec.Retention)
	t.inactivity = c.inactivity(spec.Inactivity)
	t.prices = c.prices(spec.PriceChange)
	t.answer = c.answer(spec.Support)
	t.compileRates(spec.Support, c.period, c.fault)
	t.sessions = c.sessions(spec.Support)
	t.approves = spec.Requests != nil && spec.Requests.Approval == "Automatic"
	t.told, t.changes = c.notices(spec)
	if err := c.err(); err != nil {
		return nil, err
	}
	return t, nil
}

func (c *compiler) arrears(spec *v1alpha1.ArrearsTerms) *arrearsTerms {
	if spec == nil {
		return nil
	}
	a := &arrearsTerms{
		anchor:       orDefault(spec.MeasuredFrom, v1alpha1.OldestUnpaidInvoice),
		basis:        orDefault(spec.DateBasis, v1alpha1.IssuedOn),
		suspendAfter: c.period("spec.arrears.suspendAfter", spec.SuspendAfter),
		automatic:    spec.Termination == v1alpha1.TerminationAutomatic,
		claims:       spec.ClaimRestOfTerm != nil && *spec.ClaimRestOfTerm,
		freshness:    defaultFreshness,
	}
	if spec.BillingFreshness != "" {
		a.freshness = c.period("spec.arrears.billingFreshness", spec.BillingFreshness)
	}
	if spec.TerminateAfter != "" {
		after := c.period("spec.arrears.terminateAfter", spec.TerminateAfter)
		a.terminateAfter = &after
		// Any date shows which is longer: both count from the same one.
		if any := (Date{Year: 2000, Month: time.January, Day: 1}); after.After(any).Before(a.suspendAfter.After(any)) {
			c.fault(fmt.Errorf("spec.arrears.terminateAfter: %s is shorter than suspendAfter %s; a contract cannot end before access is suspended", spec.TerminateAfter, spec.SuspendAfter))
		}
	} else if a.automatic {
		c.fault(errors.New("spec.arrears.termination: Automatic needs terminateAfter; say after how long the contract ends"))
	}
	if w := spec.Warning; w != nil {
		before := c.period("spec.arrears.warning.before", w.Before)
		a.warning, a.mustWarn = &before, w.Required != nil && *w.Required
	}
	return a
}

func (c *compiler) reactivation(spec *v1alpha1.ReactivationTerms) reactivationTerms {
	r := reactivationTerms{per: v1alpha1.PerWorkplaceUser, requires: v1alpha1.AllOpenInvoicesPaid}
	if spec != nil {
		r.per = orDefault(spec.Per, v1alpha1.PerWorkplaceUser)
		r.requires = orDefault(spec.Requires, v1alpha1.AllOpenInvoicesPaid)
		r.fee = c.amount("spec.reactivation.fee", spec.Fee)
	}
	return r
}

func (c *compiler) prices(spec *v1alpha1.PriceChangeTerms) *priceTerms {
	if spec == nil {
		return nil
	}
	p := &priceTerms{indexingMonth: int(spec.IndexingMonth), exitNotice: spec.ExitNotice}
	if spec.ExitAbovePercent != "" {
		above := c.percent("spec.priceChange.exitAbovePercent", spec.ExitAbovePercent)
		p.exitAbove = &above
	}
	p.exit = c.optional("spec.priceChange.exitNotice", spec.ExitNotice)
	if spec.Notice != "" {
		announced := c.period("spec.priceChange.notice", spec.Notice)
		p.announced = &announced
	}
	return p
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

func orDefault[T ~string](value, fallback T) T {
	if value == "" {
		return fallback
	}
	return value
}
