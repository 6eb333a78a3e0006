// SPDX-License-Identifier: Apache-2.0

package agenda

import (
	"fmt"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/charging"
	"werkplek.dev/werkplek/internal/terms/facts"
	"werkplek.dev/werkplek/internal/terms/standing"
	"werkplek.dev/werkplek/internal/terms/tidings"
)

// Action is one thing that is to be done about a tenant. Those of this package
// are all there are.
type Action interface {
	// Name of the object that it is about; empty where it is about the contract itself.
	Name() string
	// String says what is done and why, in a sentence: for events, the log and forecasts.
	String() string
	// play does it to facts.
	play(*facts.Facts) error
}

// Remember is to write down what was decided for good, so that it holds from then on.
type Remember struct{ facts.Remembered }

// Lift is to end a suspension.
type Lift struct {
	Suspension string
	// Because is one of the Lifted reasons of the terms.
	Because string
	// Charge for resuming, which comes first; nil if none is due (TD-10).
	Charge *Charge
}

// Suspend is to make a suspension (TD-8, LA-1).
type Suspend struct{ standing.NewSuspension }

// Charge is to make a charge or, by its type, a credit.
type Charge struct{ charging.NamedCharge }

// NoteRemoved is to note on a home that its workplace is gone since a day.
type NoteRemoved struct {
	Home facts.Home
	On   calendar.Date
	// EraseOn is the first day on which the home may be erased, under the rule.
	EraseOn calendar.Date
	Rule    string
}

// KeepHome is to take back what was noted on a home: its workplace is there again.
type KeepHome struct{ Home facts.Home }

// EraseHome is to erase the home of a removed workplace, with its backups.
type EraseHome struct {
	Home facts.Home
	Rule string
}

// Tell is to make a notice. It is sent by another.
type Tell struct{ tidings.Notice }

// ChangePlan is to note that other terms hold.
type ChangePlan struct {
	facts.PlanStep
	// Terms are those of the step, Successor those that follow them; nil if they are not there.
	Terms, Successor *agreement.Terms
}

// Erase is to erase all workplaces, homes and backups.
type Erase struct {
	standing.Erasure
	// Ends is true after the contract's end; otherwise the tenant goes on with nothing.
	Ends bool
}

// Leave is to remove the namespace. The Tenant stays, with what it was charged in all.
type Leave struct {
	Charged  decimal.Decimal
	Currency string
}

// Name is empty: it is about the contract.
func (Remember) Name() string { return "" }

// Name is the suspension's.
func (a Lift) Name() string { return a.Suspension }

// Name is the suspension's.
func (a Suspend) Name() string { return a.NewSuspension.Name }

// Name is the charge's.
func (a Charge) Name() string { return a.NamedCharge.Name }

// Name is the workplace's.
func (a NoteRemoved) Name() string { return a.Home.Workplace }

// Name is the workplace's.
func (a KeepHome) Name() string { return a.Home.Workplace }

// Name is the workplace's.
func (a EraseHome) Name() string { return a.Home.Workplace }

// Name is the notice's.
func (a Tell) Name() string { return a.Notice.Name }

// Name is the terms'.
func (a ChangePlan) Name() string { return a.PlanStep.Terms }

// Name is empty: it is about all data.
func (Erase) Name() string { return "" }

// Name is empty: it is about the namespace.
func (Leave) Name() string { return "" }

// String says what was decided.
func (a Remember) String() string {
	switch n := a.Notice; {
	case a.Forgets:
		return "The notice is taken back, or was said to a plan before: nothing is decided about it."
	case n == nil:
		return fmt.Sprintf("The contract has ended on %s for good: %s.", a.EndsOn, WhyEnded[a.EndReason])
	case n.Accepted:
		return fmt.Sprintf("The notice of %s is accepted: the agreement ends on %s.", n.ReceivedOn, n.EndsOn)
	default:
		return fmt.Sprintf("The notice of %s has no effect: invoice %s was overdue.", n.ReceivedOn, n.Invoice)
	}
}

// WhyEnded says why contracts end.
var WhyEnded = map[v1alpha1.EndReason]string{
	v1alpha1.EndNotice: "notice was given", v1alpha1.EndOfTerm: "its term is over",
	v1alpha1.EndWithdrawal: "the tenant has withdrawn", v1alpha1.EndTrial: "the trial is over",
	v1alpha1.EndInactivity:          "nobody has used it for too long",
	v1alpha1.EndTerminatedByArrears: "invoices were unpaid for too long",
}

// whyLifted says why suspensions end.
var whyLifted = map[string]string{
	standing.LiftedPaid: "what was owed is paid", standing.LiftedPaymentArrangement: "a payment arrangement runs",
	standing.LiftedByHand: "a person ended it", standing.LiftedPaymentDetails: "payment details were given",
}

// String says why access is given back.
func (a Lift) String() string { return fmt.Sprintf("The suspension ends: %s.", whyLifted[a.Because]) }

// String says why access stops.
func (a Suspend) String() string { return fmt.Sprintf("Access is suspended: %s.", a.Reason) }

// String says what it costs and what for.
func (a Charge) String() string {
	return fmt.Sprintf("%s %s: %s", a.Spec.Currency, a.Spec.Amount, a.Spec.Description)
}

// String says how long the home is kept.
func (a NoteRemoved) String() string {
	return fmt.Sprintf("Workplace %s is gone; its home is kept until %s, under %s.",
		a.Home.Workplace, a.EraseOn.AddDays(-1), a.Rule)
}

// String says that the home stays.
func (a KeepHome) String() string {
	return fmt.Sprintf("Workplace %s is there again, and finds its home.", a.Home.Workplace)
}

// String says whose home goes.
func (a EraseHome) String() string {
	return fmt.Sprintf("The home of the removed workplace %s is erased, under %s.", a.Home.Workplace, a.Rule)
}

// String says what the tenant is told.
func (a Tell) String() string {
	if a.Type == "" {
		return fmt.Sprintf("The tenant is told: %s.", a.Name())
	}
	return fmt.Sprintf("The tenant is told (%s): %s.", a.Type, a.Sentence())
}

// String says which plan holds, and why.
func (a ChangePlan) String() string {
	title, why := a.PlanStep.Terms, "as the tenant asked"
	if a.Terms != nil && a.Terms.Title != "" {
		title = a.Terms.Title
	}
	if a.Because == v1alpha1.PlanEnded {
		why = "as the plan before it has ended"
	}
	return fmt.Sprintf("%s holds from %s on, %s.", title, a.From, why)
}

// String says under which rule data goes.
func (a Erase) String() string { return fmt.Sprintf("All data is erased, under %s.", a.Rule) }

// String says what stays.
func (a Leave) String() string {
	return "The namespace goes: the data is erased, and all is invoiced, reported and told. " +
		"The Tenant stays, with the proof."
}
