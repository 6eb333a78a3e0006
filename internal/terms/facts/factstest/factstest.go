// SPDX-License-Identifier: Apache-2.0

// Package factstest has facts to test with.
package factstest

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/agreement/agreementtest"
	"werkplek.dev/werkplek/internal/terms/facts"
)

// Open returns an unpaid invoice that was sent on a day, and is due two weeks later.
func Open(t testing.TB, issued, outstanding string) facts.Invoice {
	t.Helper()
	return facts.Invoice{
		Number: issued, IssuedOn: agreementtest.Day(t, issued), DueOn: agreementtest.Day(t, issued).AddDays(14),
		Outstanding: decimal.RequireFromString(outstanding),
	}
}

// Owing returns facts that are fresh at a moment.
func Owing(now time.Time, invoices ...facts.Invoice) facts.Facts {
	f := facts.Facts{
		Now: now, StartsOn: calendar.Date{Year: 2020, Month: 1, Day: 1}, Billing: &facts.Billing{AsOf: now, Open: invoices},
	}
	if len(invoices) > 0 {
		f.Billing.Last = &invoices[len(invoices)-1]
	}
	return f
}
