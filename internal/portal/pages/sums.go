// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"maps"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// Sum is what amounts of one currency come to.
type Sum struct{ Amount, Currency string }

// sums adds up what is open, for each currency by itself. Where one amount cannot
// be read there is no sum: a wrong one would be paid.
func sums(invoices []Invoice) []Sum {
	totals := map[string]decimal.Decimal{}
	for _, invoice := range invoices {
		amount, err := decimal.NewFromString(invoice.Outstanding)
		if err != nil {
			return nil
		}
		totals[invoice.Currency] = totals[invoice.Currency].Add(amount)
	}
	var found []Sum
	for _, code := range slices.Sorted(maps.Keys(totals)) {
		found = append(found, Sum{Amount: totals[code].String(), Currency: code})
	}
	return found
}

// per writes the period that a price covers: P1M is a month. One that is not as
// plain is left as it is.
func per(l Language, period string) string {
	if Text(l, "per."+period) != "per."+period {
		return Text(l, "per."+period)
	}
	count, unit := strings.TrimPrefix(period, "P"), ""
	if count != "" {
		count, unit = count[:len(count)-1], count[len(count)-1:]
	}
	if _, ok := catalogue["per."+unit]; !ok || count == "" || strings.Trim(count, "0123456789") != "" {
		return period
	}
	return Text(l, "per."+unit, count)
}
