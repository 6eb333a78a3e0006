// SPDX-License-Identifier: Apache-2.0

// Package calendar is the ground on which contracts are counted: civil dates,
// periods, zones and office hours. It knows nothing of Werkplek.
package calendar

import (
	"fmt"
	"time"
)

// Date is a civil date: a day on a calendar, which becomes a moment only in a
// time zone. The zero Date is no date.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDate reads YYYY-MM-DD and refuses days that do not exist.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("%q is not a date: write it as YYYY-MM-DD, a day that exists", s)
	}
	return Date{t.Year(), t.Month(), t.Day()}, nil
}

// DateAt returns the civil date of a moment in a zone.
func DateAt(t time.Time, zone *time.Location) Date {
	y, m, d := t.In(zone).Date()
	return Date{y, m, d}
}

// IsZero reports whether d is no date.
func (d Date) IsZero() bool { return d == Date{} }

// String returns YYYY-MM-DD, or nothing for no date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// Compare returns -1, 0 or 1 as d is before, equal to or after e.
func (d Date) Compare(e Date) int { return d.utc().Compare(e.utc()) }

// Before reports whether d is an earlier day than e.
func (d Date) Before(e Date) bool { return d.Compare(e) < 0 }

// AddDays returns the date n days later.
func (d Date) AddDays(n int) Date {
	t := d.utc().AddDate(0, 0, n)
	return Date{t.Year(), t.Month(), t.Day()}
}

// AddMonths returns the same day n months later, or the last day of that month
// where it has no such day: 31 January plus one month is the end of February.
// It always counts from d, so that adding two months to 31 December and to
// 31 January differ as the contract says.
func (d Date) AddMonths(n int) Date {
	first := time.Date(d.Year, d.Month+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return Date{first.Year(), first.Month(), min(d.Day, last)}
}

// Start returns the first moment of the day in a zone. Where clocks skip
// midnight that is the moment they skip to; where midnight comes twice, the
// first.
func (d Date) Start(zone *time.Location) time.Time {
	t := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, zone)
	if DateAt(t, zone).Before(d) {
		// Midnight was skipped and t lies before the gap: the day begins where the zone's next offset does.
		_, t = t.ZoneBounds()
	}
	if begin, _ := t.ZoneBounds(); !begin.IsZero() {
		_, before := begin.Add(-time.Second).Zone()
		_, after := t.Zone()
		earlier := t.Add(-time.Duration(before-after) * time.Second)
		if before > after && earlier.Before(begin) && DateAt(earlier, zone) == d {
			t = earlier
		}
	}
	return t
}

// DaysSince returns how many days lie between e and d.
func (d Date) DaysSince(e Date) int { return int(d.utc().Sub(e.utc()) / (24 * time.Hour)) }

// MonthStart returns the first day of d's month.
func (d Date) MonthStart() Date { return Date{d.Year, d.Month, 1} }

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

func (d Date) utc() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// Later returns the later of two dates: no date is before any.
func Later(a, b Date) Date {
	if a.Before(b) {
		return b
	}
	return a
}
