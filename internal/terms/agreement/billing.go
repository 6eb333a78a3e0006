// SPDX-License-Identifier: Apache-2.0

package agreement

import (
	"errors"
	"fmt"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
)

// Billing says how the subscription is charged (TD-5).
type Billing struct {
	Charged       bool // false: another system charges it
	Period        calendar.Period
	Advance       bool            // it is paid before its period
	Surcharge     decimal.Decimal // percent
	Unavailable   []Span          // days on which no direct debit is offered
	Calendar      bool            // periods are calendar months
	ProRata       bool            // additions are charged for the days that are left
	CollectionDay int             // of the month, or its last day
	Before        calendar.Period // how long before its period a charge is made
	Fee           decimal.Decimal // for each invoice
}

// Span is a span of days, both included.
type Span struct{ From, Until calendar.Date }

// Holds reports whether a day is in the span.
func (s Span) Holds(day calendar.Date) bool { return !day.Before(s.From) && !s.Until.Before(day) }

// defaultCollectionDay is when direct debits are drawn if the terms do not say.
const defaultCollectionDay = 1

func (c *compiler) billing(spec *v1alpha1.BillingTerms, contract *v1alpha1.ContractTerms) Billing {
	b := Billing{CollectionDay: defaultCollectionDay}
	if spec == nil {
		if usesCollection(contract) {
			c.fault(errors.New("spec.billing.collectionDay: notice is given to the next collection; say on which day of the " +
				"month that is"))
		}
		return b
	}
	b.Charged = true
	b.Period = c.period("spec.billing.period", spec.Period)
	if b.Period.Clock != 0 {
		c.fault(fmt.Errorf("spec.billing.period: %s is no calendar period; write one such as P1M", spec.Period))
	}
	b.Advance = spec.PaidInAdvance == nil || *spec.PaidInAdvance
	b.Surcharge = c.percent("spec.billing.surchargeWithoutDirectDebit", spec.SurchargeWithoutDirectDebit)
	for i, s := range spec.DirectDebitUnavailable {
		field := fmt.Sprintf("spec.billing.directDebitUnavailable[%d]", i)
		b.Unavailable = append(b.Unavailable, Span{c.date(field+".from", s.From), c.date(field+".until", s.Until)})
	}
	if b.Calendar = spec.Anchor == v1alpha1.AnchorCalendarMonth; b.Calendar && b.Period.Days != 0 {
		c.fault(fmt.Errorf("spec.billing.anchor: CalendarMonth needs a period of whole months, and %s is none", spec.Period))
	}
	b.ProRata = spec.Additions != v1alpha1.AdditionsNextPeriod
	if spec.CollectionDay != 0 {
		b.CollectionDay = int(spec.CollectionDay)
	} else if usesCollection(contract) {
		c.fault(errors.New("spec.billing.collectionDay: notice is given to the next collection; say on which day of the " +
			"month that is"))
	}
	b.Before = c.optional("spec.billing.invoiceBefore", spec.InvoiceBefore)
	b.Fee = c.amount("spec.billing.invoiceFee", spec.InvoiceFee)
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

// Start returns the first day of the k-th billing period of an agreement that
// runs since a day, counted from 0.
func (b *Billing) Start(since calendar.Date, k int) calendar.Date {
	if k == 0 {
		return since
	}
	if b.Calendar {
		// The first period runs to the end of its last calendar month.
		return since.MonthStart().AddMonths(k * b.Period.Months)
	}
	return calendar.Period{Months: k * b.Period.Months, Days: k * b.Period.Days}.After(since)
}

// At returns which billing period holds a day, not before since.
func (b *Billing) At(since, day calendar.Date) int {
	length := 31*b.Period.Months + b.Period.Days
	k := max(0, day.DaysSince(since)/length-1)
	for !day.Before(b.Start(since, k+1)) {
		k++
	}
	return k
}

// Whole returns how many days the k-th period would have if it were whole: the
// first of a calendar month's may not be.
func (b *Billing) Whole(since calendar.Date, k int) int {
	if b.Calendar && k == 0 {
		first := since.MonthStart()
		return first.AddMonths(b.Period.Months).DaysSince(first)
	}
	return b.Start(since, k+1).DaysSince(b.Start(since, k))
}

// InStep reports whether the billing periods of other terms may go on with those of these.
func (b *Billing) InStep(other *Billing) bool {
	return other.Charged && b.Period == other.Period && b.Calendar == other.Calendar
}
