// SPDX-License-Identifier: Apache-2.0

package agreement

import (
	"fmt"

	"github.com/shopspring/decimal"
	"golang.org/x/text/currency"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// MinorUnit returns how many decimals a currency's amounts have.
func MinorUnit(code string) (int32, error) {
	unit, err := currency.ParseISO(code)
	if err != nil {
		return 0, fmt.Errorf("%q is not an ISO 4217 currency; write one such as EUR", code)
	}
	scale, _ := currency.Standard.Rounding(unit)
	return int32(scale), nil
}

// Round rounds half up to the currency's minor unit, as an amount leaves for an invoice.
func (t *Terms) Round(amount decimal.Decimal) decimal.Decimal { return amount.Round(t.MinorUnit) }

// Money writes an amount with at least the decimals of the currency's minor unit.
func (t *Terms) Money(amount decimal.Decimal) v1alpha1.Amount {
	return v1alpha1.Amount(t.MoneyText(amount))
}

// MoneyText is Money, to stand in a sentence.
func (t *Terms) MoneyText(amount decimal.Decimal) string {
	return amount.StringFixed(max(t.MinorUnit, -amount.Exponent()))
}
