// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// BillingAccount is where the billing system reports a tenant's open invoices.
// The operator creates one for each Tenant, with the same name; its status is
// written by the billing system only.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,shortName=ba,categories=werkplek
// +kubebuilder:printcolumn:name="Tenant",type=string,JSONPath=`.spec.tenantRef.name`
// +kubebuilder:printcolumn:name="As of",type=string,JSONPath=`.status.asOf`
// +kubebuilder:printcolumn:name="Last invoice",type=string,JSONPath=`.status.lastInvoice.number`
// +kubebuilder:printcolumn:name="First open invoice",type=string,JSONPath=`.status.openInvoices[0].number`
// +kubebuilder:printcolumn:name="Outstanding on it",type=string,JSONPath=`.status.openInvoices[0].outstanding`
// +kubebuilder:printcolumn:name="Currency",type=string,JSONPath=`.spec.currency`
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.status) || !has(oldSelf.status.asOf) || (has(self.status) && has(self.status.asOf))",message="must not be removed: report newer facts instead",fieldPath=".status.asOf"
type BillingAccount struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec ties the account to its Tenant. Written by the operator.
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="is immutable: a billing account belongs to one tenant in one currency"
	Spec BillingAccountSpec `json:"spec"`
	// Status holds the billing system's facts. Written by the billing system only.
	// +optional
	Status BillingAccountStatus `json:"status,omitzero"`
}

// BillingAccountList is a list of BillingAccounts.
//
// +kubebuilder:object:root=true
type BillingAccountList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []BillingAccount `json:"items"`
}

// BillingAccountSpec ties an account to its Tenant.
type BillingAccountSpec struct {
	// TenantRef names the Tenant.
	// +required
	TenantRef Reference `json:"tenantRef"`

	// Currency of all amounts in the status.
	// +required
	Currency Currency `json:"currency"`
}

// BillingAccountStatus holds what the billing system knows about a tenant's
// invoices at one moment. Each report replaces the one before.
//
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.asOf) || !has(self.asOf) || self.asOf >= oldSelf.asOf",message="asOf must not go back in time: these facts are older than those already reported",fieldPath=".asOf"
type BillingAccountStatus struct {
	// AsOf is the moment at which these facts were true. Facts older than the
	// terms' billingFreshness decide nothing.
	// +required
	AsOf metav1.Time `json:"asOf"`

	// LastInvoice is the invoice sent last, paid or not.
	// +optional
	LastInvoice *SentInvoice `json:"lastInvoice,omitempty"`

	// OpenInvoices are the invoices with something outstanding. Always
	// reported: an empty list says that nothing is open.
	// +required
	// +listType=map
	// +listMapKey=number
	// +kubebuilder:validation:MaxItems=500
	OpenInvoices []OpenInvoice `json:"openInvoices"`
}

// InvoiceNumber identifies an invoice in the billing system.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=64
type InvoiceNumber string

// SentInvoice is an invoice that was sent.
//
// +kubebuilder:validation:XValidation:rule="!has(self.dueOn) || self.dueOn >= self.issuedOn",message="dueOn must not be before issuedOn",fieldPath=".dueOn"
type SentInvoice struct {
	// Number of the invoice.
	// +required
	Number InvoiceNumber `json:"number"`
	// IssuedOn is the date on the invoice.
	// +required
	IssuedOn Date `json:"issuedOn"`
	// DueOn is the last day on which it can be paid in time. Needed where the
	// terms count arrears from it.
	// +optional
	DueOn Date `json:"dueOn,omitempty"`
}

// OpenInvoice is an invoice with something outstanding.
//
// +kubebuilder:validation:XValidation:rule="!has(self.dueOn) || self.dueOn >= self.issuedOn",message="dueOn must not be before issuedOn",fieldPath=".dueOn"
type OpenInvoice struct {
	// Number of the invoice.
	// +required
	Number InvoiceNumber `json:"number"`
	// IssuedOn is the date on the invoice.
	// +required
	IssuedOn Date `json:"issuedOn"`
	// DueOn is the last day on which it can be paid in time. Needed where the
	// terms count arrears from it.
	// +optional
	DueOn Date `json:"dueOn,omitempty"`
	// Outstanding is what is still to be paid, in the account's currency.
	// +required
	Outstanding Price `json:"outstanding"`
}
