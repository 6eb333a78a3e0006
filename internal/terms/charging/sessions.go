// SPDX-License-Identifier: Apache-2.0

// Package charging finds the charges and credits that should exist by now.
package charging

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/dues"
	"werkplek.dev/werkplek/internal/terms/facts"
	"werkplek.dev/werkplek/internal/terms/wording"
)

// used counts the included sessions used from one day up to, and not including, another.
func used(s *agreement.Sessions, sessions []facts.Session, from, to calendar.Date) int64 {
	total := int64(0)
	for _, session := range sessions {
		if !session.EndedOn.Before(from) && session.EndedOn.Before(to) {
			total += s.Units(session.Worked)
		}
	}
	return total
}

// sessions settles on leaving the sessions used beyond the share of the
// allowance that the full months of membership have earned (DF-6): used less
// allowance / months of its period x months.
func (b *biller) sessions() {
	s := b.t.Sessions
	if s == nil || !s.Overused.IsPositive() || s.Per.Months == 0 {
		return
	}
	from := s.MembershipPeriod(b.s.AgreedOn, b.s.EndsOn.AddDays(-1))
	months := 0
	for !b.s.EndsOn.Before(from.AddMonths(months + 1)) {
		months++
	}
	// Those beyond the allowance were charged as work when they were held (DF-4).
	used := min(used(s, b.f.Sessions, from, b.s.EndsOn), int64(s.Included))
	earned := int64(s.Included) * int64(months) / int64(s.Per.Months)
	over := used - earned
	if over <= 0 {
		return
	}
	quantity := decimal.NewFromInt(over)
	b.add(item{
		key: dues.SessionsOverused(b.s.EndsOn), on: b.s.EndsOn,
		quantity: quantity, unit: "Session", price: s.Overused, amount: b.t.Round(s.Overused.Mul(quantity)),
		description: fmt.Sprintf("%s used and %d earned in %s of membership: %d at %s %s each",
			wording.Count(int(used), "support session"), earned, wording.Count(months, "month"),
			over, b.t.Currency, b.t.MoneyText(s.Overused)),
	})
}

// CoveredWork returns what is due for a support session that the agreement
// covers: work beyond the sessions that may follow one another at the normal
// rate, and what the allowance does not hold any more with the discount (DF-4,
// DF-5). before are the tenant's earlier sessions.
func CoveredWork(t *agreement.Terms,
	session string, agreedOn calendar.Date, started, ended time.Time, before []facts.Session,
) ([]NamedCharge, error) {
	s := t.Sessions
	if s == nil || !started.Before(ended) {
		return nil, nil
	}
	on := calendar.DateAt(ended, t.Zone)
	from := s.MembershipPeriod(agreedOn, calendar.Later(on, agreedOn))
	left := int64(s.Included) - used(s, before, from, on.AddDays(1))
	worked := ended.Sub(started)
	if left <= 0 {
		return work(t, session, v1alpha1.SupportRemote, started, ended, s.Discount)
	}
	if s.Length == 0 {
		return nil, nil
	}
	free, discount := left, s.Discount
	if s.Consecutive > 0 && int64(s.Consecutive) <= left {
		free, discount = int64(s.Consecutive), 0
	}
	covered := time.Duration(free) * s.Length
	if worked <= covered {
		return nil, nil
	}
	return work(t, session, v1alpha1.SupportRemote, started.Add(covered), ended, discount)
}
