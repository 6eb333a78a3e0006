// SPDX-License-Identifier: Apache-2.0

package terms_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"k8s.io/apimachinery/pkg/api/resource"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/forecast"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/charging"
	"werkplek.dev/werkplek/internal/terms/facts"
)

// event reads what happens:
//
//	invoice N AMOUNT [due DATE] [for CHARGE,CHARGE]   an invoice is sent
//	pays N|everything                                 it is paid
//	pays AMOUNT of N                                  a part of it is
//	notice | withdraws | payment-details              the customer declares it
//	terminates                                        the provider does, for arrears
//	asks PLAN                                         for the plan of other terms
//	stores QUANTITY                                   all homes together hold so much
//	uses                                              a workplace is used
//	workplace NAME [CLASS AMOUNT]                     is made; CLASS costs AMOUNT a month
//	removes NAME                                      a workplace goes
//	reprice CLASS AMOUNT DATE                         the price list changes from a day on
//	seats N | bonus QUANTITY DATE | debit on|off      the agreement changes
//	arrangement DATE [free]                           a written one, until that day
//	session NAME DURATION                             a support session under the agreement
//	remote|onsite NAME DURATION                       support work outside it
//	suspends CAUSE NAME | lifts NAME                  by hand
//	hold | release                                    a legal hold
//	mail down|up, billing silent|back                 what the operator depends on
//
// Some have something to do once time has reached the event.
func (o *teller) event(sentence string, on calendar.Date, at time.Time) (made forecast.Event, then func() error, err error) {
	verb, rest, _ := strings.Cut(sentence, " ")
	w := words(strings.Fields(rest))
	change := func(f func(*facts.Facts)) forecast.Event { return forecast.Changed(on, sentence, f) }
	switch verb {
	case "invoice":
		return invoice(on, w)
	case "pays":
		if w.at(1) == "of" {
			return forecast.PaidPart(on, w.at(2), decimal.RequireFromString(w.at(0))), nil, nil
		} else if w.at(0) == "everything" {
			return forecast.PaidAll(on), nil, nil
		}
		return forecast.Paid(on, w.at(0)), nil, nil
	case "notice":
		return forecast.NoticeReceived(on), nil, nil
	case "withdraws":
		return forecast.Withdrawn(on), nil, nil
	case "payment-details":
		return forecast.DetailsGiven(on), nil, nil
	case "terminates":
		return forecast.Terminated(on), nil, nil
	case "asks":
		return forecast.PlanAsked(on, w.at(0)), nil, nil
	case "stores":
		size, err := resource.ParseQuantity(w.at(0))
		return forecast.Stored(on, size.Value()), nil, err
	case "uses":
		return forecast.Active(on), nil, nil
	case "workplace":
		return forecast.WorkplaceAdded(on, workplace(w, o.sim.Terms().Currency)), func() error { o.subjects(); return nil }, nil
	case "removes":
		return forecast.WorkplaceRemoved(on, w.at(0)), nil, nil
	case "seats":
		var seats int
		_, err := fmt.Sscan(w.at(0), &seats)
		return change(func(f *facts.Facts) { f.Seats = seats }), nil, err
	case "bonus":
		size, err := resource.ParseQuantity(w.at(0))
		until := forecast.Day(w.at(1))
		return change(func(f *facts.Facts) { f.Bonus = append(f.Bonus, agreement.Bonus{Bytes: size.Value(), Until: until}) }), nil, err
	case "debit":
		return change(func(f *facts.Facts) { f.DirectDebit = w.at(0) == "on" }), nil, nil
	case "arrangement":
		return forecast.Arranged(on, forecast.Day(w.at(0)), w.at(1) == "free"), nil, nil
	case "hold", "release":
		return forecast.Held(on, verb == "hold"), nil, nil
	case "mail":
		return forecast.MailDead(on, on)[index(w.at(0) == "up")], nil, nil
	case "billing":
		return forecast.BillingSilent(on, on)[index(w.at(0) == "back")], nil, nil
	case "suspends":
		return change(func(f *facts.Facts) {
			f.Suspensions = append(f.Suspensions, facts.Suspension{Name: w.at(1), Cause: v1alpha1.SuspensionCause(w.at(0)), Since: at})
		}), nil, nil
	case "lifts":
		return change(func(f *facts.Facts) {
			for i := range f.Suspensions {
				f.Suspensions[i].LiftRequested = f.Suspensions[i].LiftRequested || f.Suspensions[i].Name == w.at(0)
			}
		}), nil, nil
	case "reprice":
		price := agreement.DatedPrice{From: forecast.Day(w.at(2)), Amount: decimal.RequireFromString(w.at(1)), Currency: "EUR"}
		return change(func(f *facts.Facts) { reprice(f, o.sim.Terms(), w.at(0), price) }), nil, nil
	case "session", "remote", "onsite":
		return o.support(verb, w, on, at)
	}
	return forecast.Event{}, nil, fmt.Errorf("%q is not something that happens", verb)
}

func index(second bool) int {
	if second {
		return 1
	}
	return 0
}

func invoice(on calendar.Date, w words) (forecast.Event, func() error, error) {
	amount, err := decimal.NewFromString(w.at(1))
	if err != nil {
		return forecast.Event{}, nil, err
	}
	var due calendar.Date
	if text, ok := w.after("due"); ok {
		due = forecast.Day(text)
	}
	var charges []string
	if text, ok := w.after("for"); ok {
		charges = strings.Split(text, ",")
	}
	return forecast.Invoiced(on, w.at(0), amount, due, charges...), nil, nil
}

// workplace reads "anna standard 40.00"; without a class it costs nothing.
func workplace(w words, currency string) facts.Workplace {
	made := facts.Workplace{Name: w.at(0), Username: w.at(0), Class: "free", Title: "Workplace"}
	if w.at(1) != "" {
		made.Class, made.Title, made.Per = w.at(1), "Workplace "+w.at(1), calendar.Period{Months: 1}
		made.Prices = []agreement.DatedPrice{{Amount: decimal.RequireFromString(w.at(2)), Currency: currency}}
	}
	return made
}

// reprice changes the price list of a class.
func reprice(f *facts.Facts, t *agreement.Terms, class string, price agreement.DatedPrice) {
	for i := range f.Workplaces {
		if f.Workplaces[i].Class == class {
			f.Workplaces[i].Prices = append(f.Workplaces[i].Prices, price)
		}
	}
	subjects(f, t)
}

// subjects gathers what the customer pays for, as the operator would.
func subjects(f *facts.Facts, t *agreement.Terms) {
	f.Subjects = nil
	seen := map[string]bool{}
	for _, w := range f.Workplaces {
		if len(w.Prices) > 0 && !seen[w.Class] {
			seen[w.Class] = true
			f.Subjects = append(f.Subjects, agreement.Subject{Kind: "WorkplaceClass", Name: w.Class, Display: w.Title, Prices: w.Prices})
		}
	}
	f.Rights = t.RightsToLeave(f.StartsOn, f.Subjects)
}

// subjects follows workplaces that came and went.
func (o *teller) subjects() {
	o.sim.Do(forecast.Changed(calendar.DateAt(o.sim.Now(), o.sim.Zone()), "", func(f *facts.Facts) { subjects(f, o.sim.Terms()) }))
}

// support is work that ends at the event's moment.
func (o *teller) support(verb string, w words, on calendar.Date, at time.Time) (forecast.Event, func() error, error) {
	worked, err := time.ParseDuration(w.at(1))
	if err != nil {
		return forecast.Event{}, nil, err
	}
	note := func(due []charging.NamedCharge, err error) error {
		o.charges = append(o.charges, due...)
		return err
	}
	switch verb {
	case "remote":
		return forecast.Changed(on, "remote work", func(*facts.Facts) {}), func() error {
			return note(charging.SupportWork(o.sim.Terms(), w.at(0), v1alpha1.SupportRemote, at.Add(-worked), at))
		}, nil
	case "onsite":
		return forecast.Changed(on, "work on site", func(*facts.Facts) {}), func() error {
			return note(charging.SupportWork(o.sim.Terms(), w.at(0), v1alpha1.SupportOnSite, at.Add(-worked), at))
		}, nil
	}
	return forecast.SessionHeld(on, w.at(0), worked), func() error {
		sessions := o.sim.Facts().Sessions
		return note(charging.CoveredWork(o.sim.Terms(), w.at(0), o.sim.Standing().AgreedOn, at.Add(-worked), at, sessions[:len(sessions)-1]))
	}, nil
}
