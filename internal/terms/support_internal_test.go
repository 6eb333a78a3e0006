// SPDX-License-Identifier: Apache-2.0

package terms

import (
	"errors"
	"testing"
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// supportTerms are those of TD-17 and TD-18.
func supportTerms(t *testing.T) *Terms {
	t.Helper()
	compiled, err := Compile(&v1alpha1.ServiceTermsSpec{
		TimeZone: "Europe/Amsterdam", Currency: "EUR",
		Support: &v1alpha1.SupportTerms{Rates: &v1alpha1.SupportRates{
			Remote: &v1alpha1.WorkRate{Amount: "23.75", Per: "PT15M"},
			OnSite: &v1alpha1.WorkRate{Amount: "25.00", Per: "PT15M", Minimum: "PT2H", CallOut: "75.00"},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

func instant(t *testing.T, moment string) time.Time {
	t.Helper()
	parsed, err := time.Parse(time.RFC3339, moment)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func TestSupportWork(t *testing.T) {
	t.Parallel()
	type charge struct {
		name, kind, on, quantity, amount string
	}
	terms := supportTerms(t)
	for name, test := range map[string]struct {
		mode       v1alpha1.SupportMode
		from, till string
		want       []charge
	}{
		"one minute":       {"Remote", "2026-11-20T10:00:00Z", "2026-11-20T10:01:00Z", []charge{{"s-remote-work", "RemoteWork", "2026-11-20", "1", "23.75"}}},
		"looking along":    {"Shadow", "2026-11-20T10:00:00Z", "2026-11-20T10:01:00Z", []charge{{"s-remote-work", "RemoteWork", "2026-11-20", "1", "23.75"}}},
		"a quarter":        {"Remote", "2026-11-20T10:00:00Z", "2026-11-20T10:15:00Z", []charge{{"s-remote-work", "RemoteWork", "2026-11-20", "1", "23.75"}}},
		"a second more":    {"Remote", "2026-11-20T10:00:00Z", "2026-11-20T10:15:01Z", []charge{{"s-remote-work", "RemoteWork", "2026-11-20", "2", "47.50"}}},
		"no time":          {"Remote", "2026-11-20T10:00:00Z", "2026-11-20T10:00:00Z", nil},
		"before it began":  {"Remote", "2026-11-20T10:00:00Z", "2026-11-20T09:00:00Z", nil},
		"past midnight":    {"Remote", "2026-12-31T22:50:00Z", "2026-12-31T23:10:00Z", []charge{{"s-remote-work", "RemoteWork", "2027-01-01", "2", "47.50"}}},
		"night to summer":  {"Remote", "2027-03-28T00:30:00Z", "2027-03-28T01:30:00Z", []charge{{"s-remote-work", "RemoteWork", "2027-03-28", "4", "95.00"}}},
		"night to winter":  {"Remote", "2027-10-31T00:30:00Z", "2027-10-31T01:30:00Z", []charge{{"s-remote-work", "RemoteWork", "2027-10-31", "4", "95.00"}}},
		"leap day":         {"Remote", "2028-02-29T22:59:00Z", "2028-02-29T22:59:30Z", []charge{{"s-remote-work", "RemoteWork", "2028-02-29", "1", "23.75"}}},
		"ten min on site":  {"OnSite", "2026-11-20T10:00:00Z", "2026-11-20T10:10:00Z", []charge{{"s-on-site-work", "OnSiteWork", "2026-11-20", "8", "200.00"}, {"s-call-out", "CallOut", "2026-11-20", "1", "75.00"}}},
		"two hours":        {"OnSite", "2026-11-20T10:00:00Z", "2026-11-20T12:00:00Z", []charge{{"s-on-site-work", "OnSiteWork", "2026-11-20", "8", "200.00"}, {"s-call-out", "CallOut", "2026-11-20", "1", "75.00"}}},
		"two hours and on": {"OnSite", "2026-11-20T10:00:00Z", "2026-11-20T12:00:01Z", []charge{{"s-on-site-work", "OnSiteWork", "2026-11-20", "9", "225.00"}, {"s-call-out", "CallOut", "2026-11-20", "1", "75.00"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := terms.SupportWork("s", test.mode, instant(t, test.from), instant(t, test.till))
			if err != nil || len(got) != len(test.want) {
				t.Fatalf("%d charges, %v; want %v", len(got), err, test.want)
			}
			for i, want := range test.want {
				spec := got[i].Spec
				if have := (charge{got[i].Name, string(spec.Type), string(spec.On), string(spec.Quantity), string(spec.Amount)}); have != want {
					t.Errorf("got %v, want %v", have, want)
				}
				if spec.Description == "" || spec.SourceRef == nil || spec.SourceRef.Name != "s" || spec.Currency != "EUR" {
					t.Errorf("not explained: %+v", spec)
				}
			}
		})
	}
}

func TestSupportWorkIsExplained(t *testing.T) {
	t.Parallel()
	got, err := supportTerms(t).SupportWork("s", v1alpha1.SupportOnSite, instant(t, "2026-11-20T10:00:00Z"), instant(t, "2026-11-20T10:10:00Z"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "Support on site on 2026-11-20, 10 minutes: 8 units at EUR 25.00 for each 15 minutes begun, at least 2 hours"; got[0].Spec.Description != want {
		t.Errorf("got  %q\nwant %q", got[0].Spec.Description, want)
	}
}

func TestSupportWorkWithoutRate(t *testing.T) {
	t.Parallel()
	bare, err := Compile(&v1alpha1.ServiceTermsSpec{TimeZone: "Europe/Amsterdam", Currency: "EUR"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = bare.SupportWork("s", v1alpha1.SupportOnSite, time.Now(), time.Now())
	var missing ErrNoRate
	if !errors.As(err, &missing) || missing.Field != "spec.support.rates.onSite" {
		t.Errorf("got %v", err)
	}
	_, err = Compile(&v1alpha1.ServiceTermsSpec{
		TimeZone: "Europe/Amsterdam", Currency: "EUR",
		Support: &v1alpha1.SupportTerms{Rates: &v1alpha1.SupportRates{Remote: &v1alpha1.WorkRate{Amount: "1", Per: "P1D"}}},
	})
	if err == nil {
		t.Error("a rate per calendar day is accepted")
	}
}
