// SPDX-License-Identifier: Apache-2.0

package terms

import (
	"errors"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/terms/dues"
)

// sessionTerms say how many support sessions an agreement includes.
type sessionTerms struct {
	included    int32
	per         Period
	length      time.Duration // zero: any length is one session
	consecutive int32         // zero: no limit
	discount    int32         // percent, once all are used
	overused    decimal.Decimal
}

func (c *compiler) sessions(support *v1alpha1.SupportTerms) *sessionTerms {
	if support == nil || support.Sessions == nil {
		return nil
	}
	spec := support.Sessions
	s := &sessionTerms{
		included: spec.Included, per: c.period("spec.support.sessions.per", spec.Per), consecutive: spec.Consecutive,
		discount: spec.DiscountPercent, overused: c.amount("spec.support.sessions.overused", spec.Overused),
	}
	if spec.Length != "" {
		length := c.period("spec.support.sessions.length", spec.Length)
		if s.length = length.Clock; length.Clock <= 0 {
			c.fault(fmt.Errorf("spec.support.sessions.length: %s is not a clock period; write one such as PT30M",
				spec.Length))
		}
	} else if s.consecutive > 0 {
		c.fault(errors.New("spec.support.sessions.length: say how long a session is; consecutive counts them"))
	}
	if s.per.Clock != 0 {
		c.fault(fmt.Errorf("spec.support.sessions.per: %s is no calendar period; write one such as P1Y", spec.Per))
	}
	return s
}

// Session is a support session that the agreement covers and that is over.
type Session struct {
	Name    string
	EndedOn Date
	Worked  time.Duration
}

// units returns how many of the included sessions one took: started lengths, at
// most as many as may follow one another (DF-4).
func (s *sessionTerms) units(worked time.Duration) int64 {
	if s.length == 0 || worked <= 0 {
		return 1
	}
	units := begun(worked, s.length)
	if s.consecutive > 0 {
		units = min(units, int64(s.consecutive))
	}
	return units
}

// membershipPeriod returns the first day of the allowance period that holds a day.
func (s *sessionTerms) membershipPeriod(since, day Date) Date {
	b := billingTerms{period: s.per}
	return b.start(since, b.at(since, day))
}

// used counts the included sessions used from one day up to, and not including, another.
func (s *sessionTerms) used(sessions []Session, from, to Date) int64 {
	total := int64(0)
	for _, session := range sessions {
		if !session.EndedOn.Before(from) && session.EndedOn.Before(to) {
			total += s.units(session.Worked)
		}
	}
	return total
}

// sessions settles on leaving the sessions used beyond the share of the
// allowance that the full months of membership have earned (DF-6): used less
// allowance / months of its period x months.
func (b *biller) sessions() {
	s := b.t.sessions
	if s == nil || !s.overused.IsPositive() || s.per.Months == 0 {
		return
	}
	from := s.membershipPeriod(b.s.AgreedOn, b.s.EndsOn.AddDays(-1))
	months := 0
	for !b.s.EndsOn.Before(from.AddMonths(months + 1)) {
		months++
	}
	// Those beyond the allowance were charged as work when they were held (DF-4).
	used := min(s.used(b.f.Sessions, from, b.s.EndsOn), int64(s.included))
	earned := int64(s.included) * int64(months) / int64(s.per.Months)
	over := used - earned
	if over <= 0 {
		return
	}
	quantity := decimal.NewFromInt(over)
	b.add(item{
		key: dues.SessionsOverused(b.s.EndsOn), on: b.s.EndsOn,
		quantity: quantity, unit: "Session", price: s.overused, amount: b.t.Round(s.overused.Mul(quantity)),
		description: fmt.Sprintf("%s used and %d earned in %s of membership: %d at %s %s each",
			count(int(used), "support session"), earned, count(months, "month"),
			over, b.t.Currency, b.t.money(s.overused)),
	})
}

// IncludesSessions reports whether the agreement includes a number of sessions.
func (t *Terms) IncludesSessions() bool { return t.sessions != nil }

// CoveredWork returns what is due for a support session that the agreement
// covers: work beyond the sessions that may follow one another at the normal
// rate, and what the allowance does not hold any more with the discount (DF-4,
// DF-5). before are the tenant's earlier sessions.
func (t *Terms) CoveredWork(
	session string, agreedOn Date, started, ended time.Time, before []Session,
) ([]SupportCharge, error) {
	s := t.sessions
	if s == nil || !started.Before(ended) {
		return nil, nil
	}
	on := DateAt(ended, t.Zone)
	from := s.membershipPeriod(agreedOn, later(on, agreedOn))
	left := int64(s.included) - s.used(before, from, on.AddDays(1))
	worked := ended.Sub(started)
	if left <= 0 {
		return t.work(session, v1alpha1.SupportRemote, started, ended, s.discount)
	}
	if s.length == 0 {
		return nil, nil
	}
	free, discount := left, s.discount
	if s.consecutive > 0 && int64(s.consecutive) <= left {
		free, discount = int64(s.consecutive), 0
	}
	covered := time.Duration(free) * s.length
	if worked <= covered {
		return nil, nil
	}
	return t.work(session, v1alpha1.SupportRemote, started.Add(covered), ended, discount)
}
