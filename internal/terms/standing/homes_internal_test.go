// SPDX-License-Identifier: Apache-2.0

package standing

import (
	"testing"
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/facts"
)

// TestHomeAnnouncedLikeAllData: the home of a removed workplace is announced with
// the margin that a tenant's data has, also where that is told by the clock.
func TestHomeAnnouncedLikeAllData(t *testing.T) {
	t.Parallel()
	compiled, err := agreement.Compile(&v1alpha1.ServiceTermsSpec{
		TimeZone: "Europe/Amsterdam", Currency: "EUR",
		Retention: &v1alpha1.RetentionTerms{AfterEnd: "P30D", Announce: "PT24H"},
	})
	if err != nil {
		t.Fatal(err)
	}
	removed := calendar.Date{Year: 2026, Month: time.March, Day: 1}
	eraseOn := calendar.Date{Year: 2026, Month: time.March, Day: 31}
	first := eraseOn.AddDays(-8) // a day for the hours, and a week for the mail
	for day, announced := range map[calendar.Date]bool{first.AddDays(-1): false, first: true} {
		home := HomeRemoved(compiled, facts.Facts{Now: day.Start(compiled.Zone)}, "anna", "anna@jansen.example", removed)
		if (home.Announce != nil) != announced || home.EraseOn != eraseOn || home.Erase {
			t.Errorf("on %s: %+v, want it announced: %t", day, home, announced)
		}
		if !announced && !home.Recheck.Equal(first.Start(compiled.Zone)) {
			t.Errorf("on %s: looked at again at %s, want %s", day, home.Recheck, first)
		}
	}
}
