// SPDX-License-Identifier: Apache-2.0

package agreement

import (
	"strings"
	"testing"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// TestCompileRefuses: each error names the field.
func TestCompileRefuses(t *testing.T) {
	t.Parallel()
	for field, edit := range map[string]func(*v1alpha1.ServiceTermsSpec){
		"spec.timeZone":                 func(s *v1alpha1.ServiceTermsSpec) { s.TimeZone = "Mars/Phobos" },
		"spec.currency":                 func(s *v1alpha1.ServiceTermsSpec) { s.Currency = "XQZ" },
		"spec.arrears.suspendAfter":     func(s *v1alpha1.ServiceTermsSpec) { s.Arrears.SuspendAfter = "P" },
		"spec.arrears.terminateAfter":   func(s *v1alpha1.ServiceTermsSpec) { s.Arrears.TerminateAfter = "P1M" },
		"spec.arrears.billingFreshness": func(s *v1alpha1.ServiceTermsSpec) { s.Arrears.BillingFreshness = "soon" },
		"spec.reactivation.fee":         func(s *v1alpha1.ServiceTermsSpec) { s.Reactivation.Fee = "much" },
		"spec.arrears.termination": func(s *v1alpha1.ServiceTermsSpec) {
			s.Arrears.TerminateAfter, s.Arrears.Termination = "", v1alpha1.TerminationAutomatic
		},
	} {
		spec := v1alpha1.ServiceTermsSpec{
			TimeZone: "Europe/Amsterdam", Currency: "EUR",
			Arrears:      &v1alpha1.ArrearsTerms{SuspendAfter: "P2M", TerminateAfter: "P4M"},
			Reactivation: &v1alpha1.ReactivationTerms{Fee: "25.00"},
		}
		edit(&spec)
		if _, err := Compile(&spec); err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: error %v does not name it", field, err)
		}
	}
}
