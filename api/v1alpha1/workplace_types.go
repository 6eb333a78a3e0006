// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Workplace is one person's desktop in the browser: a pod that comes and goes,
// and a home that stays.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=wp,categories=werkplek
// +kubebuilder:printcolumn:name="User",type=string,JSONPath=`.spec.user.username`
// +kubebuilder:printcolumn:name="Class",type=string,JSONPath=`.spec.classRef.name`
// +kubebuilder:printcolumn:name="Access",type=string,JSONPath=`.status.conditions[?(@.type=="AccessGranted")].status`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Desktop",type=string,JSONPath=`.status.conditions[?(@.type=="DesktopReady")].status`
// +kubebuilder:printcolumn:name="Home",type=string,JSONPath=`.status.home.size`
// +kubebuilder:printcolumn:name="Restart pending",type=string,JSONPath=`.status.conditions[?(@.type=="RestartPending")].status`,priority=1
// +kubebuilder:printcolumn:name="URL",type=string,JSONPath=`.status.url`,priority=1
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="self.metadata.name.matches('^[a-z0-9]([a-z0-9-]*[a-z0-9])?$') && !self.metadata.name.contains('--') && size(self.metadata.name) <= 40",message="metadata.name must be at most 40 lower-case letters, digits and single hyphens: it becomes part of a host name",fieldPath=".metadata"
type Workplace struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec is whose workplace it is and how it should run.
	// +required
	Spec WorkplaceSpec `json:"spec"`
	// Status says how it runs. Written by the operator; activity by the access gateway.
	// +optional
	// +kubebuilder:default:={"observedGeneration":-1}
	Status WorkplaceStatus `json:"status,omitzero"`
}

// WorkplaceList is a list of Workplaces.
//
// +kubebuilder:object:root=true
type WorkplaceList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Workplace `json:"items"`
}

// RunPolicy says when the desktop runs.
//
// +kubebuilder:validation:Enum=OnDemand;Always;Stopped
type RunPolicy string

// The run policies.
const (
	RunOnDemand RunPolicy = "OnDemand"
	RunAlways   RunPolicy = "Always"
	RunStopped  RunPolicy = "Stopped"
)

// Access says whether the user may reach the workplace.
//
// +kubebuilder:validation:Enum=Allowed;Blocked
type Access string

// The access values.
const (
	AccessAllowed Access = "Allowed"
	AccessBlocked Access = "Blocked"
)

// WorkplaceSpec is whose workplace it is and how it should run.
//
// +kubebuilder:validation:XValidation:rule="self.user.username == oldSelf.user.username",message="user.username is immutable: the home belongs to this person; make another workplace",fieldPath=".user.username"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.home) || has(self.home)",message="home must not be removed: a home only grows",fieldPath=".home"
// +kubebuilder:validation:XValidation:rule="(has(self.home) && has(self.home.restoreFrom)) == (has(oldSelf.home) && has(oldSelf.home.restoreFrom)) && (!has(self.home) || !has(self.home.restoreFrom) || self.home.restoreFrom == oldSelf.home.restoreFrom)",message="home.restoreFrom is given when a workplace is created, never later: make another workplace that is restored from it",fieldPath=".home.restoreFrom"
type WorkplaceSpec struct {
	// User is the one person who uses the workplace.
	// +required
	User Person `json:"user"`

	// ClassRef names the WorkplaceClass.
	// +required
	ClassRef Reference `json:"classRef"`

	// RunPolicy says when the desktop runs. OnDemand: from its creation, until
	// it is idle, and again at the next visit.
	// +optional
	// +kubebuilder:default=OnDemand
	RunPolicy RunPolicy `json:"runPolicy,omitempty"`

	// Access of the user. Blocked: no desktop runs, the home is kept.
	// +optional
	// +kubebuilder:default=Allowed
	Access Access `json:"access,omitempty"`

	// Licenses beyond those that the class brings.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=50
	Licenses []LicenseName `json:"licenses,omitempty"`

	// Home overrides the class's home size. It grows only.
	// +optional
	Home *WorkplaceHome `json:"home,omitempty"`

	// RestartedAt asks for a restart: whenever the value changes, the desktop
	// is restarted once.
	// +optional
	RestartedAt *metav1.Time `json:"restartedAt,omitempty"`
}

// WorkplaceHome overrides the class's home.
type WorkplaceHome struct {
	// Size of the home.
	// +required
	// +kubebuilder:validation:XValidation:rule="quantity(string(self)).compareTo(quantity(string(oldSelf))) >= 0",message="must not shrink: a home only grows"
	// +kubebuilder:validation:XValidation:rule="quantity(string(self)).compareTo(quantity('0')) > 0",message="must be more than zero"
	Size resource.Quantity `json:"size"`

	// RestoreFrom names the VolumeSnapshot, a backup of a home of the same user in
	// the same namespace, from which the home of a new workplace is made (LS-8).
	// The size must be at least that of the backup.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	RestoreFrom string `json:"restoreFrom,omitempty"`
}

// WorkplaceStatus says how a workplace runs.
type WorkplaceStatus struct {
	// ObservedGeneration is the generation that the conditions speak of; -1 until the
	// operator has looked.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// URL at which the user opens the workplace.
	// +optional
	URL string `json:"url,omitempty"`

	// PodName is the desktop's pod.
	// +optional
	PodName string `json:"podName,omitempty"`

	// Home is the user's storage.
	// +optional
	Home *HomeStatus `json:"home,omitempty"`

	// Backup is the latest backup of the home that is due or was made.
	// +optional
	Backup *BackupStatus `json:"backup,omitempty"`

	// Activity is when the workplace was used. Written by the access gateway.
	// +optional
	Activity *Activity `json:"activity,omitempty"`

	// Conditions: Ready, AccessGranted, Licensed, HomeReady, DesktopReady,
	// RestartPending; BackupReady where the class has backups.
	// +optional
	Conditions Conditions `json:"conditions,omitempty"`
}

// HomeStatus is the user's storage as it is.
type HomeStatus struct {
	// ClaimName is the PersistentVolumeClaim.
	// +optional
	ClaimName string `json:"claimName,omitempty"`
	// Size that the claim asks for.
	// +optional
	Size *resource.Quantity `json:"size,omitempty"`
}

// BackupStatus is the latest backup of a home.
type BackupStatus struct {
	// Name of the VolumeSnapshot.
	// +required
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`
	// DueAt is when it was due. The condition BackupReady says whether it can be used.
	// +required
	DueAt metav1.Time `json:"dueAt"`
}

// Activity is when a workplace was used.
type Activity struct {
	// LastActive is the last moment at which somebody was known to be connected,
	// or wished to be. While somebody is, it is at most 5 minutes old.
	// +optional
	LastActive *metav1.Time `json:"lastActive,omitempty"`

	// IdleSince is the moment since which nobody is connected. Absent: somebody
	// is, or nobody knows; a desktop stops only from positive knowledge.
	// +optional
	IdleSince *metav1.Time `json:"idleSince,omitempty"`
}
