// SPDX-License-Identifier: Apache-2.0

package charging

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/agreement"
)

// TestHandoverCharges: TD-20.
func TestHandoverCharges(t *testing.T) {
	t.Parallel()
	compiled, err := agreement.Compile(&v1alpha1.ServiceTermsSpec{TimeZone: "Europe/Amsterdam", Currency: "EUR"})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name  string
		terms *v1alpha1.HandoverTerms
		homes int
		bytes int64
		want  map[string]string // name: quantity x unit price = amount
	}{
		{"terms that ask nothing", nil, 3, 5e9, nil},
		{"free", &v1alpha1.HandoverTerms{Fee: "0.00", FeePerGigabyte: "0"}, 3, 5e9, nil},
		{"a fee", &v1alpha1.HandoverTerms{Fee: "75.00"}, 3, 5e9, map[string]string{"hand-over-leaving": "1 x 75.00 = 75.00"}},
		{
			"a started gigabyte counts", &v1alpha1.HandoverTerms{FeePerGigabyte: "0.25"}, 1, 1_000_000_001,
			map[string]string{"hand-over-leaving-volume": "2 x 0.25 = 0.50"},
		},
		{
			"a full one is one", &v1alpha1.HandoverTerms{FeePerGigabyte: "0.25"}, 1, 1_000_000_000,
			map[string]string{"hand-over-leaving-volume": "1 x 0.25 = 0.25"},
		},
		{
			"rounded half up at the end", &v1alpha1.HandoverTerms{FeePerGigabyte: "0.0150"}, 1, 2_500_000_000,
			map[string]string{"hand-over-leaving-volume": "3 x 0.0150 = 0.05"},
		},
		{
			"both", &v1alpha1.HandoverTerms{Fee: "75.00", FeePerGigabyte: "0.10"}, 2, 1,
			map[string]string{"hand-over-leaving": "1 x 75.00 = 75.00", "hand-over-leaving-volume": "1 x 0.10 = 0.10"},
		},
		{
			"empty homes have no volume", &v1alpha1.HandoverTerms{Fee: "75.00", FeePerGigabyte: "0.10"}, 2, 0,
			map[string]string{"hand-over-leaving": "1 x 75.00 = 75.00"},
		},
		{"no homes", &v1alpha1.HandoverTerms{Fee: "75.00"}, 0, 0, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			due, err := HandoverCharges(compiled, test.terms, "leaving", test.homes, test.bytes, calendar.Date{
				Year: 2026, Month: 11, Day: 26,
			})
			if err != nil {
				t.Fatal(err)
			}
			var got map[string]string
			for _, charge := range due {
				if got == nil {
					got = map[string]string{}
				}
				s := charge.Spec
				got[charge.Name] = string(s.Quantity) + " x " + string(s.UnitPrice) + " = " + string(s.Amount)
				if s.Type != v1alpha1.ChargeDataExport || s.On != "2026-11-26" || s.Currency != "EUR" ||
					s.SourceRef.Kind != "DataExport" || s.SourceRef.Name != "leaving" {
					t.Errorf("charge %+v", s)
				}
				if !strings.Contains(s.Description, "2026-11-26") || !strings.Contains(s.Description, "under the service terms") {
					t.Errorf("description %q", s.Description)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	if _, err := HandoverCharges(compiled, &v1alpha1.HandoverTerms{Fee: "much"}, "leaving", 1, 1,
		calendar.Date{Year: 2026, Month: 11, Day: 26}); err == nil || !strings.Contains(err.Error(), "spec.handover.fee") {
		t.Errorf("an amount that is none: %v", err)
	}
}
