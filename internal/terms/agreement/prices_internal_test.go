// SPDX-License-Identifier: Apache-2.0

package agreement

import (
	"fmt"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
)

// TestRightsToLeave: TD-13 and TD-15.
func TestRightsToLeave(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change *v1alpha1.PriceChangeTerms
		starts string
		prices string // "from amount", the first from the beginning
		want   string // "from old new percent end"
	}{
		"more than ten percent": {
			prices: "- 40.00, 2027-01-01 44.01", want: "2027-01-01 40.00 44.01 10.03 2027-04-01",
		},
		"just ten percent": {prices: "- 40.00, 2027-01-01 44.00"},
		"down by more than ten percent": {
			prices: "- 40.00, 2027-01-01 35.99", want: "2027-01-01 40.00 35.99 -10.03 2027-04-01",
		},
		"a change in the year holds later": {
			prices: "- 40.00, 2026-07-15 50.00", want: "2027-01-01 40.00 50.00 25.00 2027-04-01",
		},
		"two changes in a year are one": {
			prices: "- 40.00, 2026-07-15 43.00, 2026-09-01 46.00", want: "2027-01-01 40.00 46.00 15.00 2027-04-01",
		},
		"up and down again is none": {prices: "- 40.00, 2026-07-15 50.00, 2026-09-01 41.00"},
		"each year is compared with the last": {prices: "- 40.00, 2027-01-01 44.00, 2028-01-01 48.40, 2029-01-01 53.25",
			want: "2029-01-01 48.40 53.25 10.02 2029-04-01"},
		"before the contract began": {starts: "2027-01-01", prices: "- 40.00, 2027-01-01 50.00"},
		"without a month for indexing it holds at once, and notice ends in a short month": {
			change: &v1alpha1.PriceChangeTerms{ExitAbovePercent: "10", ExitNotice: "P3M"},
			prices: "- 40.00, 2026-11-30 50.00", want: "2026-11-30 40.00 50.00 25.00 2027-02-28",
		},
		"terms without such a right": {
			change: &v1alpha1.PriceChangeTerms{IndexingMonth: 1}, prices: "- 40.00, 2027-01-01 80.00",
		},
		"half a percent more than half a percent": {
			change: &v1alpha1.PriceChangeTerms{ExitAbovePercent: "0.5"}, prices: "- 3.00, 2027-06-01 3.02",
			want: "2027-06-01 3.00 3.02 0.67 ",
		},
		"from nothing": {prices: "- 0, 2027-01-01 5.00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.change == nil {
				test.change = &v1alpha1.PriceChangeTerms{IndexingMonth: 1, ExitAbovePercent: "10", ExitNotice: "P3M"}
			}
			if test.starts == "" {
				test.starts = "2026-01-15"
			}
			compiled, err := Compile(&v1alpha1.ServiceTermsSpec{
				TimeZone: "Europe/Amsterdam", Currency: "EUR", PriceChange: test.change,
			})
			if err != nil {
				t.Fatal(err)
			}
			starts, err := calendar.ParseDate(test.starts)
			if err != nil {
				t.Fatal(err)
			}
			subject := Subject{Kind: "WorkplaceClass", Name: "std"}
			for item := range strings.SplitSeq(test.prices, ", ") {
				from, amount, _ := strings.Cut(item, " ")
				price := DatedPrice{Amount: decimal.RequireFromString(amount), Currency: "EUR"}
				if from != "-" {
					if price.From, err = calendar.ParseDate(from); err != nil {
						t.Fatal(err)
					}
				}
				subject.Prices = append(subject.Prices, price)
			}
			var got []string
			for _, r := range compiled.RightsToLeave(starts, []Subject{subject}) {
				got = append(got, fmt.Sprintf("%s %s %s %s %s", r.From, r.OldAmount, r.NewAmount, r.Percent, r.EarliestEndOn))
			}
			if list := strings.Join(got, "\n"); list != test.want {
				t.Errorf("want %q, got %q", test.want, list)
			}
		})
	}
}
