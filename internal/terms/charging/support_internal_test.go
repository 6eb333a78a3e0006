// SPDX-License-Identifier: Apache-2.0

package charging

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/dues"
)

// supportTerms are those of TD-17 and TD-18.
func supportTerms(t *testing.T) *agreement.Terms {
	t.Helper()
	compiled, err := agreement.Compile(&v1alpha1.ServiceTermsSpec{
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
	parsed, err := time.Parse(time.RFC3339Nano, moment)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func TestSupportWork(t *testing.T) {
	t.Parallel()
	type charge struct {
		name, kind, on, quantity, unit, price, amount string
	}
	remote := func(on, quantity, amount string) []charge {
		return []charge{{"s-remote-work", "RemoteWork", on, quantity, "PT15M", "23.75", amount}}
	}
	onSite := func(on, quantity, amount string) []charge {
		return []charge{
			{"s-on-site-work", "OnSiteWork", on, quantity, "PT15M", "25.00", amount},
			{"s-call-out", "CallOut", on, "1", "visit", "75.00", "75.00"},
		}
	}
	terms := supportTerms(t)
	for name, test := range map[string]struct {
		mode       v1alpha1.SupportMode
		from, till string
		want       []charge
	}{
		"a nanosecond": {
			"Remote", "2026-11-20T10:00:00Z", "2026-11-20T10:00:00.000000001Z", remote("2026-11-20", "1", "23.75"),
		},
		"one minute": {
			"Remote", "2026-11-20T10:00:00Z", "2026-11-20T10:01:00Z", remote("2026-11-20", "1", "23.75"),
		},
		"looking along": {
			"Shadow", "2026-11-20T10:00:00Z", "2026-11-20T10:01:00Z", remote("2026-11-20", "1", "23.75"),
		},
		"a quarter": {
			"Remote", "2026-11-20T10:00:00Z", "2026-11-20T10:15:00Z", remote("2026-11-20", "1", "23.75"),
		},
		"a nanosecond more": {
			"Remote", "2026-11-20T10:00:00Z", "2026-11-20T10:15:00.000000001Z", remote("2026-11-20", "2", "47.50"),
		},
		"a second more": {
			"Remote", "2026-11-20T10:00:00Z", "2026-11-20T10:15:01Z", remote("2026-11-20", "2", "47.50"),
		},
		"three quarters": {
			"Remote", "2026-11-20T10:00:00Z", "2026-11-20T10:45:00Z", remote("2026-11-20", "3", "71.25"),
		},
		"the longest": {
			"Remote", "2026-11-20T10:00:00Z", "2026-11-20T18:00:00Z", remote("2026-11-20", "32", "760.00"),
		},
		"no time":         {"Remote", "2026-11-20T10:00:00Z", "2026-11-20T10:00:00Z", nil},
		"before it began": {"Remote", "2026-11-20T10:00:00Z", "2026-11-20T09:00:00Z", nil},
		"past new year": {
			"Remote", "2026-12-31T22:50:00Z", "2026-12-31T23:10:00Z", remote("2027-01-01", "2", "47.50"),
		},
		"until midnight": {
			"Remote", "2026-12-31T22:50:00Z", "2026-12-31T23:00:00Z", remote("2027-01-01", "1", "23.75"),
		},
		"before midnight": {
			"Remote", "2026-12-31T22:50:00Z", "2026-12-31T22:59:59Z", remote("2026-12-31", "1", "23.75"),
		},
		"written elsewhere": {
			"Remote", "2026-11-20T23:50:00+09:00", "2026-11-20T15:00:00Z", remote("2026-11-20", "1", "23.75"),
		},
		"night to summer": {
			"Remote", "2027-03-28T00:30:00Z", "2027-03-28T01:30:00Z", remote("2027-03-28", "4", "95.00"),
		},
		"night to winter": {
			"Remote", "2027-10-31T00:30:00Z", "2027-10-31T01:30:00Z", remote("2027-10-31", "4", "95.00"),
		},
		"all night to winter": {
			"Remote", "2027-10-31T00:00:00+02:00", "2027-10-31T06:00:00+01:00", remote("2027-10-31", "28", "665.00"),
		},
		"all night to summer": {
			"Remote", "2027-03-28T00:00:00+01:00", "2027-03-28T06:00:00+02:00", remote("2027-03-28", "20", "475.00"),
		},
		"leap day": {
			"Remote", "2028-02-29T22:59:00Z", "2028-02-29T22:59:30Z", remote("2028-02-29", "1", "23.75"),
		},
		"after the leap day": {
			"Remote", "2028-02-29T22:59:00Z", "2028-02-29T23:00:30Z", remote("2028-03-01", "1", "23.75"),
		},
		"ten min on site": {
			"OnSite", "2026-11-20T10:00:00Z", "2026-11-20T10:10:00Z", onSite("2026-11-20", "8", "200.00"),
		},
		"came for nothing": {
			"OnSite", "2026-11-20T10:00:00Z", "2026-11-20T10:00:00Z", onSite("2026-11-20", "8", "200.00"),
		},
		"before it began, too": {"OnSite", "2026-11-20T10:00:00Z", "2026-11-20T09:59:59Z", nil},
		"two hours": {
			"OnSite", "2026-11-20T10:00:00Z", "2026-11-20T12:00:00Z", onSite("2026-11-20", "8", "200.00"),
		},
		"two hours and on": {
			"OnSite", "2026-11-20T10:00:00Z", "2026-11-20T12:00:01Z", onSite("2026-11-20", "9", "225.00"),
		},
		"on site to summer": {
			"OnSite", "2027-03-28T01:00:00+01:00", "2027-03-28T04:00:00+02:00", onSite("2027-03-28", "8", "200.00"),
		},
		"on site to winter": {
			"OnSite", "2027-10-31T01:00:00+02:00", "2027-10-31T04:00:00+01:00", onSite("2027-10-31", "16", "400.00"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := SupportWork(terms, "s", test.mode, instant(t, test.from), instant(t, test.till))
			if err != nil || len(got) != len(test.want) {
				t.Fatalf("%d charges, %v; want %v", len(got), err, test.want)
			}
			for i, want := range test.want {
				spec := got[i].Spec
				have := charge{
					got[i].Name, string(spec.Type), string(spec.On), string(spec.Quantity), spec.Unit, string(spec.UnitPrice),
					string(spec.Amount),
				}
				if have != want {
					t.Errorf("got  %v\nwant %v", have, want)
				}
				if got[i].Name != dues.Work(spec.Type, "s").Name() {
					t.Errorf("%s is not the name of %s", got[i].Name, spec.Type)
				}
				if source := (v1alpha1.SourceReference{Kind: "SupportSession", Name: "s"}); spec.SourceRef == nil ||
					*spec.SourceRef != source || spec.Currency != "EUR" {
					t.Errorf("%v in %s", spec.SourceRef, spec.Currency)
				}
			}
		})
	}
}

// Other rates than TotalDesk's: units of any length, amounts that need rounding,
// currencies without cents, and what is free.
func TestSupportWorkAtOtherRates(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		currency v1alpha1.Currency
		rate     v1alpha1.WorkRate
		worked   time.Duration
		want     []string // quantity × price = amount
		unit     string
		says     string
	}{
		"half up": {
			"EUR", v1alpha1.WorkRate{Amount: "0.335", Per: "PT1M"}, time.Minute, []string{"1 × 0.335 = 0.34"}, "PT1M",
			"1 started unit of 1 minute at EUR 0.335 each",
		},
		"not half": {
			"EUR", v1alpha1.WorkRate{Amount: "0.3349", Per: "PT1M"}, time.Minute, []string{"1 × 0.3349 = 0.33"}, "PT1M", "",
		},
		"rounded once": {
			"EUR", v1alpha1.WorkRate{Amount: "0.335", Per: "PT1M"}, 3 * time.Minute, []string{"3 × 0.335 = 1.01"}, "PT1M", "",
		},
		"yen": {
			"JPY", v1alpha1.WorkRate{Amount: "1200.5", Per: "PT15M"}, 15 * time.Minute, []string{"1 × 1200.5 = 1201"}, "PT15M",
			"",
		},
		"seconds": {
			"EUR", v1alpha1.WorkRate{Amount: "1", Per: "PT90S"}, 91 * time.Second, []string{"2 × 1.00 = 2.00"}, "PT90S",
			"2 minutes worked: 2 started units of 90 seconds",
		},
		"half a minute": {
			"EUR", v1alpha1.WorkRate{Amount: "1", Per: "PT30S"}, time.Minute, []string{"2 × 1.00 = 2.00"}, "PT30S",
			"1 minute worked: 2 started units of 30 seconds",
		},
		"hours": {
			"EUR", v1alpha1.WorkRate{Amount: "95", Per: "PT1H"}, 61 * time.Minute, []string{"2 × 95.00 = 190.00"}, "PT1H",
			"2 started units of 1 hour",
		},
		"hour and half": {
			"EUR", v1alpha1.WorkRate{Amount: "95", Per: "PT1H30M"}, time.Hour, []string{"1 × 95.00 = 95.00"}, "PT1H30M",
			"1 started unit of 90 minutes",
		},
		"uneven minimum": {
			"EUR", v1alpha1.WorkRate{Amount: "10", Per: "PT15M", Minimum: "PT20M"}, time.Minute, []string{"2 × 10.00 = 20.00"},
			"PT15M", "which charge at least 20 minutes",
		},
		"minimum not met": {
			"EUR", v1alpha1.WorkRate{Amount: "10", Per: "PT15M", Minimum: "PT20M"}, 25 * time.Minute,
			[]string{"2 × 10.00 = 20.00"}, "PT15M", "each under the service terms",
		},
		"free": {"EUR", v1alpha1.WorkRate{Amount: "0", Per: "PT15M"}, time.Hour, nil, "", ""},
		"call-out alone": {
			"EUR", v1alpha1.WorkRate{Amount: "0", Per: "PT15M", CallOut: "75"}, time.Hour, []string{"1 × 75.00 = 75.00"},
			"visit", "Call-out for support on site on 2026-11-20",
		},
		"no call-out": {
			"EUR", v1alpha1.WorkRate{Amount: "10", Per: "PT15M", CallOut: "0.00"}, time.Minute, []string{"1 × 10.00 = 10.00"},
			"PT15M", "",
		},
		"below half a cent": {"EUR", v1alpha1.WorkRate{Amount: "0.004", Per: "PT1H"}, time.Minute, nil, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			terms, err := agreement.Compile(&v1alpha1.ServiceTermsSpec{
				TimeZone: "Europe/Amsterdam", Currency: test.currency,
				Support: &v1alpha1.SupportTerms{Rates: &v1alpha1.SupportRates{OnSite: &test.rate}},
			})
			if err != nil {
				t.Fatal(err)
			}
			from := instant(t, "2026-11-20T10:00:00Z")
			got, err := SupportWork(terms, "s", v1alpha1.SupportOnSite, from, from.Add(test.worked))
			if err != nil || len(got) != len(test.want) {
				t.Fatalf("%+v, %v; want %v", got, err, test.want)
			}
			for i, want := range test.want {
				spec := got[i].Spec
				if have := fmt.Sprintf("%s × %s = %s", spec.Quantity, spec.UnitPrice, spec.Amount); have != want ||
					spec.Unit != test.unit {
					t.Errorf("got %s of %s, want %s of %s", have, spec.Unit, want, test.unit)
				}
				if !strings.Contains(spec.Description, test.says) {
					t.Errorf("should say %q: %s", test.says, spec.Description)
				}
			}
		})
	}
}

func TestSupportWorkIsExplained(t *testing.T) {
	t.Parallel()
	for mode, want := range map[v1alpha1.SupportMode][]string{
		v1alpha1.SupportShadow: {
			"Remote support on 2026-11-20, 10 minutes worked: 1 started unit of 15 minutes at EUR 23.75 each under the " +
				"service terms",
		},
		v1alpha1.SupportOnSite: {
			"Support on site on 2026-11-20, 10 minutes worked: 8 started units of 15 minutes at EUR 25.00 each under the " +
				"service terms, which charge at least 2 hours",
			"Call-out for support on site on 2026-11-20: EUR 75.00 for each visit under the service terms",
		},
	} {
		// Nine minutes and one second: a minute begun is named, too.
		got, err := SupportWork(supportTerms(t), "s", mode, instant(t, "2026-11-20T10:00:00Z"),
			instant(t, "2026-11-20T10:09:01Z"))
		if err != nil || len(got) != len(want) {
			t.Fatalf("%d charges, %v", len(got), err)
		}
		for i := range want {
			if got[i].Spec.Description != want[i] {
				t.Errorf("got  %q\nwant %q", got[i].Spec.Description, want[i])
			}
		}
	}
}

func TestSupportWorkWithoutRate(t *testing.T) {
	t.Parallel()
	for name, rates := range map[string]*v1alpha1.SupportTerms{
		"no support": nil, "no rates": {}, "neither": {Rates: &v1alpha1.SupportRates{}},
	} {
		bare, err := agreement.Compile(&v1alpha1.ServiceTermsSpec{
			TimeZone: "Europe/Amsterdam", Currency: "EUR", Support: rates,
		})
		if err != nil {
			t.Fatal(err)
		}
		for mode, field := range map[v1alpha1.SupportMode]string{
			v1alpha1.SupportShadow: "spec.support.rates.remote", v1alpha1.SupportRemote: "spec.support.rates.remote",
			v1alpha1.SupportOnSite: "spec.support.rates.onSite",
		} {
			from := instant(t, "2026-11-20T10:00:00Z")
			_, err = SupportWork(bare, "s", mode, from, from.Add(time.Minute))
			var missing *NoRateError
			if !errors.As(err, &missing) || missing.Field != field ||
				!strings.Contains(err.Error(), "set "+field+" of the ServiceTerms") {
				t.Errorf("%s, %s: %v", name, mode, err)
			}
		}
	}
}

func TestRatesThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	for want, rate := range map[string]v1alpha1.WorkRate{
		"spec.support.rates.onSite.per: P1D is not a clock period":     {Amount: "1", Per: "P1D"},
		"spec.support.rates.onSite.per: PT0M is no time at all":        {Amount: "1", Per: "PT0M"},
		"spec.support.rates.onSite.minimum: P1M is not a clock period": {Amount: "1", Per: "PT1H", Minimum: "P1M"},
		`spec.support.rates.onSite.amount: "dear" is not an amount`:    {Amount: "dear", Per: "PT1H"},
		`spec.support.rates.onSite.callOut: "dear" is not an amount`:   {Amount: "1", Per: "PT1H", CallOut: "dear"},
	} {
		_, err := agreement.Compile(&v1alpha1.ServiceTermsSpec{
			TimeZone: "Europe/Amsterdam", Currency: "EUR",
			Support: &v1alpha1.SupportTerms{Rates: &v1alpha1.SupportRates{OnSite: &rate}},
		})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
