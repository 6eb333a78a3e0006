// SPDX-License-Identifier: Apache-2.0

package terms

import (
	"errors"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// billingTerms say how the subscription is charged (TD-5).
type billingTerms struct {
	charged       bool // false: another system charges it
	period        Period
	advance       bool
	surcharge     decimal.Decimal // percent
	unavailable   []span          // days on which no direct debit is offered
	calendar      bool            // periods are calendar months
	proRata       bool
	collectionDay int
	before        Period
	fee           decimal.Decimal
}

// span is a span of days, both included.
type span struct{ from, until Date }

func (s span) holds(day Date) bool { return !day.Before(s.from) && !s.until.Before(day) }

// planTerms are what a tenant subscribes to as a whole.
type planTerms struct {
	price      decimal.Decimal
	seats      *seatTerms
	changes    []planChange // of these prices, in order
	types      []v1alpha1.TenantType
	capacity   *int64 // bytes
	members    *int32
	bonus      bool
	entry      v1alpha1.PlanEntry
	afterEnd   string // terms that follow; empty: none
	eraseAbove bool
}

type seatTerms struct {
	price, extra decimal.Decimal
	asSeats      bool // users beyond the seats cost what seats do
}

// planChange is what a plan costs from a day on; nil: as before.
type planChange struct {
	from        Date
	price, seat *decimal.Decimal
}

// inactivityTerms say when what nobody uses ends.
type inactivityTerms struct {
	warnAfter *Period
	endAfter  Period
}

// defaultCollectionDay is when direct debits are drawn if the terms do not say.
const defaultCollectionDay = 1

func (c *compiler) billing(spec *v1alpha1.BillingTerms, contract *v1alpha1.ContractTerms) billingTerms {
	b := billingTerms{collectionDay: defaultCollectionDay}
	if spec == nil {
		if usesCollection(contract) {
			c.fault(errors.New("spec.billing.collectionDay: notice is given to the next collection; say on which day of the month that is"))
		}
		return b
	}
	b.charged = true
	b.period = c.period("spec.billing.period", spec.Period)
	if b.period.Clock != 0 {
		c.fault(fmt.Errorf("spec.billing.period: %s is no calendar period; write one such as P1M", spec.Period))
	}
	b.advance = spec.PaidInAdvance == nil || *spec.PaidInAdvance
	b.surcharge = c.percent("spec.billing.surchargeWithoutDirectDebit", spec.SurchargeWithoutDirectDebit)
	for i, s := range spec.DirectDebitUnavailable {
		field := fmt.Sprintf("spec.billing.directDebitUnavailable[%d]", i)
		b.unavailable = append(b.unavailable, span{c.date(field+".from", s.From), c.date(field+".until", s.Until)})
	}
	if b.calendar = spec.Anchor == v1alpha1.AnchorCalendarMonth; b.calendar && b.period.Days != 0 {
		c.fault(fmt.Errorf("spec.billing.anchor: CalendarMonth needs a period of whole months, and %s is none", spec.Period))
	}
	b.proRata = spec.Additions != v1alpha1.AdditionsNextPeriod
	if spec.CollectionDay != 0 {
		b.collectionDay = int(spec.CollectionDay)
	} else if usesCollection(contract) {
		c.fault(errors.New("spec.billing.collectionDay: notice is given to the next collection; say on which day of the month that is"))
	}
	b.before = c.optional("spec.billing.invoiceBefore", spec.InvoiceBefore)
	b.fee = c.amount("spec.billing.invoiceFee", spec.InvoiceFee)
	return b
}

func usesCollection(contract *v1alpha1.ContractTerms) bool {
	if contract == nil {
		return false
	}
	for _, notice := range []*v1alpha1.NoticeTerms{contract.Notice, contract.NoticeAfterRenewal} {
		if notice != nil && notice.To == v1alpha1.NoticeToNextCollection {
			return true
		}
	}
	return false
}

func (c *compiler) plan(spec *v1alpha1.PlanTerms) *planTerms {
	if spec == nil {
		return nil
	}
	p := &planTerms{
		price: c.amount("spec.plan.price", spec.Price), types: spec.ForTypes, members: spec.Members,
		bonus: spec.Bonus != nil && *spec.Bonus, entry: orDefault(spec.Entry, v1alpha1.EntryAtOnce),
	}
	if s := spec.Seats; s != nil {
		p.seats = &seatTerms{price: c.amount("spec.plan.seats.price", s.Price), extra: c.amount("spec.plan.seats.extraPrice", s.ExtraPrice)}
		if s.ExtraPrice == "" {
			p.seats.extra, p.seats.asSeats = p.seats.price, true
		}
	}
	for i, change := range spec.PriceChanges {
		field := fmt.Sprintf("spec.plan.priceChanges[%d]", i)
		p.changes = append(p.changes, planChange{c.date(field+".from", change.From), c.later(field+".price", change.Price), c.later(field+".seatPrice", change.SeatPrice)})
		if change.SeatPrice != "" && p.seats == nil {
			c.fault(fmt.Errorf("%s.seatPrice: the plan has no seats; set spec.plan.seats, or remove it", field))
		}
	}
	slices.SortFunc(p.changes, func(a, b planChange) int { return a.from.Compare(b.from) })
	if spec.Capacity != nil {
		bytes := spec.Capacity.Value()
		p.capacity = &bytes
	}
	if after := spec.AfterEnd; after != nil {
		p.afterEnd = string(after.TermsRef.Name)
		p.eraseAbove = after.EraseAboveCapacity != nil && *after.EraseAboveCapacity
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

func (c *compiler) inactivity(spec *v1alpha1.InactivityTerms) *inactivityTerms {
	if spec == nil {
		return nil
	}
	i := &inactivityTerms{endAfter: c.period("spec.inactivity.endAfter", spec.EndAfter)}
	if spec.WarnAfter != "" {
		warn := c.period("spec.inactivity.warnAfter", spec.WarnAfter)
		i.warnAfter = &warn
		if any := (Date{Year: 2000, Month: 1, Day: 1}); !warn.After(any).Before(i.endAfter.After(any)) {
			c.fault(fmt.Errorf("spec.inactivity.warnAfter: %s is not before endAfter %s; a warning must come before the end", spec.WarnAfter, spec.EndAfter))
		}
	}
	return i
}

// start returns the first day of the k-th billing period of an agreement that
// runs since a day, counted from 0.
func (b *billingTerms) start(since Date, k int) Date {
	if k == 0 {
		return since
	}
	if b.calendar {
		// The first period runs to the end of its last calendar month.
		return since.MonthStart().AddMonths(k * b.period.Months)
	}
	return Period{Months: k * b.period.Months, Days: k * b.period.Days}.After(since)
}

// at returns which billing period holds a day, not before since.
func (b *billingTerms) at(since, day Date) int {
	length := 31*b.period.Months + b.period.Days
	k := max(0, day.DaysSince(since)/length-1)
	for !day.Before(b.start(since, k+1)) {
		k++
	}
	return k
}

// whole returns how many days the k-th period would have if it were whole: the
// first of a calendar month's may not be.
func (b *billingTerms) whole(since Date, k int) int {
	if b.calendar && k == 0 {
		first := since.MonthStart()
		return first.AddMonths(b.period.Months).DaysSince(first)
	}
	return b.start(since, k+1).DaysSince(b.start(since, k))
}
