// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// UsageRecord is what a tenant used in one calendar month of its terms' time
// zone: who could reach which licensed product (TD-14), on which nodes it ran,
// and which workplaces there were. It only grows while the month is open, is
// closed after the month's end, and never changes again. It is named after the
// month; what does not fit goes into further parts, 2026-11-2 and so on.
//
// It has no status subresource: a record is made and filled in one write.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:shortName=usage,categories=werkplek
// +kubebuilder:selectablefield:JSONPath=`.status.closedAt`
// +kubebuilder:printcolumn:name="Month",type=string,JSONPath=`.status.month`
// +kubebuilder:printcolumn:name="Time zone",type=string,JSONPath=`.status.timeZone`,priority=1
// +kubebuilder:printcolumn:name="State",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Closed at",type=string,JSONPath=`.status.closedAt`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.status) || !has(oldSelf.status.closedAt) || (has(self.status) && self.status == oldSelf.status)",message="is closed and never changes again; correct the month with a LicenseReport that names the one it corrects",fieldPath=".status"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.status) || has(self.status)",message="must not be removed: a record only grows",fieldPath=".status"
type UsageRecord struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Status is the record. Written by the operator only.
	// +optional
	Status UsageRecordStatus `json:"status,omitzero"`
}

// UsageRecordList is a list of UsageRecords.
//
// +kubebuilder:object:root=true
type UsageRecordList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []UsageRecord `json:"items"`
}

// Month is a calendar month, YYYY-MM.
//
// +kubebuilder:validation:MinLength=7
// +kubebuilder:validation:MaxLength=7
// +kubebuilder:validation:Pattern=`^[0-9]{4}-(0[1-9]|1[0-2])$`
type Month string

// UsageRecordStatus is what a tenant used in one month.
//
// +kubebuilder:validation:XValidation:rule="self.month == oldSelf.month",message="is immutable",fieldPath=".month"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.users) || (has(self.users) && size(self.users) >= size(oldSelf.users))",message="only grow: nobody who counted may be taken out",fieldPath=".users"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.nodes) || (has(self.nodes) && size(self.nodes) >= size(oldSelf.nodes))",message="only grow",fieldPath=".nodes"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.workplaces) || (has(self.workplaces) && size(self.workplaces) >= size(oldSelf.workplaces))",message="only grow",fieldPath=".workplaces"
type UsageRecordStatus struct {
	// Month that the record is of.
	// +required
	Month Month `json:"month"`

	// TimeZone in which the month begins and ends, an IANA name.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	TimeZone string `json:"timeZone,omitempty"`

	// Users who could reach a product at any moment of the month, used or not.
	// +optional
	// +listType=map
	// +listMapKey=license
	// +listMapKey=username
	// +kubebuilder:validation:MaxItems=10000
	Users []UserUsage `json:"users,omitempty"`

	// Nodes that ran a product counted by core.
	// +optional
	// +listType=map
	// +listMapKey=license
	// +listMapKey=node
	// +kubebuilder:validation:MaxItems=10000
	Nodes []NodeUsage `json:"nodes,omitempty"`

	// Workplaces that existed and had a place within the tenant's limits, by
	// class: what a subscription is invoiced from.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +listMapKey=class
	// +listMapKey=from
	// +kubebuilder:validation:MaxItems=10000
	Workplaces []WorkplaceInterval `json:"workplaces,omitempty"`

	// ClosedAt is when the record was closed. It never changes after that.
	// +optional
	ClosedAt *metav1.Time `json:"closedAt,omitempty"`

	// Conditions: Ready.
	// +optional
	Conditions Conditions `json:"conditions,omitempty"`
}

// UserUsage says from when to when a user could reach a product in the month.
//
// +kubebuilder:validation:XValidation:rule="self.firstAccessAt == oldSelf.firstAccessAt",message="is immutable",fieldPath=".firstAccessAt"
type UserUsage struct {
	// License that was needed.
	// +required
	License LicenseName `json:"license"`

	// Username of the user.
	// +required
	Username Username `json:"username"`

	// FirstAccessAt is the first moment of the month at which the user could
	// reach a workplace that needs the licence.
	// +required
	FirstAccessAt metav1.Time `json:"firstAccessAt"`

	// LastAccessAt is the last such moment. Absent while the user still can.
	// +optional
	LastAccessAt *metav1.Time `json:"lastAccessAt,omitempty"`

	// Exemption of the License under which this use is not counted, if any.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	Exemption string `json:"exemption,omitempty"`
}

// NodeUsage says how many cores of a node are to be licensed for the month.
//
// +kubebuilder:validation:XValidation:rule="self.firstUsedAt == oldSelf.firstUsedAt",message="is immutable",fieldPath=".firstUsedAt"
// +kubebuilder:validation:XValidation:rule="self.cores >= oldSelf.cores",message="only grow",fieldPath=".cores"
type NodeUsage struct {
	// License that was needed.
	// +required
	License LicenseName `json:"license"`

	// Node that ran a workplace which needs it.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Node string `json:"node"`

	// Cores to be licensed: the node's, or the License's minimum if that is more.
	// +required
	// +kubebuilder:validation:Minimum=0
	Cores int32 `json:"cores"`

	// FirstUsedAt is the first moment of the month at which a workplace ran there.
	// +required
	FirstUsedAt metav1.Time `json:"firstUsedAt"`

	// LastUsedAt is the last such moment. Absent while one still does.
	// +optional
	LastUsedAt *metav1.Time `json:"lastUsedAt,omitempty"`
}

// WorkplaceInterval says from when to when a workplace was of a class.
type WorkplaceInterval struct {
	// Name of the Workplace.
	// +required
	// +kubebuilder:validation:MaxLength=63
	Name string `json:"name"`

	// Class of the Workplace in that time.
	// +required
	// +kubebuilder:validation:MaxLength=253
	Class string `json:"class"`

	// Username of its user.
	// +optional
	Username Username `json:"username,omitempty"`

	// From is the interval's first moment within the month.
	// +required
	From metav1.Time `json:"from"`

	// Until is the moment at which it ended. Absent while it lasts.
	// +optional
	Until *metav1.Time `json:"until,omitempty"`
}
