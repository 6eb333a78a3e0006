// SPDX-License-Identifier: Apache-2.0

package forecast

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/terms"
)

// pass does once what the operator does at this moment, and reports whether that
// changed a fact: then the calendar must be asked again.
func (s *Sim) pass() bool {
	t := s.Terms()
	if t == nil {
		s.err = fmt.Errorf("the terms %s are not there; add their ServiceTerms", s.facts.TermsName)
		return false
	}
	s.standing = terms.Stand(t, s.facts)
	s.due = terms.DueNow(t, s.facts, &s.standing)
	changed := s.decide()
	changed = s.lift(t) || changed
	changed = s.suspend() || changed
	changed = s.charge(s.due.Charges) || changed
	changed = s.tell() || changed
	changed = s.erase() || changed
	return s.changePlan() || changed
}

// decide keeps what was decided for good.
func (s *Sim) decide() bool {
	before := s.facts.NoticeDecision
	if !s.facts.Remember(&s.standing) {
		return false
	}
	if n := s.facts.NoticeDecision; n != nil && n != before {
		if n.Accepted {
			s.note(Decides, "", "The notice of %s is accepted: the agreement ends on %s.", n.ReceivedOn, n.EndsOn)
		} else {
			s.note(Decides, "", "The notice of %s has no effect: invoice %s was overdue.", n.ReceivedOn, n.Invoice)
		}
	}
	return true
}

// whyLifted says why suspensions end.
var whyLifted = map[string]string{
	terms.LiftedPaid: "what was owed is paid", terms.LiftedPaymentArrangement: "a payment arrangement runs",
	terms.LiftedByHand: "a person ended it", terms.LiftedPaymentDetails: "payment details were given",
}

func (s *Sim) lift(t *terms.Terms) bool {
	for _, lift := range s.standing.Lifts {
		at := slices.IndexFunc(s.facts.Suspensions, func(x terms.Suspension) bool { return x.Name == lift.Suspension })
		suspension := &s.facts.Suspensions[at]
		if lift.FeeDue && suspension.Cause == v1alpha1.CauseArrears {
			if spec := t.Reactivation(lift.Suspension, s.facts.ShutOut(suspension, t.Zone), terms.DateAt(s.facts.Now, t.Zone)); spec != nil {
				s.charge([]terms.NamedCharge{{Name: terms.ReactivationChargeName(lift.Suspension), Spec: *spec}})
			}
		}
		suspension.LiftedAt = s.facts.Now
		s.note(Lifts, lift.Suspension, "The suspension ends: %s.", whyLifted[lift.Because])
	}
	return len(s.standing.Lifts) > 0
}

func (s *Sim) suspend() bool {
	due := s.standing.Suspend
	if due == nil {
		return false
	}
	s.facts.Suspensions = append(s.facts.Suspensions, terms.Suspension{Name: due.Name, Cause: due.Cause, Since: due.Since, MadeAt: s.facts.Now, Reason: due.Reason})
	s.note(Suspends, due.Name, "Access is suspended: %s.", due.Reason)
	return true
}

// charge makes charges, and lets billing invoice them as was assumed.
func (s *Sim) charge(due []terms.NamedCharge) bool {
	sum := decimal.Zero
	var made []string
	for _, charge := range due {
		if _, exists := s.facts.Charges.Named(charge.Name); exists {
			continue
		}
		fact, err := terms.ChargeOf(charge.Name, &charge.Spec, &v1alpha1.ChargeStatus{})
		if err != nil {
			s.err = err
			return false
		}
		fact.MadeAt = s.facts.Now
		s.facts.Charges.Put(fact)
		s.made = append(s.made, charge)
		made = append(made, charge.Name)
		sum = sum.Add(fact.Amount)
		s.note(Charges, charge.Name, "%s %s: %s", charge.Spec.Currency, charge.Spec.Amount, charge.Spec.Description)
	}
	if len(made) > 0 && s.payments != ByEvents {
		s.bill(made, sum)
	}
	return len(made) > 0
}

// billOld invoices what was charged before this future began, as was assumed.
func (s *Sim) billOld() {
	if s.seen.waits != nil || s.payments == ByEvents {
		return
	}
	var old []string
	sum := decimal.Zero
	for charge := range s.facts.Charges.All() {
		if charge.Invoice == "" {
			old = append(old, charge.Name)
			sum = sum.Add(charge.Amount)
		}
	}
	if len(old) > 0 {
		s.bill(old, sum)
	}
}

// bill puts charges on an invoice of today.
func (s *Sim) bill(charges []string, sum decimal.Decimal) {
	today := terms.DateAt(s.facts.Now, s.Zone())
	if s.payments == Prompt || sum.IsNegative() {
		sum = decimal.Zero
	}
	s.invoice(terms.Invoice{Number: s.invoiceNumber(today), IssuedOn: today, DueOn: today.AddDays(paymentTerm), Outstanding: sum}, charges...)
	s.refresh()
}

// invoiceNumber returns a number that no invoice has.
func (s *Sim) invoiceNumber(day terms.Date) string {
	taken := map[string]bool{}
	for charge := range s.facts.Charges.All() {
		taken[charge.Invoice] = true
	}
	base := "forecast-" + day.String()
	for n, number := 2, base; ; n++ {
		if !taken[number] {
			return number
		}
		number = fmt.Sprintf("%s-%d", base, n)
	}
}

// tell makes notices, and sends them while mail works.
func (s *Sim) tell() bool {
	for _, notice := range s.due.Notices {
		s.queue = append(s.queue, notice)
		s.facts.Notices[notice.Name] = time.Time{} // it exists
	}
	if !s.mailDead {
		s.flush()
	}
	return len(s.due.Notices) > 0
}

// flush sends what could not be sent before.
func (s *Sim) flush() {
	for _, notice := range s.queue {
		s.facts.Notices[notice.Name] = s.facts.Now
		s.sent = append(s.sent, notice)
		s.note(Tells, notice.Name, "The tenant is told: %s.", told(notice))
	}
	s.queue = nil
}

// told writes what a notice says.
func told(notice terms.DueNotice) string {
	if notice.Type == "" {
		return notice.Name
	}
	var facts []string
	for name, value := range notice.Facts {
		facts = append(facts, name+" "+value)
	}
	slices.Sort(facts)
	return strings.TrimSuffix(fmt.Sprintf("%s (%s)", notice.Type, strings.Join(facts, ", ")), " ()")
}

// erase removes the data when its time is over.
func (s *Sim) erase() bool {
	order := s.standing.Erase
	if order == nil || s.facts.Erased {
		return false
	}
	s.note(Erases, "", "All data is erased, under %s.", order.Rule)
	s.facts.Workplaces, s.facts.Stored = nil, 0
	// A tenant that goes on under a smaller plan begins there with nothing.
	s.facts.Erased = s.standing.Ended
	return true
}

func (s *Sim) changePlan() bool {
	step := s.standing.Plan
	if step == nil {
		return false
	}
	target := s.book[step.Terms]
	var successor *terms.Terms
	title := step.Terms
	if target != nil {
		successor = s.book[target.AfterEnd()]
		if target.Title != "" {
			title = target.Title
		}
	}
	s.facts.TakePlan(*step, target, successor)
	why := "as the tenant asked"
	if step.Because == v1alpha1.PlanEnded {
		why = "as the plan before it has ended"
	}
	s.note(ChangesPlan, step.Terms, "%s holds from %s on, %s.", title, step.From, why)
	return true
}
