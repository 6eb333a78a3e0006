// SPDX-License-Identifier: Apache-2.0

package charging

import (
	"fmt"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/dues"
	"werkplek.dev/werkplek/internal/terms/wording"
)

// ReactivationChargeName returns the name of the one Charge for lifting a suspension.
func ReactivationChargeName(suspension string) string {
	return dues.Reactivation(suspension).Name()
}

// Reactivation returns the charge for resuming after a suspension that shut out
// a number of distinct users (TD-10), or nil when nothing is due: no fee, or
// nobody was shut out.
func Reactivation(t *agreement.Terms, suspension string, users int, on calendar.Date) *v1alpha1.ChargeSpec {
	quantity, unit := users, "workplace user"
	if t.Reactivation.Per == v1alpha1.PerTenant && users > 0 {
		quantity, unit = 1, "tenant"
	}
	amount := t.Round(t.Reactivation.Fee.Mul(decimal.NewFromInt(int64(quantity))))
	if !amount.IsPositive() {
		return nil
	}
	price := t.MoneyText(t.Reactivation.Fee)
	spec := &v1alpha1.ChargeSpec{
		On:        v1alpha1.Date(on.String()),
		Quantity:  v1alpha1.Amount(decimal.NewFromInt(int64(quantity)).String()),
		Unit:      string(t.Reactivation.Per),
		UnitPrice: v1alpha1.Amount(price),
		Amount:    t.Money(amount),
		Currency:  v1alpha1.Currency(t.Currency),
		Description: fmt.Sprintf("Reactivation after suspension %s: %s at %s %s",
			suspension, wording.Count(quantity, unit), t.Currency, price),
		SourceRef: &v1alpha1.SourceReference{Kind: "Suspension", Name: v1alpha1.ObjectName(suspension)},
	}
	dues.Reactivation(suspension).Write(spec)
	return spec
}
