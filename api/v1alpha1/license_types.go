// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// License is a licensed product in the provider's agreement with its vendor
// (TD-14), or one that customers bring along (TD-21). Classes and workplaces
// name the licences that they need.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,shortName=lic,categories=werkplek
// +kubebuilder:printcolumn:name="Product",type=string,JSONPath=`.spec.displayName`
// +kubebuilder:printcolumn:name="Part number",type=string,JSONPath=`.spec.partNumber`
// +kubebuilder:printcolumn:name="Agreement",type=string,JSONPath=`.spec.agreement`
// +kubebuilder:printcolumn:name="Metric",type=string,JSONPath=`.spec.metric`
// +kubebuilder:printcolumn:name="Month",type=string,JSONPath=`.status.month`
// +kubebuilder:printcolumn:name="Quantity",type=integer,JSONPath=`.status.quantity`
// +kubebuilder:printcolumn:name="Tenants",type=integer,JSONPath=`.status.tenants`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="size(self.metadata.name) <= 63",message="metadata.name must be at most 63 characters: usage records name it once for every user",fieldPath=".metadata"
type License struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec describes the product, how it is counted and what it costs.
	// +required
	Spec LicenseSpec `json:"spec"`
	// Status says how much of it the current month counts. Written by the operator.
	// +optional
	// +kubebuilder:default:={"observedGeneration":-1}
	Status LicenseStatus `json:"status,omitzero"`
}

// LicenseList is a list of Licenses.
//
// +kubebuilder:object:root=true
type LicenseList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []License `json:"items"`
}

// LicenseAgreement says under whose agreement a product is used.
//
// +kubebuilder:validation:Enum=SPLA;CustomerOwned
type LicenseAgreement string

// The agreements.
const (
	// AgreementSPLA is the provider's own agreement with the vendor: usage is
	// reported every month (TD-14).
	AgreementSPLA LicenseAgreement = "SPLA"
	// AgreementCustomerOwned is a licence that the customer brings: usage is
	// recorded, never reported (TD-21).
	AgreementCustomerOwned LicenseAgreement = "CustomerOwned"
)

// LicenseMetric is what is counted.
//
// +kubebuilder:validation:Enum=User;Core
type LicenseMetric string

// The metrics.
const (
	// MetricUser counts each user of each tenant who could reach the product in the month.
	MetricUser LicenseMetric = "User"
	// MetricCore counts the cores of every node that ran the product in the month.
	MetricCore LicenseMetric = "Core"
)

// LicenseName is the name of a License.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=63
type LicenseName string

// LicenseSpec describes a licensed product.
//
// +kubebuilder:validation:XValidation:rule="self.metric == oldSelf.metric",message="is immutable: what was counted would lose its meaning; make another License",fieldPath=".metric"
// +kubebuilder:validation:XValidation:rule="self.agreement == oldSelf.agreement",message="is immutable: what was reported would lose its meaning; make another License",fieldPath=".agreement"
// +kubebuilder:validation:XValidation:rule="!has(self.cores) || self.metric == 'Core'",message="goes with metric Core only",fieldPath=".cores"
// +kubebuilder:validation:XValidation:rule="!has(self.exemptions) || size(self.exemptions) == 0 || self.metric == 'User'",message="go with metric User only",fieldPath=".exemptions"
type LicenseSpec struct {
	// DisplayName of the product, for people and reports.
	// +optional
	// +kubebuilder:validation:MaxLength=200
	DisplayName string `json:"displayName,omitempty"`

	// Vendor of the product.
	// +optional
	// +kubebuilder:validation:MaxLength=100
	Vendor string `json:"vendor,omitempty"`

	// Agreement under which the product is used: the provider's, whose usage is
	// reported, or the customer's.
	// +optional
	// +kubebuilder:default=SPLA
	Agreement LicenseAgreement `json:"agreement,omitempty"`

	// Enrollment is the number of the provider's agreement, as reports name it.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	Enrollment string `json:"enrollment,omitempty"`

	// PartNumber of the product at its vendor (SKU).
	// +optional
	// +kubebuilder:validation:MaxLength=64
	PartNumber string `json:"partNumber,omitempty"`

	// Metric that is counted.
	// +required
	Metric LicenseMetric `json:"metric"`

	// Cores says how cores are counted. For metric Core only.
	// +optional
	Cores *CoreRule `json:"cores,omitempty"`

	// Costs are what the provider owes the vendor, by the date from which they hold. A
	// month's report uses the one that holds on the month's first day. Absent: prices
	// are the costs, too.
	// +optional
	// +listType=map
	// +listMapKey=from
	// +kubebuilder:validation:MaxItems=100
	Costs []LicensePrice `json:"costs,omitempty"`

	// Prices are what tenants are told that the product costs them, by the date from
	// which they hold, and by which they may leave when one changes (TD-15). With costs
	// and without prices, they are told of none.
	// +optional
	// +listType=map
	// +listMapKey=from
	// +kubebuilder:validation:MaxItems=100
	Prices []LicensePrice `json:"prices,omitempty"`

	// Exemptions name the users whose use the vendor does not count, and why.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=20
	Exemptions []LicenseExemption `json:"exemptions,omitempty"`
}

// CoreRule says how the cores of a node are counted.
type CoreRule struct {
	// MinimumPerNode is the least number of cores that a node counts for.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=10000
	MinimumPerNode int32 `json:"minimumPerNode,omitempty"`

	// MinimumPerProcessor is the least number of cores that each processor of
	// a node counts for.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=10000
	MinimumPerProcessor int32 `json:"minimumPerProcessor,omitempty"`

	// PackSize is how many cores one licence covers; a node's cores are
	// rounded up to whole licences.
	// +optional
	// +kubebuilder:default=1
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	PackSize int32 `json:"packSize,omitempty"`
}

// LicensePrice is a price from a date on.
type LicensePrice struct {
	// From is the first day on which the price holds.
	// +required
	From Date `json:"from"`
	// Amount of one licence for one month.
	// +required
	Amount Price `json:"amount"`
	// Currency of the amount.
	// +required
	Currency Currency `json:"currency"`
}

// LicenseExemption names users whose use is recorded and not counted.
//
// +kubebuilder:validation:XValidation:rule="has(self.users) != has(self.trial)",message="needs either users or trial, and not both",fieldPath=".users"
// +kubebuilder:validation:XValidation:rule="!has(self.maximumUsers) || has(self.users)",message="goes with users only",fieldPath=".maximumUsers"
type LicenseExemption struct {
	// Name of the exemption, as records and reports cite it.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`
	Name string `json:"name"`

	// Reason for the exemption, for an auditor.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=500
	Reason string `json:"reason"`

	// Users who are exempt, by username: the provider's own staff.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=200
	Users []Username `json:"users,omitempty"`

	// MaximumUsers is how many distinct people the exemption covers in a month,
	// over all tenants. The others count, the later ones in the order of the report.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100000
	MaximumUsers *int32 `json:"maximumUsers,omitempty"`

	// Trial exempts the users of a tenant whose use in the month ended within
	// the trial that its terms grant.
	// +optional
	Trial *TrialExemption `json:"trial,omitempty"`
}

// TrialExemption exempts trials.
type TrialExemption struct {
	// UpTo is how long after the start of the contract a trial is exempt at
	// most, whatever the terms grant.
	// +required
	// +kubebuilder:validation:XValidation:rule="!self.startsWith('PT')",message="must be a calendar period, such as P60D"
	// +kubebuilder:validation:XValidation:rule="self.matches('[1-9]')",message="must be longer than nothing"
	UpTo Period `json:"upTo"`
}

// Owed are what the provider owes the vendor: prices, where nobody tells them apart.
func (s *LicenseSpec) Owed() []LicensePrice {
	if len(s.Costs) > 0 {
		return s.Costs
	}
	return s.Prices
}

// LicenseStatus says how much of a product the current month counts.
type LicenseStatus struct {
	// ObservedGeneration is the generation that the conditions speak of; -1 until the
	// operator has looked.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// Month of the quantity, YYYY-MM.
	// +optional
	Month Month `json:"month,omitempty"`

	// Quantity that the month counts so far.
	// +optional
	Quantity int64 `json:"quantity"`

	// Tenants that use the product in the month.
	// +optional
	Tenants int32 `json:"tenants"`

	// Conditions: Ready, InUse.
	// +optional
	Conditions Conditions `json:"conditions,omitempty"`
}
