// SPDX-License-Identifier: Apache-2.0

package agreement

import (
	"errors"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
)

// Sessions says how many support sessions an agreement includes.
type Sessions struct {
	Included    int32
	Per         calendar.Period
	Length      time.Duration   // zero: any length is one session
	Consecutive int32           // zero: no limit
	Discount    int32           // percent, once all are used
	Overused    decimal.Decimal // what each costs on leaving that was not earned
}

func (c *compiler) sessions(support *v1alpha1.SupportTerms) *Sessions {
	if support == nil || support.Sessions == nil {
		return nil
	}
	spec := support.Sessions
	s := &Sessions{
		Included: spec.Included, Per: c.period("spec.support.sessions.per", spec.Per), Consecutive: spec.Consecutive,
		Discount: spec.DiscountPercent, Overused: c.amount("spec.support.sessions.overused", spec.Overused),
	}
	if spec.Length != "" {
		length := c.period("spec.support.sessions.length", spec.Length)
		if s.Length = length.Clock; length.Clock <= 0 {
			c.fault(fmt.Errorf("spec.support.sessions.length: %s is not a clock period; write one such as PT30M",
				spec.Length))
		}
	} else if s.Consecutive > 0 {
		c.fault(errors.New("spec.support.sessions.length: say how long a session is; consecutive counts them"))
	}
	if s.Per.Clock != 0 {
		c.fault(fmt.Errorf("spec.support.sessions.per: %s is no calendar period; write one such as P1Y", spec.Per))
	}
	return s
}

// Units returns how many of the included sessions one took: started lengths, at
// most as many as may follow one another (DF-4).
func (s *Sessions) Units(worked time.Duration) int64 {
	if s.Length == 0 || worked <= 0 {
		return 1
	}
	units := Begun(worked, s.Length)
	if s.Consecutive > 0 {
		units = min(units, int64(s.Consecutive))
	}
	return units
}

// MembershipPeriod returns the first day of the allowance period that holds a day.
func (s *Sessions) MembershipPeriod(since, day calendar.Date) calendar.Date {
	b := Billing{Period: s.Per}
	return b.Start(since, b.At(since, day))
}

// IncludesSessions reports whether the agreement includes a number of sessions.
func (t *Terms) IncludesSessions() bool { return t.Sessions != nil }

// Rate is a price for started units of time.
type Rate struct {
	Amount  decimal.Decimal
	Per     time.Duration
	Unit    string // per, as the terms write it
	Minimum time.Duration
	CallOut decimal.Decimal
	Least   decimal.Decimal // what any such work costs
}

// compileRates reads the rates for work outside the agreement.
func (t *Terms) compileRates(
	support *v1alpha1.SupportTerms, period func(string, v1alpha1.Period) calendar.Period, fault func(error),
) {
	if support == nil || support.Rates == nil {
		return
	}
	clock := func(field string, value v1alpha1.Period, least time.Duration) time.Duration {
		p := period(field, value)
		switch {
		case p.Months != 0 || p.Days != 0:
			fault(fmt.Errorf("%s: %s is not a clock period; write one such as PT15M: work is counted in elapsed time",
				field, value))
		case p.Clock < least:
			fault(fmt.Errorf("%s: %s is no time at all; write a period such as PT15M", field, value))
		}
		return p.Clock
	}
	price := func(field string, value v1alpha1.Price) decimal.Decimal {
		amount, err := decimal.NewFromString(string(value))
		if err != nil {
			fault(fmt.Errorf("%s: %q is not an amount; write one such as 23.75", field, value))
		}
		return amount
	}
	compile := func(field string, rate *v1alpha1.WorkRate) *Rate {
		if rate == nil {
			return nil
		}
		compiled := &Rate{
			Unit: string(rate.Per), Per: clock(field+".per", rate.Per, time.Second),
			Amount: price(field+".amount", rate.Amount),
		}
		if rate.Minimum != "" {
			compiled.Minimum = clock(field+".minimum", rate.Minimum, 0)
		}
		if rate.CallOut != "" {
			compiled.CallOut = price(field+".callOut", rate.CallOut)
		}
		if rate.MinimumAmount != "" {
			compiled.Least = price(field+".minimumAmount", rate.MinimumAmount)
		}
		return compiled
	}
	t.Remote = compile("spec.support.rates.remote", support.Rates.Remote)
	t.OnSite = compile("spec.support.rates.onSite", support.Rates.OnSite)
}

// Begun returns how many units a time has begun.
func Begun(worked, unit time.Duration) int64 {
	return int64((worked + unit - 1) / unit)
}
