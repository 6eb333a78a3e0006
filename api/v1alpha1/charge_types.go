// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Charge is something the billing system must invoice. Its name follows from
// its cause, so none can exist twice; it never changes. The billing system
// records the invoice in the status.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=chg,categories=werkplek
// +kubebuilder:printcolumn:name="Type",type=string,JSONPath=`.spec.type`
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
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="is immutable: correct a charge with another one of type Credit"
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
