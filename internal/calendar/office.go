// SPDX-License-Identifier: Apache-2.0

package calendar

import (
	"errors"
	"fmt"
	"strconv"
	"time"
)

const (
	// closedAtMost is for how many days on end an office may be closed: one that
	// is closed for longer never answers.
	closedAtMost = 366
	// answerAtMost bounds the days that are looked at, and so the work.
	answerAtMost = 3660
)

// ErrNeverOpen says that an office has no hours in which time could pass.
var ErrNeverOpen = errors.New("the office is closed for more than a year on end")

// ErrTooLong says that so much time of office hours takes ten years or more.
var ErrTooLong = errors.New("that is more than ten years from now")

// Office are the hours in which somebody works.
type Office struct {
	// Days of the week on which it opens, by time.Weekday.
	Days [7]bool
	// From and Until are minutes of the day.
	From, Until int
	// Country has public holidays; nil: none.
	Country Holidays
	// Closed are days on which it does not open, beyond the country's.
	Closed map[Date]bool
	// Open are public holidays on which it does all the same.
	Open map[Date]bool
}

// After returns the moment, from a moment on, at which so much time of office hours has passed.
func (o *Office) After(received time.Time, left time.Duration, zone *time.Location) (time.Time, error) {
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
func (o *Office) hours(day Date, zone *time.Location) (opens, closes time.Time) {
	if !o.Works(day) {
		return opens, closes
	}
	return clockShows(day, o.From, zone), clockShows(day, o.Until, zone)
}

// Works reports whether the office opens on a day.
func (o *Office) Works(day Date) bool {
	return o.Days[day.Weekday()] && !o.Closed[day] && (o.Open[day] || !o.Country.Has(day))
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
		earlier := t.Add(-time.Duration(before-after) * time.Second)
		if before > after && earlier.Before(begin) {
			return earlier
		}
	}
	return t
}

// ParseTimeOfDay reads HH:MM, and 24:00 as the end of the day, as minutes after midnight.
func ParseTimeOfDay(s string) (int, error) {
	wrong := fmt.Errorf("%q is not a time of day; write it as HH:MM, up to 24:00", s)
	if len(s) != 5 || s[2] != ':' {
		return 0, wrong
	}
	hours, err := strconv.ParseUint(s[:2], 10, 8)
	if err != nil {
		return 0, wrong
	}
	minutes, err := strconv.ParseUint(s[3:], 10, 8)
	if total := int(hours*60 + minutes); err == nil && minutes < 60 && total <= 24*60 {
		return total, nil
	}
	return 0, wrong
}
