// SPDX-License-Identifier: Apache-2.0

package retention_test

import (
	"testing"
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/retention"
)

const name = "closure-announcement"

func day(t *testing.T, s string) calendar.Date {
	t.Helper()
	d, err := calendar.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func period(t *testing.T, s string) *calendar.Period {
	t.Helper()
	if s == "" {
		return nil
	}
	p, err := calendar.ParsePeriod(s)
	if err != nil {
		t.Fatal(err)
	}
	return &p
}

// moment reads a time of the zone; nothing is the zero moment.
func moment(t *testing.T, zone *time.Location, s string) time.Time {
	t.Helper()
	if s == "" {
		return time.Time{}
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", s, zone)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// TestDecide: data of which the use ended on 1 March is kept for 30 days.
func TestDecide(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	const early, untold, held = retention.NotYet, retention.NotAnnounced, v1alpha1.ReasonLegalHold
	for what, row := range map[string]struct {
		announce string
		manual   bool
		now      string
		made     bool
		sent     string
		hold     bool

		promised string // "": nothing to announce
		waits    string
		eraseAt  string // "": on the last day's end
	}{
		"kept":                    {now: "2026-03-15 12:00", waits: retention.NotYet},
		"its last moment":         {now: "2026-03-30 23:59", waits: retention.NotYet},
		"its time is over":        {now: "2026-03-31 00:00"},
		"not out of use":          {now: "2026-02-28 23:59", waits: retention.NotYet},
		"held":                    {now: "2026-04-30 12:00", hold: true, waits: held},
		"for a person":            {now: "2026-04-30 12:00", manual: true, waits: retention.ByPerson},
		"for a person, later":     {now: "2026-03-15 12:00", manual: true, waits: retention.NotYet},
		"too early to tell":       {announce: "P7D", now: "2026-03-16 23:59", waits: untold},
		"in time to tell":         {announce: "P7D", now: "2026-03-17 00:00", promised: "2026-03-31", waits: untold},
		"by the clock, too early": {announce: "PT24H", now: "2026-03-22 23:59", waits: untold},
		"by the clock, in time":   {announce: "PT24H", now: "2026-03-23 00:00", promised: "2026-03-31", waits: untold},
		"by a bit of a day":       {announce: "PT1H", now: "2026-03-23 00:00", promised: "2026-03-31", waits: untold},
		"told too late":           {announce: "P7D", now: "2026-03-29 12:00", promised: "2026-04-05", waits: untold},
		"made, and not sent":      {announce: "P7D", now: "2026-04-30 12:00", made: true, waits: untold},
		"sent in time": {
			announce: "P7D", now: "2026-03-30 12:00", made: true, sent: "2026-03-18 08:00", waits: early,
		},
		"sent too late": {announce: "P7D", now: "2026-04-05 11:59", made: true, sent: "2026-03-29 12:00",
			waits: early, eraseAt: "2026-04-05 12:00"},
		"sent long enough ago": {announce: "P7D", now: "2026-04-05 12:00", made: true, sent: "2026-03-29 12:00",
			eraseAt: "2026-04-05 12:00"},
		"held, and not told": {announce: "P7D", now: "2026-04-30 12:00", hold: true, waits: held},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			terms := &retention.Terms{
				AfterEnd: retention.Span{Period: *period(t, "P30D"), Rule: "retention.afterEnd P30D"},
				Announce: period(t, row.announce), Manual: row.manual,
			}
			data := terms.AfterEnd.From(day(t, "2026-03-01"))
			data.Announcement = name
			got := terms.Decide(data, retention.Facts{
				Now: moment(t, zone, row.now), Zone: zone, LegalHold: row.hold, Made: row.made, SentAt: moment(t, zone, row.sent),
			})
			if row.eraseAt == "" {
				row.eraseAt = "2026-03-31 00:00"
			}
			promised := ""
			if got.Announce != nil {
				promised = got.Announce.EraseOn.String()
			}
			if promised != row.promised || got.Waits != row.waits || !got.EraseAt.Equal(moment(t, zone, row.eraseAt)) {
				t.Errorf("promised %q, waits %q, erased at %s; want %q, %q, %s",
					promised, got.Waits, got.EraseAt.In(zone), row.promised, row.waits, row.eraseAt)
			}
			if got.Erase() != (row.waits == "") {
				t.Errorf("to be erased: %t", got.Erase())
			}
			if byItself := !row.manual && (row.waits == "" || row.waits == retention.NotYet); got.ByItself != byItself {
				t.Errorf("by itself: %t", got.ByItself)
			}
			if demanded := got.Announcement != ""; demanded != (row.announce != "") {
				t.Errorf("announcement %q", got.Announcement)
			}
		})
	}
}

// TestWithoutTerms: what must go for a smaller plan goes on its day, unannounced.
func TestWithoutTerms(t *testing.T) {
	t.Parallel()
	var none *retention.Terms
	data := retention.Data{Since: day(t, "2026-03-01"), EraseOn: day(t, "2026-03-01"), Announcement: name}
	for now, waits := range map[string]string{"2026-02-28 23:59": retention.NotYet, "2026-03-01 00:00": ""} {
		got := none.Decide(data, retention.Facts{Now: moment(t, time.UTC, now), Zone: time.UTC})
		if got.Waits != waits || got.Announcement != "" || got.Announce != nil || !got.ByItself {
			t.Errorf("at %s: %+v, want it to wait for %q", now, got, waits)
		}
	}
}

// TestAnnounceFrom: a tenant's data and one home are announced with the same
// margin; an end that is told is told no later than when it comes.
func TestAnnounceFrom(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ keep, announce, home, tenant string }{
		{"P30D", "P7D", "2026-03-17", "2026-03-01"},
		{"P30D", "PT24H", "2026-03-23", "2026-03-01"},
		{"P30D", "PT25H", "2026-03-22", "2026-03-01"},
		{"P0D", "PT24H", "2026-02-21", "2026-02-21"},
		{"P3M", "P1M", "2026-04-24", "2026-03-01"},
	} {
		terms := &retention.Terms{AfterEnd: retention.Span{Period: *period(t, row.keep)}, Announce: period(t, row.announce)}
		data := terms.AfterEnd.From(day(t, "2026-03-01"))
		home := terms.AnnounceFrom(data)
		data.ToldAtEnd = true
		if tenant := terms.AnnounceFrom(data); home != day(t, row.home) || tenant != day(t, row.tenant) {
			t.Errorf("kept %s, announced %s before: a home from %s, a tenant's data from %s; want %s, %s",
				row.keep, row.announce, home, tenant, row.home, row.tenant)
		}
	}
}
