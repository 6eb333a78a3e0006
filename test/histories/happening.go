// SPDX-License-Identifier: Apache-2.0

package histories

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
)

// Step is something that happens to the tenant, at noon of a day.
type Step struct {
	On calendar.Date
	Happening
}

// Happening is what people and other systems do. Those of this package are all
// there are.
type Happening interface {
	fmt.Stringer
	happening()
}

type (
	// Invoiced is an invoice that is sent. Due is zero where nobody says.
	Invoiced struct {
		Number string
		Amount decimal.Decimal
		Due    calendar.Date
	}
	// Paid is the payment of all that is open of an invoice.
	Paid struct{ Number string }
	// PaidPart is the payment of a part of it.
	PaidPart struct {
		Number string
		Amount decimal.Decimal
	}
	// PaidAll is the payment of everything that is open.
	PaidAll struct{}
	// NoticeReceived is the receipt of the tenant's notice.
	NoticeReceived struct{}
	// Withdrawn is the tenant's withdrawal.
	Withdrawn struct{}
	// DetailsGiven is when the tenant gives its payment details.
	DetailsGiven struct{}
	// Terminated is when the provider ends the contract because of arrears.
	Terminated struct{}
	// PlanAsked is when the tenant asks for the plan of other terms.
	PlanAsked struct{ Terms string }
	// Arranged is a payment arrangement until and including a day.
	Arranged struct {
		Until    calendar.Date
		WaiveFee bool
	}
	// Held begins or ends a legal hold.
	Held struct{ Hold bool }
	// WorkplaceAdded is a workplace that is made; one of a name that was there before finds its home.
	WorkplaceAdded struct{ Workplace v1alpha1.Workplace }
	// WorkplaceRemoved is a workplace that is removed.
	WorkplaceRemoved struct{ Name string }
	// SessionHeld is a support session that the agreement covers.
	SessionHeld struct {
		Name   string
		Worked time.Duration
	}
	// Used is one use of a workplace.
	Used struct{}
	// InUse says that the workplaces are used from then on, all the time, or no more.
	InUse struct{ Used bool }
	// Stored is how much all homes hold from then on, in bytes.
	Stored struct{ Bytes int64 }
	// SeatsTaken is when the tenant takes another number of seats.
	SeatsTaken struct{ Seats int32 }
	// DirectDebit is when the tenant begins or ceases to pay so.
	DirectDebit struct{ Pays bool }
	// MailDead is that no notice can be sent from that day's first moment until another's.
	MailDead struct{ Until calendar.Date }
	// BillingSilent is that the billing system reports nothing between these moments.
	BillingSilent struct{ Until calendar.Date }
)

func (Invoiced) happening()         {}
func (Paid) happening()             {}
func (PaidPart) happening()         {}
func (PaidAll) happening()          {}
func (NoticeReceived) happening()   {}
func (Withdrawn) happening()        {}
func (DetailsGiven) happening()     {}
func (Terminated) happening()       {}
func (PlanAsked) happening()        {}
func (Arranged) happening()         {}
func (Held) happening()             {}
func (WorkplaceAdded) happening()   {}
func (WorkplaceRemoved) happening() {}
func (SessionHeld) happening()      {}
func (Used) happening()             {}
func (InUse) happening()            {}
func (Stored) happening()           {}
func (SeatsTaken) happening()       {}
func (DirectDebit) happening()      {}
func (MailDead) happening()         {}
func (BillingSilent) happening()    {}

func (h Invoiced) String() string {
	return fmt.Sprintf("invoice %s of %s, due %s", h.Number, h.Amount, h.Due)
}
func (h Paid) String() string         { return "paid " + h.Number }
func (h PaidPart) String() string     { return fmt.Sprintf("paid %s of %s", h.Amount, h.Number) }
func (PaidAll) String() string        { return "all paid" }
func (NoticeReceived) String() string { return "notice" }
func (Withdrawn) String() string      { return "withdrawn" }
func (DetailsGiven) String() string   { return "details" }
func (Terminated) String() string     { return "terminated" }
func (h PlanAsked) String() string    { return "plan " + h.Terms }
func (h Arranged) String() string {
	return fmt.Sprintf("arrangement until %s, fee waived %t", h.Until, h.WaiveFee)
}
func (h Held) String() string           { return fmt.Sprintf("legal hold %t", h.Hold) }
func (h WorkplaceAdded) String() string { return "workplace " + describe(&h.Workplace) }
func (h WorkplaceRemoved) String() string {
	return "no workplace " + h.Name
}
func (h SessionHeld) String() string   { return fmt.Sprintf("session %s of %s", h.Name, h.Worked) }
func (Used) String() string            { return "a use" }
func (h InUse) String() string         { return fmt.Sprintf("in use %t", h.Used) }
func (h Stored) String() string        { return fmt.Sprintf("stored %d", h.Bytes) }
func (h SeatsTaken) String() string    { return fmt.Sprintf("seats %d", h.Seats) }
func (h DirectDebit) String() string   { return fmt.Sprintf("direct debit %t", h.Pays) }
func (h MailDead) String() string      { return fmt.Sprintf("mail dead until %s", h.Until) }
func (h BillingSilent) String() string { return fmt.Sprintf("billing silent until %s", h.Until) }

func describe(w *v1alpha1.Workplace) string {
	spec := &w.Spec
	return fmt.Sprintf("%s of class %s, %s, home %s", w.Name, spec.ClassRef.Name, spec.Access, spec.Home.Size.String())
}
