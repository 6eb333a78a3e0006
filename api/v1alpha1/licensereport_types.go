// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// LicenseReport is what the provider owes its vendors for one month, over all
// tenants (TD-14). The operator keeps one for each month, named after it: a
// draft while the month is open, final once all usage records of the month are
// closed. A final report never changes; an engineer corrects it with another
// one that names it.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,shortName=lrep,categories=werkplek
// +kubebuilder:printcolumn:name="Month",type=string,JSONPath=`.status.month`
// +kubebuilder:printcolumn:name="Final",type=string,JSONPath=`.status.conditions[?(@.type=="Final")].reason`
// +kubebuilder:printcolumn:name="Zero",type=boolean,JSONPath=`.status.zeroUsage`
// +kubebuilder:printcolumn:name="Due on",type=string,JSONPath=`.status.dueOn`
// +kubebuilder:printcolumn:name="Submitted",type=string,JSONPath=`.status.conditions[?(@.type=="Submitted")].reason`
// +kubebuilder:printcolumn:name="Corrects",type=string,JSONPath=`.spec.corrects.name`
// +kubebuilder:printcolumn:name="Final at",type=string,JSONPath=`.status.finalAt`,priority=1
// +kubebuilder:printcolumn:name="Digest",type=string,JSONPath=`.status.digest`,priority=1
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="size(self.metadata.name) <= 63",message="metadata.name must be at most 63 characters",fieldPath=".metadata"
// +kubebuilder:validation:XValidation:rule="has(self.spec.corrects) || self.metadata.name.matches('^[0-9]{4}-(0[1-9]|1[0-2])$')",message="metadata.name must be the month, YYYY-MM; a correction has spec.corrects",fieldPath=".metadata"
// +kubebuilder:validation:XValidation:rule="!has(self.spec.corrects) || !self.metadata.name.matches('^[0-9]{4}-(0[1-9]|1[0-2])$')",message="metadata.name of a correction must not be a month: that is the name of the month's own report; call it such as 2026-11-correction-1",fieldPath=".metadata"
// +kubebuilder:validation:XValidation:rule="!has(self.spec.corrects) || self.spec.corrects.name != self.metadata.name",message="must name another report",fieldPath=".spec.corrects.name"
// +kubebuilder:validation:XValidation:rule="!has(self.spec.submission) || (has(self.status) && has(self.status.finalAt))",message="is possible once the report is final: a draft may still change",fieldPath=".spec.submission"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.status) || !has(oldSelf.status.finalAt) || (has(self.status) && has(self.status.finalAt) && self.status.finalAt == oldSelf.status.finalAt)",message="is final and never changes again; correct it with a LicenseReport whose spec.corrects names this one",fieldPath=".status"
type LicenseReport struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec holds what people add to a report.
	// +optional
	// +kubebuilder:default={}
	Spec LicenseReportSpec `json:"spec,omitzero"`
	// Status is the report. Written by the operator.
	// +optional
	// +kubebuilder:default:={"observedGeneration":-1}
	Status LicenseReportStatus `json:"status,omitzero"`
}

// LicenseReportList is a list of LicenseReports.
//
// +kubebuilder:object:root=true
type LicenseReportList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []LicenseReport `json:"items"`
}

// LicenseReportSpec holds what people add to a report.
//
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.submission) || (has(self.submission) && self.submission == oldSelf.submission)",message="is set once: it records what was sent to the vendor",fieldPath=".submission"
// +kubebuilder:validation:XValidation:rule="has(self.corrects) == has(oldSelf.corrects) && (!has(self.corrects) || self.corrects.name == oldSelf.corrects.name)",message="is immutable",fieldPath=".corrects"
// +kubebuilder:validation:XValidation:rule="has(self.adjustments) == has(oldSelf.adjustments) && (!has(self.adjustments) || self.adjustments == oldSelf.adjustments)",message="are immutable: correct a correction with another one that names it",fieldPath=".adjustments"
// +kubebuilder:validation:XValidation:rule="has(self.corrects) == (has(self.adjustments) && size(self.adjustments) > 0)",message="a correction needs both corrects and adjustments",fieldPath=".adjustments"
type LicenseReportSpec struct {
	// Submission records that the report was sent to the vendor.
	// +optional
	Submission *ReportSubmission `json:"submission,omitempty"`

	// Corrects names the final report that this one corrects.
	// +optional
	Corrects *Reference `json:"corrects,omitempty"`

	// Adjustments of a correction: what the corrected report has too much or
	// too little, and why.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=200
	Adjustments []ReportAdjustment `json:"adjustments,omitempty"`
}

// ReportSubmission records that a report was sent to the vendor.
//
// +kubebuilder:validation:XValidation:rule="has(self.submittedOn) || has(self.on)",message="is required: the day of submission",fieldPath=".submittedOn"
// +kubebuilder:validation:XValidation:rule="!has(self.submittedOn) || !has(self.on) || self.submittedOn == self.on",message="is the older name of submittedOn: leave it out",fieldPath=".on"
type ReportSubmission struct {
	// SubmittedOn is the day of submission.
	// +optional
	SubmittedOn Date `json:"submittedOn,omitempty"`
	// On is the older name of submittedOn. To readers of YAML 1.1 the key is the
	// boolean true unless it stands in quotes.
	// +optional
	On Date `json:"on,omitempty"`
	// Reference that the vendor or reseller gave.
	// +optional
	// +kubebuilder:validation:MaxLength=200
	Reference string `json:"reference,omitempty"`
}

// Day returns the day of submission, by whichever name it was written.
func (s *ReportSubmission) Day() Date {
	if s.SubmittedOn != "" {
		return s.SubmittedOn
	}
	return s.On
}

// ReportAdjustment changes the quantity of one product in a correction. One that
// names a user is about that user alone, whom the report must count to take away
// and not count to add.
//
// +kubebuilder:validation:XValidation:rule="!has(self.username) || has(self.tenant)",message="is needed beside username: the user is of a tenant",fieldPath=".tenant"
// +kubebuilder:validation:XValidation:rule="!has(self.username) || self.quantity == 1 || self.quantity == -1",message="must be 1 or -1 beside username: a user counts once; leave username out to adjust a quantity alone",fieldPath=".quantity"
type ReportAdjustment struct {
	// License whose quantity is adjusted.
	// +required
	License LicenseName `json:"license"`
	// Tenant whose usage it concerns, if one.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	Tenant string `json:"tenant,omitempty"`
	// Username of the user whom it concerns, if one.
	// +optional
	Username Username `json:"username,omitempty"`
	// Quantity to add; less than zero to take away.
	// +required
	// +kubebuilder:validation:Minimum=-10000000
	// +kubebuilder:validation:Maximum=10000000
	Quantity int64 `json:"quantity"`
	// Reason for the adjustment, for an auditor.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=500
	Reason string `json:"reason"`
}

// LicenseReportStatus is the report.
//
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.finalAt) || (has(self.month) == has(oldSelf.month) && (!has(self.month) || self.month == oldSelf.month))",message="is final and never changes again; correct it with a LicenseReport whose spec.corrects names this one",fieldPath=".month"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.finalAt) || (has(self.dueOn) == has(oldSelf.dueOn) && (!has(self.dueOn) || self.dueOn == oldSelf.dueOn))",message="is final and never changes again; correct it with a LicenseReport whose spec.corrects names this one",fieldPath=".dueOn"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.finalAt) || (has(self.lines) == has(oldSelf.lines) && (!has(self.lines) || self.lines == oldSelf.lines))",message="is final and never changes again; correct it with a LicenseReport whose spec.corrects names this one",fieldPath=".lines"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.finalAt) || (has(self.tracked) == has(oldSelf.tracked) && (!has(self.tracked) || self.tracked == oldSelf.tracked))",message="is final and never changes again; correct it with a LicenseReport whose spec.corrects names this one",fieldPath=".tracked"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.finalAt) || (has(self.exemptions) == has(oldSelf.exemptions) && (!has(self.exemptions) || self.exemptions == oldSelf.exemptions))",message="is final and never changes again; correct it with a LicenseReport whose spec.corrects names this one",fieldPath=".exemptions"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.finalAt) || (has(self.rows) == has(oldSelf.rows) && (!has(self.rows) || self.rows == oldSelf.rows))",message="is final and never changes again; correct it with a LicenseReport whose spec.corrects names this one",fieldPath=".rows"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.finalAt) || (has(self.zeroUsage) == has(oldSelf.zeroUsage) && (!has(self.zeroUsage) || self.zeroUsage == oldSelf.zeroUsage))",message="is final and never changes again; correct it with a LicenseReport whose spec.corrects names this one",fieldPath=".zeroUsage"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.finalAt) || (has(self.digest) == has(oldSelf.digest) && (!has(self.digest) || self.digest == oldSelf.digest))",message="is final and never changes again; correct it with a LicenseReport whose spec.corrects names this one",fieldPath=".digest"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.finalAt) || (has(self.previousDigest) == has(oldSelf.previousDigest) && (!has(self.previousDigest) || self.previousDigest == oldSelf.previousDigest))",message="is final and never changes again; correct it with a LicenseReport whose spec.corrects names this one",fieldPath=".previousDigest"
type LicenseReportStatus struct {
	// ObservedGeneration is the generation that the conditions speak of; -1 until the
	// operator has looked.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// Month of the report.
	// +optional
	Month Month `json:"month,omitempty"`

	// DueOn is the last day on which it is in time.
	// +optional
	DueOn Date `json:"dueOn,omitempty"`

	// Lines are the quantities to report and to pay, one for each product.
	// +optional
	// +listType=map
	// +listMapKey=license
	// +kubebuilder:validation:MaxItems=500
	Lines []ReportLine `json:"lines,omitempty"`

	// Tracked are the quantities of products that customers own (TD-21). They
	// are not reported.
	// +optional
	// +listType=map
	// +listMapKey=license
	// +kubebuilder:validation:MaxItems=500
	Tracked []ReportLine `json:"tracked,omitempty"`

	// Exemptions that the report applied, as they read when it became final.
	// +optional
	// +listType=map
	// +listMapKey=license
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=500
	Exemptions []AppliedExemption `json:"exemptions,omitempty"`

	// Rows is how many rows of detail the quantities sum up.
	// +optional
	Rows int64 `json:"rows,omitempty"`

	// ZeroUsage is true when nothing was used that must be reported. Such a
	// report is to be submitted too.
	// +optional
	ZeroUsage *bool `json:"zeroUsage,omitempty"`

	// FinalAt is when the report became final. The report never changes after that.
	// +optional
	FinalAt *metav1.Time `json:"finalAt,omitempty"`

	// Digest over the lines, the exemptions and every row of detail, and over
	// PreviousDigest. It is set when the report becomes final.
	// +optional
	// +kubebuilder:validation:MaxLength=71
	Digest string `json:"digest,omitempty"`

	// PreviousDigest is the digest of the report of the month before, or of the
	// report that this one corrects. Absent in the first report.
	// +optional
	// +kubebuilder:validation:MaxLength=71
	PreviousDigest string `json:"previousDigest,omitempty"`

	// Conditions: Ready, Final, Submitted.
	// +optional
	Conditions Conditions `json:"conditions,omitempty"`
}

// ReportLine is the quantity of one product in a month.
type ReportLine struct {
	// License that is counted.
	// +required
	License LicenseName `json:"license"`
	// DisplayName of the product when the report became final.
	// +optional
	// +kubebuilder:validation:MaxLength=200
	DisplayName string `json:"displayName,omitempty"`
	// Enrollment is the number of the provider's agreement.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	Enrollment string `json:"enrollment,omitempty"`
	// PartNumber of the product at its vendor.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	PartNumber string `json:"partNumber,omitempty"`
	// Metric that was counted.
	// +optional
	Metric LicenseMetric `json:"metric,omitempty"`
	// PackSize is how many cores one licence covers. For metric Core only.
	// +optional
	PackSize int32 `json:"packSize,omitempty"`
	// Quantity to report.
	// +optional
	Quantity int64 `json:"quantity"`
	// Exempt is how many users were recorded and not counted.
	// +optional
	Exempt int64 `json:"exempt,omitempty"`
	// Tenants that used the product.
	// +optional
	Tenants int32 `json:"tenants,omitempty"`
	// UnitPrice that holds on the month's first day.
	// +optional
	UnitPrice Price `json:"unitPrice,omitempty"`
	// PriceFrom is the date from which that price holds.
	// +optional
	PriceFrom Date `json:"priceFrom,omitempty"`
	// Amount is the quantity times the unit price, rounded half up to the
	// currency's minor unit.
	// +optional
	Amount Amount `json:"amount,omitempty"`
	// Currency of the unit price and the amount.
	// +optional
	Currency Currency `json:"currency,omitempty"`
	// LicenseGeneration is the version of the License's rules that were applied.
	// +optional
	LicenseGeneration int64 `json:"licenseGeneration,omitempty"`
}

// AppliedExemption is an exemption as a report applied it.
type AppliedExemption struct {
	// License that the exemption belongs to.
	// +required
	License LicenseName `json:"license"`
	// Name of the exemption.
	// +required
	// +kubebuilder:validation:MaxLength=63
	Name string `json:"name"`
	// Reason for the exemption.
	// +optional
	// +kubebuilder:validation:MaxLength=500
	Reason string `json:"reason,omitempty"`
	// MaximumUsers whom the exemption covers, if there is a limit.
	// +optional
	MaximumUsers *int32 `json:"maximumUsers,omitempty"`
	// Users who were not counted under the exemption.
	// +optional
	Users int64 `json:"users"`
}
