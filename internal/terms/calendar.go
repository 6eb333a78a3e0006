// SPDX-License-Identifier: Apache-2.0

package terms

import (
	"time"

	"werkplek.dev/werkplek/internal/calendar"
)

// Date and Period are those of the calendar.
type (
	Date   = calendar.Date
	Period = calendar.Period
)

// ParseDate is calendar.ParseDate.
func ParseDate(s string) (Date, error) { return calendar.ParseDate(s) }

// DateAt is calendar.DateAt.
func DateAt(t time.Time, zone *time.Location) Date { return calendar.DateAt(t, zone) }

// ParsePeriod is calendar.ParsePeriod.
func ParsePeriod(s string) (Period, error) { return calendar.ParsePeriod(s) }

func later(a, b Date) Date { return calendar.Later(a, b) }
