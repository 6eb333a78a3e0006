// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// Condition types. What each says stands in the kind's status.
const (
	// ConditionReady: the object is as its spec, its terms and its class ask. That a
	// workplace rests on purpose is no fault: ConditionDesktopReady says whether its
	// desktop can be opened.
	ConditionReady = "Ready"
	// ConditionReconciling is True while the object is on its way to be Ready by
	// itself, and absent otherwise.
	ConditionReconciling = "Reconciling"
	// ConditionStalled is True while the object waits for a person to be Ready, and
	// absent otherwise. Its message says what to do.
	ConditionStalled = "Stalled"
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
	// ConditionErased: the tenant's data was erased, its time being over.
	ConditionErased = "Erased"
	// ConditionNoticesSent: every notice that is due was sent.
	ConditionNoticesSent = "NoticesSent"
	// ConditionPlanChanged: the plan that the tenant asked for holds.
	ConditionPlanChanged = "PlanChanged"
	// ConditionSent: a notice was handed to a mail server.
	ConditionSent = "Sent"
	// ConditionBlocked: data may not be handed over.
	ConditionBlocked = "Blocked"
	// ConditionInForce: a suspension denies access.
	ConditionInForce = "InForce"
	// ConditionLicensed: the month's usage record holds the workplace and its user's licences.
	ConditionLicensed = "Licensed"
	// ConditionInUse: workplaces need the licence, or a report that is not final counts it.
	ConditionInUse = "InUse"
	// ConditionFinal: a licence report is final and never changes again.
	ConditionFinal = "Final"
	// ConditionSubmitted: a licence report was sent to the vendor.
	ConditionSubmitted = "Submitted"
	// ConditionApproved: a request may be carried out.
	ConditionApproved = "Approved"
	// ConditionCompleted: what was requested is done.
	ConditionCompleted = "Completed"
	// ConditionAnsweredInTime: a request was answered within the time that the terms promise (TD-1).
	ConditionAnsweredInTime = "AnsweredInTime"
	// ConditionConsented: the user lets an agent see the screen (TD-24).
	ConditionConsented = "Consented"
	// ConditionActive: an agent may see the screen now.
	ConditionActive = "Active"
	// ConditionHomeReady: the home can be mounted.
	ConditionHomeReady = "HomeReady"
	// ConditionBackupReady: the backup of the home that was due last was made and can be used.
	ConditionBackupReady = "BackupReady"
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
	ReasonResellerEnded     = "ResellerEnded"

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
	ReasonNoAddress           = "NoAddress"
	ReasonNoNoticeTerms       = "NoNoticeTerms"
	ReasonAwaitingPayment     = "AwaitingPayment"
	ReasonAwaitingPeriodEnd   = "AwaitingPeriodEnd"
	ReasonPlanNotForType      = "PlanNotForType"
	ReasonTooMuchData         = "TooMuchData"
	ReasonTooManyMembers      = "TooManyMembers"
	ReasonPlanHolds           = "PlanHolds"

	// InForce.
	ReasonInForce = "InForce"
	ReasonLifted  = "Lifted"
	ReasonNotYet  = "NotYet"

	// Licensed, and AccessGranted without a licence.
	ReasonRecorded        = "Recorded"
	ReasonRecording       = "Recording"
	ReasonUnlicensed      = "Unlicensed"
	ReasonLicenseNotFound = "LicenseNotFound"
	ReasonNoAccess        = "NoAccess"

	// License, UsageRecord and LicenseReport.
	ReasonLicenseInvalid   = "LicenseInvalid"
	ReasonUsageNotReported = "UsageNotReported"
	ReasonNeeded           = "Needed"
	ReasonCounted          = "Counted"
	ReasonNotUsed          = "NotUsed"
	ReasonOpen             = "Open"
	ReasonClosed           = "Closed"
	ReasonMonthOpen        = "MonthOpen"
	ReasonRecordsOpen      = "RecordsOpen"
	ReasonPreviousNotFinal = "PreviousNotFinal"
	ReasonPriceNotFound    = "PriceNotFound"
	ReasonReportNotFound   = "ReportNotFound"
	// The correction takes away a user whom the report does not count, or adds one twice.
	ReasonAdjustmentInvalid = "AdjustmentInvalid"
	ReasonAlreadyCorrected  = "AlreadyCorrected"
	ReasonFinal             = "Final"
	ReasonPending           = "Pending"
	ReasonOverdue           = "Overdue"
	ReasonSubmitted         = "Submitted"

	// UserRequest.
	ReasonAwaitingApproval = "AwaitingApproval"
	ReasonByEngineer       = "ByEngineer"
	ReasonByTerms          = "ByTerms"
	ReasonTenantSuspended  = "TenantSuspended"
	ReasonNotTheContact    = "NotTheContact"
	ReasonWorkplaceUnknown = "WorkplaceNotFound"
	ReasonUserUnknown      = "UserNotFound"
	ReasonUserExists       = "UserExists"
	ReasonUserDiffers      = "UserDiffers"
	ReasonDenied           = "Denied"
	ReasonDone             = "Done"
	ReasonAnswered         = "Answered"
	ReasonAnsweredLate     = "AnsweredLate"
	ReasonAnswerDue        = "AnswerDue"
	ReasonNoDeadline       = "NoDeadline"

	// SupportSession.
	ReasonConsentGranted  = "Granted"
	ReasonConsentRefused  = "Refused"
	ReasonConsentRevoked  = "Revoked"
	ReasonConsentLapsed   = "Lapsed"
	ReasonConsentAwaited  = "Awaited"
	ReasonConsentNeedless = "NotNeeded"
	ReasonSessionEnded    = "Ended"
	ReasonTimeUp          = "TimeUp"
	ReasonNoRate          = "NoRate"

	// Notice.
	ReasonSent            = "Sent"
	ReasonWaiting         = "Waiting"
	ReasonMailRefused     = "Refused"
	ReasonUnreachable     = "Unreachable"
	ReasonNotConfigured   = "NotConfigured"
	ReasonTemplateInvalid = "TemplateInvalid"

	// What a backup has brought back without its status.
	ReasonRestored = "Restored"
	ReasonHistory  = "History"

	// DataExport. Completed=False also has the reasons of internal/export/report.
	ReasonArrears             = "Arrears"
	ReasonNotBlocked          = "NotBlocked"
	ReasonCopying             = "Copying"
	ReasonHomeNotFound        = "HomeNotFound"
	ReasonTooMany             = "TooMany"
	ReasonCredentialsNotFound = "CredentialsNotFound"
	ReasonEndpointNotAllowed  = "EndpointNotAllowed"
	ReasonGaveUp              = "GaveUp"
	ReasonHandedOver          = "HandedOver"

	// Workplace.
	ReasonIdle              = "Idle"
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
	ReasonNodeLost          = "NodeLost"
	ReasonNotStopping       = "NotStopping"
	ReasonEvicted           = "Evicted"
	ReasonHomeBound         = "Bound"
	ReasonHomeBinding       = "Binding"
	ReasonHomeLost          = "Lost"
	ReasonHomeBeingDeleted  = "BeingDeleted"
	ReasonHomeOfAnother     = "HomeOfAnother"
	ReasonHomeNotExpandable = "NotExpandable"
	ReasonHomeNotRestored   = "NotRestored"
	ReasonSnapshotNotFound  = "SnapshotNotFound"
	ReasonSnapshotNotReady  = "SnapshotNotReady"
	ReasonNoSnapshotAPI     = "NoSnapshotAPI"
	ReasonBackedUp          = "BackedUp"
	ReasonBackingUp         = "BackingUp"
	ReasonBackupFailed      = "BackupFailed"
	ReasonClassChanged      = "ClassChanged"
	ReasonNodeCordoned      = "NodeCordoned"
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
	// AnnotationMadeAt is when an object was made, in RFC 3339. It goes into every
	// backup: one that was made again looks younger than it says.
	AnnotationMadeAt = "werkplek.dev/made-at"
	// AnnotationRestored is what a person has decided about an object that a backup
	// has brought back without its status: RestoredHistory or RestoredAct.
	AnnotationRestored = "werkplek.dev/restored"
	// RestoredHistory says that nothing is to be done about the object, ever.
	RestoredHistory = "History"
	// RestoredAct says that what the object asks for is still to be done.
	RestoredAct = "Act"
	// AnnotationUsername ties a home claim to the person whose data it holds.
	AnnotationUsername = "werkplek.dev/username"
	// AnnotationRemovedOn is, on a home claim, the day on which its workplace was found to be gone.
	AnnotationRemovedOn = "werkplek.dev/removed-on"
	// AnnotationDesktop is a digest of what the pod was made from.
	AnnotationDesktop = "werkplek.dev/desktop"
	// AnnotationRestartedAt is the Workplace's restartedAt that the pod was made for.
	AnnotationRestartedAt = "werkplek.dev/restarted-at"

	// AnnotationLicenses are the names of the licences that the pod's desktop needs, with commas between.
	AnnotationLicenses = "werkplek.dev/licenses"
	// LabelExport is the DataExport's name, on the jobs and pods that copy for it.
	LabelExport = "werkplek.dev/export"
	// LabelHomeOf is, on those jobs and pods, the name of the Workplace whose home they copy.
	LabelHomeOf = "werkplek.dev/home-of"
	// LabelExportCredentials marks, with the value true, Secrets that DataExports name.
	LabelExportCredentials = "werkplek.dev/export-credentials"
	// AnnotationNode is the node to which a copy is bound, because the desktop that uses the home runs there.
	AnnotationNode = "werkplek.dev/node"
	// LabelMonth is the month, YYYY-MM, on usage records.
	LabelMonth = "werkplek.dev/month"
	// LabelCores is, on a node, how many physical cores it has. Without it, its CPU capacity counts.
	LabelCores = "werkplek.dev/cores"
	// LabelProcessors is, on a node, how many processors it has. Without it, it counts as one.
	LabelProcessors = "werkplek.dev/processors"

	// LabelReceivedBy says how a request came, with the value ReceivedByMail.
	LabelReceivedBy = "werkplek.dev/received-by"
	// ReceivedByMail marks requests that came by mail (TD-2).
	ReceivedByMail = "mail"

	// FinalizerTenant holds a Tenant until its namespace may go and is gone.
	FinalizerTenant = "werkplek.dev/tenant"
)

// NamespaceFor returns the name of the namespace of the Tenant with this name.
func NamespaceFor(tenant string) string { return NamespacePrefix + tenant }
