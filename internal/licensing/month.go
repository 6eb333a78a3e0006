// SPDX-License-Identifier: Apache-2.0

// Package licensing says what counts: who could reach which licensed product in
// which month, how many cores a node counts for, what a report sums up, and
// which digest proves it (TD-14, TD-21). It knows no Kubernetes client and no
// clock.
package licensing

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
)

// Month is a calendar month. It becomes a stretch of time only in a time zone.
type Month struct {
	Year  int
	Month time.Month
}

// ParseMonth reads YYYY-MM.
func ParseMonth(s v1alpha1.Month) (Month, error) {
	t, err := time.Parse("2006-01", string(s))
	if err != nil {
		return Month{}, fmt.Errorf("%q is not a month: write it as YYYY-MM, such as 2026-11", s)
	}
	return Month{t.Year(), t.Month()}, nil
}

// MonthAt returns the month of a moment in a zone.
func MonthAt(t time.Time, zone *time.Location) Month {
	d := calendar.DateAt(t, zone)
	return Month{d.Year, d.Month}
}

// Name returns YYYY-MM.
func (m Month) Name() v1alpha1.Month {
	return v1alpha1.Month(fmt.Sprintf("%04d-%02d", m.Year, int(m.Month)))
}

// First returns the month's first day.
func (m Month) First() calendar.Date { return calendar.Date{Year: m.Year, Month: m.Month, Day: 1} }

// Last returns the month's last day.
func (m Month) Last() calendar.Date { return m.Next().First().AddDays(-1) }

// Start returns the month's first moment in a zone.
func (m Month) Start(zone *time.Location) time.Time { return m.First().Start(zone) }

// End returns the first moment that is not in the month any more.
func (m Month) End(zone *time.Location) time.Time { return m.Next().Start(zone) }

// Next returns the month after.
func (m Month) Next() Month { return m.add(1) }

// Previous returns the month before.
func (m Month) Previous() Month { return m.add(-1) }

func (m Month) add(n int) Month {
	d := m.First().AddMonths(n)
	return Month{d.Year, d.Month}
}

// Before reports whether m is an earlier month than n.
func (m Month) Before(n Month) bool { return m.First().Before(n.First()) }

// Part returns the name of a part of a month's usage record: the month's for
// the first, and with its number for those that follow.
func (m Month) Part(n int) string {
	if n == 0 {
		return string(m.Name())
	}
	return string(m.Name()) + "-" + strconv.Itoa(n+1)
}

// PartOf returns which part of a month's usage record has a name.
func PartOf(name string) (Month, int, error) {
	if len(name) < 7 {
		return Month{}, 0, fmt.Errorf("%q is not the name of a usage record", name)
	}
	month, err := ParseMonth(v1alpha1.Month(name[:7]))
	if err != nil {
		return Month{}, 0, err
	}
	if name[7:] == "" {
		return month, 0, nil
	}
	digits, ok := strings.CutPrefix(name[7:], "-")
	number, err := strconv.Atoi(digits)
	if !ok || err != nil || number < 2 || month.Part(number-1) != name {
		return Month{}, 0, fmt.Errorf("%q is not the name of a usage record", name)
	}
	return month, number - 1, nil
}
