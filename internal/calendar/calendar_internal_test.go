// SPDX-License-Identifier: Apache-2.0

package calendar

import (
	"strings"
	"testing"
	"time"
)

func parsed(t *testing.T, s string) Date {
	t.Helper()
	d, err := ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestStartOfDay: every day of 60 years begins at its first moment, also where
// clocks skip or repeat midnight.
func TestStartOfDay(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"UTC", "Europe/Amsterdam", "America/Sao_Paulo", "Africa/Cairo", "America/Havana", "Atlantic/Azores",
		"Asia/Beirut", "Pacific/Kiritimati", "Australia/Lord_Howe", "America/New_York",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			zone, err := time.LoadLocation(name)
			if err != nil {
				t.Fatal(err)
			}
			for d := (Date{2000, 1, 1}); d.Year < 2061; d = d.AddDays(1) {
				start := d.Start(zone)
				if got := DateAt(start, zone); got != d {
					t.Fatalf("%s starts at %s, which is on %s", d, start, got)
				}
				if before := DateAt(start.Add(-time.Nanosecond), zone); !before.Before(d) {
					t.Fatalf("%s starts at %s, but a moment earlier it is %s already", d, start, before)
				}
			}
		})
	}
}

// TestAddMonths: from the original anchor, cut off at the month's end.
func TestAddMonths(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from   string
		months int
		want   string
	}{
		{"2027-01-31", 1, "2027-02-28"}, {"2028-01-31", 1, "2028-02-29"}, {"2027-01-31", 2, "2027-03-31"},
		{"2028-02-29", 12, "2029-02-28"}, {"2028-02-29", 48, "2032-02-29"}, {"2026-12-31", 2, "2027-02-28"},
		{"2026-11-30", 3, "2027-02-28"}, {"2026-12-01", 1, "2027-01-01"}, {"2026-03-31", -1, "2026-02-28"},
	} {
		if got := parsed(t, c.from).AddMonths(c.months).String(); got != c.want {
			t.Errorf("%s plus %d months is %s, want %s", c.from, c.months, got, c.want)
		}
	}
	for _, s := range []string{"2026-02-30", "2027-02-29", "2026-13-01", "2026-1-1", "", "today"} {
		if d, err := ParseDate(s); err == nil {
			t.Errorf("%q was read as %s", s, d)
		}
	}
}

// TestPeriods: calendar parts or clock parts, never both.
func TestPeriods(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]Period{
		"P1M": {Months: 1}, "P1Y2M": {Months: 14}, "P4W": {Days: 28},
		"P1M10D": {Months: 1, Days: 10}, "PT4H30M": {Clock: 270 * time.Minute},
	} {
		if got, err := ParsePeriod(s); err != nil || got != want {
			t.Errorf("%s: %+v (%v), want %+v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "P", "PT", "P1DT1H", "1M", "P-1M", "P1.5M", "p1m", "P1D1M"} {
		if got, err := ParsePeriod(s); err == nil {
			t.Errorf("%q was read as %+v", s, got)
		}
	}
	amsterdam, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	noon := time.Date(2026, 3, 28, 12, 0, 0, 0, amsterdam)
	if got := (Period{Days: 1}).AfterMoment(noon, amsterdam); got.Sub(noon) != 23*time.Hour {
		t.Errorf("one day over the spring night took %s, want 23 h", got.Sub(noon))
	}
	if got := (Period{Clock: 24 * time.Hour}).AfterMoment(noon, amsterdam); got.Sub(noon) != 24*time.Hour {
		t.Errorf("24 hours took %s", got.Sub(noon))
	}
}

// A day may begin at an hour that does not exist: in Santiago clocks skip midnight.
func TestClockShowsWhereMidnightIsSkipped(t *testing.T) {
	t.Parallel()
	zone, err := LoadZone("America/Santiago")
	if err != nil {
		t.Fatal(err)
	}
	day := Date{2026, time.September, 6}
	for minutes, want := range map[int]string{
		0: "2026-09-06T01:00:00-03:00", 30: "2026-09-06T01:00:00-03:00", 60: "2026-09-06T01:00:00-03:00",
		90: "2026-09-06T01:30:00-03:00", 1440: "2026-09-07T00:00:00-03:00",
	} {
		if got := clockShows(day, minutes, zone).Format(time.RFC3339); got != want {
			t.Errorf("minute %d: want %s, got %s", minutes, want, got)
		}
	}
}

// Every country of the API has its holidays, and New Year's Day among them.
func TestHolidaysOf(t *testing.T) {
	t.Parallel()
	for code := range strings.SplitSeq("AT;BE;CH;DE;DK;FI;FR;GB;IE;NL;NO;SE", ";") {
		holidays, known := HolidaysOf(code)
		if !known || !holidays.Has(Date{2026, time.January, 1}) {
			t.Errorf("%s should have a holiday on New Year's Day", code)
		}
		if holidays.Has(Date{2026, time.November, 18}) {
			t.Errorf("%s should have none on an ordinary Wednesday", code)
		}
	}
	if _, known := HolidaysOf("XX"); known {
		t.Errorf("the holidays of no country are known")
	}
}

// TestAlarm: the first moment to come is kept, in whatever order they are named;
// what has come asks for nothing.
func TestAlarm(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.November, 20, 12, 0, 0, 0, time.UTC)
	soon, late := now.Add(time.Second), now.Add(time.Hour)
	for name, c := range map[string]struct {
		moments []time.Time
		want    time.Time
	}{
		"nothing":      {nil, time.Time{}},
		"the past":     {[]time.Time{now.Add(-time.Hour), {}}, time.Time{}},
		"now":          {[]time.Time{now}, time.Time{}},
		"late, soon":   {[]time.Time{late, soon}, soon},
		"soon, late":   {[]time.Time{soon, late}, soon},
		"past and one": {[]time.Time{now.Add(-time.Hour), late}, late},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			alarm := Alarm{Now: now}
			for _, moment := range c.moments {
				alarm.At(moment)
			}
			if !alarm.Next.Equal(c.want) {
				t.Errorf("next is %s, want %s", alarm.Next, c.want)
			}
		})
	}
}
