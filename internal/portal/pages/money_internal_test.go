// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"slices"
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

// Who owes sees how much in all, to the cent and for each currency by itself.
func TestOpenInvoicesAreAddedUp(t *testing.T) {
	t.Parallel()
	open := func(pairs ...string) []Invoice {
		var invoices []Invoice
		for i := 0; i < len(pairs); i += 2 {
			invoices = append(invoices, Invoice{Outstanding: pairs[i], Currency: pairs[i+1]})
		}
		return invoices
	}
	for name, test := range map[string]struct {
		invoices []Invoice
		want     []Sum
	}{
		"nothing":            {nil, nil},
		"tenths":             {open("0.1", "EUR", "0.2", "EUR"), []Sum{{"0.3", "EUR"}}},
		"beyond what floats": {open("9007199254740993", "EUR", "0.01", "EUR"), []Sum{{"9007199254740993.01", "EUR"}}},
		"a credit":           {open("412.50", "EUR", "-12.50", "EUR"), []Sum{{"400", "EUR"}}},
		"two currencies":     {open("1", "EUR", "2", "DKK", "3", "EUR"), []Sum{{"2", "DKK"}, {"4", "EUR"}}},
		"one is unreadable":  {open("1", "EUR", "x", "EUR"), nil},
	} {
		if got := sums(test.invoices); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
	for page, view := range map[string]any{
		"tenant": Tenant{Invoices: open("412.50", "EUR", "412.5", "EUR")},
		"denied": Denied{Reason: "Suspended", Invoices: open("412.50", "EUR", "412.5", "EUR")},
	} {
		shows(t, rendered(t, Dutch, page, view), []string{"<dt>Samen openstaand</dt><dd>EUR 825,00</dd>"}, nil)
	}
}

// A price says for how long it is, and an amount whether VAT is in it where that
// is known.
func TestPricesSayWhatTheyAre(t *testing.T) {
	t.Parallel()
	for period, want := range map[string][2]string{
		"P1M": {"per month", "per maand"}, "P3M": {"per 3 months", "per 3 maanden"}, "P1Y": {"per year", "per jaar"},
		"P1D": {"per day", "per dag"}, "P14D": {"per 14 days", "per 14 dagen"}, "P1Y6M": {"P1Y6M", "P1Y6M"}, "P": {"P", "P"}, "": {"", ""},
	} {
		if en, nl := per(English, period), per(Dutch, period); en != want[0] || nl != want[1] {
			t.Errorf("%s: %q and %q, want %q", period, en, nl, want)
		}
	}
	form := Request{Type: "AddUser", Action: "/x", Classes: []Choice{
		{Value: "standard", Label: "Standard", Price: &Price{"75", "EUR", "P1M"}}, {Value: "free", Label: "Free"},
	}}
	shows(t, rendered(t, Dutch, "request", form), []string{">Standard (EUR 75,00 per maand)<", ">Free<", "contract zegt of de btw"}, nil)
	form.Classes = form.Classes[1:]
	shows(t, rendered(t, Dutch, "request", form), []string{">Free<"}, []string{"btw"})
	charged := func(vat string) Tenant {
		return Tenant{Charges: []Charge{{On: "2026-11-20", Description: "x", Amount: "300", Currency: "EUR", VAT: vat}}}
	}
	shows(t, rendered(t, Dutch, "tenant", charged("ExcludingVAT")), []string{"EUR 300,00", "exclusief btw"}, []string{"inclusief btw"})
	shows(t, rendered(t, Dutch, "tenant", charged("IncludingVAT")), []string{"inclusief btw"}, nil)
	shows(t, rendered(t, Dutch, "tenant", charged("")), []string{"EUR 300,00"}, []string{"btw"})
}
