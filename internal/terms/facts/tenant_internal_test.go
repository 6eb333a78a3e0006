// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/terms/agreement"
)

// TestTrialEnds: the terms' trial, or what is exempt of it if that is less.
func TestTrialEnds(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		trial        v1alpha1.Period
		starts, upTo string
		want         string
	}{
		"the terms' trial":             {"P14D", "2026-11-20", "P60D", "2026-12-03T23:00:00Z"},
		"at most what is exempt":       {"P90D", "2026-11-20", "P60D", "2027-01-18T23:00:00Z"},
		"a month from the last of one": {"P1M", "2027-01-31", "P60D", "2027-02-27T23:00:00Z"},
		"across the spring night":      {"P14D", "2027-03-20", "P60D", "2027-04-02T22:00:00Z"},
		"no trial":                     {"", "2026-11-20", "P60D", ""},
		"no date":                      {"P14D", "", "P60D", "2026-05-14T22:00:00Z"},
	} {
		spec := &v1alpha1.ServiceTermsSpec{TimeZone: "Europe/Amsterdam", Currency: "EUR"}
		if test.trial != "" {
			spec.Contract = &v1alpha1.ContractTerms{Trial: &v1alpha1.TrialTerms{Period: test.trial}}
		}
		compiled, err := agreement.Compile(spec)
		if err != nil {
			t.Fatal(err)
		}
		tenant := &v1alpha1.Tenant{
			ObjectMeta: metav1.ObjectMeta{CreationTimestamp: metav1.NewTime(time.Date(2026, 4, 30, 23, 0, 0, 0, time.UTC))},
		}
		if test.starts != "" {
			tenant.Spec.Contract = &v1alpha1.ContractSpec{StartsOn: v1alpha1.Date(test.starts)}
		}
		got := ""
		if end := TrialEnds(compiled, tenant, v1alpha1.Period(test.upTo)); !end.IsZero() {
			got = end.UTC().Format(time.RFC3339)
		}
		if got != test.want {
			t.Errorf("%s: the trial ends at %q, want %q", name, got, test.want)
		}
	}
}
