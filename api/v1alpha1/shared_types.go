// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Date is a civil date, YYYY-MM-DD, in the time zone of the tenant's
// ServiceTerms. The day starts at 00:00 there.
//
// +kubebuilder:validation:Format=date
// +kubebuilder:validation:MinLength=10
// +kubebuilder:validation:MaxLength=10
type Date string

// Period is an ISO 8601 duration of either calendar parts (P1M, P14D, P4W,
// P1Y) or clock parts (PT4H, PT15M), never both.
//
// +kubebuilder:validation:MinLength=3
// +kubebuilder:validation:MaxLength=32
// +kubebuilder:validation:XValidation:rule="self.matches('^P([0-9]{1,3}Y)?([0-9]{1,4}M)?([0-9]{1,4}W)?([0-9]{1,5}D)?$') || self.matches('^PT([0-9]{1,5}H)?([0-9]{1,6}M)?([0-9]{1,8}S)?$')",message="must be an ISO 8601 period of calendar parts (P1M, P14D, P4W, P1Y) or of clock parts (PT4H, PT15M), never both"
type Period string

// Amount is an exact decimal number of money with at most 12 digits before and
// 4 after the point, such as "25.00".
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=18
// +kubebuilder:validation:XValidation:rule=`self.matches('^-?[0-9]{1,12}([.][0-9]{1,4})?$')`,message="must be a decimal amount with at most 12 digits before and 4 after the point, such as 25.00"
type Amount string

// Price is an Amount that is not negative.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=17
// +kubebuilder:validation:XValidation:rule=`self.matches('^[0-9]{1,12}([.][0-9]{1,4})?$')`,message="must be a decimal amount that is not negative, with at most 12 digits before and 4 after the point, such as 25.00"
type Price string

// Percentage is a decimal number of percent that is not negative, such as "2" or "2.5".
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=8
// +kubebuilder:validation:XValidation:rule=`self.matches('^[0-9]{1,3}([.][0-9]{1,4})?$')`,message="must be a percentage that is not negative, with at most 4 decimals, such as 2 or 2.5"
type Percentage string

// Currency is an ISO 4217 code, such as EUR.
//
// +kubebuilder:validation:MinLength=3
// +kubebuilder:validation:MaxLength=3
// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Z]{3}$')",message="must be an ISO 4217 currency code of three capitals, such as EUR"
type Currency string

// Username is a person's name as Kubernetes and OIDC know it, in lower case.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=253
// +kubebuilder:validation:XValidation:rule=`self.matches(r'^[^\p{Lu}\p{Lt}\p{Z}\p{C}]+$')`,message="must be lower case and without spaces, exactly as the identity provider reports it"
type Username string

// Email is an address that mail can be sent to.
//
// +kubebuilder:validation:MinLength=3
// +kubebuilder:validation:MaxLength=254
// +kubebuilder:validation:XValidation:rule="self.matches('^[^@[:space:][:cntrl:]]+@[^@[:space:][:cntrl:]]+$')",message="must be an e-mail address, such as piet@jansen.example"
type Email string

// ObjectName is the name of another object of this API.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=253
type ObjectName string

// Reference names another object; its kind follows from the field, its
// namespace is the referring object's own where the kind has one.
type Reference struct {
	// Name of the object.
	// +required
	Name ObjectName `json:"name"`
}

// Person is somebody who is known by a username.
type Person struct {
	// Name as people write it.
	// +optional
	// +kubebuilder:validation:MaxLength=200
	Name string `json:"name,omitempty"`

	// Email is where notices for this person go.
	// +optional
	Email Email `json:"email,omitempty"`

	// Username as Kubernetes and the OIDC provider know it, in lower case.
	// +required
	Username Username `json:"username"`
}

// Conditions says how far an object is and why, keyed by type.
//
// +listType=map
// +listMapKey=type
// +kubebuilder:validation:MaxItems=20
type Conditions []metav1.Condition
