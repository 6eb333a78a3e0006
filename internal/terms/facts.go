// SPDX-License-Identifier: Apache-2.0

package terms

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// Facts are everything about one tenant, besides its terms, that decides where
// it stands.
type Facts struct {
	// Now is the moment for which the standing is asked.
	Now time.Time
	// StartsOn is the contract's first day.
	StartsOn Date
	// EndedOn is the day from which an earlier standing ended the contract for
	// good. Paying later does not revive it.
	EndedOn Date
	// Billing is what the billing system reported; nil if it never did.
	Billing *Billing
	// Arrangement is the written agreement to go on despite arrears, if any.
	Arrangement *Arrangement
	// Suspensions are the tenant's own, lifted ones included.
	Suspensions []Suspension
	// ResellerSuspended is true while a suspension of a reseller is in force.
	ResellerSuspended bool
}

// Billing is what the billing system reported.
type Billing struct {
	AsOf time.Time
	// Last is the invoice sent last; nil if not reported.
	Last *Invoice
	// Open are the unpaid invoices.
	Open []Invoice
}

// Invoice is an invoice of the billing system.
type Invoice struct {
	Number      string
	IssuedOn    Date
	DueOn       Date // zero if not reported
	Outstanding decimal.Decimal
}

// Arrangement is a written agreement to go on despite arrears (TD-9).
type Arrangement struct {
	Until    Date // the last day on which it runs
	WaiveFee bool
}

// Suspension is a suspension that exists, in force or lifted.
type Suspension struct {
	Name          string
	Cause         v1alpha1.SuspensionCause
	Since         time.Time
	LiftRequested bool
	LiftedAt      time.Time // zero while not lifted
}

// Lifted reports whether the suspension has ended.
func (s Suspension) Lifted() bool { return !s.LiftedAt.IsZero() }

// InForce reports whether the suspension denies access at a moment.
func (s Suspension) InForce(at time.Time) bool { return !s.Lifted() && !at.Before(s.Since) }

// FactsOf gathers the facts about a tenant from its API objects. account may be
// nil. An error names the field that cannot be read; the API server lets none
// through.
func FactsOf(now time.Time, zone *time.Location, tenant *v1alpha1.Tenant, account *v1alpha1.BillingAccount, suspensions []v1alpha1.Suspension) (Facts, error) {
	r := reader{}
	f := Facts{Now: now}
	if f.StartsOn, r.err = startsOn(tenant, zone); r.err != nil {
		r.err = fmt.Errorf("spec.contract.startsOn: %w", r.err)
	}
	if a := tenant.Spec.PaymentArrangement; a != nil {
		f.Arrangement = &Arrangement{
			Until:    r.date("spec.paymentArrangement.until", a.Until),
			WaiveFee: a.WaiveReactivationFee != nil && *a.WaiveReactivationFee,
		}
	}
	f.EndedOn = endedOn(&r, tenant)
	if account != nil && !account.Status.AsOf.IsZero() {
		f.Billing = r.billing(&account.Status)
	}
	for i := range suspensions {
		f.Suspensions = append(f.Suspensions, SuspensionOf(&suspensions[i]))
	}
	return f, r.err
}

// SuspensionOf returns the fact that an API object states. Without a moment of
// its own a suspension counts from its creation.
func SuspensionOf(s *v1alpha1.Suspension) Suspension {
	fact := Suspension{Name: s.Name, Cause: s.Spec.Cause, Since: s.CreationTimestamp.Time, LiftRequested: s.Spec.Lift}
	if s.Spec.Since != nil {
		fact.Since = s.Spec.Since.Time
	}
	if s.Status.LiftedAt != nil {
		fact.LiftedAt = s.Status.LiftedAt.Time
	}
	return fact
}

// endedOn reads the one decision that outlives its facts: a contract that arrears ended stays ended.
func endedOn(r *reader, tenant *v1alpha1.Tenant) Date {
	for _, c := range tenant.Status.Conditions {
		if c.Type == v1alpha1.ConditionContractActive && c.Reason == v1alpha1.ReasonTerminatedByArrears && tenant.Status.Contract != nil {
			return r.date("status.contract.endsOn", tenant.Status.Contract.EndsOn)
		}
	}
	return Date{}
}

// reader keeps the first error, so that a caller asks once.
type reader struct{ err error }

func (r *reader) date(field string, value v1alpha1.Date) Date {
	d, err := ParseDate(string(value))
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("%s: %w", field, err)
	}
	return d
}

func (r *reader) optionalDate(field string, value v1alpha1.Date) Date {
	if value == "" {
		return Date{}
	}
	return r.date(field, value)
}

func (r *reader) billing(status *v1alpha1.BillingAccountStatus) *Billing {
	b := &Billing{AsOf: status.AsOf.Time}
	if last := status.LastInvoice; last != nil {
		b.Last = &Invoice{
			Number:   string(last.Number),
			IssuedOn: r.date("status.lastInvoice.issuedOn", last.IssuedOn),
			DueOn:    r.optionalDate("status.lastInvoice.dueOn", last.DueOn),
		}
	}
	for _, open := range status.OpenInvoices {
		field := fmt.Sprintf("status.openInvoices[%s]", open.Number)
		amount, err := decimal.NewFromString(string(open.Outstanding))
		if err != nil && r.err == nil {
			r.err = fmt.Errorf("%s.outstanding: %q is not an amount", field, open.Outstanding)
		}
		b.Open = append(b.Open, Invoice{
			Number:      string(open.Number),
			IssuedOn:    r.date(field+".issuedOn", open.IssuedOn),
			DueOn:       r.optionalDate(field+".dueOn", open.DueOn),
			Outstanding: amount,
		})
	}
	return b
}
