// SPDX-License-Identifier: Apache-2.0

package terms

import (
	"errors"
	"fmt"
	"strconv"
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

	"werkplek.dev/werkplek/api/v1alpha1"
)

const (
	// closedAtMost is for how many days on end an office may be closed: one that
	// is closed for longer never answers.
	closedAtMost = 366
	// answerAtMost bounds the days that are looked at, and so the work.
	answerAtMost = 3660
)

// ErrNeverOpen says that an answer cannot be due: the office has no hours in
// which to give it.
var ErrNeverOpen = errors.New("support is closed for more than a year on end; correct spec.support.officeHours: its days, holidays and holidayCalendar")

// ErrTooLong says that an answer would be due in ten years or more.
var ErrTooLong = errors.New("the answer would be due more than ten years from now; shorten spec.support.answerWithin, or widen spec.support.officeHours")

// holidayCalendars are the countries' public holidays.
var holidayCalendars = map[v1alpha1.HolidayCalendar][]*cal.Holiday{
	"AT": at.Holidays, "BE": be.Holidays, "CH": ch.Holidays, "DE": de.Holidays, "DK": dk.Holidays, "FI": fi.Holidays,
	"FR": fr.Holidays, "GB": gb.Holidays, "IE": ie.Holidays, "NL": nl.Holidays, "NO": no.Holidays, "SE": se.Holidays,
}

// answerTerms say how soon a request is answered (TD-1).
type answerTerms struct {
	within Period
	office *office // nil: the clock simply runs
}

// office are the hours in which support works.
type office struct {
	days        [7]bool // by time.Weekday
	from, until int     // minutes of the day
	calendar    []*cal.Holiday
	holidays    map[Date]bool // beyond the calendar's
	working     map[Date]bool // of the calendar's, and worked all the same
}

// AnswerDue returns the moment by which a request that was received at a moment
// is to be answered (TD-1), or none if the terms promise nothing. A period of
// clock time counts within office hours only; one of days counts all days.
func (t *Terms) AnswerDue(received time.Time) (time.Time, error) {
	switch {
	case t.answer == nil:
		return time.Time{}, nil
	case t.answer.office == nil || t.answer.within.Months > 0 || t.answer.within.Days > 0:
		return t.answer.within.AfterMoment(received, t.Zone), nil
	}
	return t.answer.office.after(received, t.answer.within.Clock, t.Zone)
}

// after returns the moment at which so much time of office hours has passed.
func (o *office) after(received time.Time, left time.Duration, zone *time.Location) (time.Time, error) {
	day := DateAt(received, zone)
	closed := 0
	for range answerAtMost {
		if opens, closes := o.hours(day, zone); opens.Before(closes) {
			closed = 0
			if opens.Before(received) {
				opens = received
			}
			if due := opens.Add(left); opens.Before(closes) && !due.After(closes) {
				return due, nil
			}
			left -= max(closes.Sub(opens), 0)
		} else if closed++; closed > closedAtMost {
			return time.Time{}, ErrNeverOpen
		}
		day = day.AddDays(1)
	}
	return time.Time{}, ErrTooLong
}

// hours returns when the office opens and closes on a day: the same moment
// twice if it does not open.
func (o *office) hours(day Date, zone *time.Location) (opens, closes time.Time) {
	if !o.works(day) {
		return opens, closes
	}
	return clockShows(day, o.from, zone), clockShows(day, o.until, zone)
}

// works reports whether the office opens on a day.
func (o *office) works(day Date) bool {
	return o.days[day.utc().Weekday()] && !o.holidays[day] && (o.working[day] || !o.publicHoliday(day))
}

// publicHoliday reports whether a day is a public holiday of the calendar, or
// the day on which one that fell on a weekend is made up for.
func (o *office) publicHoliday(day Date) bool {
	for _, holiday := range o.calendar {
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

// clockShows returns the first moment of a day at which the clock on the wall
// shows at least so many minutes after midnight. Where clocks skip that time, it
// is the moment at which they do.
func clockShows(day Date, minutes int, zone *time.Location) time.Time {
	const whole = 24 * 60
	if minutes == 0 {
		return day.Start(zone)
	}
	if minutes >= whole {
		return day.AddDays(1).Start(zone)
	}
	t := time.Date(day.Year, day.Month, day.Day, 0, minutes, 0, 0, zone)
	shown := t.Hour()*60 + t.Minute()
	if date := DateAt(t, zone); date != day {
		shown += whole * date.Compare(day)
	}
	begin, end := t.ZoneBounds()
	switch {
	case shown < minutes:
		return end // t lies before the gap
	case shown > minutes:
		return begin // t lies behind it
	}
	if !begin.IsZero() {
		_, before := begin.Add(-time.Second).Zone()
		_, after := t.Zone()
		// Where clocks are set back, the same time comes twice.
		if earlier := t.Add(-time.Duration(before-after) * time.Second); before > after && earlier.Before(begin) {
			return earlier
		}
	}
	return t
}

// compileAnswer reads what the terms promise about answers; faults are added by fault.
func compileAnswer(s *v1alpha1.SupportTerms, period func(string, v1alpha1.Period) Period, fault func(error)) *answerTerms {
	if s == nil || s.AnswerWithin == "" {
		return nil
	}
	answer := &answerTerms{within: period("spec.support.answerWithin", s.AnswerWithin)}
	if s.OfficeHours == nil {
		return answer
	}
	h, o := s.OfficeHours, &office{holidays: map[Date]bool{}, working: map[Date]bool{}}
	answer.office = o
	for _, day := range h.Days {
		weekday, ok := weekdays[day]
		if !ok {
			fault(fmt.Errorf("spec.support.officeHours.days: %q is not a day of the week; write one such as Mon", day))
		}
		o.days[weekday] = true
	}
	var err error
	if o.from, err = minutesOf(h.From); err != nil {
		fault(fmt.Errorf("spec.support.officeHours.from: %w", err))
	}
	if o.until, err = minutesOf(h.Until); err != nil {
		fault(fmt.Errorf("spec.support.officeHours.until: %w", err))
	}
	if h.HolidayCalendar != "" {
		var ok bool
		if o.calendar, ok = holidayCalendars[h.HolidayCalendar]; !ok {
			fault(fmt.Errorf("spec.support.officeHours.holidayCalendar: the holidays of %q are not known; write a country such as NL, or list them in holidays", h.HolidayCalendar))
		}
	}
	for field, list := range map[string]struct {
		from []v1alpha1.Date
		into map[Date]bool
	}{"holidays": {h.Holidays, o.holidays}, "workingHolidays": {h.WorkingHolidays, o.working}} {
		for _, text := range list.from {
			date, err := ParseDate(string(text))
			if err != nil {
				fault(fmt.Errorf("spec.support.officeHours.%s: %w", field, err))
			}
			list.into[date] = true
		}
	}
	return answer
}

var weekdays = map[v1alpha1.Weekday]time.Weekday{
	"Sun": time.Sunday, "Mon": time.Monday, "Tue": time.Tuesday, "Wed": time.Wednesday,
	"Thu": time.Thursday, "Fri": time.Friday, "Sat": time.Saturday,
}

// minutesOf reads HH:MM, and 24:00 as the end of the day.
func minutesOf(s v1alpha1.TimeOfDay) (int, error) {
	wrong := fmt.Errorf("%q is not a time of day; write it as HH:MM, up to 24:00", s)
	if len(s) != 5 || s[2] != ':' {
		return 0, wrong
	}
	hours, err := strconv.ParseUint(string(s[:2]), 10, 8)
	if err != nil {
		return 0, wrong
	}
	minutes, err := strconv.ParseUint(string(s[3:]), 10, 8)
	if total := int(hours*60 + minutes); err == nil && minutes < 60 && total <= 24*60 {
		return total, nil
	}
	return 0, wrong
}
