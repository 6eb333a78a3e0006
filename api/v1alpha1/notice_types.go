// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Notice is something that a tenant was or will be told, and the proof that it
// was sent. Its name follows from its cause, so none can exist twice; it never
// changes. Delivery is recorded in the status.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:categories=werkplek
// +kubebuilder:printcolumn:name="Type",type=string,JSONPath=`.spec.type`
// +kubebuilder:printcolumn:name="To",type=string,JSONPath=`.spec.to`
// +kubebuilder:printcolumn:name="Language",type=string,JSONPath=`.spec.language`,priority=1
// +kubebuilder:printcolumn:name="Sent",type=string,JSONPath=`.status.conditions[?(@.type=="Sent")].reason`
// +kubebuilder:printcolumn:name="Sent at",type=string,JSONPath=`.status.sentAt`
// +kubebuilder:printcolumn:name="Attempts",type=integer,JSONPath=`.status.attempts`
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Sent")].message`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type Notice struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec is what is said, and to whom.
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="is immutable: what was said stays said"
	Spec NoticeSpec `json:"spec"`
	// Status says whether it was sent.
	// +optional
	// +kubebuilder:default:={"observedGeneration":-1}
	Status NoticeStatus `json:"status,omitzero"`
}

// NoticeList is a list of Notices.
//
// +kubebuilder:object:root=true
type NoticeList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Notice `json:"items"`
}

// NoticeType is what a notice is about.
//
// +kubebuilder:validation:Enum=Welcome;SuspensionWarning;Suspended;Resumed;TrialEnding;InactivityWarning;ClosureAnnouncement;Erased;NoticeAccepted;NoticeRefused;PriceChange;TermsChange;PlanChanged;SeatsExceeded;RequestReceived;RequestAnswered
type NoticeType string

// The notice types. The facts that each needs stand in the reference of notices.
const (
	// Welcome confirms that the account exists (LS-1).
	NoticeWelcome NoticeType = "Welcome"
	// SuspensionWarning precedes a suspension for arrears (LA-12).
	NoticeSuspensionWarning NoticeType = "SuspensionWarning"
	// Suspended says that access has ended, and why (TD-8).
	NoticeSuspended NoticeType = "Suspended"
	// Resumed says that access is back, and what that costs (TD-10).
	NoticeResumed NoticeType = "Resumed"
	// TrialEnding reminds of the end of a trial (LA-1).
	NoticeTrialEnding NoticeType = "TrialEnding"
	// InactivityWarning precedes the end of an unused account (LA-8).
	NoticeInactivityWarning NoticeType = "InactivityWarning"
	// ClosureAnnouncement precedes the erasure of data (LS-5).
	NoticeClosureAnnouncement NoticeType = "ClosureAnnouncement"
	// Erased says what was erased, and under which rule.
	NoticeErased NoticeType = "Erased"
	// NoticeAccepted confirms the tenant's own notice (TD-7).
	NoticeOfAcceptance NoticeType = "NoticeAccepted"
	// NoticeRefused says why the tenant's own notice has no effect (TD-7).
	NoticeOfRefusal NoticeType = "NoticeRefused"
	// PriceChange precedes a changed price (EC-11, DF-1, LA-4).
	NoticePriceChange NoticeType = "PriceChange"
	// TermsChange precedes changed terms (EC-11, DF-1).
	NoticeTermsChange NoticeType = "TermsChange"
	// PlanChanged says that another plan holds (LS-2).
	NoticePlanChanged NoticeType = "PlanChanged"
	// SeatsExceeded precedes a charge for users beyond the seats (LA-10).
	NoticeSeatsExceeded NoticeType = "SeatsExceeded"
	// RequestReceived confirms a request (TD-1).
	NoticeRequestReceived NoticeType = "RequestReceived"
	// RequestAnswered says what became of a request (TD-1).
	NoticeRequestAnswered NoticeType = "RequestAnswered"
)

// NoticeSpec is what is said, and to whom.
type NoticeSpec struct {
	// Type of notice; it chooses the template.
	// +required
	Type NoticeType `json:"type"`

	// To these addresses.
	// +required
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=10
	To []Email `json:"to"`

	// Language of the template.
	// +optional
	// +kubebuilder:default=en
	Language Language `json:"language,omitempty"`

	// About is the object that caused the notice.
	// +optional
	About *SourceReference `json:"about,omitempty"`

	// Facts that the template speaks of, by name. Dates are YYYY-MM-DD, amounts
	// decimal with a currency; the template writes them as the language does.
	// +optional
	// +kubebuilder:validation:MaxProperties=40
	Facts map[string]string `json:"facts,omitempty"`
}

// NoticeStatus says whether a notice was sent.
type NoticeStatus struct {
	// ObservedGeneration is the generation that the conditions speak of; -1 until the
	// operator has looked.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// SentAt is when a mail server accepted the message.
	// +optional
	SentAt *metav1.Time `json:"sentAt,omitempty"`

	// MessageID of the message; the same at every attempt.
	// +optional
	MessageID string `json:"messageID,omitempty"`

	// Attempts to send it so far.
	// +optional
	Attempts int32 `json:"attempts,omitempty"`

	// RetryAt is when the next attempt is made.
	// +optional
	RetryAt *metav1.Time `json:"retryAt,omitempty"`

	// Conditions: Ready, Sent.
	// +optional
	Conditions Conditions `json:"conditions,omitempty"`
}
