// SPDX-License-Identifier: Apache-2.0

package licensing

import (
	"testing"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// TestRulesTakeCosts: a report owes the vendor what costs say, not what customers
// are told; where nobody tells them apart, prices are both.
func TestRulesTakeCosts(t *testing.T) {
	t.Parallel()
	list := func(from v1alpha1.Date, amount v1alpha1.Price) []v1alpha1.LicensePrice {
		return []v1alpha1.LicensePrice{{From: from, Amount: amount, Currency: "EUR"}}
	}
	month, err := ParseMonth("2026-11")
	if err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		costs, prices []v1alpha1.LicensePrice
		want          v1alpha1.Price
		priced        bool
	}{
		"both":            {list("2026-01-01", "5.00"), list("2026-01-01", "9.00"), "5.00", true},
		"costs only":      {list("2026-01-01", "5.00"), nil, "5.00", true},
		"prices only":     {nil, list("2026-01-01", "9.00"), "9.00", true},
		"costs too late":  {list("2027-01-01", "5.00"), list("2026-01-01", "9.00"), "", false},
		"neither of them": {nil, nil, "", true},
	} {
		license := v1alpha1.License{Spec: v1alpha1.LicenseSpec{Costs: row.costs, Prices: row.prices}}
		license.Name = "rds"
		rule := RulesOf(month, []v1alpha1.License{license})["rds"]
		if rule.Line.UnitPrice != row.want || rule.Priced != row.priced {
			t.Errorf("%s: unit price %q, priced %t", name, rule.Line.UnitPrice, rule.Priced)
		}
	}
}
