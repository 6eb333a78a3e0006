// SPDX-License-Identifier: Apache-2.0

package charging

import (
	"fmt"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/dues"
	"werkplek.dev/werkplek/internal/terms/facts"
)

// settle charges and credits what the end of an agreement brings, when it has come.
func (b *biller) settle() {
	s := b.s
	if s.EndsOn.IsZero() || b.f.Now.Before(s.EndsOn.Start(b.t.Zone)) || s.AgreedOn.IsZero() {
		return
	}
	b.credits()
	b.restOfTerm()
	b.sessions()
}

// refund returns the percentage of what was paid for the days from the end on
// that is credited, and whether even the days before it are.
func (b *biller) refund() (percent int32, everything bool) {
	contract := b.t.Contract
	switch b.s.EndReason {
	case v1alpha1.EndWithdrawal:
		return 100, !contract.Withdrawal.Keep
	case v1alpha1.EndNotice:
		if rule := contract.NoticeRule(b.s.AgreedOn, calendar.Later(b.f.NoticeReceivedOn, b.s.AgreedOn)); rule != nil {
			return rule.Refund, false
		}
	}
	return 0, false
}

// credits gives back what was charged for days that the agreement did not last:
// all of them after a withdrawal (LS-4, EC-10, DF-2), a part of them where the
// terms refund (LS-6, LA-6), and in any case a period that never began.
func (b *biller) credits() {
	percent, everything := b.refund()
	for charge := range b.f.Charges.All() {
		from, until := b.daysOf(charge)
		if !refundable(charge.Type) || from.IsZero() || from.Before(b.s.AgreedOn) {
			continue
		}
		days, of, share := until.DaysSince(calendar.Later(from, b.s.EndsOn))+1, until.DaysSince(from)+1, percent
		if everything || b.void(charge) {
			days, share = of, 100
		}
		if share == 0 || days <= 0 {
			continue
		}
		whole := charge.Amount.Mul(decimal.NewFromInt(int64(days))).Mul(decimal.NewFromInt32(share))
		amount := b.t.Round(whole.Div(hundredPercent).Div(decimal.NewFromInt(int64(of)))).Neg()
		p := part{from: until.AddDays(1 - days), to: until.AddDays(1)}
		description := fmt.Sprintf("Credit of %s for %s to %s, %d of %d days", charge.Name, p.from, until, days, of)
		if share != 100 {
			description += fmt.Sprintf(": %d percent", share)
		}
		b.add(item{
			key: dues.Credit(charge.Name), on: b.s.EndsOn,
			unit: "Credit", price: amount, amount: amount, period: &p, description: description,
		})
	}
}

// daysOf returns the first and the last day that a charge covers. That of a plan
// which began when it was paid covers the first period from then on (LS-2).
func (b *biller) daysOf(charge dues.Charge) (from, until calendar.Date) {
	plan := b.t.Plan
	onPayment := plan != nil && plan.Entry == v1alpha1.EntryOnPayment
	entry := onPayment && charge.Key == dues.PlanEntry(b.f.TermsName, charge.On)
	if entry && !b.f.PlanFrom.IsZero() && !b.f.PlanFrom.Before(charge.From) {
		return b.s.AgreedOn, b.t.Billing.Start(b.s.AgreedOn, 1).AddDays(-1)
	}
	return charge.From, charge.Until
}

// void reports whether a charge is for a period that the agreement did not reach.
func (b *biller) void(charge dues.Charge) bool {
	return !charge.From.IsZero() && !charge.From.Before(b.s.EndsOn)
}

func refundable(kind v1alpha1.ChargeType) bool {
	switch kind {
	case v1alpha1.ChargeSubscription, v1alpha1.ChargeSurcharge, v1alpha1.ChargeExtraSeats, v1alpha1.ChargeInvoiceFee:
		return true
	}
	return false
}

// restOfTerm charges what leaving before the end of the term costs (DF-3), or
// what arrears that ended the contract made the provider lose (TD-12).
func (b *biller) restOfTerm() {
	t, s := b.t, b.s
	if !t.Billing.Charged {
		return
	}
	percent := int32(100)
	var until calendar.Date
	switch s.EndReason {
	case v1alpha1.EndNotice:
		if t.Contract.Early == nil || t.Contract.Minimum.IsZero() {
			return
		}
		percent, until = t.Contract.Early.Percent, t.Contract.Boundary(s.AgreedOn, 0)
	case v1alpha1.EndTerminatedByArrears:
		if t.Arrears == nil || !t.Arrears.Claims {
			return
		}
		until, _ = t.Contract.TermEnd(s.AgreedOn, s.EndsOn.AddDays(-1))
	}
	if until.IsZero() || !s.EndsOn.Before(until) {
		return
	}
	lost := decimal.Zero
	all := func(*facts.Workplace) bool { return true }
	lines := append(b.planLines(max(1, t.Billing.At(s.AgreedOn, s.EndsOn))), b.classLines(s.EndsOn, all)...)
	for k := t.Billing.At(s.AgreedOn, s.EndsOn); t.Billing.Start(s.AgreedOn, k).Before(until); k++ {
		start, end := t.Billing.Start(s.AgreedOn, k), t.Billing.Start(s.AgreedOn, k+1)
		from, to := calendar.Later(start, s.EndsOn), end
		if until.Before(to) {
			to = until
		}
		for _, l := range lines {
			one := b.share(l.price, to.DaysSince(from), t.Billing.Whole(s.AgreedOn, k))
			lost = lost.Add(one.Mul(decimal.NewFromInt(int64(l.quantity))))
		}
	}
	lost = lost.Sub(b.alreadyCharged(s.EndsOn, until))
	amount := t.Round(lost.Mul(decimal.NewFromInt32(percent)).Div(hundredPercent))
	if !amount.IsPositive() {
		return
	}
	p := part{from: s.EndsOn, to: until}
	b.add(item{
		key: dues.EarlyTermination(s.EndsOn), on: s.EndsOn,
		unit: "Term", price: amount, amount: amount, period: &p,
		description: fmt.Sprintf("The agreement ended on %s, before its term did: the subscription from then to %s",
			s.EndsOn, until.AddDays(-1)),
	})
}

// alreadyCharged returns what subscription charges that stand hold for the days
// from one up to, and not including, another.
func (b *biller) alreadyCharged(from, to calendar.Date) decimal.Decimal {
	sum := decimal.Zero
	for charge := range b.f.Charges.All() {
		subscription := charge.Type == v1alpha1.ChargeSubscription && !charge.From.IsZero() && !b.void(charge)
		if !subscription || charge.Until.Before(from) || !charge.From.Before(to) {
			continue
		}
		last := charge.Until.AddDays(1)
		if to.Before(last) {
			last = to
		}
		sum = sum.Add(charge.Share(calendar.Later(charge.From, from), last))
	}
	return sum
}
