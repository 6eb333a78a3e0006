// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"strings"
	"testing"
)

// shows fails for words that a page lacks, and for those it must not have.
func shows(t *testing.T, page string, wanted, unwanted []string) {
	t.Helper()
	for _, words := range wanted {
		if !strings.Contains(page, words) {
			t.Errorf("the page does not say %q:\n%s", words, page)
		}
	}
	for _, words := range unwanted {
		if strings.Contains(page, words) {
			t.Errorf("the page says %q:\n%s", words, page)
		}
	}
}

// An invoice can be paid in time on its due day: nothing may ask for it earlier.
func TestTheDueDayIsInTime(t *testing.T) {
	t.Parallel()
	view := Tenant{Invoices: []Invoice{
		{Number: "2026-0815", IssuedOn: "2026-08-15", DueOn: "2026-08-29", Outstanding: "1", Currency: "EUR"},
	}}
	shows(t, rendered(t, Dutch, "tenant", view), []string{"Uiterlijk te betalen op", "29 augustus 2026"}, []string{"etalen voor", "meteen"})
	shows(t, rendered(t, English, "tenant", view), []string{"Pay by", "29 August 2026"}, []string{"before", "at once"})
	view.Invoices[0].DueOn = ""
	shows(t, rendered(t, Dutch, "tenant", view), []string{`data-label="Uiterlijk te betalen op">meteen<`}, nil)
}

// What coming back costs is said where it is known; only else it is left open.
func TestTheFeeIsNamedWhereItIsKnown(t *testing.T) {
	t.Parallel()
	view := Tenant{Suspensions: []Suspension{{Cause: "Arrears"}}}
	const may = "kunnen kosten worden berekend"
	shows(t, rendered(t, Dutch, "tenant", view), []string{may}, []string{"kost terugkomen EUR"})
	view.Reactivation = &Reactivation{Fee: "25", Users: 4, Total: "100", Currency: "EUR"}
	shows(t, rendered(t, Dutch, "tenant", view), []string{"kost terugkomen EUR 100,00"}, []string{may})
	shows(t, rendered(t, English, "tenant", view), []string{"Coming back costs EUR 100.00"}, []string{"may be charged"})
}
