// SPDX-License-Identifier: Apache-2.0

package agreement

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
)

// Plan is what a tenant subscribes to as a whole.
type Plan struct {
	Price      decimal.Decimal
	Seats      *Seats
	Changes    []PlanChange          // of these prices, in order
	Types      []v1alpha1.TenantType // who may have it; empty: everybody
	Capacity   *int64                // bytes
	Members    *int32                // users at most
	Bonus      bool                  // a tenant may have more capacity for a time
	Entry      v1alpha1.PlanEntry
	AfterEnd   string // terms that follow; empty: none
	EraseAbove bool   // data that does not fit those is erased
}

// Seats are what a plan charges by the user, for a billing period (LA-3, LA-10).
type Seats struct {
	Price, Extra decimal.Decimal // of a seat, and of a user beyond the seats
	AsSeats      bool            // users beyond the seats cost what seats do
}

// PlanChange is what a plan costs from a day on; nil: as before.
type PlanChange struct {
	From        calendar.Date
	Price, Seat *decimal.Decimal
}

func (c *compiler) plan(spec *v1alpha1.PlanTerms) *Plan {
	if spec == nil {
		return nil
	}
	p := &Plan{
		Price: c.amount("spec.plan.price", spec.Price), Types: spec.ForTypes, Members: spec.Members,
		Bonus: spec.Bonus != nil && *spec.Bonus, Entry: orDefault(spec.Entry, v1alpha1.EntryAtOnce),
	}
	if s := spec.Seats; s != nil {
		p.Seats = &Seats{
			Price: c.amount("spec.plan.seats.price", s.Price), Extra: c.amount("spec.plan.seats.extraPrice", s.ExtraPrice),
		}
		if s.ExtraPrice == "" {
			p.Seats.Extra, p.Seats.AsSeats = p.Seats.Price, true
		}
	}
	for i, change := range spec.PriceChanges {
		field := fmt.Sprintf("spec.plan.priceChanges[%d]", i)
		p.Changes = append(p.Changes, PlanChange{
			c.date(field+".from", change.From), c.later(field+".price", change.Price),
			c.later(field+".seatPrice", change.SeatPrice),
		})
		if change.SeatPrice != "" && p.Seats == nil {
			c.fault(fmt.Errorf("%s.seatPrice: the plan has no seats; set spec.plan.seats, or remove it", field))
		}
	}
	slices.SortFunc(p.Changes, func(a, b PlanChange) int { return a.From.Compare(b.From) })
	if spec.Capacity != nil {
		bytes := spec.Capacity.Value()
		p.Capacity = &bytes
	}
	if after := spec.AfterEnd; after != nil {
		p.AfterEnd = string(after.TermsRef.Name)
		p.EraseAbove = after.EraseAboveCapacity != nil && *after.EraseAboveCapacity
	}
	return p
}

// later reads a changed price; nil if there is none.
func (c *compiler) later(field string, value v1alpha1.Price) *decimal.Decimal {
	if value == "" {
		return nil
	}
	amount := c.amount(field, value)
	return &amount
}

// PlanPrices are what a plan costs.
type PlanPrices struct {
	Plan  decimal.Decimal
	Seats *Seats
}

// PlanSubject is the kind of object whose price the plan's is.
const PlanSubject = "ServiceTerms"

// PricesOn returns what the plan costs on a day, as its list has it.
func (p *Plan) PricesOn(day calendar.Date) PlanPrices {
	prices := PlanPrices{Plan: p.Price}
	if p.Seats != nil {
		seats := *p.Seats
		prices.Seats = &seats
	}
	for _, change := range p.Changes {
		if day.Before(change.From) {
			break
		}
		if change.Price != nil {
			prices.Plan = *change.Price
		}
		if change.Seat == nil || prices.Seats == nil {
			continue
		}
		prices.Seats.Price = *change.Seat
		if prices.Seats.AsSeats {
			prices.Seats.Extra = *change.Seat
		}
	}
	return prices
}

// Fits reports whether so many bytes fit a plan, with the bonus capacity of a day (EC-6, EC-13).
func (t *Terms) Fits(bytes int64, day calendar.Date, bonus []Bonus) bool {
	limit, limited := t.Capacity(day, bonus)
	return !limited || bytes <= limit
}

// Bonus is capacity that a tenant has until and including a day (EC-13).
type Bonus struct {
	Bytes int64
	Until calendar.Date
}

// Capacity returns how many bytes all homes of a tenant may have together on a
// day, and false where the plan sets no limit.
func (t *Terms) Capacity(day calendar.Date, bonus []Bonus) (int64, bool) {
	if t.Plan == nil || t.Plan.Capacity == nil {
		return 0, false
	}
	bytes := *t.Plan.Capacity
	for _, extra := range bonus {
		if t.Plan.Bonus && !day.IsZero() && !extra.Until.Before(day) {
			bytes += extra.Bytes
		}
	}
	return bytes, true
}

// Members returns how many distinct users a plan allows, and false where it
// sets no limit.
func (t *Terms) Members() (int32, bool) {
	if t.Plan == nil || t.Plan.Members == nil {
		return 0, false
	}
	return *t.Plan.Members, true
}

// AfterEnd returns the name of the terms that follow when the plan ends; empty if none do.
func (t *Terms) AfterEnd() string {
	if t.Plan == nil {
		return ""
	}
	return t.Plan.AfterEnd
}
