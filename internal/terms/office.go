// SPDX-License-Identifier: Apache-2.0

package terms

import (
	"errors"
	"fmt"
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
)

// answerTerms say how soon a request is answered (TD-1).
type answerTerms struct {
	within Period
	office *calendar.Office // nil: the clock simply runs
}

// AnswerDue returns the moment by which a request that was received at a moment
// is to be answered (TD-1), or none if the terms promise nothing. A period of
// clock time counts within office hours only; one of days counts all days.
func (t *Terms) AnswerDue(received time.Time) (time.Time, error) {
	a := t.answer
	switch {
	case a == nil:
		return time.Time{}, nil
	case a.office == nil || a.within.Months > 0 || a.within.Days > 0:
		return a.within.AfterMoment(received, t.Zone), nil
	}
	due, err := a.office.After(received, a.within.Clock, t.Zone)
	switch {
	case errors.Is(err, calendar.ErrNeverOpen):
		err = fmt.Errorf("spec.support.officeHours: %w; correct its days, holidays and holidayCalendar", err)
	case errors.Is(err, calendar.ErrTooLong):
		err = fmt.Errorf("an answer within spec.support.answerWithin: %w; shorten it, or widen officeHours", err)
	}
	return due, err
}

// answer reads what the terms promise about answers.
func (c *compiler) answer(s *v1alpha1.SupportTerms) *answerTerms {
	if s == nil || s.AnswerWithin == "" {
		return nil
	}
	answer := &answerTerms{within: c.period("spec.support.answerWithin", s.AnswerWithin)}
	if s.OfficeHours != nil {
		answer.office = c.office(s.OfficeHours)
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

func (c *compiler) days(field string, list []v1alpha1.Date) map[Date]bool {
	days := make(map[Date]bool, len(list))
	for _, day := range list {
		days[c.date(field, day)] = true
	}
	return days
}

var weekdays = map[v1alpha1.Weekday]time.Weekday{
	"Sun": time.Sunday, "Mon": time.Monday, "Tue": time.Tuesday, "Wed": time.Wednesday,
	"Thu": time.Thursday, "Fri": time.Friday, "Sat": time.Saturday,
}
