// SPDX-License-Identifier: Apache-2.0

// Package v1alpha1 holds the kinds of werkplek.dev/v1alpha1: what a provider of
// hosted online workplaces declares (terms, tenants, classes, workplaces), what
// its billing system reports, and what the operator records about it.
//
// Dates are civil dates in the time zone of the tenant's ServiceTerms; moments
// are UTC timestamps. Money is a decimal string, never a float.
//
// +kubebuilder:object:generate=true
// +groupName=werkplek.dev
package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupVersion is the API group and version of every kind in this package.
var GroupVersion = schema.GroupVersion{Group: "werkplek.dev", Version: "v1alpha1"}

var schemeBuilder = runtime.NewSchemeBuilder(addKnownTypes)

// AddToScheme adds the kinds of this package to a scheme.
var AddToScheme = schemeBuilder.AddToScheme

func addKnownTypes(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(GroupVersion,
		&ServiceTerms{}, &ServiceTermsList{},
		&Tenant{}, &TenantList{},
		&BillingAccount{}, &BillingAccountList{},
		&Suspension{}, &SuspensionList{},
		&WorkplaceClass{}, &WorkplaceClassList{},
		&Workplace{}, &WorkplaceList{},
		&Charge{}, &ChargeList{},
		&License{}, &LicenseList{},
		&UsageRecord{}, &UsageRecordList{},
		&LicenseReport{}, &LicenseReportList{},
		&UserRequest{}, &UserRequestList{},
		&SupportSession{}, &SupportSessionList{},
		&Notice{}, &NoticeList{},
		&DataExport{}, &DataExportList{},
	)
	metav1.AddToGroupVersion(scheme, GroupVersion)
	return nil
}
