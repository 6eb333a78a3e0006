// SPDX-License-Identifier: Apache-2.0

package agreement

import (
	"errors"
	"fmt"
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
)

// Answer says how soon a request is answered (TD-1).
type Answer struct {
	Within calendar.Period
	Office *calendar.Office // nil: the clock simply runs
}

// AnswerDue returns the moment by which a request that was received at a moment
// is to be answered (TD-1), or none if the terms promise nothing. A period of
// clock time counts within office hours only; one of days counts all days.
func (t *Terms) AnswerDue(received time.Time) (time.Time, error) {
	a := t.Answer
	switch {
	case a == nil:
		return time.Time{}, nil
	case a.Office == nil || a.Within.Months > 0 || a.Within.Days > 0:
		return a.Within.AfterMoment(received, t.Zone), nil
	}
	due, err := a.Office.After(received, a.Within.Clock, t.Zone)
	switch {
	case errors.Is(err, calendar.ErrNeverOpen):
		err = fmt.Errorf("spec.support.officeHours: %w; correct its days, holidays and holidayCalendar", err)
	case errors.Is(err, calendar.ErrTooLong):
		err = fmt.Errorf("an answer within spec.support.answerWithin: %w; shorten it, or widen officeHours", err)
	}
	return due, err
}

// answer reads what the terms promise about answers.
func (c *compiler) answer(s *v1alpha1.SupportTerms) *Answer {
	if s == nil || s.AnswerWithin == "" {
		return nil
	}
	answer := &Answer{Within: c.period("spec.support.answerWithin", s.AnswerWithin)}
	if s.OfficeHours != nil {
		answer.Office = c.office(s.OfficeHours)
	}
	return answer
}

func (c *compiler) office(h *v1alpha1.OfficeHours) *calendar.Office {
	o := &calendar.Office{
		From:   c.timeOfDay("spec.support.officeHours.from", h.From),
		Until:  c.timeOfDay("spec.support.officeHours.until", h.Until),
		Closed: c.days("spec.support.officeHours.holidays", h.Holidays),
		Open:   c.days("spec.support.officeHours.workingHolidays", h.WorkingHolidays),
	}
	for _, day := range h.Days {
		weekday, ok := weekdays[day]
		if !ok {
			c.fault(fmt.Errorf("spec.support.officeHours.days: %q is not a day of the week; write one such as Mon", day))
		}
		o.Days[weekday] = true
	}
	if h.HolidayCalendar == "" {
		return o
	}
	var known bool
	if o.Country, known = calendar.HolidaysOf(string(h.HolidayCalendar)); !known {
		c.fault(fmt.Errorf("spec.support.officeHours.holidayCalendar: the holidays of %q are not known; "+
			"write a country such as NL, or list them in holidays", h.HolidayCalendar))
	}
	return o
}

func (c *compiler) timeOfDay(field string, value v1alpha1.TimeOfDay) int {
	minutes, err := calendar.ParseTimeOfDay(string(value))
	if err != nil {
		c.fault(fmt.Errorf("%s: %w", field, err))
	}
	return minutes
}

func (c *compiler) days(field string, list []v1alpha1.Date) map[calendar.Date]bool {
	days := make(map[calendar.Date]bool, len(list))
	for _, day := range list {
		days[c.date(field, day)] = true
	}
	return days
}

var weekdays = map[v1alpha1.Weekday]time.Weekday{
	"Sun": time.Sunday, "Mon": time.Monday, "Tue": time.Tuesday, "Wed": time.Wednesday,
	"Thu": time.Thursday, "Fri": time.Friday, "Sat": time.Saturday,
}

// ApprovesRequests reports whether a contact's requests within the tenant's
// limits need no person's approval (TD-23).
func (t *Terms) ApprovesRequests() bool { return t.ApprovesAlone }
