// SPDX-License-Identifier: Apache-2.0

package calendar

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Period is a length of contract time: calendar parts or clock time, never both.
type Period struct {
	Months int // years count as 12
	Days   int // weeks count as 7
	Clock  time.Duration
}

var (
	calendarPeriod = regexp.MustCompile(`^P(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?$`)
	clockPeriod    = regexp.MustCompile(`^PT(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?$`)
)

// ParsePeriod reads an ISO 8601 duration of calendar parts (P1M, P14D) or of
// clock parts (PT4H).
func ParsePeriod(s string) (Period, error) {
	if n, ok := parts(calendarPeriod, s); ok {
		return Period{Months: 12*n[0] + n[1], Days: 7*n[2] + n[3]}, nil
	}
	if n, ok := parts(clockPeriod, s); ok {
		clock := time.Duration(n[0])*time.Hour + time.Duration(n[1])*time.Minute + time.Duration(n[2])*time.Second
		return Period{Clock: clock}, nil
	}
	return Period{}, fmt.Errorf("%q is not a period: write calendar parts (P1M, P14D) or clock parts (PT4H), not both", s)
}

// parts returns the numbers that a pattern finds; a period without any is none.
func parts(pattern *regexp.Regexp, s string) (numbers [4]int, ok bool) {
	match := pattern.FindStringSubmatch(s)
	for i := 1; i < len(match); i++ {
		if match[i] == "" {
			continue
		}
		n, err := strconv.Atoi(match[i])
		if err != nil {
			return numbers, false
		}
		numbers[i-1], ok = n, true
	}
	return numbers, ok
}

// After returns the date that lies the period's calendar parts after d, months
// first and clamped to the month's end. Clock parts do not move a date.
func (p Period) After(d Date) Date { return d.AddMonths(p.Months).AddDays(p.Days) }

// Back returns the date that lies the period's calendar parts before d.
func (p Period) Back(d Date) Date { return d.AddMonths(-p.Months).AddDays(-p.Days) }

// IsZero reports whether the period has no length.
func (p Period) IsZero() bool { return p == Period{} }

// AfterMoment returns the moment that lies the period after t: calendar parts
// keep the time of day in the zone, clock parts are elapsed time.
func (p Period) AfterMoment(t time.Time, zone *time.Location) time.Time {
	if p.Months == 0 && p.Days == 0 {
		return t.Add(p.Clock)
	}
	local := t.In(zone)
	d := p.After(DateAt(t, zone))
	hour, minute, second := local.Clock()
	return time.Date(d.Year, d.Month, d.Day, hour, minute, second, local.Nanosecond(), zone).Add(p.Clock)
}
