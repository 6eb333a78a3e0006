// SPDX-License-Identifier: Apache-2.0

package notices

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// customs are how a language writes dates, amounts and lengths of time. What is
// not written as it should be is passed on as it is: a reader can still make
// something of it.
type customs struct {
	months [12]string
	day    string // the day and the month's name
	moment string // a layout of package time, the hour after the day
	comma  string // decimal mark
	group  string // between thousands
	after  bool   // the currency follows the amount
	and    string
	units  [6][2]string // one and many: years, months, weeks, days, hours, minutes
}

// noBreak is a space at which no line ends.
const noBreak = "\u00a0"

var customsOf = map[v1alpha1.Language]customs{
	"nl": {
		months: [12]string{"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"},
		day:    "%d %s %d", moment: "om 15.04 uur", comma: ",", group: ".", and: "en",
		units: [6][2]string{{"jaar", "jaar"}, {"maand", "maanden"}, {"week", "weken"}, {"dag", "dagen"}, {"uur", "uur"}, {"minuut", "minuten"}},
	},
	"en": {
		months: [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
		day:    "%d %s %d", moment: "at 15:04", comma: ".", group: ",", and: "and",
		units: [6][2]string{{"year", "years"}, {"month", "months"}, {"week", "weeks"}, {"day", "days"}, {"hour", "hours"}, {"minute", "minutes"}},
	},
	"da": {
		months: [12]string{"januar", "februar", "marts", "april", "maj", "juni", "juli", "august", "september", "oktober", "november", "december"},
		day:    "%d. %s %d", moment: "kl. 15.04", comma: ",", group: ".", after: true, and: "og",
		units: [6][2]string{{"år", "år"}, {"måned", "måneder"}, {"uge", "uger"}, {"dag", "dage"}, {"time", "timer"}, {"minut", "minutter"}},
	},
	"nb": {
		months: [12]string{"januar", "februar", "mars", "april", "mai", "juni", "juli", "august", "september", "oktober", "november", "desember"},
		day:    "%d. %s %d", moment: "kl. 15.04", comma: ",", group: noBreak, after: true, and: "og",
		units: [6][2]string{{"år", "år"}, {"måned", "måneder"}, {"uke", "uker"}, {"dag", "dager"}, {"time", "timer"}, {"minutt", "minutter"}},
	},
}

func (c customs) date(value string) string {
	if day, err := time.Parse(time.DateOnly, value); err == nil {
		return fmt.Sprintf(c.day, day.Day(), c.months[day.Month()-1], day.Year())
	}
	for _, layout := range []string{"2006-01-02 15:04", time.RFC3339} {
		if at, err := time.Parse(layout, value); err == nil {
			return c.date(at.Format(time.DateOnly)) + " " + at.Format(c.moment)
		}
	}
	return value
}

var decimal = regexp.MustCompile(`^(-?)(\d+)(?:\.(\d+))?$`)

// amount keeps every digit: what is charged is rounded before it comes here.
func (c customs) amount(value, currency string) string {
	parts := decimal.FindStringSubmatch(value)
	if parts == nil {
		return strings.TrimSpace(value + " " + currency)
	}
	whole := parts[2]
	var groups []string
	for len(whole) > 3 {
		groups = append([]string{whole[len(whole)-3:]}, groups...)
		whole = whole[:len(whole)-3]
	}
	text := parts[1] + strings.Join(append([]string{whole}, groups...), c.group)
	if parts[3] != "" {
		text += c.comma + parts[3]
	}
	switch {
	case currency == "":
		return text
	case c.after:
		return text + noBreak + currency
	default:
		return currency + noBreak + text
	}
}

var period = regexp.MustCompile(`^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$`)

func (c customs) period(value string) string {
	parts := period.FindStringSubmatch(value)
	if parts == nil {
		return value
	}
	var words []string
	for i, unit := range c.units {
		switch count := strings.TrimLeft(parts[i+1], "0"); count {
		case "":
		case "1":
			words = append(words, count+" "+unit[0])
		default:
			words = append(words, count+" "+unit[1])
		}
	}
	if len(words) == 0 {
		return value
	}
	if last := len(words) - 1; last > 0 {
		return strings.Join(words[:last], ", ") + " " + c.and + " " + words[last]
	}
	return words[0]
}
