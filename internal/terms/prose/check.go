// SPDX-License-Identifier: Apache-2.0

package prose

import (
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/agreement"
)

// Finding is something about terms that a person should look at.
type Finding struct {
	// Field of the ServiceTerms, from spec on; empty if it is in the message.
	Field string `json:"field,omitempty"`
	// Message says what is wrong and what to write instead.
	Message string `json:"message"`
	// Contradiction is true where the terms cannot all be kept, or mean nothing;
	// false for a note on what they bring.
	Contradiction bool `json:"contradiction"`
}

// String returns the field and the message.
func (f Finding) String() string {
	if f.Field == "" {
		return f.Message
	}
	return f.Field + ": " + f.Message
}

// Check finds what cannot all be true in a set of terms: what Compile refuses,
// and rules that defeat one another. find returns the terms that others refer to,
// nil where there are none.
func Check(name string, spec *v1alpha1.ServiceTermsSpec, find func(name string) *v1alpha1.ServiceTermsSpec) []Finding {
	c := &checker{name: name, spec: spec, find: find}
	if _, err := agreement.Compile(spec); err != nil {
		faults := []error{err}
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			faults = joined.Unwrap()
		}
		for _, fault := range faults {
			c.found = append(c.found, Finding{Message: fault.Error(), Contradiction: true})
		}
		return c.found // what else is wrong cannot be told yet
	}
	c.contract()
	c.billing()
	c.arrears()
	c.retention()
	c.inactivity()
	c.priceChange()
	c.plan()
	c.support()
	return c.found
}

// Contradicts reports whether a finding is a contradiction.
func Contradicts(findings []Finding) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Contradiction })
}

type checker struct {
	name  string
	spec  *v1alpha1.ServiceTermsSpec
	find  func(string) *v1alpha1.ServiceTermsSpec
	found []Finding
}

func (c *checker) wrong(field, format string, arguments ...any) {
	c.found = append(c.found, Finding{"spec." + field, fmt.Sprintf(format, arguments...), true})
}

func (c *checker) note(field, format string, arguments ...any) {
	c.found = append(c.found, Finding{"spec." + field, fmt.Sprintf(format, arguments...), false})
}

// longer reports whether one period is longer than another whenever they begin.
func longer(a, b v1alpha1.Period) bool { return b != "" && always(a, b, time.Time.After) }

// asLong reports whether one period is at least as long as another whenever they begin.
func asLong(a, b v1alpha1.Period) bool {
	return b != "" && always(a, b, func(a, b time.Time) bool { return !a.Before(b) })
}

func always(a, b v1alpha1.Period, holds func(a, b time.Time) bool) bool {
	if a == "" {
		return false
	}
	first, err := calendar.ParsePeriod(string(a))
	if err != nil {
		return false
	}
	second, err := calendar.ParsePeriod(string(b))
	if err != nil {
		return false
	}
	for month := time.January; month <= time.December; month++ {
		from := time.Date(2027, month, 1, 0, 0, 0, 0, time.UTC) // and February has 28 days
		if !holds(first.AfterMoment(from, time.UTC), second.AfterMoment(from, time.UTC)) {
			return false
		}
	}
	return true
}

// nothing reports whether a period has no length, or is absent.
func nothing(p v1alpha1.Period) bool {
	parsed, err := calendar.ParsePeriod(string(p))
	return p == "" || err == nil && parsed.IsZero()
}

func costly(amounts ...v1alpha1.Price) bool {
	return slices.ContainsFunc(amounts, func(p v1alpha1.Price) bool { return amountOf(p).IsPositive() })
}

// amountOf reads an amount; one that is absent or cannot be read is nothing.
func amountOf(price v1alpha1.Price) decimal.Decimal {
	amount, err := decimal.NewFromString(string(price))
	if err != nil {
		return decimal.Zero
	}
	return amount
}

func (c *checker) contract() {
	contract := c.spec.Contract
	if contract == nil {
		c.note("contract", "the terms do not say how an agreement ends: a tenant cannot give notice; add contract.notice")
		return
	}
	term := contract.MinimumTerm
	if contract.Notice == nil && contract.NoticeAfterRenewal == nil {
		switch {
		case contract.Renewal != "":
			c.wrong("contract.notice",
				"the agreement is renewed every %s, and no notice can stop that; add contract.notice, or remove contract.renewal",
				contract.Renewal)
		case nothing(term):
			c.note("contract.notice", "the agreement has no term and no notice can end it; add contract.notice")
		}
	}
	c.notice("contract.notice", contract.Notice, term)
	c.notice("contract.noticeAfterRenewal", contract.NoticeAfterRenewal, contract.Renewal)
	if n := contract.Notice; n != nil && contract.NoticeAfterRenewal == nil && longer(n.Period, contract.Renewal) &&
		n.To == v1alpha1.NoticeToEndOfTerm {
		c.wrong("contract.notice.period",
			"notice of %s is longer than each renewal of %s: it can never be given for the end of the term that runs", n.Period,
			contract.Renewal)
	}
	if e := contract.EarlyTermination; e != nil && nothing(term) {
		c.wrong("contract.earlyTermination",
			"there is no first term to leave early; set contract.minimumTerm, or remove this")
	}
	if e := contract.EarlyTermination; e != nil && c.spec.Billing == nil &&
		(e.RestOfTermPercent == nil || *e.RestOfTermPercent > 0) {
		c.wrong("contract.earlyTermination",
			"leaving early costs a part of the subscription, and these terms charge none; add billing")
	}
	if w := contract.Withdrawal; w != nil {
		if longer(w.Within, term) {
			c.wrong("contract.withdrawal.within", "a tenant may withdraw for %s, longer than the first term of %s lasts",
				w.Within, term)
		}
		if c.spec.Plan != nil && len(w.ForTypes) > 0 && len(c.spec.Plan.ForTypes) > 0 &&
			!slices.ContainsFunc(w.ForTypes,
				func(kind v1alpha1.TenantType) bool { return slices.Contains(c.spec.Plan.ForTypes, kind) }) {
			c.wrong("contract.withdrawal.forTypes", "only %s may withdraw, and only %s may have the plan", w.ForTypes,
				c.spec.Plan.ForTypes)
		}
	}
	if t := contract.Trial; t != nil {
		if nothing(t.Period) {
			c.wrong("contract.trial.period", "the trial lasts no time at all; write a period such as P14D, or remove the trial")
		} else if asLong(t.RemindBefore, t.Period) {
			c.wrong("contract.trial.remindBefore",
				"the reminder %s before the end comes no later than the trial of %s begins; write a shorter period", t.RemindBefore,
				t.Period)
		}
	}
}

func (c *checker) notice(field string, n *v1alpha1.NoticeTerms, term v1alpha1.Period) {
	if n == nil {
		return
	}
	if longer(n.Period, term) {
		c.wrong(field+".period", "notice of %s is longer than the term of %s: who wants to leave at the end of a term "+
			"would have to say so before it begins", n.Period, term)
	}
	if n.To == v1alpha1.NoticeToEndOfTerm && nothing(c.spec.Contract.MinimumTerm) && c.spec.Contract.Renewal == "" {
		c.wrong(field+".to", "EndOfTerm needs a term; set contract.minimumTerm or contract.renewal")
	}
	if n.To == v1alpha1.NoticeToImmediate && !nothing(n.Period) {
		c.note(field+".to", "Immediate with a period of %s ends the agreement that long after the notice, also within the "+
			"first term", n.Period)
	}
	if n.RefundPercent > 0 {
		switch b := c.spec.Billing; {
		case b == nil:
			c.wrong(field+".refundPercent",
				"%d percent is refunded of charges that these terms do not make; add billing, or remove it", n.RefundPercent)
		case b.PaidInAdvance != nil && !*b.PaidInAdvance:
			c.wrong(field+".refundPercent",
				"%d percent is refunded of what was paid in advance, and nothing is; set billing.paidInAdvance, or remove it",
				n.RefundPercent)
		}
	}
	if n.RefusedDuringArrears != nil && *n.RefusedDuringArrears && c.spec.Arrears == nil {
		c.note(field+".refusedDuringArrears",
			"notice is refused while an invoice is overdue, though arrears have no other consequence: a tenant that never "+
				"pays never leaves")
	}
}

func (c *checker) billing() {
	b := c.spec.Billing
	if b == nil {
		if p := c.spec.Plan; p != nil && (costly(p.Price) || p.Seats != nil) {
			c.wrong("plan", "the plan has a price, and nothing says for which period: add billing, or nothing is ever charged")
		}
		return
	}
	if longer(b.InvoiceBefore, b.Period) {
		c.wrong("billing.invoiceBefore",
			"charges are made %s before a period of %s: before the one that precedes it has begun", b.InvoiceBefore, b.Period)
	}
	if b.InvoiceBefore != "" && b.PaidInAdvance != nil && !*b.PaidInAdvance {
		c.wrong("billing.invoiceBefore",
			"what is charged before its period is paid in advance; set billing.paidInAdvance, or remove this")
	}
	if b.CollectionDay > 28 {
		c.note("billing.collectionDay", "in months without a day %d, direct debits are drawn on the last day",
			b.CollectionDay)
	}
	if len(b.DirectDebitUnavailable) > 0 && b.SurchargeWithoutDirectDebit == "" {
		c.note("billing.directDebitUnavailable", "there is no surcharge that these days would suspend")
	}
}

func (c *checker) arrears() {
	a := c.spec.Arrears
	if a == nil {
		if c.spec.Reactivation != nil {
			c.wrong("reactivation", "without arrears nobody is suspended for them, and nothing is ever charged for resuming; "+
				"add arrears, or remove this")
		}
		if r := c.spec.Retention; r != nil && r.AfterUnpaid != "" {
			c.wrong("retention.afterUnpaid",
				"without arrears no contract ends by them; add arrears.terminateAfter, or remove this")
		}
		return
	}
	if w := a.Warning; w != nil && asLong(w.Before, a.SuspendAfter) {
		c.wrong("arrears.warning.before",
			"a warning %s before the suspension would have to be sent before the invoice, as suspension follows it after %s",
			w.Before, a.SuspendAfter)
	}
	if asLong(a.BillingFreshness, a.SuspendAfter) {
		c.wrong("arrears.billingFreshness",
			"facts may be %s old, so that an invoice paid since it was sent could still suspend its tenant after %s",
			a.BillingFreshness, a.SuspendAfter)
	}
	if a.TerminateAfter != "" && asLong(a.SuspendAfter, a.TerminateAfter) {
		c.wrong("arrears.terminateAfter",
			"the contract ends on the day on which access is suspended; write a period longer than %s", a.SuspendAfter)
	}
	if w := a.Warning; w != nil && w.Required != nil && *w.Required && a.TerminateAfter != "" &&
		a.Termination == v1alpha1.TerminationAutomatic {
		c.note("arrears.terminateAfter",
			"the contract ends %s after the invoice also if the warning, and so the suspension, was put off", a.TerminateAfter)
	}
	if a.ClaimRestOfTerm != nil && *a.ClaimRestOfTerm {
		if a.TerminateAfter == "" {
			c.wrong("arrears.claimRestOfTerm", "arrears never end the contract; set arrears.terminateAfter, or remove this")
		}
		if c.spec.Billing == nil {
			c.wrong("arrears.claimRestOfTerm",
				"the rest of the term costs what the subscription does, and these terms charge none; add billing, or remove this")
		}
	}
	if r := c.spec.Retention; r != nil && r.AfterUnpaid != "" && a.TerminateAfter == "" {
		c.wrong("retention.afterUnpaid", "arrears never end the contract; set arrears.terminateAfter, or remove this")
	}
}

func (c *checker) retention() {
	r := c.spec.Retention
	if r == nil {
		c.note("retention", "data is kept until a person decides: the terms do not say for how long")
		return
	}
	c.announcement("afterEnd", r.AfterEnd, r.Announce)
	if r.AfterUnpaid != "" {
		c.announcement("afterUnpaid", r.AfterUnpaid, r.Announce)
	}
	if r.AfterUnpaid != "" && longer(r.AfterUnpaid, r.AfterEnd) {
		c.note("retention.afterUnpaid", "who does not pay has its data kept longer (%s) than who leaves as agreed (%s)",
			r.AfterUnpaid, r.AfterEnd)
	}
	if nothing(r.AfterEnd) && r.Announce == "" {
		c.note("retention.afterEnd",
			"data is erased on the day on which the contract ends: a tenant that was suspended cannot come for it")
	}
}

// announcement compares how long data is kept with how long before it is erased
// the tenant is told.
func (c *checker) announcement(field string, kept, announce v1alpha1.Period) {
	switch {
	case !longer(announce, kept):
	case nothing(kept):
		c.note("retention."+field,
			"data is erased when the contract ends, and announced %s before: where the end is not known that long before, "+
				"erasure waits for the announcement", announce)
	default:
		c.wrong("retention.announce",
			"erasure is announced %s before, and retention.%s keeps data for %s: what ends without notice is erased later "+
				"than that; announce it later, or keep data longer", announce, field, kept)
	}
}

func (c *checker) inactivity() {
	i := c.spec.Inactivity
	if i == nil {
		return
	}
	b, p := c.spec.Billing, c.spec.Plan
	if b != nil && longer(b.Period, i.EndAfter) {
		c.note("inactivity.endAfter",
			"a tenant that is not active for %s loses what it has paid for %s; a longer period would spare it that", i.EndAfter,
			b.Period)
	} else if b != nil && p != nil && (costly(p.Price) || p.Seats != nil) {
		c.note("inactivity.endAfter", "a tenant that pays loses its contract if it is not active for %s", i.EndAfter)
	}
	if i.WarnAfter == "" {
		c.note("inactivity.warnAfter", "nobody is warned before an unused contract ends; add warnAfter")
	}
}

func (c *checker) priceChange() {
	p := c.spec.PriceChange
	if p == nil {
		return
	}
	switch {
	case p.ExitNotice != "" && p.ExitAbovePercent == "":
		c.wrong("priceChange.exitNotice",
			"no change of prices lets a tenant leave; set priceChange.exitAbovePercent, or remove this")
	case p.ExitNotice == "" && p.ExitAbovePercent != "":
		c.wrong("priceChange.exitNotice",
			"a change above %s percent lets a tenant leave, and nothing says how soon; set it, such as to P1M",
			p.ExitAbovePercent)
	}
	if contract := c.spec.Contract; contract != nil && contract.Notice != nil &&
		longer(p.ExitNotice, contract.Notice.Period) && !longer(contract.MinimumTerm, p.ExitNotice) {
		c.note("priceChange.exitNotice",
			"leaving because of a price takes %s, and leaving without any reason %s: the right is worth nothing", p.ExitNotice,
			contract.Notice.Period)
	}
}

func (c *checker) plan() {
	p := c.spec.Plan
	if p == nil {
		return
	}
	if p.Entry == v1alpha1.EntryOnPayment && !costly(p.Price) {
		c.wrong("plan.entry", "OnPayment begins the plan when its first period is paid, and it has no price; set "+
			"plan.price, or write AtOnce")
	}
	for i, change := range p.PriceChanges {
		if change.Price == "" && change.SeatPrice == "" {
			c.wrong(fmt.Sprintf("plan.priceChanges[%d]", i),
				"nothing changes on %s; set its price or its seatPrice, or remove it", change.From)
		}
	}
	after := p.AfterEnd
	if after == nil {
		return
	}
	name := string(after.TermsRef.Name)
	if name == c.name {
		c.wrong("plan.afterEnd.termsRef",
			"the plan follows itself: it never ends; name the terms of a free plan, or remove plan.afterEnd")
		return
	}
	next := c.find(name)
	if next == nil {
		c.wrong("plan.afterEnd.termsRef", "the ServiceTerms %s are not there; add them, or correct the name", name)
		return
	}
	if next.Plan != nil && (costly(next.Plan.Price) || next.Plan.Seats != nil) {
		c.wrong("plan.afterEnd.termsRef", "the plan of %s costs money, and nobody asks for it: name the terms of a free plan",
			name)
	}
	if next.TimeZone != c.spec.TimeZone || next.Currency != c.spec.Currency {
		c.wrong("plan.afterEnd.termsRef",
			"%s are in %s and %s, these in %s and %s: a tenant's dates and amounts would change their meaning", name,
			next.TimeZone, next.Currency, c.spec.TimeZone, c.spec.Currency)
	}
	if next.Plan != nil && len(next.Plan.ForTypes) > 0 {
		for _, kind := range []v1alpha1.TenantType{v1alpha1.Business, v1alpha1.Consumer} {
			if (len(p.ForTypes) == 0 || slices.Contains(p.ForTypes, kind)) && !slices.Contains(next.Plan.ForTypes, kind) {
				c.wrong("plan.afterEnd.termsRef", "the plan of %s is not for a %s, who may have this one", name, kind)
			}
		}
	}
	fits := next.Plan == nil || next.Plan.Capacity == nil || p.Capacity != nil && p.Capacity.Cmp(*next.Plan.Capacity) <= 0
	if erases := after.EraseAboveCapacity != nil && *after.EraseAboveCapacity; !fits && !erases {
		c.note("plan.afterEnd.eraseAboveCapacity", "data that does not fit the capacity of %s stays where it is", name)
	} else if fits && erases {
		c.note("plan.afterEnd.eraseAboveCapacity", "all data that fits this plan fits %s: nothing is ever erased by it", name)
	}
	if next.Plan != nil && next.Plan.AfterEnd != nil && string(next.Plan.AfterEnd.TermsRef.Name) == c.name {
		c.wrong("plan.afterEnd.termsRef", "%s and these terms follow one another: an agreement under them never ends", name)
	}
}

func (c *checker) support() {
	s := c.spec.Support
	if s == nil || s.Sessions == nil {
		return
	}
	remote := s.Rates != nil && s.Rates.Remote != nil
	per, err := calendar.ParsePeriod(string(s.Sessions.Per))
	switch {
	case s.Sessions.Overused != "" && err == nil && per.Months == 0:
		c.wrong("support.sessions.overused",
			"sessions are settled by full months, and the allowance is for %s; write a period of months", s.Sessions.Per)
	case s.Sessions.Overused != "" && s.Sessions.Included == 0:
		c.note("support.sessions.overused", "no session is included, so that each one is settled on leaving")
	}
	if s.Sessions.DiscountPercent > 0 && !remote {
		c.wrong("support.sessions.discountPercent", "there is no price to reduce; set support.rates.remote")
	}
	if s.Sessions.Consecutive > 0 && !remote {
		c.wrong("support.sessions.consecutive",
			"longer work is charged at the normal rate, and there is none; set support.rates.remote")
	}
}
