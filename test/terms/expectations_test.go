// SPDX-License-Identifier: Apache-2.0

package terms_test

import (
	"errors"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"
	"k8s.io/apimachinery/pkg/api/resource"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/charging"
	"werkplek.dev/werkplek/internal/terms/facts"
	"werkplek.dev/werkplek/internal/terms/standing"
	"werkplek.dev/werkplek/internal/terms/tidings"
)

// expect says what is not as a sentence has it:
//
//	Trial|Active|InArrears|Suspended|Ended|Erased [by NAME,NAME]   the state, and the suspensions in force
//	starts|agreed|trial|term|earliest|withdrawable|ends|erases|inactive DATE   "-" for none
//	because REASON                                                 why the contract ends
//	erasure REASON                                                 what keeps data
//	arrears DATE AMOUNT | suspends DATE | terminates DATE          what unpaid invoices lead to
//	termination allowed|refused
//	accepted DATE | refused INVOICE | undecided REASON             the customer's notice
//	withdrawal REASON                                              why it has no effect
//	plan NAME | waits REASON                                       the terms that hold; why those asked for do not
//	capacity QUANTITY | members N                                  what the plan allows
//	lifted NAME                                                    a suspension is over
//	stores QUANTITY
//	billing REASON
//	leave CLASS PERCENT DATE                                       a right to leave over a price, and from when
//	next WHAT DATE                                                 what time alone will bring
//	answer MOMENT                                                  by when a request of now is answered
//	charge NAME [xN] AMOUNT [from DATE to DATE] [on DATE]          a charge, or N of them and their sum
//	told NAME [xN] [FACT=VALUE ...]                                a notice that was sent
func (o *teller) expect(sentence string) error {
	verb, rest, _ := strings.Cut(sentence, " ")
	w := words(strings.Fields(rest))
	s, f, t := o.sim.Standing(), o.sim.Facts(), o.sim.Terms()
	dates := map[string]calendar.Date{
		"starts": s.StartsOn, "agreed": s.AgreedOn, "trial": s.TrialEndsOn, "term": s.TermEndsOn, "earliest": s.EarliestEndOn,
		"withdrawable": s.WithdrawableUntil, "ends": s.EndsOn, "erases": s.EraseOn, "inactive": s.InactiveOn,
	}
	if s.Arrears != nil {
		dates["suspends"], dates["terminates"] = s.Arrears.SuspendsOn, s.Arrears.TerminatesOn
	}
	if date, ok := dates[verb]; ok {
		return same(orDash(date.String()), w.at(0))
	}
	switch verb {
	case "Trial", "Active", "InArrears", "Suspended", "Ended", "Erased":
		if err := same(string(s.State), verb); err != nil {
			return err
		}
		by, _ := w.after("by")
		return same(strings.Join(inForce(f), ","), by)
	case "because":
		return same(string(s.EndReason), w.at(0))
	case "erasure":
		return same(s.EraseWaits, w.at(0))
	case "arrears":
		if s.Arrears == nil {
			return errors.New("nothing is owed")
		}
		return same(s.Arrears.Since.String()+" "+s.Arrears.Amount.StringFixed(2), rest)
	case "termination":
		return same(fmt.Sprint(s.TerminationAllowed), fmt.Sprint(w.at(0) == "allowed"))
	case "accepted", "refused", "undecided":
		return notice(&s, verb, w.at(0))
	case "withdrawal":
		return same(s.WithdrawalRefused, w.at(0))
	case "plan":
		return same(f.TermsName, w.at(0))
	case "waits":
		return same(s.PlanWaits, w.at(0))
	case "capacity":
		bytes, _ := t.Capacity(calendar.DateAt(f.Now, t.Zone), f.Bonus)
		return quantity(bytes, w.at(0))
	case "members":
		members, _ := t.Members()
		return same(fmt.Sprint(members), w.at(0))
	case "stores":
		return quantity(f.Stored, w.at(0))
	case "billing":
		return same(string(s.Billing), w.at(0))
	case "lifted":
		for _, suspension := range f.Suspensions {
			if suspension.Name == w.at(0) && suspension.Lifted() {
				return nil
			}
		}
		return errors.New("it is not")
	case "leave":
		return leave(f, rest)
	case "next":
		if s.Next == nil {
			return same("-", rest)
		}
		return same(s.Next.What+" "+calendar.DateAt(s.Next.At, t.Zone).String(), rest)
	case "answer":
		due, err := t.AnswerDue(f.Now)
		if err != nil {
			return err
		}
		return same(due.In(t.Zone).Format("2006-01-02 15:04"), rest)
	case "charge":
		return o.expectCharge(w)
	case "told":
		return o.expectNotice(w)
	}
	return fmt.Errorf("%q is not something to expect", verb)
}

func same(got, want string) error {
	if got != want {
		return fmt.Errorf("it is %q", got)
	}
	return nil
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func quantity(bytes int64, want string) error {
	size, err := resource.ParseQuantity(want)
	if err == nil && size.Value() != bytes {
		return fmt.Errorf("it is %d bytes", bytes)
	}
	return err
}

func inForce(f facts.Facts) []string {
	var names []string
	for _, suspension := range f.Suspensions {
		if suspension.InForce(f.Now) {
			names = append(names, suspension.Name)
		}
	}
	return names
}

func notice(s *standing.Standing, verb, want string) error {
	switch n := s.Notice; {
	case verb == "undecided":
		return same(s.NoticeWaits, want)
	case n == nil:
		return fmt.Errorf("nothing is decided: %s", s.NoticeWaits)
	case n.Accepted != (verb == "accepted"):
		return fmt.Errorf("accepted is %t", n.Accepted)
	case n.Accepted:
		return same(n.EndsOn.String(), want)
	default:
		return same(n.Invoice, want)
	}
}

func leave(f facts.Facts, want string) error {
	var rights []string
	for _, right := range f.Rights {
		rights = append(rights, fmt.Sprintf("%s %s %s", right.Name, right.Percent, right.From))
	}
	return same(orDash(strings.Join(rights, ", ")), want)
}

// expectCharge reads "NAME [xN] AMOUNT [from DATE to DATE] [on DATE]".
func (o *teller) expectCharge(w words) error {
	found := take(&o.charges, w.at(0), func(c charging.NamedCharge) string { return c.Name })
	if len(found) != w.times() {
		return fmt.Errorf("there are %d of it", len(found))
	}
	amount := w.at(1)
	if strings.HasPrefix(amount, "x") {
		amount = w.at(2)
	}
	sum := decimal.Zero
	for _, charge := range found {
		sum = sum.Add(decimal.RequireFromString(string(charge.Spec.Amount)))
	}
	if want, err := decimal.NewFromString(amount); err != nil || !sum.Equal(want) {
		return fmt.Errorf("it is %s", sum.StringFixed(2))
	}
	for _, charge := range found {
		if on, ok := w.after("on"); ok && string(charge.Spec.On) != on {
			return fmt.Errorf("it is dated %s", charge.Spec.On)
		}
		from, ok := w.after("from")
		if to, _ := w.after("to"); ok && (charge.Spec.Period == nil || *charge.Spec.Period != v1alpha1.DateSpan{From: v1alpha1.Date(from), Until: v1alpha1.Date(to)}) {
			return fmt.Errorf("it covers %v", charge.Spec.Period)
		}
	}
	return nil
}

// expectNotice reads "NAME [xN] [FACT=VALUE ...]".
func (o *teller) expectNotice(w words) error {
	found := take(&o.notices, w.at(0), func(n tidings.Notice) string { return n.Name })
	if len(found) != w.times() {
		return fmt.Errorf("it was sent %d times", len(found))
	}
	for _, word := range w[1:] {
		fact, value, ok := strings.Cut(word, "=")
		for _, notice := range found {
			if ok && notice.Facts[fact] != value {
				return fmt.Errorf("it says %v", notice.Facts)
			}
		}
	}
	return nil
}
