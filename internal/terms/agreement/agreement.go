// SPDX-License-Identifier: Apache-2.0

// Package agreement is what a provider's terms come to: Compile turns them into
// plain data to compute with, and what follows from that data alone is said here.
// It knows no tenant.
package agreement

import (
	"fmt"
	"time"

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
	// Currency of all amounts, and how many decimals theirs have.
	Currency  string
	MinorUnit int32

	Contract      *Contract
	Billing       Billing
	Plan          *Plan // nil: classes alone are priced
	Arrears       *Arrears
	Reactivation  Reactivation
	Retention     *retention.Terms
	Inactivity    *Inactivity
	Prices        *Prices
	VAT           v1alpha1.PriceBasis
	Answer        *Answer
	ApprovesAlone bool  // a contact's requests, within limits
	Remote        *Rate // nil: no price for it
	OnSite        *Rate
	Sessions      *Sessions
	Told          map[v1alpha1.NoticeType]bool // beyond what other fields demand
	Changes       []Change
}

// Compile turns the API's terms into computable ones. Its error names every
// field that cannot be used, each with what to write instead.
func Compile(spec *v1alpha1.ServiceTermsSpec) (*Terms, error) {
	c := &compiler{}
	t := &Terms{
		Title: spec.DisplayName, Language: orDefault(spec.Language, "en"), Currency: string(spec.Currency),
		VAT: orDefault(spec.Prices, v1alpha1.PricesExcludingVAT),
	}

	zone, err := calendar.LoadZone(spec.TimeZone)
	if err != nil {
		c.fault(fmt.Errorf("spec.timeZone: %q is not a known IANA time zone; write one such as Europe/Amsterdam",
			spec.TimeZone))
	}
	t.Zone = zone
	if t.MinorUnit, err = MinorUnit(t.Currency); err != nil {
		c.fault(fmt.Errorf("spec.currency: %w", err))
	}

	t.Contract = c.contract(spec.Contract)
	t.Billing = c.billing(spec.Billing, spec.Contract)
	t.Plan = c.plan(spec.Plan)
	t.Arrears = c.arrears(spec.Arrears)
	t.Reactivation = c.reactivation(spec.Reactivation)
	t.Retention = c.retention(spec.Retention)
	t.Inactivity = c.inactivity(spec.Inactivity)
	t.Prices = c.prices(spec.PriceChange)
	t.Answer = c.answer(spec.Support)
	t.compileRates(spec.Support, c.period, c.fault)
	t.Sessions = c.sessions(spec.Support)
	t.ApprovesAlone = spec.Requests != nil && spec.Requests.Approval == "Automatic"
	t.Told, t.Changes = c.notices(spec)
	if err := c.err(); err != nil {
		return nil, err
	}
	return t, nil
}

func orDefault[T ~string](value, fallback T) T {
	if value == "" {
		return fallback
	}
	return value
}
