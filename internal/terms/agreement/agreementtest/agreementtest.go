// SPDX-License-Identifier: Apache-2.0

// Package agreementtest has terms to test with.
package agreementtest

import (
	"testing"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/agreement"
)

// TotalDesk returns terms like TotalDesk's, with what a test edits.
func TotalDesk(t testing.TB, edits ...func(*v1alpha1.ServiceTermsSpec)) *agreement.Terms {
	t.Helper()
	spec := v1alpha1.ServiceTermsSpec{
		TimeZone: "Europe/Amsterdam", Currency: "EUR",
		Arrears:      &v1alpha1.ArrearsTerms{SuspendAfter: "P2M", TerminateAfter: "P4M", BillingFreshness: "P3D"},
		Reactivation: &v1alpha1.ReactivationTerms{Fee: "25.00"},
		Retention:    &v1alpha1.RetentionTerms{AfterEnd: "P30D"},
	}
	for _, edit := range edits {
		edit(&spec)
	}
	compiled, err := agreement.Compile(&spec)
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

// Day returns the date that a text writes.
func Day(t testing.TB, s string) calendar.Date {
	t.Helper()
	d, err := calendar.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
