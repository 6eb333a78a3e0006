// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Tenant is a customer: an organisation or a consumer that uses workplaces
// under a set of ServiceTerms. The operator gives it a namespace,
// tenant-<name>, and enforces the terms there.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,shortName=tn,categories=werkplek
// +kubebuilder:printcolumn:name="State",type=string,JSONPath=`.status.state`
// +kubebuilder:printcolumn:name="Suspended by",type=string,JSONPath=`.status.suspendedBy`
// +kubebuilder:printcolumn:name="Arrears since",type=string,JSONPath=`.status.arrears.since`
// +kubebuilder:printcolumn:name="Amount",type=string,JSONPath=`.status.arrears.amount`,priority=1
// +kubebuilder:printcolumn:name="Workplaces",type=integer,JSONPath=`.status.workplaces.total`
// +kubebuilder:printcolumn:name="Running",type=integer,JSONPath=`.status.workplaces.running`
// +kubebuilder:printcolumn:name="Next",type=string,JSONPath=`.status.next.what`
// +kubebuilder:printcolumn:name="Next at",type=string,JSONPath=`.status.next.at`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
// +kubebuilder:printcolumn:name="Reseller",type=string,JSONPath=`.spec.resellerRef.name`,priority=1
// +kubebuilder:printcolumn:name="Terms",type=string,JSONPath=`.spec.termsRef.name`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="self.metadata.name.matches('^[a-z0-9]([a-z0-9-]*[a-z0-9])?$') && !self.metadata.name.contains('--') && size(self.metadata.name) <= 40",message="metadata.name must be at most 40 lower-case letters, digits and single hyphens: it becomes part of the namespace and of host names",fieldPath=".metadata"
// +kubebuilder:validation:XValidation:rule="!has(self.spec.resellerRef) || self.spec.resellerRef.name != self.metadata.name",message="must name another tenant",fieldPath=".spec.resellerRef.name"
type Tenant struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec is what was agreed with the tenant.
	// +required
	Spec TenantSpec `json:"spec"`
	// Status is where the tenant stands under its terms, written by the operator.
	// +optional
	// +kubebuilder:default:={"observedGeneration":-1}
	Status TenantStatus `json:"status,omitzero"`
}

// TenantList is a list of Tenants.
//
// +kubebuilder:object:root=true
type TenantList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Tenant `json:"items"`
}

// TenantType distinguishes consumers, whom the law protects further, from businesses.
//
// +kubebuilder:validation:Enum=Business;Consumer
type TenantType string

// The tenant types.
const (
	Business TenantType = "Business"
	Consumer TenantType = "Consumer"
)

// TenantSpec is what was agreed with the tenant.
type TenantSpec struct {
	// DisplayName is the customer's name, for people.
	// +optional
	// +kubebuilder:validation:MaxLength=200
	DisplayName string `json:"displayName,omitempty"`

	// Type of customer.
	// +optional
	// +kubebuilder:default=Business
	Type TenantType `json:"type,omitempty"`

	// TermsRef names the ServiceTerms of the agreement.
	// +required
	TermsRef Reference `json:"termsRef"`

	// ResellerRef names the Tenant through which this one buys. A reseller's
	// suspension covers it too (TD-8). That Tenant must have spec.reseller true.
	// +optional
	ResellerRef *Reference `json:"resellerRef,omitempty"`

	// Reseller is true for a tenant that may have sub-organisations.
	// +optional
	Reseller *bool `json:"reseller,omitempty"`

	// Language of notices to this tenant. Absent: that of the terms.
	// +optional
	Language Language `json:"language,omitempty"`

	// Contact is the one person who may request and block users (TD-23).
	// +optional
	Contact *Person `json:"contact,omitempty"`

	// DirectDebit is true when the tenant pays by direct debit (TD-5).
	// +optional
	DirectDebit *bool `json:"directDebit,omitempty"`

	// Contract holds the dates of the agreement.
	// +optional
	Contract *ContractSpec `json:"contract,omitempty"`

	// PlanChange is the tenant's wish to have another plan (LS-2, EC-3, EC-5).
	// +optional
	PlanChange *PlanChange `json:"planChange,omitempty"`

	// Seats that the tenant has taken, where its plan has seats (LA-10). Absent: one.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100000
	Seats *int32 `json:"seats,omitempty"`

	// Bonus is capacity that the tenant has for a time, where its plan allows it (EC-13).
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	Bonus []BonusCapacity `json:"bonus,omitempty"`

	// PaymentArrangement is the written agreement under which service
	// continues despite arrears (TD-9).
	// +optional
	PaymentArrangement *PaymentArrangement `json:"paymentArrangement,omitempty"`

	// LegalHold keeps data from being handed over or erased.
	// +optional
	LegalHold *LegalHold `json:"legalHold,omitempty"`

	// Limits on what the tenant may use. Absent: no limits.
	// +optional
	Limits *TenantLimits `json:"limits,omitempty"`
}

// ContractSpec holds the dates of an agreement.
//
// +kubebuilder:validation:XValidation:rule="!has(self.noticeReceivedOn) || !has(self.startsOn) || self.noticeReceivedOn >= self.startsOn",message="noticeReceivedOn must not be before startsOn",fieldPath=".noticeReceivedOn"
type ContractSpec struct {
	// StartsOn is the day of delivery and acceptance, or of first use (TD-6).
	// Absent: the day the Tenant was created.
	// +optional
	StartsOn Date `json:"startsOn,omitempty"`

	// NoticeReceivedOn is the day on which the tenant's notice was received (TD-7).
	// +optional
	NoticeReceivedOn Date `json:"noticeReceivedOn,omitempty"`

	// WithdrawnOn is the day on which the tenant withdrew (LS-4, EC-10, DF-2).
	// +optional
	WithdrawnOn Date `json:"withdrawnOn,omitempty"`

	// PaymentDetailsOn is the day on which the tenant gave its payment details:
	// its trial ends, and billing starts (LA-1).
	// +optional
	PaymentDetailsOn Date `json:"paymentDetailsOn,omitempty"`

	// TerminatedOn is the day on which the provider ends the contract because of
	// arrears (TD-12). It has effect from the day on which the terms allow that.
	// +optional
	TerminatedOn Date `json:"terminatedOn,omitempty"`

	// ChargedFrom is the first day for which the operator charges the
	// subscription. Absent: the billing period in which the Tenant was created.
	// +optional
	ChargedFrom Date `json:"chargedFrom,omitempty"`
}

// PlanChange is a tenant's wish to have another plan.
type PlanChange struct {
	// TermsRef names the ServiceTerms of that plan.
	// +required
	TermsRef Reference `json:"termsRef"`

	// RequestedOn is the day on which the tenant asked for it.
	// +required
	RequestedOn Date `json:"requestedOn"`
}

// BonusCapacity is capacity beyond the plan's, for a time (EC-13).
type BonusCapacity struct {
	// Capacity beyond the plan's.
	// +required
	// +kubebuilder:validation:XValidation:rule="quantity(string(self)).compareTo(quantity('0')) > 0",message="must be more than nothing"
	Capacity resource.Quantity `json:"capacity"`
	// Until and including this day.
	// +required
	Until Date `json:"until"`
}

// PaymentArrangement is a written agreement under which service continues
// despite arrears (TD-9).
type PaymentArrangement struct {
	// Reference to the written agreement.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=200
	Reference string `json:"reference"`

	// Until and including this day the arrangement runs.
	// +required
	Until Date `json:"until"`

	// WaiveReactivationFee is true when the agreement says that resuming costs nothing.
	// +optional
	WaiveReactivationFee *bool `json:"waiveReactivationFee,omitempty"`
}

// LegalHold keeps data from being handed over or erased.
type LegalHold struct {
	// Reference to the order or claim that demands it.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=200
	Reference string `json:"reference"`
}

// TenantLimits bounds what a tenant may use.
type TenantLimits struct {
	// Workplaces at most. Those beyond it, youngest first, wait.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100000
	Workplaces *int32 `json:"workplaces,omitempty"`

	// AllowedClasses are the names of the WorkplaceClasses that the tenant may use. Empty: all.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=100
	AllowedClasses []ObjectName `json:"allowedClasses,omitempty"`

	// CPU is the sum of the CPU requests of all desktops at most.
	// +optional
	// +kubebuilder:validation:XValidation:rule="quantity(string(self)).compareTo(quantity('0')) >= 0",message="must not be negative"
	CPU *resource.Quantity `json:"cpu,omitempty"`

	// Memory is the sum of the memory requests of all desktops at most.
	// +optional
	// +kubebuilder:validation:XValidation:rule="quantity(string(self)).compareTo(quantity('0')) >= 0",message="must not be negative"
	Memory *resource.Quantity `json:"memory,omitempty"`

	// Storage is the sum of the sizes of all homes at most.
	// +optional
	// +kubebuilder:validation:XValidation:rule="quantity(string(self)).compareTo(quantity('0')) >= 0",message="must not be negative"
	Storage *resource.Quantity `json:"storage,omitempty"`

	// HomeSize is the size of one home at most.
	// +optional
	// +kubebuilder:validation:XValidation:rule="quantity(string(self)).compareTo(quantity('0')) >= 0",message="must not be negative"
	HomeSize *resource.Quantity `json:"homeSize,omitempty"`
}

// TenantState is a word for people; programs read the conditions.
type TenantState string

// The tenant states.
const (
	TenantTrial     TenantState = "Trial"
	TenantActive    TenantState = "Active"
	TenantInArrears TenantState = "InArrears"
	TenantSuspended TenantState = "Suspended"
	TenantEnded     TenantState = "Ended"
	TenantErased    TenantState = "Erased"
)

// TenantStatus is where a tenant stands under its terms.
type TenantStatus struct {
	// ObservedGeneration is the generation that the conditions speak of; -1 until the
	// operator has looked.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// Namespace that holds the tenant's workplaces and records.
	// +optional
	Namespace string `json:"namespace,omitempty"`

	// State is a word for people: Trial, Active, InArrears, Suspended, Ended,
	// Erased. Programs read the conditions.
	// +optional
	State TenantState `json:"state,omitempty"`

	// SuspendedBy lists, for people, the causes of the suspensions in force.
	// +optional
	SuspendedBy string `json:"suspendedBy,omitempty"`

	// Contract holds the dates that follow from the terms.
	// +optional
	Contract *ContractStatus `json:"contract,omitempty"`

	// Arrears is set while an invoice is unpaid.
	// +optional
	Arrears *ArrearsStatus `json:"arrears,omitempty"`

	// Suspensions in force, the tenant's own and its resellers'.
	// +optional
	// +listType=map
	// +listMapKey=tenant
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=200
	Suspensions []SuspensionSummary `json:"suspensions,omitempty"`

	// Workplaces counts the tenant's workplaces.
	// +optional
	Workplaces WorkplaceCount `json:"workplaces,omitzero"`

	// RightsToLeave are the price changes that let the tenant leave before its
	// term ends (TD-15).
	// +optional
	// +listType=map
	// +listMapKey=kind
	// +listMapKey=name
	// +listMapKey=from
	// +kubebuilder:validation:MaxItems=100
	RightsToLeave []RightToLeave `json:"rightsToLeave,omitempty"`

	// Terms names the ServiceTerms that hold now: those of spec.termsRef, or of
	// the plan to which the tenant has changed since.
	// +optional
	Terms ObjectName `json:"terms,omitempty"`

	// Erasure proves that the tenant's data was erased.
	// +optional
	Erasure *ErasureStatus `json:"erasure,omitempty"`

	// RemovedHomes are the homes of removed workplaces that were erased while the
	// contract went on, the latest 200.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=200
	RemovedHomes []ErasedHome `json:"removedHomes,omitempty"`

	// Next is the next thing that time alone will bring: the change of where the tenant
	// stands that comes first; without one, the next charge or notice.
	// +optional
	Next *Transition `json:"next,omitempty"`

	// Conditions: Ready, AccessGranted, BillingFresh, InArrears,
	// TerminationAllowed, ContractActive, ErasureAllowed.
	// +optional
	Conditions Conditions `json:"conditions,omitempty"`
}

// ContractStatus holds the dates of the agreement that follow from the terms.
type ContractStatus struct {
	// StartsOn is the first day.
	// +optional
	StartsOn Date `json:"startsOn,omitempty"`
	// TermEndsOn is the last day of the current term.
	// +optional
	TermEndsOn Date `json:"termEndsOn,omitempty"`
	// EarliestEndOn is the last day if notice were given today.
	// +optional
	EarliestEndOn Date `json:"earliestEndOn,omitempty"`
	// EndsOn is the day from which the contract no longer holds, once that is known.
	// +optional
	EndsOn Date `json:"endsOn,omitempty"`
	// EraseOn is the day from which data may be erased, once that is known.
	// +optional
	EraseOn Date `json:"eraseOn,omitempty"`
	// EndReason is why the contract ends: Notice, EndOfTerm, Withdrawal, Trial,
	// Inactivity, TerminatedByArrears.
	// +optional
	EndReason EndReason `json:"endReason,omitempty"`
	// TrialEndsOn is the first day after the trial, if there is one.
	// +optional
	TrialEndsOn Date `json:"trialEndsOn,omitempty"`
	// WithdrawableUntil is the last day on which the tenant may withdraw.
	// +optional
	WithdrawableUntil Date `json:"withdrawableUntil,omitempty"`
	// Notice is what was decided about the notice that was received last. It
	// stays decided, whatever is paid later.
	// +optional
	Notice *NoticeDecision `json:"notice,omitempty"`
	// Plans are the plans that the tenant has had since it first changed one,
	// the current one last.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	Plans []PlanPeriod `json:"plans,omitempty"`
}

// EndReason is why a contract ends.
type EndReason string

// The reasons for which contracts end.
const (
	EndNotice              EndReason = "Notice"
	EndOfTerm              EndReason = "EndOfTerm"
	EndWithdrawal          EndReason = "Withdrawal"
	EndTrial               EndReason = "Trial"
	EndInactivity          EndReason = "Inactivity"
	EndTerminatedByArrears EndReason = "TerminatedByArrears"
)

// NoticeDecision is what was decided about a notice (TD-7).
type NoticeDecision struct {
	// ReceivedOn is the day on which the notice was received.
	// +required
	ReceivedOn Date `json:"receivedOn"`
	// Decision: Accepted or Refused.
	// +required
	Decision NoticeVerdict `json:"decision"`
	// EndsOn is the day from which the contract no longer holds, if it was accepted.
	// +optional
	EndsOn Date `json:"endsOn,omitempty"`
	// Invoice that was overdue when a refused notice was received.
	// +optional
	Invoice string `json:"invoice,omitempty"`
}

// NoticeVerdict is what was decided about a notice.
//
// +kubebuilder:validation:Enum=Accepted;Refused
type NoticeVerdict string

// The verdicts on a notice.
const (
	NoticeAccepted NoticeVerdict = "Accepted"
	NoticeRefused  NoticeVerdict = "Refused"
)

// PlanPeriod is a plan that a tenant has from a day on.
type PlanPeriod struct {
	// Terms names the ServiceTerms of the plan.
	// +required
	Terms ObjectName `json:"terms"`
	// From this day.
	// +required
	From Date `json:"from"`
	// AgreedOn is the day from which its terms and billing periods count: an
	// earlier one where it took the place of another of the same length.
	// +optional
	AgreedOn Date `json:"agreedOn,omitempty"`
	// Under these ServiceTerms of spec.termsRef the plan was had. Once
	// spec.termsRef names others, those hold.
	// +required
	Under ObjectName `json:"under"`
	// Because: Requested, or Ended when the plan before it ran out.
	// +optional
	Because PlanReason `json:"because,omitempty"`
}

// TermsNow returns the name of the ServiceTerms that hold for a tenant: those of
// the plan it has changed to, or of spec.termsRef.
func (t *Tenant) TermsNow() ObjectName {
	if plan := t.PlanNow(); plan != nil {
		return plan.Terms
	}
	return t.Spec.TermsRef.Name
}

// PlanNow returns the plan that a tenant has changed to; nil if it has not.
func (t *Tenant) PlanNow() *PlanPeriod {
	if t.Status.Contract == nil || len(t.Status.Contract.Plans) == 0 {
		return nil
	}
	last := &t.Status.Contract.Plans[len(t.Status.Contract.Plans)-1]
	if last.Under != t.Spec.TermsRef.Name {
		return nil
	}
	return last
}

// PlanReason is why a tenant has a plan.
type PlanReason string

// The reasons for which tenants have plans.
const (
	PlanRequested PlanReason = "Requested"
	PlanEnded     PlanReason = "Ended"
)

// ErasureRuleSmallerPlan is the rule under which data is erased that does not
// fit the plan which follows (EC-6); the tenant goes on.
const ErasureRuleSmallerPlan = "plan.afterEnd.eraseAboveCapacity"

// ErasureStatus proves that a tenant's data was erased.
type ErasureStatus struct {
	// At this moment the last of it was gone.
	// +optional
	At *metav1.Time `json:"at,omitempty"`
	// Rule of the terms under which it was erased.
	// +optional
	Rule string `json:"rule,omitempty"`
	// AnnouncedBy names the Notice that announced it.
	// +optional
	AnnouncedBy ObjectName `json:"announcedBy,omitempty"`
	// Homes that were erased, by workplace, up to 1,000 of them.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=1000
	Homes []ErasedHome `json:"homes,omitempty"`
	// Count of the homes that were erased.
	// +optional
	Count int32 `json:"count,omitempty"`
	// Backups is how many backups of homes were erased with them.
	// +optional
	Backups int32 `json:"backups,omitempty"`
	// Charged is the sum of the tenant's charges and credits.
	// +optional
	Charged Amount `json:"charged,omitempty"`
	// Currency of that sum.
	// +optional
	Currency Currency `json:"currency,omitempty"`
}

// IsReseller reports whether the tenant may have sub-organisations: only then do
// those that name it as their reseller depend on it.
func (t *Tenant) IsReseller() bool { return t.Spec.Reseller != nil && *t.Spec.Reseller }

// Erased reports whether the contract has ended and the tenant's data was erased.
// Once the condition says so it stays so, whatever becomes of the contract. What
// was erased for a smaller plan (EC-6), before the end, is no such proof.
func (t *Tenant) Erased() bool {
	proof := t.Status.Erasure
	if proof == nil {
		return false
	}
	if said := t.condition(ConditionErased); said != nil && said.Status == metav1.ConditionTrue {
		return true
	}
	return proof.At != nil && proof.Rule != ErasureRuleSmallerPlan && t.Ended()
}

// Owns reports whether a namespace was made for this very Tenant, and not for
// another that had its name.
func (t *Tenant) Owns(namespace metav1.Object) bool {
	return namespace.GetAnnotations()[AnnotationTenantUID] == string(t.UID)
}

// Ended reports whether the operator has found the contract to be over. A contract
// that nobody could judge, without usable terms say, goes on as it was.
func (t *Tenant) Ended() bool {
	said := t.condition(ConditionContractActive)
	return said != nil && said.Status == metav1.ConditionFalse && said.Reason != ReasonNotStarted
}

func (t *Tenant) condition(kind string) *metav1.Condition {
	for i := range t.Status.Conditions {
		if c := &t.Status.Conditions[i]; c.Type == kind {
			return c
		}
	}
	return nil
}

// ErasedHome is a home that was erased.
type ErasedHome struct {
	// Workplace whose home it was.
	// +required
	Workplace string `json:"workplace"`
	// ClaimUID is the UID of the claim that held it.
	// +optional
	ClaimUID string `json:"claimUID,omitempty"`
	// Username of the person whose home it was.
	// +optional
	Username string `json:"username,omitempty"`
	// At this moment it was erased; absent where the list has one moment for all.
	// +optional
	At *metav1.Time `json:"at,omitempty"`
	// Rule of the terms under which it was; absent where the list has one for all.
	// +optional
	Rule string `json:"rule,omitempty"`
}

// ArrearsStatus describes unpaid invoices and what they lead to.
type ArrearsStatus struct {
	// Since is the date from which the periods of the terms count.
	// +optional
	Since Date `json:"since,omitempty"`
	// Invoice is the number of the invoice from which they count.
	// +optional
	Invoice string `json:"invoice,omitempty"`
	// Amount outstanding on all open invoices together.
	// +optional
	Amount Amount `json:"amount,omitempty"`
	// Currency of that amount.
	// +optional
	Currency Currency `json:"currency,omitempty"`
	// SuspendsOn is the first day on which access is suspended (TD-8).
	// +optional
	SuspendsOn Date `json:"suspendsOn,omitempty"`
	// TerminatesOn is the first day on which the contract may be ended (TD-12).
	// +optional
	TerminatesOn Date `json:"terminatesOn,omitempty"`
}

// SuspensionSummary names a Suspension in force.
type SuspensionSummary struct {
	// Name of the Suspension.
	// +required
	Name string `json:"name"`
	// Tenant that the Suspension belongs to: this one or one of its resellers.
	// +required
	Tenant string `json:"tenant"`
	// Cause of the Suspension.
	// +required
	Cause SuspensionCause `json:"cause"`
	// Since when it is in force.
	// +optional
	Since *metav1.Time `json:"since,omitempty"`
}

// WorkplaceCount counts workplaces.
type WorkplaceCount struct {
	// Total that exist.
	// +optional
	Total int32 `json:"total"`
	// Running are those whose desktop is ready.
	// +optional
	Running int32 `json:"running"`
	// NoneSince is the moment at which the tenant was seen to have no workplace any
	// more; absent while it has one, and if it never had any. Its inactivity counts
	// from then on.
	// +optional
	NoneSince *metav1.Time `json:"noneSince,omitempty"`
}

// Transition is something that time alone will bring.
type Transition struct {
	// At this moment.
	// +required
	At metav1.Time `json:"at"`
	// What will happen: a change of where the tenant stands (Start, EndTrial, Suspend,
	// AllowTermination, Terminate, ChangePlan, WarnInactivity, End, Erase), or a Charge
	// or a Notice.
	// +required
	What string `json:"what"`
}

// RightToLeave is a price change so large that the tenant may leave because of it (TD-15).
type RightToLeave struct {
	// Kind of object whose price changes: WorkplaceClass or License.
	// +required
	// +kubebuilder:validation:Enum=WorkplaceClass;License
	Kind string `json:"kind"`
	// Name of that object.
	// +required
	Name ObjectName `json:"name"`
	// From is the day from which the new price holds for the tenant, and from
	// which it may leave.
	// +required
	From Date `json:"from"`
	// OldAmount is the price until then.
	// +required
	OldAmount Price `json:"oldAmount"`
	// NewAmount is the price from then on.
	// +required
	NewAmount Price `json:"newAmount"`
	// Currency of both amounts.
	// +optional
	Currency Currency `json:"currency,omitempty"`
	// Percent by which the new price deviates from the old one, rounded half up
	// to two decimals; less than zero for a lower price.
	// +required
	// +kubebuilder:validation:MaxLength=20
	Percent string `json:"percent"`
	// Notice that the tenant must give, from the terms.
	// +optional
	Notice Period `json:"notice,omitempty"`
	// EarliestEndOn is the day on which that notice runs out if it is given on From.
	// +optional
	EarliestEndOn Date `json:"earliestEndOn,omitempty"`
}
