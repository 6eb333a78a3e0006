// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// Condition types. What each says stands in the kind's status.
const (
	// ConditionReady: the object is as its spec asks.
	ConditionReady = "Ready"
	// ConditionAccessGranted: users may reach their workplaces.
	ConditionAccessGranted = "AccessGranted"
	// ConditionBillingFresh: the billing system's facts are recent enough to decide on.
	ConditionBillingFresh = "BillingFresh"
	// ConditionInArrears: an invoice is unpaid.
	ConditionInArrears = "InArrears"
	// ConditionTerminationAllowed: arrears have lasted so long that the contract may be ended (TD-12).
	ConditionTerminationAllowed = "TerminationAllowed"
	// ConditionContractActive: the contract holds.
	ConditionContractActive = "ContractActive"
	// ConditionErasureAllowed: nothing keeps the Tenant from being deleted.
	ConditionErasureAllowed = "ErasureAllowed"
	// ConditionInForce: a suspension denies access.
	ConditionInForce = "InForce"
	// ConditionHomeReady: the home can be mounted.
	ConditionHomeReady = "HomeReady"
	// ConditionDesktopReady: the desktop can be opened.
	ConditionDesktopReady = "DesktopReady"
	// ConditionRestartPending: the running desktop differs from what its class now says.
	ConditionRestartPending = "RestartPending"
)

// Reasons of conditions. Programs may rely on them.
const (
	ReasonReady = "Ready"

	// AccessGranted.
	ReasonGranted           = "Granted"
	ReasonSuspended         = "Suspended"
	ReasonResellerSuspended = "ResellerSuspended"
	ReasonBlocked           = "Blocked"
	ReasonContractEnded     = "ContractEnded"

	// Ready of what refers to something that does not exist, or cannot be used.
	ReasonTermsNotFound        = "TermsNotFound"
	ReasonTermsInvalid         = "TermsInvalid"
	ReasonResellerNotFound     = "ResellerNotFound"
	ReasonNotAReseller         = "NotAReseller"
	ReasonResellerCycle        = "ResellerCycle"
	ReasonTenantNotFound       = "TenantNotFound"
	ReasonClassNotFound        = "ClassNotFound"
	ReasonNamespaceTaken       = "NamespaceTaken"
	ReasonNamespaceTerminating = "NamespaceTerminating"
	ReasonForeignObject        = "ForeignObject"
	ReasonCurrencyMismatch     = "CurrencyMismatch"
	ReasonDataKept             = "DataKept"
	ReasonLegalHold            = "LegalHold"
	ReasonNoData               = "NoData"
	ReasonDeleting             = "Deleting"

	// BillingFresh.
	ReasonFresh            = "Fresh"
	ReasonStale            = "Stale"
	ReasonNeverReported    = "NeverReported"
	ReasonAsOfInFuture     = "AsOfInFuture"
	ReasonDueDateMissing   = "DueDateMissing"
	ReasonLastInvoiceUnset = "LastInvoiceMissing"

	// InArrears, TerminationAllowed, ContractActive.
	ReasonInvoiceUnpaid       = "InvoiceUnpaid"
	ReasonNothingOpen         = "NothingOpen"
	ReasonBillingUnknown      = "BillingUnknown"
	ReasonArrearsTooLong      = "ArrearsTooLong"
	ReasonNotInArrears        = "NotInArrears"
	ReasonWithinTerms         = "WithinTerms"
	ReasonActive              = "Active"
	ReasonNotStarted          = "NotStarted"
	ReasonTerminatedByArrears = "TerminatedByArrears"

	// InForce.
	ReasonInForce = "InForce"
	ReasonLifted  = "Lifted"
	ReasonNotYet  = "NotYet"

	// Workplace.
	ReasonLimitReached      = "LimitReached"
	ReasonClassNotAllowed   = "ClassNotAllowed"
	ReasonStopped           = "Stopped"
	ReasonStarting          = "Starting"
	ReasonRestarting        = "Restarting"
	ReasonRunning           = "Running"
	ReasonQuotaExceeded     = "QuotaExceeded"
	ReasonPodRefused        = "PodRefused"
	ReasonUnschedulable     = "Unschedulable"
	ReasonImageUnavailable  = "ImageUnavailable"
	ReasonVolumeUnavailable = "VolumeUnavailable"
	ReasonCrashing          = "Crashing"
	ReasonConfigInvalid     = "ConfigInvalid"
	ReasonNotAnswering      = "NotAnswering"
	ReasonHomeBound         = "Bound"
	ReasonHomeBinding       = "Binding"
	ReasonHomeLost          = "Lost"
	ReasonHomeOfAnother     = "HomeOfAnother"
	ReasonHomeNotExpandable = "NotExpandable"
	ReasonClassChanged      = "ClassChanged"
	ReasonUpToDate          = "UpToDate"
)

// Names that the operator derives and others may rely on.
const (
	// NamespacePrefix precedes the Tenant's name in its namespace's name.
	NamespacePrefix = "tenant-"
	// HomeClaimPrefix precedes the Workplace's name in its home claim's name.
	HomeClaimPrefix = "home-"

	// LabelManagedBy marks what the operator made, with the value ManagedBy.
	LabelManagedBy = "app.kubernetes.io/managed-by"
	// ManagedBy is the value of LabelManagedBy.
	ManagedBy = "werkplek"
	// LabelTenant is the Tenant's name, on everything made for it.
	LabelTenant = "werkplek.dev/tenant"
	// LabelWorkplace is the Workplace's name, on its pod and claim.
	LabelWorkplace = "werkplek.dev/workplace"
	// LabelClass is the WorkplaceClass's name, on pods.
	LabelClass = "werkplek.dev/class"
	// AnnotationTenantUID ties a namespace to one Tenant object.
	AnnotationTenantUID = "werkplek.dev/tenant-uid"
	// AnnotationUsername ties a home claim to the person whose data it holds.
	AnnotationUsername = "werkplek.dev/username"
	// AnnotationDesktop is a digest of what the pod was made from.
	AnnotationDesktop = "werkplek.dev/desktop"
	// AnnotationRestartedAt is the Workplace's restartedAt that the pod was made for.
	AnnotationRestartedAt = "werkplek.dev/restarted-at"

	// FinalizerTenant holds a Tenant until its namespace may go and is gone.
	FinalizerTenant = "werkplek.dev/tenant"
)

// NamespaceFor returns the name of the namespace of the Tenant with this name.
func NamespaceFor(tenant string) string { return NamespacePrefix + tenant }
