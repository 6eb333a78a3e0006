// SPDX-License-Identifier: Apache-2.0

package dues

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
)

// Charge is a charge that exists.
type Charge struct {
	Name string
	// Key says which it is; zero if nobody can tell.
	Key      Key
	Type     v1alpha1.ChargeType
	On       calendar.Date
	From     calendar.Date // the first day that it covers; zero if it covers none
	Until    calendar.Date // the last
	Quantity decimal.Decimal
	Amount   decimal.Decimal
	Invoice  string
	IssuedOn calendar.Date
	// MadeAt is when it was made; zero: long ago.
	MadeAt time.Time
}

// Ledger is what a tenant was charged. The zero Ledger is empty.
type Ledger struct {
	charges map[string]Charge
	names   map[Key]string
	made    map[Group]time.Time
}

// Put adds a charge, or puts it in the place of the one of its name.
func (l *Ledger) Put(charge Charge) {
	if l.charges == nil {
		l.charges, l.names, l.made = map[string]Charge{}, map[Key]string{}, map[Group]time.Time{}
	}
	l.charges[charge.Name] = charge
	if charge.Key == (Key{}) {
		return
	}
	l.names[charge.Key.identity()] = charge.Name
	if first, made := l.made[charge.Key.Group]; !made || charge.MadeAt.Before(first) {
		l.made[charge.Key.Group] = charge.MadeAt
	}
}

// Clone returns a ledger of its own with the same charges.
func (l Ledger) Clone() Ledger {
	return Ledger{maps.Clone(l.charges), maps.Clone(l.names), maps.Clone(l.made)}
}

// All are the charges, by name.
func (l Ledger) All() iter.Seq[Charge] {
	return func(yield func(Charge) bool) {
		for _, name := range slices.Sorted(maps.Keys(l.charges)) {
			if !yield(l.charges[name]) {
				return
			}
		}
	}
}

// Named returns the charge that has a name.
func (l Ledger) Named(name string) (Charge, bool) {
	charge, ok := l.charges[name]
	return charge, ok
}

// Find returns the charge that has a key.
func (l Ledger) Find(key Key) (Charge, bool) {
	name, ok := l.names[key.identity()]
	if !ok {
		return Charge{}, false
	}
	return l.Named(name)
}

// Stands reports whether the charge of a key was made. One that nobody can tell
// and that bears its name is taken for it: nothing is charged twice.
func (l Ledger) Stands(key Key) bool {
	if _, ok := l.Find(key); ok {
		return true
	}
	charge, ok := l.Named(key.Name())
	return ok && charge.Key == (Key{})
}

// NameFor returns the name for a charge that does not stand: the one that its key
// writes, and where another charge has that, the same with a mark of its key.
func (l Ledger) NameFor(key Key) string {
	name := key.Name()
	if _, taken := l.Named(name); !taken {
		return name
	}
	mark := sha256.Sum256([]byte(fmt.Sprint(key.identity())))
	return name + "-" + hex.EncodeToString(mark[:4])
}

// Made returns when the first charge of a group was made, and false if none was.
func (l Ledger) Made(group Group) (time.Time, bool) {
	first, made := l.made[group]
	return first, made
}

// Seats returns how many seats were charged for the billing period that begins
// on a day, those that were added within it included.
func (l Ledger) Seats(period calendar.Date) int {
	seats := int64(0)
	for _, charge := range l.charges {
		if charge.planned() && charge.Key.Subject.Kind == v1alpha1.SubjectSeats && charge.Key.Group.Period == period {
			seats += charge.Quantity.IntPart()
		}
	}
	return int(seats)
}

// ExtraSeats returns how many users beyond the seats were charged from one day up
// to, and not including, another.
func (l Ledger) ExtraSeats(from, to calendar.Date) int {
	seats := int64(0)
	for _, charge := range l.charges {
		if charge.Type == v1alpha1.ChargeExtraSeats && !charge.From.Before(from) && charge.From.Before(to) {
			seats += charge.Quantity.IntPart()
		}
	}
	return int(seats)
}

// PaidForPlan returns what was charged for a plan and its seats, from before a day,
// for that day and those after it. A plan that was had once it was paid is none
// of it.
func (l Ledger) PaidForPlan(day calendar.Date) decimal.Decimal {
	sum := decimal.Zero
	for charge := range l.All() {
		if charge.planned() && charge.From.Before(day) && !charge.Until.Before(day) {
			sum = sum.Add(charge.Share(day, charge.Until.AddDays(1)))
		}
	}
	return sum
}

// Covered returns, for each class, the last day for which its workplaces were
// charged in other billing periods than own ones. What was credited was not
// charged.
func (l Ledger) Covered(own func(period calendar.Date) bool) map[string]calendar.Date {
	covered := map[string]calendar.Date{}
	for _, charge := range l.charges {
		key := charge.Key
		class := key.Type == v1alpha1.ChargeSubscription && key.Subject.Kind == v1alpha1.SubjectClass
		if !class || own(key.Group.Period) {
			continue
		}
		last := charge.Until
		if credit, credited := l.Credited(charge.Name); credited && !credit.From.IsZero() {
			last = credit.From.AddDays(-1)
		}
		if covered[key.Subject.Name].Before(last) {
			covered[key.Subject.Name] = last
		}
	}
	return covered
}

// Credited returns the credit of a charge.
func (l Ledger) Credited(charge string) (Charge, bool) { return l.Find(Credit(charge)) }

// ForClasses reports whether any charge is for workplaces of a class.
func (l Ledger) ForClasses() bool {
	for charge := range l.All() {
		if charge.Key.Subject.Kind == v1alpha1.SubjectClass {
			return true
		}
	}
	return false
}

// Sum returns what all charges and credits come to.
func (l Ledger) Sum() decimal.Decimal {
	sum := decimal.Zero
	for _, charge := range l.charges {
		sum = sum.Add(charge.Amount)
	}
	return sum
}

// planned reports whether a charge is for a plan or its seats within a billing period.
func (c Charge) planned() bool {
	subject, group := c.Key.Subject.Kind, c.Key.Group.Kind
	return c.Key.Type == v1alpha1.ChargeSubscription && group != v1alpha1.GroupPlanEntry &&
		(subject == v1alpha1.SubjectPlan || subject == v1alpha1.SubjectSeats)
}

// Days returns how many days a charge covers.
func (c Charge) Days() int { return c.Until.DaysSince(c.From) + 1 }

// Share returns the part of a charge for the days from one up to, and not
// including, another, both within what it covers; not rounded.
func (c Charge) Share(from, to calendar.Date) decimal.Decimal {
	days := decimal.NewFromInt(int64(to.DaysSince(from)))
	return c.Amount.Mul(days).Div(decimal.NewFromInt(int64(c.Days())))
}
