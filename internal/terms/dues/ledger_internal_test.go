// SPDX-License-Identifier: Apache-2.0

package dues

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
)

// booked is a ledger of the charges of some names, made on the day before the
// year began, which each cover a month from the first date in their names and
// come to 30.
func booked(t *testing.T, names ...string) Ledger {
	t.Helper()
	known := written(t)
	var ledger Ledger
	for _, name := range names {
		key, ok := known[name]
		if !ok {
			t.Fatalf("%s is no name of a charge", name)
		}
		from := key.Group.Period
		if !key.Group.On.IsZero() {
			from = key.Group.On
		}
		charge := Charge{Name: name, Key: key, Type: key.Type}
		charge.Quantity, charge.Amount = decimal.NewFromInt(2), decimal.NewFromInt(30)
		if !from.IsZero() {
			charge.From, charge.Until = from, from.AddDays(29)
		}
		charge.MadeAt = time.Date(2026, 1, len(name), 0, 0, 0, 0, time.UTC)
		ledger.Put(charge)
	}
	return ledger
}

// TestSeats: a surcharge, a class and a plan are no seats, whatever they are
// called, nor are those of another period or beyond the plan's.
func TestSeats(t *testing.T) {
	t.Parallel()
	all := booked(t, slices.Collect(maps.Keys(written(t)))...)
	for period, want := range map[string]int{"2026-11-01": 4, "2026-12-01": 0, "2028-02-29": 0} {
		if got := all.Seats(day(t, period)); got != want {
			t.Errorf("for the period of %s %d seats were charged, want %d", period, got, want)
		}
	}
	for first, want := range map[string]int{"2026-11-01": 0, "2028-02-01": 2, "2028-02-29": 2, "2028-03-01": 0} {
		from := day(t, first)
		if got := all.ExtraSeats(from, from.AddMonths(1)); got != want {
			t.Errorf("from %s on %d users beyond the seats were charged, want %d", first, got, want)
		}
	}
}

// TestPaidForPlan: what the plan cost, without workplaces whose class is called as
// a plan, and without another plan that was only asked for.
func TestPaidForPlan(t *testing.T) {
	t.Parallel()
	from := day(t, "2026-11-21")
	for name, want := range map[string]string{
		"subscription-2026-11-01-plan":                         "10", // 10 of its 30 days
		"subscription-2026-11-01-seats":                        "10",
		"subscription-2026-11-01-seats-added-2026-11-20-seats": "29",
		"subscription-2026-11-01-changed-2026-11-16-plan":      "25",
		"subscription-2026-11-01-surcharge":                    "0",
		"subscription-2026-11-01-class-starter-plan":           "0",
		"subscription-2026-11-01-class-seats":                  "0",
		"plan-2026-11-20-2026-11-20-plan":                      "0",
		"plan-2026-11-20-liveschijf-consumer":                  "0",
		"credit-subscription-2026-11-01-plan":                  "0",
	} {
		if got := booked(t, name).PaidForPlan(from); got.String() != want {
			t.Errorf("%s holds %s for the plan from %s on, want %s", name, got, from, want)
		}
	}
}

// TestCovered: by class, but for the plan's own periods and what was credited.
func TestCovered(t *testing.T) {
	t.Parallel()
	ledger := booked(t,
		"subscription-2026-11-01-class-office", "subscription-2026-11-01-added-2026-11-20-class-office",
		"subscription-2026-11-01-class-a-class-b", "plan-2026-12-31-first-class-desk", "subscription-2026-11-01-plan",
		"subscription-2026-11-01-class-x-remote-work", "subscription-2026-12-31-added-2027-01-01-class-new")
	credit := Credit("subscription-2026-11-01-class-a-class-b")
	ledger.Put(Charge{
		Name: credit.Name(), Key: credit, Type: credit.Type, From: day(t, "2026-11-11"), Until: day(t, "2026-11-30"),
	})
	got := ledger.Covered(func(period calendar.Date) bool { return period == day(t, "2026-12-31") })
	want := map[string]calendar.Date{"office": day(t, "2026-12-19"), "a-class-b": day(t, "2026-11-10")}
	if !maps.Equal(got, want) {
		t.Errorf("covered are %v, want %v", got, want)
	}
}

// TestMade: the first of a group; charges whose names begin alike are of others.
func TestMade(t *testing.T) {
	t.Parallel()
	work := booked(t, "subscription-2026-11-01-class-x-remote-work")
	november := BillingPeriod(day(t, "2026-11-01"))
	if at, made := work.Made(november); made {
		t.Errorf("support work closed the billing period at %s", at)
	}
	ledger := booked(t, "subscription-2026-11-01-class-office", "subscription-2026-11-01-plan",
		"subscription-2026-11-01-added-2026-11-20-surcharge")
	if at, made := ledger.Made(november); !made || at.Day() != len("subscription-2026-11-01-plan") {
		t.Errorf("the period was charged first at %s (%t)", at, made)
	}
	if _, made := ledger.Made(WorkplacesAdded(day(t, "2026-11-01"), day(t, "2026-11-21"))); made {
		t.Error("what was added on another day counts")
	}
}

// TestStands: by the key, not the name. What nobody can tell stands for the
// charge that would have its name.
func TestStands(t *testing.T) {
	t.Parallel()
	class := Subscription(Class("a-remote-work"), BillingPeriod(day(t, "2026-11-01")))
	work := Work(v1alpha1.ChargeRemoteWork, "subscription-2026-11-01-class-a")
	if class.Name() != work.Name() {
		t.Fatalf("%s and %s were to be called the same", class.Name(), work.Name())
	}
	var ledger Ledger
	if ledger.Stands(class) || ledger.NameFor(class) != class.Name() {
		t.Error("the empty ledger has a charge")
	}
	ledger.Put(Charge{Name: work.Name(), Key: work, Type: work.Type})
	if ledger.Stands(class) || !ledger.Stands(work) {
		t.Error("a support session stands for a month's workplaces")
	}
	name := ledger.NameFor(class)
	if name != ledger.NameFor(class) || !strings.HasPrefix(name, class.Name()+"-") {
		t.Errorf("beside the session's, the charge is called %s", name)
	}
	ledger.Put(Charge{Name: name, Key: class, Type: class.Type})
	if found, ok := ledger.Find(class); !ok || found.Name != name {
		t.Errorf("found %v, %t", found, ok)
	}
	var strange Ledger
	strange.Put(Charge{Name: class.Name(), Type: "Fine"})
	if !strange.Stands(class) {
		t.Error("charged once more beside a charge that nobody can tell")
	}
	plan := func(terms string) Key { return Subscription(Plan(terms), BillingPeriod(day(t, "2026-11-01"))) }
	ledger.Put(Charge{Name: plan("").Name(), Key: plan("")})
	if !ledger.Stands(plan("larger")) {
		t.Error("a period that was charged is charged again under another plan")
	}
	wish := func(terms string) Key { return PlanEntry(terms, day(t, "2026-11-01")) }
	if ledger.Put(Charge{Name: "p", Key: wish("a")}); ledger.Stands(wish("b")) {
		t.Error("the wish for one plan stands for that for another")
	}
}

// TestClone: what is put into a copy is not in the ledger.
func TestClone(t *testing.T) {
	t.Parallel()
	ledger := booked(t, "subscription-2026-11-01-plan")
	copied := ledger.Clone()
	fee := InvoiceFee(day(t, "2026-11-01"))
	copied.Put(Charge{Name: fee.Name(), Key: fee, Amount: decimal.NewFromInt(2)})
	if sum := ledger.Sum(); !sum.Equal(decimal.NewFromInt(30)) || ledger.Stands(fee) {
		t.Errorf("the ledger comes to %s", sum)
	}
	if all := slices.Collect(ledger.All()); len(all) != 1 {
		t.Errorf("the ledger has %v", all)
	}
	if sum := copied.Sum(); !sum.Equal(decimal.NewFromInt(32)) {
		t.Errorf("the copy comes to %s", sum)
	}
}
