// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Charge is something the billing system must invoice. It never changes. Its
// type, subject and group say which charge it is, and none is made twice; its
// name is written from them, for people and as a key. The billing system records
// the invoice in the status.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=chg,categories=werkplek
// +kubebuilder:printcolumn:name="Type",type=string,JSONPath=`.spec.type`
// +kubebuilder:printcolumn:name="Subject",type=string,JSONPath=`.spec.subject.kind`,priority=1
// +kubebuilder:printcolumn:name="On",type=string,JSONPath=`.spec.on`
// +kubebuilder:printcolumn:name="Quantity",type=string,JSONPath=`.spec.quantity`
// +kubebuilder:printcolumn:name="Unit price",type=string,JSONPath=`.spec.unitPrice`
// +kubebuilder:printcolumn:name="Amount",type=string,JSONPath=`.spec.amount`
// +kubebuilder:printcolumn:name="Currency",type=string,JSONPath=`.spec.currency`
// +kubebuilder:printcolumn:name="Invoice",type=string,JSONPath=`.status.invoice.number`
// +kubebuilder:printcolumn:name="Description",type=string,JSONPath=`.spec.description`,priority=1
type Charge struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec is what to invoice.
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="is immutable: what was charged stays on record, and is credited in the billing system"
	Spec ChargeSpec `json:"spec"`
	// Status says on which invoice it was put. Written by the billing system only.
	// +optional
	Status ChargeStatus `json:"status,omitzero"`
}

// ChargeList is a list of Charges.
//
// +kubebuilder:object:root=true
type ChargeList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Charge `json:"items"`
}

// ChargeType is what a charge is for.
//
// +kubebuilder:validation:Enum=Reactivation;Subscription;Surcharge;RemoteWork;OnSiteWork;CallOut;DataExport;EarlyTermination;SessionsOverused;ExtraSeats;InvoiceFee;Credit
type ChargeType string

// The charge types that the operator makes.
const (
	ChargeReactivation     ChargeType = "Reactivation"
	ChargeSubscription     ChargeType = "Subscription"
	ChargeSurcharge        ChargeType = "Surcharge"
	ChargeRemoteWork       ChargeType = "RemoteWork"
	ChargeOnSiteWork       ChargeType = "OnSiteWork"
	ChargeCallOut          ChargeType = "CallOut"
	ChargeDataExport       ChargeType = "DataExport"
	ChargeEarlyTermination ChargeType = "EarlyTermination"
	ChargeSessionsOverused ChargeType = "SessionsOverused"
	ChargeExtraSeats       ChargeType = "ExtraSeats"
	ChargeInvoiceFee       ChargeType = "InvoiceFee"
	ChargeCredit           ChargeType = "Credit"
)

// ChargeSubjectKind is a kind of thing that is charged.
//
// +kubebuilder:validation:Enum=Plan;Seats;WorkplaceClass;Payment;Invoice;Term;SupportSession;DataExport;DataVolume;Suspension;Charge
type ChargeSubjectKind string

// What is charged, and what the subject's name then is.
const (
	// SubjectPlan is the plan; named as its ServiceTerms are.
	SubjectPlan ChargeSubjectKind = "Plan"
	// SubjectSeats are the seats of a plan; named as its ServiceTerms are.
	SubjectSeats ChargeSubjectKind = "Seats"
	// SubjectClass are the workplaces of a class; named as the WorkplaceClass is.
	SubjectClass ChargeSubjectKind = "WorkplaceClass"
	// SubjectPayment is a way to pay that costs more; without a name.
	SubjectPayment ChargeSubjectKind = "Payment"
	// SubjectInvoice is an invoice that is sent; without a name.
	SubjectInvoice ChargeSubjectKind = "Invoice"
	// SubjectTerm is the rest of a term; without a name.
	SubjectTerm ChargeSubjectKind = "Term"
	// SubjectSession is a SupportSession; without a name: all that were held.
	SubjectSession ChargeSubjectKind = "SupportSession"
	// SubjectExport is a DataExport.
	SubjectExport ChargeSubjectKind = "DataExport"
	// SubjectVolume is the data of a DataExport, which names it.
	SubjectVolume ChargeSubjectKind = "DataVolume"
	// SubjectSuspension is the Suspension after which access resumes.
	SubjectSuspension ChargeSubjectKind = "Suspension"
	// SubjectCharge is the Charge that is credited.
	SubjectCharge ChargeSubjectKind = "Charge"
)

// ChargeSubject is what a charge is for.
type ChargeSubject struct {
	// Kind of what is charged: the Plan or its Seats, the workplaces of a
	// WorkplaceClass, a way of Payment or an Invoice that costs something, the
	// rest of a Term, a SupportSession, a DataExport or its DataVolume, the
	// Suspension after which access resumes, or the Charge that is credited.
	// +required
	Kind ChargeSubjectKind `json:"kind"`
	// Name of it: for a plan and its seats that of the ServiceTerms; for all
	// else that of the object of this kind, and for a DataVolume that of its
	// DataExport. Absent for a Payment, an Invoice and a Term, which have none,
	// and for support sessions that are charged together.
	// +optional
	Name ObjectName `json:"name,omitempty"`
}

// ChargeGroupKind is what brought a group of charges about.
//
// +kubebuilder:validation:Enum=BillingPeriod;WorkplacesAdded;SeatsAdded;SeatsExceeded;PlanEntry;PlanChange;AgreementEnd
type ChargeGroupKind string

// What brings charges about together.
const (
	// GroupBillingPeriod is a billing period: all that is charged for it as a whole.
	GroupBillingPeriod ChargeGroupKind = "BillingPeriod"
	// GroupWorkplacesAdded are the workplaces that were made on a day within a period.
	GroupWorkplacesAdded ChargeGroupKind = "WorkplacesAdded"
	// GroupSeatsAdded are the seats that were taken on a day within a period.
	GroupSeatsAdded ChargeGroupKind = "SeatsAdded"
	// GroupSeatsExceeded are the users beyond the seats on a day.
	GroupSeatsExceeded ChargeGroupKind = "SeatsExceeded"
	// GroupPlanEntry is a wish, of a day, for a plan that is had once it is paid.
	GroupPlanEntry ChargeGroupKind = "PlanEntry"
	// GroupPlanChange is a dearer plan from a day within a period on.
	GroupPlanChange ChargeGroupKind = "PlanChange"
	// GroupAgreementEnd is the end of the agreement on a day.
	GroupAgreementEnd ChargeGroupKind = "AgreementEnd"
)

// ChargeGroup is what brought a charge about, together with others. The charges
// of a billing period, and those of what is added to it or changed within it on
// a day, are made together: what changes later adds none to their group.
type ChargeGroup struct {
	// Kind of cause: a BillingPeriod as a whole; WorkplacesAdded, SeatsAdded or a
	// PlanChange within one; users for whom SeatsExceeded; PlanEntry, the wish
	// for a plan that is had once it is paid; AgreementEnd.
	// +required
	Kind ChargeGroupKind `json:"kind"`
	// BillingPeriod is the first day of the billing period to which the group
	// belongs; absent for SeatsExceeded, PlanEntry and AgreementEnd.
	// +optional
	BillingPeriod Date `json:"billingPeriod,omitempty"`
	// On is the day on which it came about: on which workplaces or seats were
	// added or exceeded, from which the other plan holds, on which the plan was
	// asked for, or on which the agreement ended. Absent for a BillingPeriod.
	// +optional
	On Date `json:"on,omitempty"`
}

// ChargeSpec is what to invoice.
//
// +kubebuilder:validation:XValidation:rule="self.type == 'Credit' || !self.quantity.startsWith('-')",message="must not be negative, except of a Credit",fieldPath=".quantity"
// +kubebuilder:validation:XValidation:rule="self.type == 'Credit' || !self.unitPrice.startsWith('-')",message="must not be negative, except of a Credit",fieldPath=".unitPrice"
// +kubebuilder:validation:XValidation:rule="self.type == 'Credit' || !self.amount.startsWith('-')",message="must not be negative, except of a Credit",fieldPath=".amount"
type ChargeSpec struct {
	// Type of charge.
	// +required
	Type ChargeType `json:"type"`

	// On is the date to which it belongs.
	// +required
	On Date `json:"on"`

	// Quantity of units.
	// +required
	Quantity Amount `json:"quantity"`

	// Unit that is counted.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	Unit string `json:"unit,omitempty"`

	// UnitPrice of one unit.
	// +required
	UnitPrice Amount `json:"unitPrice"`

	// Amount is the quantity times the unit price, rounded half up to the
	// currency's minor unit.
	// +required
	Amount Amount `json:"amount"`

	// Currency of the unit price and the amount.
	// +required
	Currency Currency `json:"currency"`

	// VAT says whether the unit price and the amount include value-added tax
	// (TD-4). Absent: as the tenant's terms say.
	// +optional
	VAT PriceBasis `json:"vat,omitempty"`

	// Subject is what the charge is for. Absent on charges that an operator before
	// this field made: their name says it, and only the operator need read that.
	// +optional
	Subject *ChargeSubject `json:"subject,omitempty"`

	// Group is what brought the charge about, together with others. Absent where
	// the subject alone says it: a support session, an export, a suspension, a
	// credited charge; and on charges that an operator before this field made.
	// +optional
	Group *ChargeGroup `json:"group,omitempty"`

	// Period that the charge covers, both days included; absent where it covers none.
	// +optional
	Period *DateSpan `json:"period,omitempty"`

	// Description for the invoice line, in words the customer understands.
	// +optional
	// +kubebuilder:validation:MaxLength=500
	Description string `json:"description,omitempty"`

	// SourceRef is the object in the same namespace that caused the charge.
	// +optional
	SourceRef *SourceReference `json:"sourceRef,omitempty"`
}

// SourceReference names the object that caused another.
type SourceReference struct {
	// Kind of the object.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Kind string `json:"kind"`
	// Name of the object.
	// +required
	Name ObjectName `json:"name"`
}

// ChargeStatus says on which invoice a charge was put.
type ChargeStatus struct {
	// Invoice on which the charge was put.
	// +optional
	Invoice *ChargedInvoice `json:"invoice,omitempty"`
}

// ChargedInvoice is the invoice on which a charge was put.
type ChargedInvoice struct {
	// Number of the invoice.
	// +required
	Number InvoiceNumber `json:"number"`
	// IssuedOn is the date on the invoice.
	// +optional
	IssuedOn Date `json:"issuedOn,omitempty"`
}
