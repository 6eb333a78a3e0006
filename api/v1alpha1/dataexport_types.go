// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// DataExport hands a tenant's data over to it: homes are copied to an S3 bucket
// (TD-20, LA-11).
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=exp,categories=werkplek
// +kubebuilder:printcolumn:name="Bucket",type=string,JSONPath=`.spec.destination.s3.bucket`
// +kubebuilder:printcolumn:name="Done",type=integer,JSONPath=`.status.done`
// +kubebuilder:printcolumn:name="Of",type=integer,JSONPath=`.status.total`
// +kubebuilder:printcolumn:name="Blocked",type=string,JSONPath=`.status.conditions[?(@.type=="Blocked")].status`
// +kubebuilder:printcolumn:name="Completed",type=string,JSONPath=`.status.conditions[?(@.type=="Completed")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Completed")].reason`
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Completed")].message`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="size(self.metadata.name) <= 63",message="metadata.name must be at most 63 characters: it becomes a label of the pods that copy",fieldPath=".metadata"
type DataExport struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec is what to hand over, and where to.
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="is immutable: make another DataExport"
	Spec DataExportSpec `json:"spec"`
	// Status says how far it is.
	// +optional
	// +kubebuilder:default:={"observedGeneration":-1}
	Status DataExportStatus `json:"status,omitzero"`
}

// DataExportList is a list of DataExports.
//
// +kubebuilder:object:root=true
type DataExportList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []DataExport `json:"items"`
}

// DataExportSpec is what to hand over, and where to.
type DataExportSpec struct {
	// Workplaces whose homes are handed over. Empty: every home of the tenant that
	// exists when it begins, those of removed workplaces included.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=1000
	Workplaces []ObjectName `json:"workplaces,omitempty"`

	// Destination of the copies.
	// +required
	Destination ExportDestination `json:"destination"`

	// RequestedBy is who asks for the hand-over: the caller's own name, if given.
	// +optional
	RequestedBy Username `json:"requestedBy,omitempty"`
}

// ExportDestination is where copies go.
type ExportDestination struct {
	// S3 bucket.
	// +required
	S3 S3Destination `json:"s3"`
}

// S3Destination is a place in an S3 bucket.
type S3Destination struct {
	// Endpoint of the S3 API, with its scheme.
	// +required
	// +kubebuilder:validation:MaxLength=500
	// +kubebuilder:validation:XValidation:rule="isURL(self) && url(self).getScheme() in ['https', 'http']",message="must be a URL, such as https://s3.example.com"
	Endpoint string `json:"endpoint"`
	// Region, where the endpoint wants one.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	Region string `json:"region,omitempty"`
	// Bucket that exists and may be written to.
	// +required
	// +kubebuilder:validation:MinLength=3
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9][a-z0-9.-]+[a-z0-9]$')",message="must be the name of a bucket: lower-case letters, digits, dots and hyphens"
	Bucket string `json:"bucket"`
	// Prefix of the keys.
	// +optional
	// +kubebuilder:validation:MaxLength=500
	Prefix string `json:"prefix,omitempty"`
	// CredentialsSecretRef names a Secret in the same namespace with the keys
	// accessKeyID and secretAccessKey and, where needed, sessionToken and
	// caCertificate (PEM, for an endpoint that no public authority vouches for).
	// The operator cannot read it: the pods that copy do.
	// +required
	CredentialsSecretRef Reference `json:"credentialsSecretRef"`
}

// DataExportStatus says how far an export is.
type DataExportStatus struct {
	// ObservedGeneration is the generation that the conditions speak of; -1 until the
	// operator has looked.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// Total is how many homes are handed over.
	// +optional
	Total int32 `json:"total,omitempty"`

	// Done is how many of them are in the bucket.
	// +optional
	Done int32 `json:"done,omitempty"`

	// Bytes of all files of the homes that are done.
	// +optional
	Bytes int64 `json:"bytes,omitempty"`

	// Objects in the bucket, one for each home. The list is made when the export
	// begins; a home is in the bucket once it has a sha256.
	// +optional
	// +listType=map
	// +listMapKey=workplace
	// +kubebuilder:validation:MaxItems=5000
	Objects []ExportedObject `json:"objects,omitempty"`

	// StartedAt is when copying began.
	// +optional
	StartedAt *metav1.Time `json:"startedAt,omitempty"`

	// CompletedAt is when everything was in the bucket.
	// +optional
	CompletedAt *metav1.Time `json:"completedAt,omitempty"`

	// Charges for the hand-over, if the terms ask any (TD-20).
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=10
	Charges []Reference `json:"charges,omitempty"`

	// Conditions: Ready, Blocked, Completed.
	// +optional
	Conditions Conditions `json:"conditions,omitempty"`
}

// ExportedObject is the copy of one home.
type ExportedObject struct {
	// Workplace whose home it is.
	// +required
	Workplace string `json:"workplace"`
	// Key is the common prefix of the home's objects, with a slash at its end. Its
	// files are below files/ under their own paths, and manifest.jsonl beside them
	// says what a bucket cannot: modes, times, links, empty folders.
	// +required
	// +kubebuilder:validation:MaxLength=1024
	Key string `json:"key"`
	// Files in the bucket.
	// +optional
	Files int64 `json:"files,omitempty"`
	// Bytes of those files.
	// +optional
	Bytes int64 `json:"bytes,omitempty"`
	// SHA256 of the manifest, which has that of each file, in hexadecimal digits.
	// Absent: the home is not all in the bucket yet.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	SHA256 string `json:"sha256,omitempty"`
}
