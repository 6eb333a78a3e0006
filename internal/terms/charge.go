// SPDX-License-Identifier: Apache-2.0

package terms

import (
	"fmt"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/terms/dues"
)

// ReactivationChargeName returns the name of the one Charge for lifting a suspension.
func ReactivationChargeName(suspension string) string { return dues.Reactivation(suspension).Name() }

// Reactivation returns the charge for resuming after a suspension that shut out
// a number of distinct users (TD-10), or nil when nothing is due: no fee, or
// nobody was shut out.
func (t *Terms) Reactivation(suspension string, users int, on Date) *v1alpha1.ChargeSpec {
	quantity, unit := users, "workplace user"
	if t.reactivation.per == v1alpha1.PerTenant && users > 0 {
		quantity, unit = 1, "tenant"
	}
	amount := t.Round(t.reactivation.fee.Mul(decimal.NewFromInt(int64(quantity))))
	if !amount.IsPositive() {
		return nil
	}
	price := t.money(t.reactivation.fee)
	spec := &v1alpha1.ChargeSpec{
		On:        v1alpha1.Date(on.String()),
		Quantity:  v1alpha1.Amount(decimal.NewFromInt(int64(quantity)).String()),
		Unit:      string(t.reactivation.per),
		UnitPrice: v1alpha1.Amount(price),
		Amount:    v1alpha1.Amount(t.money(amount)),
		Currency:  v1alpha1.Currency(t.Currency),
		Description: fmt.Sprintf("Reactivation after suspension %s: %s at %s %s",
			suspension, count(quantity, unit), t.Currency, price),
		SourceRef: &v1alpha1.SourceReference{Kind: "Suspension", Name: v1alpha1.ObjectName(suspension)},
	}
	dues.Reactivation(suspension).Write(spec)
	return spec
}

// Round rounds half up to the currency's minor unit, as an amount leaves for an invoice.
func (t *Terms) Round(amount decimal.Decimal) decimal.Decimal { return amount.Round(t.minorUnit) }

// Money writes an amount with at least the decimals of the currency's minor unit.
func (t *Terms) Money(amount decimal.Decimal) v1alpha1.Amount {
	return v1alpha1.Amount(t.money(amount))
}

func (t *Terms) money(amount decimal.Decimal) string {
	return amount.StringFixed(max(t.minorUnit, -amount.Exponent()))
}

func count(n int, unit string) string {
	if n != 1 {
		unit += "s"
	}
	return fmt.Sprintf("%d %s", n, unit)
}
