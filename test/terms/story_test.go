// SPDX-License-Identifier: Apache-2.0

// Package terms_test tells dated stories about the terms that five providers
// publish, as they are shipped, and checks what becomes of their customers. The
// stories are written from the clauses; so is the table of clauses in the docs.
package terms_test

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/forecast"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/charging"
	"werkplek.dev/werkplek/internal/terms/dues"
	"werkplek.dev/werkplek/internal/terms/facts"
	"werkplek.dev/werkplek/internal/terms/standing"
	"werkplek.dev/werkplek/internal/terms/tidings"
)

// story is what happens to one customer. Its name begins with the clauses that
// it shows. Each line of steps is a moment, what happens at it, and what must be
// true once it has:
//
//	2026-11-01 24:00 |                       | InArrears; suspends 2026-11-02
//	2026-11-02       |                       | Suspended by arrears-2026-11-02; told suspended-*
//	2026-11-20       | pays everything       | Active; charge reactivation-* 50.00
//
// Moments are in the terms' time zone. Without a time, what happens does so at
// noon, and what is only looked at is seen at the day's first moment; 24:00 is
// the last moment of the day. Every charge and every notice must be expected at
// the first line that can see it: one that is not fails the story, and so does
// one that is missing. See events and expectations for the words.
type story struct {
	name string
	// terms is the name of shipped ServiceTerms, edit what this customer agreed differently.
	terms string
	edit  func(*v1alpha1.ServiceTermsSpec)
	// also are names under which shipped terms are there once more.
	also map[string]string
	// tenant is its type, the contract's first day, and "direct debit" if it pays so.
	tenant string
	steps  string
}

// tell runs stories, side by side.
func tell(t *testing.T, stories []story) {
	t.Helper()
	t.Parallel()
	if len(stories) < 12 {
		t.Errorf("only %d stories", len(stories))
	}
	for _, s := range stories {
		each(t, s)
	}
}

// each tells a story twice: as it is, and with an operator that finds, at each
// line, only charges from before they said what they are for.
func each(t *testing.T, s story) {
	t.Helper()
	for _, before := range []bool{false, true} {
		name := s.name
		if before {
			name += ", with charges from before"
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, s, before)
		})
	}
}

// teller tells one story.
type teller struct {
	sim     *forecast.Sim
	book    map[string]*agreement.Terms
	entries int // of the simulation, that the log has
	charged int // of its charges, that were looked at
	told    int // of its notices, likewise
	charges []charging.NamedCharge
	notices []tidings.Notice
	names   map[string]bool // of all charges
	before  bool            // charges do not say what they are for
	log     []string
}

func run(t *testing.T, s story, before bool) {
	t.Helper()
	book, zone := shipped(t, s)
	o := &teller{book: book, names: map[string]bool{}, before: before}
	facts := tenantOf(t, s.tenant, zone)
	o.sim = forecast.New(book, s.terms, facts)
	defer func() {
		if t.Failed() {
			t.Logf("the whole story:\n%s", strings.Join(o.log, "\n"))
		}
	}()
	for number, line := range strings.Split(s.steps, "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		fields := strings.SplitN(line, "|", 3)
		if len(fields) != 3 {
			t.Fatalf("line %d: %q is not a moment | what happens | what must be true", number, line)
		}
		o.log = append(o.log, line)
		at, err := moment(strings.TrimSpace(fields[0]), strings.TrimSpace(fields[1]) != "", zone)
		if err != nil {
			t.Fatalf("line %d: %v", number, err)
		}
		if err := o.live(at, fields[1]); err != nil {
			t.Fatalf("line %d: %q: %v", number, line, err)
		}
		for _, fault := range o.check(fields[2]) {
			o.log = append(o.log, "    WRONG: "+fault)
			t.Errorf("%s: %s", strings.TrimSpace(fields[0]), fault)
		}
	}
}

// tenantOf reads "Business 2026-01-15, direct debit".
func tenantOf(t *testing.T, tenant string, zone *time.Location) facts.Facts {
	t.Helper()
	words, _, debit := strings.Cut(tenant, ", direct debit")
	kind, starts, _ := strings.Cut(words, " ")
	from, err := calendar.ParseDate(starts)
	if err != nil || kind != string(v1alpha1.Business) && kind != string(v1alpha1.Consumer) {
		t.Fatalf("tenant %q: %v", tenant, err)
	}
	begin := from.Start(zone)
	return facts.Facts{
		Now: begin, Tenant: "jansen", Type: v1alpha1.TenantType(kind), CreatedAt: begin, StartsOn: from, DirectDebit: debit,
	}
}

// moment reads "2026-11-01", "2026-11-01 09:30" or "2026-11-01 24:00".
func moment(text string, happens bool, zone *time.Location) (time.Time, error) {
	date, clock, timed := strings.Cut(text, " ")
	day, err := calendar.ParseDate(date)
	switch {
	case err != nil:
		return time.Time{}, err
	case clock == "24:00":
		return day.AddDays(1).Start(zone).Add(-time.Second), nil
	case timed:
		wall, err := time.Parse("15:04", clock)
		if err != nil {
			return time.Time{}, err
		}
		return time.Date(day.Year, day.Month, day.Day, wall.Hour(), wall.Minute(), 0, 0, zone), nil
	case happens:
		return time.Date(day.Year, day.Month, day.Day, 12, 0, 0, 0, zone), nil
	}
	return day.Start(zone), nil
}

// live lets time pass until a moment at which something happens.
func (o *teller) live(at time.Time, happens string) error {
	if at.Before(o.sim.Now()) {
		return fmt.Errorf("%s has passed", at)
	}
	if o.before {
		o.sim.Do(o.forget(at))
	}
	var after []func() error
	for event := range strings.SplitSeq(happens, ";") {
		if event = strings.TrimSpace(event); event == "" {
			continue
		}
		made, then, err := o.event(event, calendar.DateAt(at, o.sim.Zone()), at)
		if err != nil {
			return err
		}
		if then != nil {
			after = append(after, then)
		}
		made.At = at
		o.sim.Do(made)
	}
	o.sim.Until(at)
	for _, then := range after {
		if err := then(); err != nil {
			return err
		}
	}
	if err := o.sim.Err(); err != nil {
		return err
	}
	for _, entry := range o.sim.Entries()[o.entries:] {
		o.entries++
		o.log = append(o.log, fmt.Sprintf("    %s %s %s: %s", entry.At.In(o.sim.Zone()).Format("2006-01-02 15:04:05"), entry.What, entry.Name, entry.Detail))
	}
	o.charges = append(o.charges, o.sim.Charges()[o.charged:]...)
	o.charged = len(o.sim.Charges())
	o.notices = append(o.notices, o.sim.Notices()[o.told:]...)
	o.told = len(o.sim.Notices())
	return nil
}

// forget makes charges as they were before they said what they are for.
func (o *teller) forget(at time.Time) forecast.Event {
	event := forecast.Changed(calendar.DateAt(at, o.sim.Zone()), "", func(f *facts.Facts) {
		var before dues.Ledger
		for charge := range f.Charges.All() {
			charge.Key, _ = dues.FromName(charge.Name, &v1alpha1.ChargeSpec{Type: charge.Type})
			before.Put(charge)
		}
		f.Charges = before
	})
	event.At = at
	return event
}

// again returns what would be charged once more.
func (o *teller) again() []charging.NamedCharge {
	facts, held := o.sim.Facts(), o.sim.Terms()
	standing := standing.Stand(held, facts)
	return charging.DueNow(held, facts, &standing).Charges
}

// check returns what is not as a line expects it.
func (o *teller) check(expected string) []string {
	var faults []string
	fault := func(format string, arguments ...any) { faults = append(faults, fmt.Sprintf(format, arguments...)) }
	for _, charge := range o.charges {
		if err := o.sound(charge); err != nil {
			fault("charge %s: %v", charge.Name, err)
		}
	}
	for _, charge := range o.again() {
		fault("%s would be charged once more", charge.Name)
	}
	for expectation := range strings.SplitSeq(expected, ";") {
		if expectation = strings.TrimSpace(expectation); expectation == "" {
			continue
		}
		if err := o.expect(expectation); err != nil {
			fault("%s: %v", expectation, err)
		}
	}
	for _, charge := range o.charges {
		fault("nobody expected the charge %s of %s (%s)", charge.Name, charge.Spec.Amount, charge.Spec.Description)
	}
	for _, notice := range o.notices {
		fault("nobody expected the notice %s %v", notice.Name, notice.Facts)
	}
	o.charges, o.notices = nil, nil
	return faults
}

// sound says what is wrong with a charge, whatever it is for.
func (o *teller) sound(charge charging.NamedCharge) error {
	spec := charge.Spec
	if o.names[charge.Name] {
		return fmt.Errorf("it was made before")
	}
	o.names[charge.Name] = true
	amount, price, quantity := decimal.RequireFromString(string(spec.Amount)), decimal.RequireFromString(string(spec.UnitPrice)), decimal.RequireFromString(string(spec.Quantity))
	held := o.sim.Terms()
	switch {
	case len(spec.Description) < 10:
		return fmt.Errorf("%q explains nothing", spec.Description)
	case !held.Round(price.Mul(quantity)).Equal(amount):
		return fmt.Errorf("%s times %s is not %s", quantity, price, amount)
	case string(spec.Currency) != held.Currency:
		return fmt.Errorf("it is in %s", spec.Currency)
	case amount.IsNegative() != (spec.Type == v1alpha1.ChargeCredit):
		return fmt.Errorf("a %s of %s", spec.Type, amount)
	case spec.Period != nil && spec.Period.Until < spec.Period.From:
		return fmt.Errorf("it covers %s to %s", spec.Period.From, spec.Period.Until)
	}
	return nil
}

// words are the rest of a sentence.
type words []string

func (w words) at(i int) string {
	if i < len(w) {
		return w[i]
	}
	return ""
}

// after returns what follows a word, and whether it is there.
func (w words) after(word string) (string, bool) {
	if i := slices.Index(w, word); i >= 0 && i+1 < len(w) {
		return w[i+1], true
	}
	return "", false
}

// take removes the charges or notices whose name matches.
func take[T any](from *[]T, pattern string, name func(T) string) []T {
	var taken []T
	*from = slices.DeleteFunc(*from, func(item T) bool {
		ok, err := path.Match(pattern, name(item))
		if ok && err == nil {
			taken = append(taken, item)
		}
		return ok
	})
	return taken
}

// times reads "x11" among words: how often something is expected; once if nothing says so.
func (w words) times() int {
	for _, word := range w {
		if n, err := strconv.Atoi(strings.TrimPrefix(word, "x")); err == nil && strings.HasPrefix(word, "x") {
			return n
		}
	}
	return 1
}
