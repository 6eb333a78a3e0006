// SPDX-License-Identifier: Apache-2.0

// Package wording writes numbers and lengths of time as people say them.
package wording

import (
	"fmt"
	"strings"
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
)

// Spoken writes a time in the largest unit that divides it.
func Spoken(d time.Duration) string {
	switch {
	case d%time.Hour == 0:
		return Count(int(d/time.Hour), "hour")
	case d%time.Minute == 0:
		return Count(int(d/time.Minute), "minute")
	default:
		return Count(int(d/time.Second), "second")
	}
}

// Count writes how many there are of something.
func Count(n int, unit string) string {
	if n != 1 {
		unit += "s"
	}
	return fmt.Sprintf("%d %s", n, unit)
}

// Period writes a period as people say it.
func Period(p v1alpha1.Period) string {
	parsed, err := calendar.ParsePeriod(string(p))
	switch {
	case err != nil:
		return string(p)
	case parsed.Clock > 0:
		return Spoken(parsed.Clock)
	}
	var parts []string
	if years := parsed.Months / 12; years > 0 {
		parts = append(parts, Count(years, "year"))
	}
	if months := parsed.Months % 12; months > 0 {
		parts = append(parts, Count(months, "month"))
	}
	switch days := parsed.Days; {
	case days > 0 && days%7 == 0 && strings.Contains(string(p), "W"):
		parts = append(parts, Count(days/7, "week"))
	case days > 0:
		parts = append(parts, Count(days, "day"))
	case len(parts) == 0:
		return "no time at all"
	}
	return strings.Join(parts, " and ")
}

// Joined writes a list with commas between.
func Joined[T ~string](list []T) string {
	parts := make([]string, len(list))
	for i, item := range list {
		parts[i] = string(item)
	}
	return strings.Join(parts, ", ")
}
