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

// gigabyte is what the price of a hand-over counts in: not a gibibyte.
const gigabyte = 1_000_000_000

// HandoverCharges returns what is due for one export of data (TD-20): the fee for
// each, and the price of each started gigabyte. Nothing is due where the terms
// ask nothing, nor for no data at all. The error names the field that is no amount.
func HandoverCharges(
	t *agreement.Terms, spec *v1alpha1.HandoverTerms, export string, homes int, bytes int64, on calendar.Date,
) ([]NamedCharge, error) {
	if spec == nil || homes == 0 {
		return nil, nil
	}
	var due []NamedCharge
	volume := gigabytes(bytes)
	fee := func(price string) string {
		return fmt.Sprintf("Handing over the data of %s on %s: %s %s for each time under the service terms",
			wording.Count(homes, "workplace"), on, t.Currency, price)
	}
	each := func(price string) string {
		return fmt.Sprintf("Data handed over on %s: %s at %s %s each under the service terms",
			on, wording.Count(int(volume), "started gigabyte"), t.Currency, price)
	}
	for _, line := range []struct {
		field string
		key   dues.Key
		unit  string
		price v1alpha1.Price
		units int64
		words func(price string) string
	}{
		{"spec.handover.fee", dues.Handover(export), "export", spec.Fee, 1, fee},
		{"spec.handover.feePerGigabyte", dues.HandoverVolume(export), "gigabyte", spec.FeePerGigabyte, volume, each},
	} {
		if line.price == "" {
			continue
		}
		price, err := decimal.NewFromString(string(line.price))
		if err != nil {
			return nil, fmt.Errorf("%s: %q is not an amount; write one such as 25.00", line.field, line.price)
		}
		quantity := decimal.NewFromInt(line.units)
		amount := t.Round(price.Mul(quantity))
		if !amount.IsPositive() {
			continue
		}
		charge := v1alpha1.ChargeSpec{
			On: v1alpha1.Date(on.String()), Quantity: v1alpha1.Amount(quantity.String()), Unit: line.unit,
			UnitPrice: t.Money(price), Amount: t.Money(amount), Currency: v1alpha1.Currency(t.Currency),
			Description: line.words(t.MoneyText(price)),
			SourceRef:   &v1alpha1.SourceReference{Kind: "DataExport", Name: v1alpha1.ObjectName(export)},
		}
		line.key.Write(&charge)
		due = append(due, NamedCharge{line.key.Name(), charge})
	}
	return due, nil
}

// gigabytes returns how many gigabytes some bytes have begun.
func gigabytes(bytes int64) int64 { return (bytes + gigabyte - 1) / gigabyte }
