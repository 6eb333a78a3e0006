// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// SupportSession is the help of a support agent with one workplace: looking
// along or working on its screen, only after its user's consent and only for
// the time granted (TD-3, TD-24), or work on site. What the agreement does not
// cover is charged (TD-17, TD-18).
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=sess,categories=werkplek
// +kubebuilder:printcolumn:name="Mode",type=string,JSONPath=`.spec.mode`
// +kubebuilder:printcolumn:name="Workplace",type=string,JSONPath=`.spec.workplaceRef.name`
// +kubebuilder:printcolumn:name="Agent",type=string,JSONPath=`.spec.agent`
// +kubebuilder:printcolumn:name="Consent",type=string,JSONPath=`.status.conditions[?(@.type=="Consented")].reason`
// +kubebuilder:printcolumn:name="Active",type=string,JSONPath=`.status.conditions[?(@.type=="Active")].status`
// +kubebuilder:printcolumn:name="Started",type=string,JSONPath=`.status.startedAt`
// +kubebuilder:printcolumn:name="Ended",type=string,JSONPath=`.status.endedAt`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="size(self.metadata.name) <= 200",message="metadata.name must be at most 200 characters: charges are named after it",fieldPath=".metadata"
type SupportSession struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec is who wants to help whom, and how.
	// +required
	Spec SupportSessionSpec `json:"spec"`
	// Status says whether the user consented and what time was used.
	// +optional
	// +kubebuilder:default:={"observedGeneration":-1}
	Status SupportSessionStatus `json:"status,omitzero"`
}

// SupportSessionList is a list of SupportSessions.
//
// +kubebuilder:object:root=true
type SupportSessionList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []SupportSession `json:"items"`
}

// SupportMode is how an agent helps.
//
// +kubebuilder:validation:Enum=Shadow;Remote;OnSite
type SupportMode string

// The support modes.
const (
	// SupportShadow looks along.
	SupportShadow SupportMode = "Shadow"
	// SupportRemote works on the user's screen.
	SupportRemote SupportMode = "Remote"
	// SupportOnSite works at the customer's; it opens no screen and needs no consent.
	SupportOnSite SupportMode = "OnSite"
)

// SupportSessionSpec is who wants to help whom, and how.
//
// +kubebuilder:validation:XValidation:rule="self.mode == oldSelf.mode",message="only end and work may change: what the user was asked to consent to is immutable",fieldPath=".mode"
// +kubebuilder:validation:XValidation:rule="self.workplaceRef == oldSelf.workplaceRef",message="only end and work may change: what the user was asked to consent to is immutable",fieldPath=".workplaceRef"
// +kubebuilder:validation:XValidation:rule="self.agent == oldSelf.agent",message="only end and work may change: what the user was asked to consent to is immutable",fieldPath=".agent"
// +kubebuilder:validation:XValidation:rule="self.reason == oldSelf.reason",message="only end and work may change: what the user was asked to consent to is immutable",fieldPath=".reason"
// +kubebuilder:validation:XValidation:rule="self.maximumLength == oldSelf.maximumLength",message="only end and work may change: what the user was asked to consent to is immutable",fieldPath=".maximumLength"
// +kubebuilder:validation:XValidation:rule="self.consentWithin == oldSelf.consentWithin",message="only end and work may change: what the user was asked to consent to is immutable",fieldPath=".consentWithin"
// +kubebuilder:validation:XValidation:rule="self.coveredByAgreement == oldSelf.coveredByAgreement",message="only end and work may change: what the user was asked to consent to is immutable",fieldPath=".coveredByAgreement"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.end) || !oldSelf.end || has(self.end) && self.end",message="end cannot be taken back: ask for another session",fieldPath=".end"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.work) || has(self.work) && self.work == oldSelf.work",message="work is recorded once",fieldPath=".work"
// +kubebuilder:validation:XValidation:rule="!has(self.work) || self.mode == 'OnSite'",message="work is recorded by hand for OnSite only: otherwise the gateway records it",fieldPath=".work"
type SupportSessionSpec struct {
	// Mode of the help.
	// +required
	Mode SupportMode `json:"mode"`

	// WorkplaceRef names the workplace.
	// +required
	WorkplaceRef Reference `json:"workplaceRef"`

	// Agent who helps, and who asks; anybody else's name is refused.
	// +required
	Agent Username `json:"agent"`

	// Reason that the user reads before consenting.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=500
	Reason string `json:"reason"`

	// MaximumLength of the session from the moment of consent, at most eight hours.
	// +optional
	// +kubebuilder:default=PT30M
	// +kubebuilder:validation:XValidation:rule="self.startsWith('PT') && duration(self.substring(2).lowerAscii()) > duration('0s') && duration(self.substring(2).lowerAscii()) <= duration('8h')",message="must be a clock period of at most eight hours, such as PT30M"
	MaximumLength Period `json:"maximumLength,omitempty"`

	// ConsentWithin is how long the user has to answer; then the question lapses.
	// +optional
	// +kubebuilder:default=PT10M
	// +kubebuilder:validation:XValidation:rule="self.startsWith('PT') && duration(self.substring(2).lowerAscii()) > duration('0s') && duration(self.substring(2).lowerAscii()) <= duration('24h')",message="must be a clock period of at most a day, such as PT10M"
	ConsentWithin Period `json:"consentWithin,omitempty"`

	// CoveredByAgreement is false when all of the work is charged (TD-17, TD-18).
	// Otherwise it counts as sessions that the terms include, and only what goes
	// beyond those is charged (DF-4).
	// +optional
	// +kubebuilder:default=true
	CoveredByAgreement *bool `json:"coveredByAgreement,omitempty"`

	// End is set by the agent to end the session before its time.
	// +optional
	End bool `json:"end,omitempty"`

	// Work on site, as the agent records it afterwards.
	// +optional
	Work *RecordedWork `json:"work,omitempty"`
}

// RecordedWork is time that was worked.
//
// +kubebuilder:validation:XValidation:rule="self.startedAt < self.endedAt && self.endedAt - self.startedAt <= duration('24h')",message="endedAt must be after startedAt, by at most a day",fieldPath=".endedAt"
type RecordedWork struct {
	// StartedAt is when the work began.
	// +required
	StartedAt metav1.Time `json:"startedAt"`
	// EndedAt is when it ended.
	// +required
	EndedAt metav1.Time `json:"endedAt"`
}

// ConsentDecision is what became of the question for consent.
//
// +kubebuilder:validation:Enum=Granted;Refused;Revoked;Lapsed
type ConsentDecision string

// The decisions on consent.
const (
	ConsentGranted ConsentDecision = "Granted"
	ConsentRefused ConsentDecision = "Refused"
	ConsentRevoked ConsentDecision = "Revoked"
	ConsentLapsed  ConsentDecision = "Lapsed"
)

// Consent is the user's answer (TD-24).
//
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.askedOf) || has(self.askedOf) && self.askedOf == oldSelf.askedOf",message="askedOf is set once",fieldPath=".askedOf"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.decision) || has(self.decision) && (self.decision == oldSelf.decision || oldSelf.decision == 'Granted' && self.decision == 'Revoked')",message="decision is made once; only a granted consent can be revoked",fieldPath=".decision"
type Consent struct {
	// AskedOf is the workplace's user, the only one who may answer.
	// +optional
	AskedOf Username `json:"askedOf,omitempty"`

	// Decision of the user, or Lapsed when none came in time. Absent: not yet.
	// +optional
	Decision ConsentDecision `json:"decision,omitempty"`

	// By whom it was made; absent for Lapsed.
	// +optional
	By Username `json:"by,omitempty"`

	// At this moment it was granted, refused or lapsed.
	// +optional
	At *metav1.Time `json:"at,omitempty"`
}

// SupportSessionStatus says whether the user consented and what time was used.
//
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.startedAt) || has(self.startedAt) && self.startedAt == oldSelf.startedAt",message="startedAt is set once",fieldPath=".startedAt"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.endedAt) || has(self.endedAt) && self.endedAt == oldSelf.endedAt",message="endedAt is set once",fieldPath=".endedAt"
type SupportSessionStatus struct {
	// ObservedGeneration is the generation that the conditions speak of; -1 until the
	// operator has looked.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// Consent of the workplace's user.
	// +optional
	Consent *Consent `json:"consent,omitempty"`

	// EndsAt is when the session ends at the latest.
	// +optional
	EndsAt *metav1.Time `json:"endsAt,omitempty"`

	// StartedAt is when the agent first saw the screen, or began on site.
	// Written by the access gateway.
	// +optional
	StartedAt *metav1.Time `json:"startedAt,omitempty"`

	// EndedAt is when the session ended.
	// +optional
	EndedAt *metav1.Time `json:"endedAt,omitempty"`

	// Charges that the session caused.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=10
	Charges []Reference `json:"charges,omitempty"`

	// Conditions: Ready, Consented, Active.
	// +optional
	Conditions Conditions `json:"conditions,omitempty"`
}
