// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/dues"
)

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
	IssuedOn    calendar.Date
	DueOn       calendar.Date // zero if not reported
	Outstanding decimal.Decimal
}

// Arrangement is a written agreement to go on despite arrears (TD-9).
type Arrangement struct {
	Until    calendar.Date // the last day on which it runs
	WaiveFee bool
}

// Overdue reports whether an invoice should have been paid before today. One
// without a due date should be paid at once.
func (i Invoice) Overdue(today calendar.Date) bool {
	if i.DueOn.IsZero() {
		return !today.Before(i.IssuedOn)
	}
	return i.DueOn.Before(today)
}

// Unpaid returns the invoices of which something is outstanding.
func Unpaid(invoices []Invoice) []Invoice {
	var open []Invoice
	for _, invoice := range invoices {
		if invoice.Outstanding.IsPositive() {
			open = append(open, invoice)
		}
	}
	return open
}

// Amounts returns what is outstanding on invoices.
func Amounts(invoices []Invoice) []decimal.Decimal {
	sums := make([]decimal.Decimal, len(invoices))
	for i, invoice := range invoices {
		sums[i] = invoice.Outstanding
	}
	return sums
}

// Paid reports whether the invoice on which a charge was put is paid: it was
// sent, and facts that are newer do not name it as open.
func (f *Facts) Paid(charge dues.Charge, zone *time.Location) bool {
	if charge.Invoice == "" || f.Billing == nil || f.Billing.AsOf.Before(charge.IssuedOn.Start(zone)) {
		return false
	}
	return !slices.ContainsFunc(f.Billing.Open, func(open Invoice) bool {
		return open.Number == charge.Invoice && open.Outstanding.GreaterThan(decimal.Zero)
	})
}
