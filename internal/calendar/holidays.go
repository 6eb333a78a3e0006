// SPDX-License-Identifier: Apache-2.0

package calendar

import (
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/ch"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/dk"
	"github.com/rickar/cal/v2/fi"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/no"
	"github.com/rickar/cal/v2/se"
)

// Holidays are the public holidays of a country.
type Holidays []*cal.Holiday

var countries = map[string]Holidays{
	"AT": at.Holidays, "BE": be.Holidays, "CH": ch.Holidays, "DE": de.Holidays, "DK": dk.Holidays, "FI": fi.Holidays,
	"FR": fr.Holidays, "GB": gb.Holidays, "IE": ie.Holidays, "NL": nl.Holidays,
	"NO": no.Holidays, "NOR": no.Holidays, "SE": se.Holidays,
}

// HolidaysOf returns the public holidays of a country by its ISO 3166 code, and
// false where they are not known.
func HolidaysOf(country string) (Holidays, bool) {
	holidays, known := countries[country]
	return holidays, known
}

// Has reports whether a day is a public holiday, or the day on which one that
// fell on a weekend is made up for.
func (h Holidays) Has(day Date) bool {
	for _, holiday := range h {
		// The eves on which many close are no public holidays.
		if holiday.Type == cal.ObservanceOther {
			continue
		}
		// New Year's Day may be made up for in the year before, and what ends a year in the next one.
		for _, year := range []int{day.Year, day.Year + 1, day.Year - 1} {
			actual, observed := holiday.Calc(year)
			if sameDay(actual, day) || sameDay(observed, day) {
				return true
			}
			if day.Month != time.January && day.Month != time.December {
				break
			}
		}
	}
	return false
}

func sameDay(t time.Time, day Date) bool {
	return !t.IsZero() && DateAt(t, t.Location()) == day
}
