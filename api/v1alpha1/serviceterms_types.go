// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ServiceTerms is a provider's published contract terms as data. Tenants refer
// to them; the operator enforces what they say.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,path=serviceterms,singular=serviceterms,shortName=terms,categories=werkplek
// +kubebuilder:printcolumn:name="Title",type=string,JSONPath=`.spec.displayName`
// +kubebuilder:printcolumn:name="Suspend after",type=string,JSONPath=`.spec.arrears.suspendAfter`
// +kubebuilder:printcolumn:name="Terminate after",type=string,JSONPath=`.spec.arrears.terminateAfter`,priority=1
// +kubebuilder:printcolumn:name="Fee",type=string,JSONPath=`.spec.reactivation.fee`
// +kubebuilder:printcolumn:name="Currency",type=string,JSONPath=`.spec.currency`
// +kubebuilder:printcolumn:name="Zone",type=string,JSONPath=`.spec.timeZone`,priority=1
// +kubebuilder:printcolumn:name="Tenants",type=integer,JSONPath=`.status.tenants`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type ServiceTerms struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec is the terms themselves.
	// +required
	Spec ServiceTermsSpec `json:"spec"`
	// Status says whether the operator can enforce these terms.
	// +optional
	// +kubebuilder:default:={"observedGeneration":-1}
	Status ServiceTermsStatus `json:"status,omitzero"`
}

// ServiceTermsList is a list of ServiceTerms.
//
// +kubebuilder:object:root=true
type ServiceTermsList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []ServiceTerms `json:"items"`
}

// ServiceTermsSpec is a set of contract terms.
type ServiceTermsSpec struct {
	// DisplayName is the title and edition of the terms, for people.
	// +optional
	// +kubebuilder:validation:MaxLength=200
	DisplayName string `json:"displayName,omitempty"`

	// TimeZone is the IANA zone in which all civil dates of these terms' tenants are read.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Z][A-Za-z0-9_+/-]*$') && self != 'Local' && timestamp('2026-01-01T00:00:00Z').getFullYear(self) > 0",message="must be an IANA time zone, such as Europe/Amsterdam"
	TimeZone string `json:"timeZone"`

	// Currency of all amounts in these terms and of the charges that follow from them.
	// +required
	Currency Currency `json:"currency"`

	// Prices says whether the amounts include value-added tax (TD-4).
	// +optional
	// +kubebuilder:default=ExcludingVAT
	Prices PriceBasis `json:"prices,omitempty"`

	// Language of notices to tenants that chose none.
	// +optional
	// +kubebuilder:default=en
	Language Language `json:"language,omitempty"`

	// Plan is what the tenant subscribes to as a whole, beside its workplaces'
	// classes: a storage plan, a number of seats. Absent: classes alone are priced.
	// +optional
	Plan *PlanTerms `json:"plan,omitempty"`

	// Billing says how the subscription is invoiced. Absent: another system
	// charges it, and no subscription charges are made.
	// +optional
	Billing *BillingTerms `json:"billing,omitempty"`

	// Contract says how agreements start, renew and end.
	// +optional
	Contract *ContractTerms `json:"contract,omitempty"`

	// Arrears says when unpaid invoices cost a tenant its access. Absent: never.
	// +optional
	Arrears *ArrearsTerms `json:"arrears,omitempty"`

	// Reactivation says what lifting an arrears suspension requires and costs.
	// Absent: all open invoices must be paid, and nothing is charged.
	// +optional
	Reactivation *ReactivationTerms `json:"reactivation,omitempty"`

	// Retention says how long data outlives the contract. Absent: until a person decides.
	// +optional
	Retention *RetentionTerms `json:"retention,omitempty"`

	// Inactivity says when unused tenants are warned and ended. Absent: never.
	// +optional
	Inactivity *InactivityTerms `json:"inactivity,omitempty"`

	// PriceChange says how prices may change during the agreement.
	// +optional
	PriceChange *PriceChangeTerms `json:"priceChange,omitempty"`

	// Support says what support is promised and what further work costs.
	// +optional
	Support *SupportTerms `json:"support,omitempty"`

	// Requests says how a contact's requests are decided.
	// +optional
	Requests *RequestTerms `json:"requests,omitempty"`

	// Notices that tenants get beyond those that other fields of the terms demand
	// (warnings, announcements, reminders): confirmations and news.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=20
	Notices []NoticeType `json:"notices,omitempty"`

	// Changes of these terms that tenants are told of beforehand, as early as
	// priceChange.notice says (EC-11, DF-1).
	// +optional
	// +listType=map
	// +listMapKey=from
	// +kubebuilder:validation:MaxItems=100
	Changes []TermsChange `json:"changes,omitempty"`

	// Handover says what handing data over to the tenant costs (TD-20).
	// +optional
	Handover *HandoverTerms `json:"handover,omitempty"`
}

// TermsChange is a change of terms that tenants are told of beforehand.
type TermsChange struct {
	// From this day the changed terms hold.
	// +required
	From Date `json:"from"`
	// Title of the change, for people.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=300
	Title string `json:"title"`
}

// Language is a language in which people are written to, as a BCP 47 tag.
//
// +kubebuilder:validation:Enum=nl;en;da;nb
type Language string

// PriceBasis says whether amounts include value-added tax.
//
// +kubebuilder:validation:Enum=ExcludingVAT;IncludingVAT
type PriceBasis string

// The price bases.
const (
	PricesExcludingVAT PriceBasis = "ExcludingVAT"
	PricesIncludingVAT PriceBasis = "IncludingVAT"
)

// BillingTerms says how the subscription is invoiced (TD-5).
type BillingTerms struct {
	// Period that one subscription invoice covers.
	// +required
	// +kubebuilder:validation:XValidation:rule="self.matches('[1-9]')",message="must be longer than nothing"
	Period Period `json:"period"`

	// PaidInAdvance is true when the invoice precedes the period it covers.
	// +optional
	PaidInAdvance *bool `json:"paidInAdvance,omitempty"`

	// SurchargeWithoutDirectDebit is added to subscription fees, in percent,
	// for tenants that do not pay by direct debit (TD-5).
	// +optional
	SurchargeWithoutDirectDebit Percentage `json:"surchargeWithoutDirectDebit,omitempty"`

	// DirectDebitUnavailable are the spans of days for which the provider offers
	// no direct debit. Periods that begin in one carry no surcharge (TD-5).
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	DirectDebitUnavailable []DateSpan `json:"directDebitUnavailable,omitempty"`

	// Anchor is the day from which periods count: the day of the month on which
	// the contract started, or the first of each calendar month, with a first
	// period that is shorter.
	// +optional
	// +kubebuilder:default=ContractStart
	Anchor PeriodAnchor `json:"anchor,omitempty"`

	// Additions says what happens to what is added within a period (LA-3):
	// charged for the days that remain of it, or from the next period on.
	// +optional
	// +kubebuilder:default=ProRata
	Additions AdditionMode `json:"additions,omitempty"`

	// CollectionDay is the day of the month on which direct debits are drawn
	// (DF-6); in shorter months, the last day.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=31
	CollectionDay int32 `json:"collectionDay,omitempty"`

	// InvoiceBefore the start of a period its charges are made, so that they are
	// invoiced and paid before it. Absent: on its first day.
	// +optional
	// +kubebuilder:validation:XValidation:rule="!self.startsWith('PT')",message="must be a calendar period, such as P14D"
	InvoiceBefore Period `json:"invoiceBefore,omitempty"`

	// InvoiceFee is charged with each period's subscription that is not drawn by
	// direct debit (DF-8).
	// +optional
	InvoiceFee Price `json:"invoiceFee,omitempty"`
}

// DateSpan is a span of civil days.
//
// +kubebuilder:validation:XValidation:rule="self.from <= self.until",message="from must not be after until",fieldPath=".until"
type DateSpan struct {
	// From this day.
	// +required
	From Date `json:"from"`
	// Until and including this day.
	// +required
	Until Date `json:"until"`
}

// PeriodAnchor is the day from which billing periods count.
//
// +kubebuilder:validation:Enum=ContractStart;CalendarMonth
type PeriodAnchor string

// The period anchors.
const (
	AnchorContractStart PeriodAnchor = "ContractStart"
	AnchorCalendarMonth PeriodAnchor = "CalendarMonth"
)

// AdditionMode says what happens to what is added within a billing period.
//
// +kubebuilder:validation:Enum=ProRata;NextPeriod
type AdditionMode string

// The addition modes.
const (
	AdditionsProRata    AdditionMode = "ProRata"
	AdditionsNextPeriod AdditionMode = "NextPeriod"
)

// PlanTerms is what a tenant subscribes to as a whole (EC-1, LS-3, LA-10).
type PlanTerms struct {
	// Price of the plan for each of its periods. Absent: it is free, or only
	// its seats cost something. Its period must be that of billing.
	// +optional
	Price Price `json:"price,omitempty"`

	// Seats are charged one by one (LA-10).
	// +optional
	Seats *SeatTerms `json:"seats,omitempty"`

	// PriceChanges are the plan's later prices. Each holds for a tenant from the
	// first period that begins on or after its day, and after the tenant was told
	// as early as priceChange.notice says (EC-11, DF-1, LA-4).
	// +optional
	// +listType=map
	// +listMapKey=from
	// +kubebuilder:validation:MaxItems=100
	PriceChanges []PlanPriceChange `json:"priceChanges,omitempty"`

	// ForTypes are the types of tenant that may have the plan (EC-2). Empty: all.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=2
	ForTypes []TenantType `json:"forTypes,omitempty"`

	// Capacity is the size of all homes together at most (EC-2). Absent: no limit.
	// +optional
	Capacity *resource.Quantity `json:"capacity,omitempty"`

	// Members is the number of distinct users at most (EC-1). Absent: no limit.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100000
	Members *int32 `json:"members,omitempty"`

	// Bonus is true where a tenant may have bonus capacity for a time (EC-13).
	// +optional
	Bonus *bool `json:"bonus,omitempty"`

	// Entry says when a tenant that changes to this plan gets it: when its first
	// period is paid (LS-2), at once, or at the end of the current period (EC-5).
	// +optional
	// +kubebuilder:default=AtOnce
	Entry PlanEntry `json:"entry,omitempty"`

	// AfterEnd is what becomes of the tenant when its subscription to this plan
	// ends. Absent: its contract ends.
	// +optional
	AfterEnd *AfterPlanTerms `json:"afterEnd,omitempty"`
}

// PlanPriceChange is what a plan costs from a day on.
//
// +kubebuilder:validation:XValidation:rule="has(self.price) || has(self.seatPrice)",message="must change a price: say price, seatPrice or both",fieldPath=".price"
type PlanPriceChange struct {
	// From this day.
	// +required
	From Date `json:"from"`
	// Price of the plan for each of its periods. Absent: as before.
	// +optional
	Price Price `json:"price,omitempty"`
	// SeatPrice is that of one seat for each billing period, and of a user beyond
	// the seats where extraPrice is not set. Absent: as before.
	// +optional
	SeatPrice Price `json:"seatPrice,omitempty"`
}

// PlanEntry says when a tenant that changes to a plan gets it.
//
// +kubebuilder:validation:Enum=OnPayment;AtOnce;PeriodEnd
type PlanEntry string

// The plan entries.
const (
	EntryOnPayment PlanEntry = "OnPayment"
	EntryAtOnce    PlanEntry = "AtOnce"
	EntryPeriodEnd PlanEntry = "PeriodEnd"
)

// SeatTerms price the seats of a plan (LA-10).
type SeatTerms struct {
	// Price of one seat for each billing period.
	// +required
	Price Price `json:"price"`

	// ExtraPrice is charged for each user beyond the seats and each billing
	// period, once the tenant was told (LA-10). Absent: the seats' price.
	// +optional
	ExtraPrice Price `json:"extraPrice,omitempty"`
}

// AfterPlanTerms is what becomes of a tenant whose subscription to a plan ends (EC-6).
type AfterPlanTerms struct {
	// TermsRef names the ServiceTerms that then hold: those of a free plan.
	// +required
	TermsRef Reference `json:"termsRef"`

	// EraseAboveCapacity is true when all data is erased if it does not fit that plan.
	// +optional
	EraseAboveCapacity *bool `json:"eraseAboveCapacity,omitempty"`
}

// HandoverTerms say what handing data over costs (TD-20).
type HandoverTerms struct {
	// Fee for each export.
	// +optional
	Fee Price `json:"fee,omitempty"`

	// FeePerGigabyte for each started 1,000,000,000 bytes that were handed over.
	// +optional
	FeePerGigabyte Price `json:"feePerGigabyte,omitempty"`
}

// ContractTerms says how agreements start, renew and end (TD-6, TD-7).
type ContractTerms struct {
	// MinimumTerm is the first term of the agreement.
	// +optional
	MinimumTerm Period `json:"minimumTerm,omitempty"`

	// Renewal is the term that follows each term unless notice is given.
	// Absent: the agreement ends at the end of its term.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self.matches('[1-9]')",message="must be longer than nothing"
	Renewal Period `json:"renewal,omitempty"`

	// Notice says how a tenant ends the agreement.
	// +optional
	Notice *NoticeTerms `json:"notice,omitempty"`

	// NoticeAfterRenewal says how, once the first term is over (LS-6). Absent: as in it.
	// +optional
	NoticeAfterRenewal *NoticeTerms `json:"noticeAfterRenewal,omitempty"`

	// EarlyTermination lets notice end the agreement before its first term is
	// over, and says what that costs (DF-3). Absent: the first term binds, and
	// notice ends the agreement at its end at the earliest.
	// +optional
	EarlyTermination *EarlyTerminationTerms `json:"earlyTermination,omitempty"`

	// Withdrawal says who may withdraw shortly after the start.
	// +optional
	Withdrawal *WithdrawalTerms `json:"withdrawal,omitempty"`

	// Trial precedes the paid agreement.
	// +optional
	Trial *TrialTerms `json:"trial,omitempty"`
}

// NoticeTarget is the moment to which notice is given.
//
// +kubebuilder:validation:Enum=EndOfTerm;EndOfCalendarMonth;NextCollection;Immediate
type NoticeTarget string

// The moments to which notice is given.
const (
	NoticeToEndOfTerm          NoticeTarget = "EndOfTerm"
	NoticeToEndOfCalendarMonth NoticeTarget = "EndOfCalendarMonth"
	NoticeToNextCollection     NoticeTarget = "NextCollection"
	NoticeToImmediate          NoticeTarget = "Immediate"
)

// NoticeTerms says how a tenant ends the agreement (TD-7).
type NoticeTerms struct {
	// Period between the receipt of a notice and the earliest end.
	// +required
	Period Period `json:"period"`

	// To is the kind of moment at which the agreement can end.
	// +required
	To NoticeTarget `json:"to"`

	// RefusedDuringArrears is true when notice given during arrears has no effect.
	// +optional
	RefusedDuringArrears *bool `json:"refusedDuringArrears,omitempty"`

	// RefundPercent is the part of what was paid for the days after the end that
	// is credited: 100 for all of it (LS-6), 50 where the provider keeps half
	// (LA-6). Absent: nothing is refunded.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	RefundPercent int32 `json:"refundPercent,omitempty"`
}

// EarlyTerminationTerms say what leaving within the first term costs (DF-3, TD-12).
type EarlyTerminationTerms struct {
	// RestOfTermPercent is the part of the subscription for the rest of the first
	// term that is charged.
	// +optional
	// +kubebuilder:default=100
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	RestOfTermPercent *int32 `json:"restOfTermPercent,omitempty"`
}

// WithdrawalTerms says who may withdraw shortly after the start.
type WithdrawalTerms struct {
	// Within this period from the start, the tenant may withdraw.
	// +required
	Within Period `json:"within"`

	// ForTypes are the types of tenant that may. Empty: all.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=2
	ForTypes []TenantType `json:"forTypes,omitempty"`

	// KeepDaysUsed is true when the days until the withdrawal are paid for and
	// the rest is refunded (LS-4). Otherwise everything is.
	// +optional
	KeepDaysUsed *bool `json:"keepDaysUsed,omitempty"`
}

// TrialTerms describes the trial that precedes the paid agreement.
type TrialTerms struct {
	// Period of the trial from the start of the contract.
	// +required
	Period Period `json:"period"`

	// AtEnd is what happens when the trial ends unpaid.
	// +optional
	// +kubebuilder:default=Suspend
	AtEnd TrialEnd `json:"atEnd,omitempty"`

	// RemindBefore the end of the trial, the tenant is reminded.
	// +optional
	RemindBefore Period `json:"remindBefore,omitempty"`
}

// TrialEnd is what happens when a trial ends unpaid (LA-1).
//
// +kubebuilder:validation:Enum=Suspend;End
type TrialEnd string

// The ends of trials.
const (
	TrialEndSuspend TrialEnd = "Suspend"
	TrialEndEnd     TrialEnd = "End"
)

// ArrearsAnchor names the invoice from which arrears are counted.
//
// +kubebuilder:validation:Enum=OldestUnpaidInvoice;LastSentInvoice
type ArrearsAnchor string

// The arrears anchors. TD-8 read literally counts from the last sent invoice,
// which monthly invoicing moves ahead for ever; both readings are available.
const (
	OldestUnpaidInvoice ArrearsAnchor = "OldestUnpaidInvoice"
	LastSentInvoice     ArrearsAnchor = "LastSentInvoice"
)

// DateBasis names the date of an invoice from which arrears are counted.
//
// +kubebuilder:validation:Enum=IssuedOn;DueOn
type DateBasis string

// The date bases.
const (
	IssuedOn DateBasis = "IssuedOn"
	DueOn    DateBasis = "DueOn"
)

// TerminationMode says who ends a contract whose arrears have lasted too long.
//
// +kubebuilder:validation:Enum=Manual;Automatic
type TerminationMode string

// The termination modes.
const (
	TerminationManual    TerminationMode = "Manual"
	TerminationAutomatic TerminationMode = "Automatic"
)

// ArrearsTerms says when unpaid invoices cost a tenant its access (TD-8, TD-12).
type ArrearsTerms struct {
	// MeasuredFrom is the invoice from which the periods below count.
	// +optional
	// +kubebuilder:default=OldestUnpaidInvoice
	MeasuredFrom ArrearsAnchor `json:"measuredFrom,omitempty"`

	// DateBasis is the date of that invoice from which they count.
	// +optional
	// +kubebuilder:default=IssuedOn
	DateBasis DateBasis `json:"dateBasis,omitempty"`

	// SuspendAfter is how long arrears may last. With P2M, an invoice of
	// 1 September is in time until the end of 1 November; access is suspended
	// from 2 November 00:00 (TD-8).
	// +required
	// +kubebuilder:validation:XValidation:rule="!self.startsWith('PT')",message="must be a calendar period, such as P2M: arrears are counted in days"
	SuspendAfter Period `json:"suspendAfter"`

	// TerminateAfter is how long arrears may last before the provider may end
	// the contract (TD-12). Absent: arrears never end it.
	// +optional
	// +kubebuilder:validation:XValidation:rule="!self.startsWith('PT')",message="must be a calendar period, such as P4M: arrears are counted in days"
	TerminateAfter Period `json:"terminateAfter,omitempty"`

	// Termination says whether a person ends the contract then, or the operator.
	// +optional
	// +kubebuilder:default=Manual
	Termination TerminationMode `json:"termination,omitempty"`

	// ClaimRestOfTerm is true when a contract that arrears end is charged for the
	// rest of its term (TD-12).
	// +optional
	ClaimRestOfTerm *bool `json:"claimRestOfTerm,omitempty"`

	// Warning precedes the suspension (LA-12). Absent: nobody is warned.
	// +optional
	Warning *WarningTerms `json:"warning,omitempty"`

	// BillingFreshness is how old the billing system's facts may be. Older
	// facts decide nothing: nobody is suspended and no suspension is lifted.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self.matches('[1-9]')",message="must be longer than nothing"
	// +kubebuilder:default=P3D
	BillingFreshness Period `json:"billingFreshness,omitempty"`
}

// WarningTerms say when a tenant is warned of a suspension.
type WarningTerms struct {
	// Before the suspension, so long.
	// +required
	// +kubebuilder:validation:XValidation:rule="self.matches('[1-9]') && !self.startsWith('PT')",message="must be a calendar period longer than nothing, such as P7D"
	Before Period `json:"before"`

	// Required is true when nobody may be suspended who was not warned so long
	// before: a warning that could not be sent puts the suspension off.
	// +optional
	Required *bool `json:"required,omitempty"`
}

// ReactivationUnit is what the reactivation fee is charged per.
//
// +kubebuilder:validation:Enum=WorkplaceUser;Tenant
type ReactivationUnit string

// The reactivation units.
const (
	PerWorkplaceUser ReactivationUnit = "WorkplaceUser"
	PerTenant        ReactivationUnit = "Tenant"
)

// ReactivationRequirement is what must be paid before an arrears suspension lifts.
//
// +kubebuilder:validation:Enum=AllOpenInvoicesPaid;OverdueInvoicesPaid
type ReactivationRequirement string

// The reactivation requirements.
const (
	AllOpenInvoicesPaid ReactivationRequirement = "AllOpenInvoicesPaid"
	OverdueInvoicesPaid ReactivationRequirement = "OverdueInvoicesPaid"
)

// ReactivationTerms says what lifting an arrears suspension requires and costs (TD-9..11).
type ReactivationTerms struct {
	// Fee for each unit, in the terms' currency (TD-10).
	// +required
	Fee Price `json:"fee"`

	// Per is the unit: each distinct workplace user that was shut out, or the tenant once.
	// +optional
	// +kubebuilder:default=WorkplaceUser
	Per ReactivationUnit `json:"per,omitempty"`

	// Requires is what must be paid first (TD-11). An invoice without a due
	// date is overdue from the day it was issued.
	// +optional
	// +kubebuilder:default=AllOpenInvoicesPaid
	Requires ReactivationRequirement `json:"requires,omitempty"`
}

// RetentionTerms says how long data outlives the contract.
type RetentionTerms struct {
	// AfterEnd is how long data is kept after the contract's end.
	// +required
	AfterEnd Period `json:"afterEnd"`

	// Announce is how long before erasure the tenant must have been told.
	// +optional
	Announce Period `json:"announce,omitempty"`

	// AfterUnpaid is how long data is kept when arrears end the contract (EC-8).
	// Absent: as after any other end.
	// +optional
	AfterUnpaid Period `json:"afterUnpaid,omitempty"`

	// Erasure says whether the operator erases data when its time is over, or a
	// person does.
	// +optional
	// +kubebuilder:default=Automatic
	Erasure ErasureMode `json:"erasure,omitempty"`
}

// ErasureMode says who erases data when its time is over.
//
// +kubebuilder:validation:Enum=Automatic;Manual
type ErasureMode string

// The erasure modes.
const (
	ErasureAutomatic ErasureMode = "Automatic"
	ErasureManual    ErasureMode = "Manual"
)

// InactivityTerms says when unused tenants are warned and ended.
type InactivityTerms struct {
	// WarnAfter this long without use.
	// +optional
	WarnAfter Period `json:"warnAfter,omitempty"`

	// EndAfter this long without use.
	// +required
	EndAfter Period `json:"endAfter"`
}

// PriceChangeTerms says how prices may change during the agreement (TD-13, TD-15).
type PriceChangeTerms struct {
	// Notice before a changed price applies.
	// +optional
	Notice Period `json:"notice,omitempty"`

	// IndexingMonth is the calendar month, 1 to 12, at whose start prices may be indexed.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=12
	IndexingMonth int32 `json:"indexingMonth,omitempty"`

	// ExitAbovePercent is the deviation above which a tenant may leave.
	// +optional
	ExitAbovePercent Percentage `json:"exitAbovePercent,omitempty"`

	// ExitNotice is the notice for leaving then.
	// +optional
	ExitNotice Period `json:"exitNotice,omitempty"`
}

// Weekday is a day of the week.
//
// +kubebuilder:validation:Enum=Mon;Tue;Wed;Thu;Fri;Sat;Sun
type Weekday string

// TimeOfDay is a wall-clock time in the terms' time zone, HH:MM.
//
// +kubebuilder:validation:MinLength=5
// +kubebuilder:validation:MaxLength=5
// +kubebuilder:validation:XValidation:rule="self.matches('^([01][0-9]|2[0-3]):[0-5][0-9]$') || self == '24:00'",message="must be a time of day, HH:MM"
type TimeOfDay string

// SupportTerms says what support is promised and what further work costs (TD-1, TD-17, TD-18).
type SupportTerms struct {
	// AnswerWithin is how soon, counted in office hours, a request is answered.
	// +optional
	AnswerWithin Period `json:"answerWithin,omitempty"`

	// OfficeHours in which support works.
	// +optional
	OfficeHours *OfficeHours `json:"officeHours,omitempty"`

	// Rates for work outside the agreement.
	// +optional
	Rates *SupportRates `json:"rates,omitempty"`

	// Sessions that the agreement includes.
	// +optional
	Sessions *SupportSessions `json:"sessions,omitempty"`
}

// OfficeHours are the hours in which support works.
//
// +kubebuilder:validation:XValidation:rule="self.from < self.until",message="from must be before until",fieldPath=".until"
type OfficeHours struct {
	// Days of the week.
	// +required
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=7
	Days []Weekday `json:"days"`

	// From this time of day.
	// +required
	From TimeOfDay `json:"from"`

	// Until this time of day.
	// +required
	Until TimeOfDay `json:"until"`

	// HolidayCalendar is the country whose public holidays support does not
	// work, as an ISO 3166 code. Absent: none but those in holidays.
	// +optional
	HolidayCalendar HolidayCalendar `json:"holidayCalendar,omitempty"`

	// Holidays beyond those of the calendar, on which support does not work.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=100
	Holidays []Date `json:"holidays,omitempty"`

	// WorkingHolidays are days of the calendar on which support works all the same.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=100
	WorkingHolidays []Date `json:"workingHolidays,omitempty"`
}

// HolidayCalendar is a country whose public holidays are known. Norway is NOR as well
// as NO, which readers of YAML 1.1 take for a boolean unless it stands in quotes.
//
// +kubebuilder:validation:Enum=AT;BE;CH;DE;DK;FI;FR;GB;IE;NL;NO;NOR;SE
type HolidayCalendar string

// SupportRates are the rates for work outside the agreement.
type SupportRates struct {
	// Remote work (TD-17).
	// +optional
	Remote *WorkRate `json:"remote,omitempty"`

	// OnSite work (TD-18).
	// +optional
	OnSite *WorkRate `json:"onSite,omitempty"`
}

// WorkRate is a price for started units of work.
type WorkRate struct {
	// Amount for each started unit, in the terms' currency.
	// +required
	Amount Price `json:"amount"`

	// Per is the unit of time.
	// +required
	// +kubebuilder:validation:XValidation:rule="self.matches('[1-9]')",message="must be longer than nothing"
	Per Period `json:"per"`

	// Minimum that is always charged.
	// +optional
	Minimum Period `json:"minimum,omitempty"`

	// CallOut is charged once per visit, in the terms' currency.
	// +optional
	CallOut Price `json:"callOut,omitempty"`

	// MinimumAmount is what any such work costs at least (DF-9).
	// +optional
	MinimumAmount Price `json:"minimumAmount,omitempty"`
}

// SupportSessions are the support sessions that an agreement includes.
type SupportSessions struct {
	// Included number of sessions.
	// +required
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100000
	Included int32 `json:"included"`

	// Per is the period to which that number applies.
	// +required
	// +kubebuilder:validation:XValidation:rule="self.matches('[1-9]')",message="must be longer than nothing"
	Per Period `json:"per"`

	// Length of one session at most.
	// +optional
	Length Period `json:"length,omitempty"`

	// Consecutive sessions at most that one problem may take; longer work is
	// charged at the normal rates (DF-4, DF-5). Absent: no limit.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	Consecutive int32 `json:"consecutive,omitempty"`

	// DiscountPercent on work once all included sessions are used (DF-4).
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	DiscountPercent int32 `json:"discountPercent,omitempty"`

	// Overused is charged on leaving for each session used beyond the share of
	// the allowance that the months of membership have earned (DF-6). Absent:
	// nothing is settled.
	// +optional
	Overused Price `json:"overused,omitempty"`
}

// RequestTerms says how a contact's requests are decided.
type RequestTerms struct {
	// Approval by a person, or automatic when within the tenant's limits.
	// +optional
	// +kubebuilder:validation:Enum=Manual;Automatic
	// +kubebuilder:default=Manual
	Approval string `json:"approval,omitempty"`
}

// ServiceTermsStatus says whether the operator can enforce the terms.
type ServiceTermsStatus struct {
	// ObservedGeneration is the generation that the conditions speak of; -1 until the
	// operator has looked.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// Tenants is the number of tenants under these terms.
	// +optional
	Tenants int32 `json:"tenants,omitempty"`

	// Conditions: Ready.
	// +optional
	Conditions Conditions `json:"conditions,omitempty"`
}
