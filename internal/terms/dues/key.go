// SPDX-License-Identifier: Apache-2.0

// Package dues knows what a tenant was charged: which charge is which, and what
// the charges that exist cover. It decides nothing.
package dues

import (
	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
)

// Key says which charge a charge is. No two charges of a tenant have the same.
type Key struct {
	Type    v1alpha1.ChargeType
	Subject Subject
	Group   Group
}

// Subject is what a charge is for.
type Subject struct {
	Kind v1alpha1.ChargeSubjectKind
	Name string
}

// Group is what brought charges about together.
type Group struct {
	Kind   v1alpha1.ChargeGroupKind
	Period calendar.Date // the first day of the billing period; zero if it belongs to none
	On     calendar.Date // zero for a billing period as a whole
}

// What has no name, or is charged for all of it together.
var (
	Payment  = Subject{Kind: v1alpha1.SubjectPayment}
	Invoice  = Subject{Kind: v1alpha1.SubjectInvoice}
	Term     = Subject{Kind: v1alpha1.SubjectTerm}
	Sessions = Subject{Kind: v1alpha1.SubjectSession}
)

// Plan is the plan of some terms.
func Plan(terms string) Subject { return Subject{v1alpha1.SubjectPlan, terms} }

// Seats are those of the plan of some terms.
func Seats(terms string) Subject { return Subject{v1alpha1.SubjectSeats, terms} }

// Class are the workplaces of a class.
func Class(name string) Subject { return Subject{v1alpha1.SubjectClass, name} }

// BillingPeriod is the group of what is charged for a whole period.
func BillingPeriod(first calendar.Date) Group {
	return Group{Kind: v1alpha1.GroupBillingPeriod, Period: first}
}

// WorkplacesAdded is the group of the workplaces that were made on a day.
func WorkplacesAdded(period, on calendar.Date) Group {
	return Group{v1alpha1.GroupWorkplacesAdded, period, on}
}

// SeatsAdded is the group of the seats that were taken on a day.
func SeatsAdded(period, on calendar.Date) Group {
	return Group{v1alpha1.GroupSeatsAdded, period, on}
}

// PlanChange is the group of a dearer plan that holds from a day on.
func PlanChange(period, from calendar.Date) Group {
	return Group{v1alpha1.GroupPlanChange, period, from}
}

// SeatsExceeded is the group of the users beyond the seats on a day.
func SeatsExceeded(on calendar.Date) Group {
	return Group{Kind: v1alpha1.GroupSeatsExceeded, On: on}
}

// AgreementEnd is the group of what the end of the agreement on a day brings.
func AgreementEnd(on calendar.Date) Group {
	return Group{Kind: v1alpha1.GroupAgreementEnd, On: on}
}

// Subscription is the charge for a plan, its seats or the workplaces of a class.
func Subscription(of Subject, group Group) Key { return Key{v1alpha1.ChargeSubscription, of, group} }

// Surcharge is the charge for paying for a group without direct debit (TD-5).
func Surcharge(group Group) Key { return Key{v1alpha1.ChargeSurcharge, Payment, group} }

// InvoiceFee is the charge for the invoice of a billing period (DF-8).
func InvoiceFee(period calendar.Date) Key {
	return Key{v1alpha1.ChargeInvoiceFee, Invoice, BillingPeriod(period)}
}

// ExtraSeats is the charge for users beyond the seats of a plan on a day (LA-10).
func ExtraSeats(terms string, on calendar.Date) Key {
	return Key{v1alpha1.ChargeExtraSeats, Seats(terms), SeatsExceeded(on)}
}

// EarlyTermination is the charge for the rest of a term that ended on a day (TD-12, DF-3).
func EarlyTermination(on calendar.Date) Key {
	return Key{v1alpha1.ChargeEarlyTermination, Term, AgreementEnd(on)}
}

// SessionsOverused is the charge for sessions that were not earned by a day (DF-6).
func SessionsOverused(on calendar.Date) Key {
	return Key{v1alpha1.ChargeSessionsOverused, Sessions, AgreementEnd(on)}
}

// PlanEntry is the charge whose payment brings a plan that was asked for on a day (LS-2).
func PlanEntry(terms string, requestedOn calendar.Date) Key {
	return Subscription(Plan(terms), Group{Kind: v1alpha1.GroupPlanEntry, On: requestedOn})
}

// Reactivation is the one charge for resuming after a suspension (TD-10).
func Reactivation(suspension string) Key {
	return single(v1alpha1.ChargeReactivation, v1alpha1.SubjectSuspension, suspension)
}

// Work is the one charge of a type for a support session (TD-17, TD-18).
func Work(kind v1alpha1.ChargeType, session string) Key {
	return single(kind, v1alpha1.SubjectSession, session)
}

// Handover is the fee for an export (TD-20).
func Handover(export string) Key {
	return single(v1alpha1.ChargeDataExport, v1alpha1.SubjectExport, export)
}

// HandoverVolume is the charge for the data of an export (TD-20).
func HandoverVolume(export string) Key {
	return single(v1alpha1.ChargeDataExport, v1alpha1.SubjectVolume, export)
}

// Credit is the one credit of a charge.
func Credit(charge string) Key {
	return single(v1alpha1.ChargeCredit, v1alpha1.SubjectCharge, charge)
}

func single(kind v1alpha1.ChargeType, of v1alpha1.ChargeSubjectKind, name string) Key {
	return Key{Type: kind, Subject: Subject{of, name}}
}

// identity is the part of a key by which charges are told apart. Whose plan it
// is that a period is charged for is none: what is charged once for a period is
// not charged again because another plan holds by then. A wish for a plan is.
func (k Key) identity() Key {
	switch k.Subject.Kind {
	case v1alpha1.SubjectPlan, v1alpha1.SubjectSeats:
		if k.Group.Kind != v1alpha1.GroupPlanEntry {
			k.Subject.Name = ""
		}
	}
	return k
}

// Write writes the key into a charge.
func (k Key) Write(spec *v1alpha1.ChargeSpec) {
	spec.Type = k.Type
	spec.Subject = &v1alpha1.ChargeSubject{Kind: k.Subject.Kind, Name: v1alpha1.ObjectName(k.Subject.Name)}
	if k.Group != (Group{}) {
		spec.Group = &v1alpha1.ChargeGroup{
			Kind:          k.Group.Kind,
			BillingPeriod: v1alpha1.Date(k.Group.Period.String()),
			On:            v1alpha1.Date(k.Group.On.String()),
		}
	}
}
