// SPDX-License-Identifier: Apache-2.0

package forecast

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/facts"
)

// phrase is a way to say what might happen.
type phrase struct {
	form    string // as people read it
	pattern *regexp.Regexp
	event   func(*phrasebook, []string) ([]Event, error)
}

// phrasebook reads what might happen to one tenant.
type phrasebook struct {
	sim      *Sim
	classes  facts.Classes
	invoices map[string]bool
}

// If adds events that are told in phrases, such as "paid 2026-0815 on
// 2026-12-01". The error lists the phrases there are.
func If(sim *Sim, classes facts.Classes, told ...string) error {
	book := &phrasebook{sim, classes, map[string]bool{}}
	for _, number := range sim.Open() {
		book.invoices[number] = true
	}
	// What is paid may be told before the invoice is.
	for _, text := range told {
		if match := invoicePhrase.FindStringSubmatch(normal(text)); match != nil {
			book.invoices[match[1]] = true
		}
	}
	for _, text := range told {
		events, err := book.read(text)
		if err != nil {
			return fmt.Errorf("--if %q: %w", text, err)
		}
		sim.Do(events...)
	}
	return nil
}

// Phrases returns the ways to say what might happen.
func Phrases() []string {
	var forms []string
	for i := range phrases {
		forms = append(forms, phrases[i].form)
	}
	return forms
}

func normal(text string) string { return strings.Join(strings.Fields(text), " ") }

func (b *phrasebook) read(text string) ([]Event, error) {
	for i := range phrases {
		match := phrases[i].pattern.FindStringSubmatch(normal(text))
		if match == nil {
			continue
		}
		events, err := phrases[i].event(b, match[1:])
		if err != nil {
			return nil, err
		}
		today := calendar.DateAt(b.sim.Now(), b.sim.Zone())
		for _, event := range events {
			if event.On.Before(today) {
				return nil, fmt.Errorf("%s lies in the past; write a day from %s on", event.On, today)
			}
		}
		return events, nil
	}
	return nil, fmt.Errorf("that is none of the phrases there are:\n  %s", strings.Join(Phrases(), "\n  "))
}

const (
	datePattern   = `(\d{4}-\d{2}-\d{2})`
	amountPattern = `(\d{1,12}(?:\.\d{1,4})?)`
	wordPattern   = `(\S+)`
)

var invoicePhrase = regexp.MustCompile(`^invoice ` + wordPattern + ` of ` + amountPattern + ` on ` + datePattern + `(?: due ` + datePattern + `)?$`)

// on makes a phrase of a word and a day.
func on(words string, event func(calendar.Date) Event) phrase {
	return phrase{words + " on DATE", regexp.MustCompile(`^` + words + ` on ` + datePattern + `$`), func(_ *phrasebook, found []string) ([]Event, error) {
		day, err := calendar.ParseDate(found[0])
		return []Event{event(day)}, err
	}}
}

// from makes a phrase of what holds from a day on, or from today.
func from(words string, event func(calendar.Date) Event) phrase {
	return phrase{words + " [from DATE]", regexp.MustCompile(`^` + words + `(?: from ` + datePattern + `)?$`), func(b *phrasebook, found []string) ([]Event, error) {
		if found[0] == "" {
			e := event(calendar.DateAt(b.sim.Now(), b.sim.Zone()))
			e.At = b.sim.Now()
			return []Event{e}, nil
		}
		day, err := calendar.ParseDate(found[0])
		return []Event{event(day).After(0)}, err
	}}
}

// between makes a phrase of two days.
func between(words string, events func(from, until calendar.Date) []Event) phrase {
	return phrase{words + " from DATE to DATE", regexp.MustCompile(`^` + words + ` from ` + datePattern + ` to ` + datePattern + `$`), func(_ *phrasebook, found []string) ([]Event, error) {
		days, err := dates(found[0], found[1])
		if err != nil {
			return nil, err
		}
		if days[1].Before(days[0]) {
			return nil, fmt.Errorf("%s comes before %s; write the earlier day first", days[1], days[0])
		}
		return events(days[0], days[1]), nil
	}}
}

func dates(texts ...string) ([]calendar.Date, error) {
	days := make([]calendar.Date, len(texts))
	var faults []error
	for i, text := range texts {
		if text == "" {
			continue
		}
		day, err := calendar.ParseDate(text)
		days[i], faults = day, append(faults, err)
	}
	return days, errors.Join(faults...)
}

var phrases = []phrase{
	{"paid INVOICE on DATE", regexp.MustCompile(`^paid ` + wordPattern + ` on ` + datePattern + `$`), func(b *phrasebook, found []string) ([]Event, error) {
		days, err := dates(found[1])
		if err != nil {
			return nil, err
		}
		if found[0] == "all" {
			return []Event{PaidAll(days[0])}, nil
		}
		return []Event{Paid(days[0], found[0])}, b.open(found[0])
	}},
	{"paid AMOUNT of INVOICE on DATE", regexp.MustCompile(`^paid ` + amountPattern + ` of ` + wordPattern + ` on ` + datePattern + `$`), func(b *phrasebook, found []string) ([]Event, error) {
		days, err := dates(found[2])
		if err != nil {
			return nil, err
		}
		amount, err := decimal.NewFromString(found[0])
		if err != nil {
			return nil, err
		}
		return []Event{PaidPart(days[0], found[1], amount)}, b.open(found[1])
	}},
	{"all paid on DATE", regexp.MustCompile(`^all paid on ` + datePattern + `$`), func(_ *phrasebook, found []string) ([]Event, error) {
		days, err := dates(found[0])
		return []Event{PaidAll(days[0])}, err
	}},
	{"invoice INVOICE of AMOUNT on DATE [due DATE]", invoicePhrase, func(_ *phrasebook, found []string) ([]Event, error) {
		days, err := dates(found[2], found[3])
		if err != nil {
			return nil, err
		}
		amount, err := decimal.NewFromString(found[1])
		return []Event{Invoiced(days[0], found[0], amount, days[1])}, err
	}},
	from("nothing paid", func(day calendar.Date) Event { return Payment(day, Never) }),
	from("everything paid", func(day calendar.Date) Event { return Payment(day, Prompt) }),
	on("notice", NoticeReceived),
	on("withdrawn", Withdrawn),
	on("details", DetailsGiven),
	on("terminated", Terminated),
	{"plan TERMS on DATE", regexp.MustCompile(`^plan ` + wordPattern + ` on ` + datePattern + `$`), func(b *phrasebook, found []string) ([]Event, error) {
		days, err := dates(found[1])
		if err != nil {
			return nil, err
		}
		if b.sim.book[found[0]] == nil {
			return nil, fmt.Errorf("there are no usable ServiceTerms %s; there are %s", found[0], strings.Join(slices.Sorted(maps.Keys(b.sim.book)), ", "))
		}
		return []Event{PlanAsked(days[0], found[0])}, nil
	}},
	{"arrangement until DATE on DATE", regexp.MustCompile(`^arrangement until ` + datePattern + ` on ` + datePattern + `$`), func(_ *phrasebook, found []string) ([]Event, error) {
		days, err := dates(found[0], found[1])
		return []Event{Arranged(days[1], days[0], false)}, err
	}},
	on("legal hold", func(day calendar.Date) Event { return Held(day, true) }),
	on("no legal hold", func(day calendar.Date) Event { return Held(day, false) }),
	{"workplace NAME of CLASS on DATE", regexp.MustCompile(`^workplace ` + wordPattern + ` of ` + wordPattern + ` on ` + datePattern + `$`), func(b *phrasebook, found []string) ([]Event, error) {
		days, err := dates(found[2])
		if err != nil {
			return nil, err
		}
		workplace, err := b.workplace(found[0], found[1])
		return []Event{WorkplaceAdded(days[0], workplace)}, err
	}},
	{"no workplace NAME on DATE", regexp.MustCompile(`^no workplace ` + wordPattern + ` on ` + datePattern + `$`), func(_ *phrasebook, found []string) ([]Event, error) {
		days, err := dates(found[1])
		return []Event{WorkplaceRemoved(days[0], found[0])}, err
	}},
	{"session of PERIOD on DATE", regexp.MustCompile(`^session of (PT\S+) on ` + datePattern + `$`), func(b *phrasebook, found []string) ([]Event, error) {
		days, err := dates(found[1])
		if err != nil {
			return nil, err
		}
		length, err := calendar.ParsePeriod(found[0])
		return []Event{SessionHeld(days[0], fmt.Sprintf("forecast-%d", len(b.sim.events)), length.Clock)}, err
	}},
	{"seats NUMBER on DATE", regexp.MustCompile(`^seats (\d{1,6}) on ` + datePattern + `$`), func(_ *phrasebook, found []string) ([]Event, error) {
		days, err := dates(found[1])
		if err != nil {
			return nil, err
		}
		seats, err := strconv.Atoi(found[0])
		return []Event{SeatsTaken(days[0], seats)}, err
	}},
	on("direct debit", func(day calendar.Date) Event { return DirectDebit(day, true) }),
	on("no direct debit", func(day calendar.Date) Event { return DirectDebit(day, false) }),
	from("unused", Unused),
	from("used", Used),
	between("mail dead", MailDead),
	between("billing silent", BillingSilent),
}

// open refuses the payment of an invoice that nobody sent.
func (b *phrasebook) open(number string) error {
	if b.invoices[number] {
		return nil
	}
	known := slices.Sorted(maps.Keys(b.invoices))
	if len(known) == 0 {
		return fmt.Errorf("no invoice is open; add --if \"invoice %s of AMOUNT on DATE\"", number)
	}
	return fmt.Errorf("invoice %s is not open; open are %s", number, strings.Join(known, ", "))
}

// workplace returns one more workplace of a class.
func (b *phrasebook) workplace(name, class string) (facts.Workplace, error) {
	if b.classes[class] == nil {
		return facts.Workplace{}, fmt.Errorf("there is no WorkplaceClass %s; there are %s", class, strings.Join(slices.Sorted(maps.Keys(b.classes)), ", "))
	}
	return facts.WorkplaceOf(b.sim.Zone(), &v1alpha1.Workplace{
		ObjectMeta: metav1.ObjectMeta{Name: name, CreationTimestamp: metav1.NewTime(time.Time{})},
		Spec: v1alpha1.WorkplaceSpec{
			ClassRef: v1alpha1.Reference{Name: v1alpha1.ObjectName(class)}, User: v1alpha1.Person{Username: v1alpha1.Username(name)},
		},
	}, b.classes[class])
}
