// SPDX-License-Identifier: Apache-2.0

package agreement

import (
	"errors"
	"strings"
	"testing"
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
)

var (
	workdays = []v1alpha1.Weekday{"Mon", "Tue", "Wed", "Thu", "Fri"}
	allDays  = append([]v1alpha1.Weekday{"Sat", "Sun"}, workdays...)
)

// hours are TotalDesk's office hours (TD-1), changed by edits.
func hours(edits ...func(*v1alpha1.OfficeHours)) *v1alpha1.OfficeHours {
	h := &v1alpha1.OfficeHours{Days: workdays, From: "09:00", Until: "17:00"}
	for _, edit := range edits {
		edit(h)
	}
	return h
}

func country(code v1alpha1.HolidayCalendar) func(*v1alpha1.OfficeHours) {
	return func(h *v1alpha1.OfficeHours) { h.HolidayCalendar = code }
}

func between(days []v1alpha1.Weekday, from, until v1alpha1.TimeOfDay) func(*v1alpha1.OfficeHours) {
	return func(h *v1alpha1.OfficeHours) { h.Days, h.From, h.Until = days, from, until }
}

func holidays(days ...v1alpha1.Date) func(*v1alpha1.OfficeHours) {
	return func(h *v1alpha1.OfficeHours) { h.Holidays = days }
}

func working(days ...v1alpha1.Date) func(*v1alpha1.OfficeHours) {
	return func(h *v1alpha1.OfficeHours) { h.WorkingHolidays = days }
}

func answering(t *testing.T, within v1alpha1.Period, office *v1alpha1.OfficeHours) *Terms {
	t.Helper()
	compiled, err := Compile(&v1alpha1.ServiceTermsSpec{
		TimeZone: "Europe/Amsterdam", Currency: "EUR",
		Support: &v1alpha1.SupportTerms{AnswerWithin: within, OfficeHours: office},
	})
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

func TestAnswerDue(t *testing.T) {
	t.Parallel()
	nl := hours(country("NL"))
	always := hours(between(allDays, "00:00", "24:00"))
	nights := hours(between(allDays, "02:30", "04:00"))
	for name, test := range map[string]struct {
		within        v1alpha1.Period
		office        *v1alpha1.OfficeHours
		received, due string
	}{
		"over a weekend":          {"PT4H", hours(), "2026-11-20T16:00:00+01:00", "2026-11-23T12:00:00+01:00"},
		"within a day":            {"PT4H", hours(), "2026-11-18T10:30:15+01:00", "2026-11-18T14:30:15+01:00"},
		"until closing time":      {"PT1H", hours(), "2026-11-20T16:00:00+01:00", "2026-11-20T17:00:00+01:00"},
		"a second beyond it":      {"PT1H", hours(), "2026-11-20T16:00:01+01:00", "2026-11-23T09:00:01+01:00"},
		"in the evening":          {"PT4H", hours(), "2026-11-18T22:15:00+01:00", "2026-11-19T13:00:00+01:00"},
		"in the night":            {"PT4H", hours(), "2026-11-18T03:15:00+01:00", "2026-11-18T13:00:00+01:00"},
		"on Saturday":             {"PT4H", hours(), "2026-11-21T11:00:00+01:00", "2026-11-23T13:00:00+01:00"},
		"at closing time":         {"PT4H", hours(), "2026-11-18T17:00:00+01:00", "2026-11-19T13:00:00+01:00"},
		"at opening time":         {"PT4H", hours(), "2026-11-18T09:00:00+01:00", "2026-11-18T13:00:00+01:00"},
		"longer than a week":      {"PT40H", hours(), "2026-11-18T10:00:00+01:00", "2026-11-25T10:00:00+01:00"},
		"no time at all":          {"PT0S", hours(), "2026-11-21T11:00:00+01:00", "2026-11-23T09:00:00+01:00"},
		"in another zone's words": {"PT4H", hours(), "2026-11-20T15:00:00Z", "2026-11-23T12:00:00+01:00"},
		"over Christmas":          {"PT4H", nl, "2025-12-24T15:00:00+01:00", "2025-12-29T11:00:00+01:00"},
		"at Christmas":            {"PT4H", nl, "2028-12-25T12:00:00+01:00", "2028-12-27T13:00:00+01:00"},
		"without a calendar":      {"PT4H", hours(), "2025-12-24T15:00:00+01:00", "2025-12-25T11:00:00+01:00"},
		"over the year's end":     {"PT4H", nl, "2025-12-31T15:00:00+01:00", "2026-01-02T11:00:00+01:00"},
		"over King's Day":         {"PT4H", nl, "2026-04-24T15:00:00+02:00", "2026-04-28T11:00:00+02:00"},
		"King's Day on a Sunday": {
			"PT4H", hours(country("NL"), between(allDays, "09:00", "17:00")), "2025-04-25T15:00:00+02:00",
			"2025-04-28T11:00:00+02:00",
		},
		"over Easter": {"PT4H", nl, "2026-04-02T15:00:00+02:00", "2026-04-07T11:00:00+02:00"},
		"Boxing Day made up for": {
			"PT4H", hours(country("GB")), "2026-12-24T15:00:00+01:00", "2026-12-29T11:00:00+01:00",
		},
		"a day abolished": {
			"PT4H", hours(country("DK")), "2024-04-25T15:00:00+02:00", "2024-04-26T11:00:00+02:00",
		},
		"an eve is no holiday": {
			"PT4H", hours(country("SE")), "2025-12-24T09:00:00+01:00", "2025-12-24T13:00:00+01:00",
		},
		"29 February":      {"PT4H", hours(), "2028-02-28T15:00:00+01:00", "2028-02-29T11:00:00+01:00"},
		"from 29 February": {"PT4H", hours(), "2028-02-29T15:00:00+01:00", "2028-03-01T11:00:00+01:00"},
		"a holiday of their own": {
			"PT4H", hours(holidays("2026-11-23")), "2026-11-20T16:00:00+01:00", "2026-11-24T12:00:00+01:00",
		},
		"a holiday worked": {
			"PT4H", hours(country("NL"), working("2026-04-27")), "2026-04-24T15:00:00+02:00", "2026-04-27T11:00:00+02:00",
		},
		"no working day": {
			"PT4H", hours(working("2026-11-21")), "2026-11-20T16:00:00+01:00", "2026-11-23T12:00:00+01:00",
		},
		"worked and a holiday": {
			"PT4H", hours(country("NL"), working("2026-04-27"), holidays("2026-04-27")), "2026-04-24T15:00:00+02:00",
			"2026-04-28T11:00:00+02:00",
		},
		"the short night, all hours": {"PT24H", always, "2026-03-28T12:00:00+01:00", "2026-03-29T13:00:00+02:00"},
		"the long night, all hours":  {"PT24H", always, "2026-10-24T12:00:00+02:00", "2026-10-25T11:00:00+01:00"},
		"the short night, by day": {
			"PT10H", hours(between(allDays, "09:00", "17:00")), "2026-03-28T16:00:00+01:00", "2026-03-30T10:00:00+02:00",
		},
		"an opening that is skipped":  {"PT30M", nights, "2026-03-29T00:00:00+01:00", "2026-03-29T03:30:00+02:00"},
		"an hour less that night":     {"PT90M", nights, "2026-03-29T00:00:00+01:00", "2026-03-30T03:00:00+02:00"},
		"an hour more that night":     {"PT150M", nights, "2026-10-25T00:00:00+02:00", "2026-10-25T04:00:00+01:00"},
		"opening at the first of two": {"PT30M", nights, "2026-10-25T00:00:00+02:00", "2026-10-25T02:00:00+01:00"},
		"a closing that is skipped": {
			"PT1H", hours(between(allDays, "01:00", "02:30")), "2026-03-29T00:00:00+01:00", "2026-03-29T03:00:00+02:00",
		},
		"hours that do not exist": {
			"PT30M", hours(between(allDays, "02:15", "02:45")), "2026-03-29T00:00:00+01:00", "2026-03-30T02:45:00+02:00",
		},
		"the clock simply runs":       {"PT4H", nil, "2026-11-20T23:00:00+01:00", "2026-11-21T03:00:00+01:00"},
		"days are counted as they go": {"P14D", nl, "2025-12-20T16:00:00+01:00", "2026-01-03T16:00:00+01:00"},
		"a day over the short night":  {"P1D", nil, "2026-03-28T16:00:00+01:00", "2026-03-29T16:00:00+02:00"},
	} {
		received, err := time.Parse(time.RFC3339, test.received)
		if err != nil {
			t.Fatal(err)
		}
		want, err := time.Parse(time.RFC3339, test.due)
		if err != nil {
			t.Fatal(err)
		}
		terms := answering(t, test.within, test.office)
		if got, err := terms.AnswerDue(received); err != nil || !got.Equal(want) {
			t.Errorf("%s: received %s, want it answered by %s, got %s (%v)", name, test.received, test.due,
				got.In(terms.Zone).Format(time.RFC3339), err)
		}
	}
}

func TestAnswerNeverDue(t *testing.T) {
	t.Parallel()
	received := time.Date(2026, time.November, 20, 15, 0, 0, 0, time.UTC)
	closed := answering(t, "PT4H", hours(between(workdays, "17:00", "09:00")))
	if due, err := closed.AnswerDue(received); !errors.Is(err, calendar.ErrNeverOpen) || !due.IsZero() {
		t.Errorf("an office that never opens should say so, got %s (%v)", due, err)
	}
	rare := answering(t, "PT99999H", hours(between([]v1alpha1.Weekday{"Mon"}, "09:00", "09:01")))
	if due, err := rare.AnswerDue(received); !errors.Is(err, calendar.ErrTooLong) || !due.IsZero() {
		t.Errorf("an answer in a thousand years should be refused, got %s (%v)", due, err)
	}
	for name, support := range map[string]*v1alpha1.SupportTerms{"no support": nil, "no promise": {OfficeHours: hours()}} {
		silent, err := Compile(&v1alpha1.ServiceTermsSpec{TimeZone: "Europe/Amsterdam", Currency: "EUR", Support: support})
		if err != nil {
			t.Fatal(err)
		}
		if due, err := silent.AnswerDue(received); err != nil || !due.IsZero() {
			t.Errorf("%s: nothing should be due, got %s (%v)", name, due, err)
		}
	}
}

func TestCompileAnswerFaults(t *testing.T) {
	t.Parallel()
	for want, office := range map[string]*v1alpha1.OfficeHours{
		`officeHours.from: "9:00"`:             hours(between(workdays, "9:00", "17:00")),
		`officeHours.until: "24:01"`:           hours(between(workdays, "09:00", "24:01")),
		`officeHours.until: "+9:00"`:           hours(between(workdays, "09:00", "+9:00")),
		`officeHours.days: "Monday"`:           hours(between([]v1alpha1.Weekday{"Monday"}, "09:00", "17:00")),
		`officeHours.holidayCalendar`:          hours(country("XX")),
		`officeHours.holidays: "2026-02-30"`:   hours(holidays("2026-02-30")),
		`officeHours.workingHolidays: "gone"`:  hours(working("gone")),
		`spec.support.answerWithin: "a while"`: nil,
	} {
		within := v1alpha1.Period("PT4H")
		if office == nil {
			within = "a while"
		}
		_, err := Compile(&v1alpha1.ServiceTermsSpec{
			TimeZone: "Europe/Amsterdam", Currency: "EUR",
			Support: &v1alpha1.SupportTerms{AnswerWithin: within, OfficeHours: office},
		})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
}

func TestKeptUntil(t *testing.T) {
	t.Parallel()
	spec := &v1alpha1.ServiceTermsSpec{
		TimeZone: "Europe/Amsterdam", Currency: "EUR", Requests: &v1alpha1.RequestTerms{Approval: "Automatic"},
	}
	terms, err := Compile(spec)
	if err != nil || !terms.KeptUntil(calendar.Date{Year: 2026, Month: time.January, Day: 31}).IsZero() ||
		!terms.ApprovesRequests() {
		t.Errorf("without retention a person decides, and these terms approve requests (%v)", err)
	}
	spec.Retention, spec.Requests = &v1alpha1.RetentionTerms{AfterEnd: "P1M"}, nil
	terms, err = Compile(spec)
	if err != nil || terms.KeptUntil(calendar.Date{Year: 2026, Month: time.January, Day: 31}).String() != "2026-02-28" ||
		terms.ApprovesRequests() {
		t.Errorf("the home should be kept until the end of February, and a person approves (%v)", err)
	}
}
