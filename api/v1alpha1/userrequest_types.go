// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// UserRequest is what a tenant's one contact asks for: a new user, a block, a
// change, or anything else that a person answers (TD-1, TD-23). It never
// changes; its status says what came of it.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=ureq,categories=werkplek
// +kubebuilder:printcolumn:name="Type",type=string,JSONPath=`.spec.type`
// +kubebuilder:printcolumn:name="User",type=string,JSONPath=`.spec.user.username`
// +kubebuilder:printcolumn:name="Workplace",type=string,JSONPath=`.status.workplaceRef.name`
// +kubebuilder:printcolumn:name="Approved",type=string,JSONPath=`.status.conditions[?(@.type=="Approved")].status`
// +kubebuilder:printcolumn:name="Completed",type=string,JSONPath=`.status.conditions[?(@.type=="Completed")].status`
// +kubebuilder:printcolumn:name="Answer due",type=string,JSONPath=`.status.answerDueAt`
// +kubebuilder:printcolumn:name="Answered",type=string,JSONPath=`.status.answeredAt`
// +kubebuilder:printcolumn:name="By",type=string,JSONPath=`.spec.requestedBy`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type UserRequest struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec is what is asked for.
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="is immutable: make another request"
	Spec UserRequestSpec `json:"spec"`
	// Status says what came of it.
	// +optional
	// +kubebuilder:default:={"observedGeneration":-1}
	Status UserRequestStatus `json:"status,omitzero"`
}

// UserRequestList is a list of UserRequests.
//
// +kubebuilder:object:root=true
type UserRequestList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []UserRequest `json:"items"`
}

// UserRequestType is what a request asks for.
//
// +kubebuilder:validation:Enum=AddUser;BlockUser;UnblockUser;RemoveUser;ChangeUser;Service
type UserRequestType string

// The request types.
const (
	// RequestAddUser asks for a workplace for a user.
	RequestAddUser UserRequestType = "AddUser"
	// RequestBlockUser takes a user's access away and keeps the data.
	RequestBlockUser UserRequestType = "BlockUser"
	// RequestUnblockUser gives it back.
	RequestUnblockUser UserRequestType = "UnblockUser"
	// RequestRemoveUser ends a user's workplaces; the homes stay as long as the terms say.
	RequestRemoveUser UserRequestType = "RemoveUser"
	// RequestChangeUser changes the user's name or address, the class or the licences of a workplace.
	RequestChangeUser UserRequestType = "ChangeUser"
	// RequestService is anything else, answered by a person (TD-1).
	RequestService UserRequestType = "Service"
)

// UserRequestSpec is what is asked for.
//
// +kubebuilder:validation:XValidation:rule="self.type != 'AddUser' || has(self.user) && has(self.classRef) && !has(self.workplaceRef)",message="AddUser needs user and classRef, and no workplaceRef",fieldPath=".user"
// +kubebuilder:validation:XValidation:rule="!(self.type in ['BlockUser', 'UnblockUser', 'RemoveUser']) || (has(self.user) || has(self.workplaceRef)) && !has(self.classRef) && !has(self.licenses)",message="names the user, or one workplace with workplaceRef, and neither classRef nor licenses",fieldPath=".user"
// +kubebuilder:validation:XValidation:rule="self.type != 'ChangeUser' || has(self.workplaceRef) && (has(self.user) || has(self.classRef) || has(self.licenses))",message="ChangeUser needs workplaceRef, and user, classRef or licenses as they should become",fieldPath=".workplaceRef"
// +kubebuilder:validation:XValidation:rule="self.type != 'Service' || has(self.note)",message="Service needs a note that says what is wanted",fieldPath=".note"
type UserRequestSpec struct {
	// Type of request.
	// +required
	Type UserRequestType `json:"type"`

	// User whom it concerns. To block, unblock or remove a user without naming
	// a workplace concerns all workplaces that the user has with this tenant.
	// +optional
	User *Person `json:"user,omitempty"`

	// ClassRef names the WorkplaceClass of the new or changed workplace.
	// +optional
	ClassRef *Reference `json:"classRef,omitempty"`

	// WorkplaceRef names the workplace that it concerns.
	// +optional
	WorkplaceRef *Reference `json:"workplaceRef,omitempty"`

	// Licenses of the workplace beyond those of its class. For ChangeUser, all
	// that it should have then; absent: they stay.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=50
	Licenses []LicenseName `json:"licenses,omitempty"`

	// Note in the contact's own words.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=10000
	Note string `json:"note,omitempty"`

	// RequestedBy is the one who asks; anybody else's name is refused (TD-23).
	// +required
	RequestedBy Username `json:"requestedBy"`
}

// UserRequestStatus says what came of a request.
type UserRequestStatus struct {
	// ObservedGeneration is the generation that the conditions speak of; -1 until the
	// operator has looked.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// ReceivedAt is when it arrived.
	// +optional
	ReceivedAt *metav1.Time `json:"receivedAt,omitempty"`

	// AnswerDueAt is when the terms promise an answer, counted in office hours
	// (TD-1). Absent: they promise none.
	// +optional
	AnswerDueAt *metav1.Time `json:"answerDueAt,omitempty"`

	// AnsweredAt is when it was approved or denied.
	// +optional
	AnsweredAt *metav1.Time `json:"answeredAt,omitempty"`

	// AnsweredBy is the engineer who answered. Absent: the terms did.
	// +optional
	AnsweredBy Username `json:"answeredBy,omitempty"`

	// WorkplaceRef names the workplace that was made, or that it concerned.
	// +optional
	WorkplaceRef *Reference `json:"workplaceRef,omitempty"`

	// Conditions: Ready, Approved, Completed, AnsweredInTime.
	// An engineer approves or denies by setting Approved with reason ByEngineer.
	// +optional
	Conditions Conditions `json:"conditions,omitempty"`
}
