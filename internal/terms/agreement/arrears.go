// SPDX-License-Identifier: Apache-2.0

package agreement

import (
	"errors"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
)

// Arrears say what follows from unpaid invoices (TD-8, TD-12, LA-12).
type Arrears struct {
	Anchor         v1alpha1.ArrearsAnchor
	Basis          v1alpha1.DateBasis
	SuspendAfter   calendar.Period
	TerminateAfter *calendar.Period // nil: they never end the contract
	Automatic      bool             // it ends by itself
	Claims         bool             // the rest of the term
	Freshness      calendar.Period  // how old billing facts may be
	Warning        *calendar.Period // before the suspension; nil: none
	MustWarn       bool             // nobody is suspended who was not warned
}

// Reactivation says what resuming costs, and what it takes (TD-10, TD-11).
type Reactivation struct {
	Fee      decimal.Decimal
	Per      v1alpha1.ReactivationUnit
	Requires v1alpha1.ReactivationRequirement
}

// DefaultFreshness applies where terms say nothing about arrears.
var DefaultFreshness = calendar.Period{Days: 3}

func (c *compiler) arrears(spec *v1alpha1.ArrearsTerms) *Arrears {
	if spec == nil {
		return nil
	}
	a := &Arrears{
		Anchor:       orDefault(spec.MeasuredFrom, v1alpha1.OldestUnpaidInvoice),
		Basis:        orDefault(spec.DateBasis, v1alpha1.IssuedOn),
		SuspendAfter: c.period("spec.arrears.suspendAfter", spec.SuspendAfter),
		Automatic:    spec.Termination == v1alpha1.TerminationAutomatic,
		Claims:       spec.ClaimRestOfTerm != nil && *spec.ClaimRestOfTerm,
		Freshness:    DefaultFreshness,
	}
	if spec.BillingFreshness != "" {
		a.Freshness = c.period("spec.arrears.billingFreshness", spec.BillingFreshness)
	}
	if spec.TerminateAfter != "" {
		after := c.period("spec.arrears.terminateAfter", spec.TerminateAfter)
		a.TerminateAfter = &after
		// Any date shows which is longer: both count from the same one.
		if any := (calendar.Date{Year: 2000, Month: time.January,
			Day: 1}); after.After(any).Before(a.SuspendAfter.After(any)) {
			c.fault(fmt.Errorf("spec.arrears.terminateAfter: %s is shorter than suspendAfter %s; a contract cannot end "+
				"before access is suspended", spec.TerminateAfter, spec.SuspendAfter))
		}
	} else if a.Automatic {
		c.fault(errors.New("spec.arrears.termination: Automatic needs terminateAfter; say after how long the contract ends"))
	}
	if w := spec.Warning; w != nil {
		before := c.period("spec.arrears.warning.before", w.Before)
		a.Warning, a.MustWarn = &before, w.Required != nil && *w.Required
	}
	return a
}

func (c *compiler) reactivation(spec *v1alpha1.ReactivationTerms) Reactivation {
	r := Reactivation{Per: v1alpha1.PerWorkplaceUser, Requires: v1alpha1.AllOpenInvoicesPaid}
	if spec != nil {
		r.Per = orDefault(spec.Per, v1alpha1.PerWorkplaceUser)
		r.Requires = orDefault(spec.Requires, v1alpha1.AllOpenInvoicesPaid)
		r.Fee = c.amount("spec.reactivation.fee", spec.Fee)
	}
	return r
}

// FirstDayAfter returns the first day on which arrears since a date have lasted
// more than a period (TD-8).
func FirstDayAfter(p calendar.Period, since calendar.Date) calendar.Date {
	return p.After(since).AddDays(1)
}
