// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Suspension denies a tenant, and its sub-organisations, access to their
// workplaces for one cause and one episode (TD-8). A tenant is suspended while
// any is in force. Lifted ones stay: they are the record of who was shut out,
// when and why.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=susp,categories=werkplek
// +kubebuilder:printcolumn:name="Cause",type=string,JSONPath=`.spec.cause`
// +kubebuilder:printcolumn:name="In force",type=string,JSONPath=`.status.conditions[?(@.type=="InForce")].status`
// +kubebuilder:printcolumn:name="Since",type=string,JSONPath=`.status.since`
// +kubebuilder:printcolumn:name="Lifted at",type=string,JSONPath=`.status.liftedAt`
// +kubebuilder:printcolumn:name="Because",type=string,JSONPath=`.status.liftedBecause`
// +kubebuilder:printcolumn:name="Charge",type=string,JSONPath=`.status.chargeRef.name`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.spec.reason`,priority=1
// +kubebuilder:validation:XValidation:rule="size(self.metadata.name) <= 200",message="metadata.name must be at most 200 characters: charges are named after it",fieldPath=".metadata"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.status) || !has(oldSelf.status.liftedAt) || (has(self.status) && has(self.status.liftedAt))",message="is set once: a lifted suspension stays lifted",fieldPath=".status.liftedAt"
type Suspension struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec says why and since when.
	// +required
	Spec SuspensionSpec `json:"spec"`
	// Status says whether it is in force and how it ended. Written by the operator.
	// +optional
	// +kubebuilder:default:={"observedGeneration":-1}
	Status SuspensionStatus `json:"status,omitzero"`
}

// SuspensionList is a list of Suspensions.
//
// +kubebuilder:object:root=true
type SuspensionList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Suspension `json:"items"`
}

// SuspensionCause is why access is denied. Each cause is lifted in its own way.
//
// +kubebuilder:validation:Enum=Arrears;TrialEnded;Abuse;CourtOrder;Manual
type SuspensionCause string

// The causes of suspension.
const (
	CauseArrears    SuspensionCause = "Arrears"
	CauseTrialEnded SuspensionCause = "TrialEnded"
	CauseAbuse      SuspensionCause = "Abuse"
	CauseCourtOrder SuspensionCause = "CourtOrder"
	CauseManual     SuspensionCause = "Manual"
)

// SuspensionSpec says why and since when access is denied.
//
// +kubebuilder:validation:XValidation:rule="self.cause == oldSelf.cause",message="cause is immutable: lift this suspension and make another",fieldPath=".cause"
// +kubebuilder:validation:XValidation:rule="has(self.since) == has(oldSelf.since) && (!has(self.since) || self.since == oldSelf.since)",message="since is immutable: it is part of the record",fieldPath=".since"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.lift) || !oldSelf.lift || (has(self.lift) && self.lift)",message="lift cannot be taken back: make another suspension",fieldPath=".lift"
// +kubebuilder:validation:XValidation:rule="self.cause != 'Arrears' || !has(self.lift) || !self.lift",message="lift does not apply to arrears: they lift on payment, or with spec.paymentArrangement of the Tenant",fieldPath=".lift"
type SuspensionSpec struct {
	// Cause of the suspension.
	// +required
	Cause SuspensionCause `json:"cause"`

	// Reason in words that the tenant's contact may read.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=500
	Reason string `json:"reason"`

	// Since this moment it is in force. Absent: since it was created.
	// +optional
	Since *metav1.Time `json:"since,omitempty"`

	// Lift is set by a person to end a suspension for any other cause than arrears.
	// +optional
	Lift bool `json:"lift,omitempty"`
}

// SuspensionStatus says whether a suspension is in force and how it ended.
//
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.liftedAt) || (has(self.liftedAt) && self.liftedAt == oldSelf.liftedAt)",message="liftedAt is set once: a lifted suspension stays lifted",fieldPath=".liftedAt"
type SuspensionStatus struct {
	// ObservedGeneration is the generation that the conditions speak of; -1 until the
	// operator has looked.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// Since is the moment from which it is in force: that of the spec, or of its creation.
	// +optional
	Since *metav1.Time `json:"since,omitempty"`

	// LiftedAt is the moment at which it ended.
	// +optional
	LiftedAt *metav1.Time `json:"liftedAt,omitempty"`

	// LiftedBecause is why it ended: Paid, PaymentArrangement, LiftedByHand.
	// +optional
	LiftedBecause string `json:"liftedBecause,omitempty"`

	// ChargeRef names the Charge for resuming, if one was due (TD-10).
	// +optional
	ChargeRef *Reference `json:"chargeRef,omitempty"`

	// Conditions: Ready, InForce.
	// +optional
	Conditions Conditions `json:"conditions,omitempty"`
}
