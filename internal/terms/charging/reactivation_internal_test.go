// SPDX-License-Identifier: Apache-2.0

package charging

import (
	"testing"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/agreement/agreementtest"
)

// TestTD10Fee: exact, rounded half up, nothing where nothing is due.
func TestTD10Fee(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fee, currency string
		per           v1alpha1.ReactivationUnit
		users         int
		want          string
	}{
		"twelve users":                  {"25.00", "EUR", v1alpha1.PerWorkplaceUser, 12, "300.00"},
		"many users":                    {"25.00", "EUR", v1alpha1.PerWorkplaceUser, 123457, "3086425.00"},
		"per tenant":                    {"25.00", "EUR", v1alpha1.PerTenant, 12, "25.00"},
		"a fee without decimals":        {"25", "EUR", v1alpha1.PerWorkplaceUser, 3, "75.00"},
		"half up":                       {"0.125", "EUR", v1alpha1.PerWorkplaceUser, 1, "0.13"},
		"rounded once, not each":        {"0.125", "EUR", v1alpha1.PerWorkplaceUser, 2, "0.25"},
		"a currency without minor unit": {"10.5", "JPY", v1alpha1.PerWorkplaceUser, 1, "11"},
		"nobody":                        {"25.00", "EUR", v1alpha1.PerWorkplaceUser, 0, ""},
		"free":                          {"0.00", "EUR", v1alpha1.PerWorkplaceUser, 5, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			terms := agreementtest.TotalDesk(t, func(s *v1alpha1.ServiceTermsSpec) {
				s.Currency = v1alpha1.Currency(c.currency)
				s.Reactivation = &v1alpha1.ReactivationTerms{Fee: v1alpha1.Price(c.fee), Per: c.per}
			})
			charge := Reactivation(terms, "s", c.users, calendar.Date{Year: 2026, Month: 11, Day: 20})
			got := ""
			if charge != nil {
				got = string(charge.Amount)
			}
			if got != c.want {
				t.Errorf("%d users at %s: %q, want %q", c.users, c.fee, got, c.want)
			}
		})
	}
}
