// SPDX-License-Identifier: Apache-2.0

package tenant

import (
	"fmt"
	"sort"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/access"
	"werkplek.dev/werkplek/internal/terms"
)

// report writes down where the tenant stands, and says once what has changed. Of
// what could not be found out this time, it leaves what was found before.
func (v *visit) report(before *v1alpha1.Tenant) {
	s := &v.tenant.Status
	if len(v.missed) == 0 {
		s.ObservedGeneration = v.tenant.Generation
	}
	if !v.missed[workplacesFound] {
		s.Workplaces = count(v.workplaces)
	}
	if !v.missed[suspensionsFound] {
		s.Suspensions, s.SuspendedBy = summary(v.cover.InForce)
	}
	switch {
	case v.problem != nil:
		v.conditions.False(v1alpha1.ConditionReady, v.problem.reason, v.problem.message)
	case len(v.missed) == 0:
		v.conditions.True(v1alpha1.ConditionReady, v1alpha1.ReasonReady, "the namespace and the billing account are as they should be")
	}
	v.reportStanding()
	v.reportAccess()
	v.reportPlan()
	v.reportNotices()
	v.announce(before)
	v.announceRights(before)
}

func count(workplaces []v1alpha1.Workplace) v1alpha1.WorkplaceCount {
	found := v1alpha1.WorkplaceCount{Total: int32(len(workplaces))}
	for i := range workplaces {
		if running(&workplaces[i]) {
			found.Running++
		}
	}
	return found
}

func summary(inForce []access.Suspension) ([]v1alpha1.SuspensionSummary, string) {
	var rows []v1alpha1.SuspensionSummary
	var causes []string
	seen := map[string]bool{}
	for _, suspension := range inForce {
		since := metav1.NewTime(suspension.Since)
		rows = append(rows, v1alpha1.SuspensionSummary{Name: suspension.Name, Tenant: suspension.Tenant, Cause: suspension.Spec.Cause, Since: &since})
		if cause := string(suspension.Spec.Cause); !seen[cause] {
			seen[cause] = true
			causes = append(causes, cause)
		}
	}
	sort.Slice(rows, func(i, j int) bool {
		return rows[i].Tenant+"/"+rows[i].Name < rows[j].Tenant+"/"+rows[j].Name
	})
	sort.Strings(causes)
	return rows, strings.Join(causes, ",")
}

func (v *visit) reportStanding() {
	s := &v.tenant.Status
	if v.missed[termsFound] || v.terms != nil && v.standing == nil {
		return
	}
	if v.standing == nil {
		for _, kind := range []string{v1alpha1.ConditionBillingFresh, v1alpha1.ConditionInArrears, v1alpha1.ConditionTerminationAllowed} {
			v.conditions.Unknown(kind, v1alpha1.ReasonTermsNotFound, "nothing is decided without usable terms")
		}
		if len(v.cover.InForce) > 0 {
			s.State = v1alpha1.TenantSuspended
		}
		return
	}
	stand := v.standing
	s.State = stand.State
	s.Terms = v.tenant.TermsNow()
	s.Contract = v.contract()
	s.Arrears = v.arrears()
	s.Next = nil
	if stand.Next != nil {
		s.Next = &v1alpha1.Transition{At: metav1.NewTime(stand.Next.At.UTC()), What: stand.Next.What}
	}
	v.reportBilling()
	v.reportContract()
}

// contract writes down the dates of the agreement, and what was decided about it for good.
func (v *visit) contract() *v1alpha1.ContractStatus {
	stand := v.standing
	c := &v1alpha1.ContractStatus{
		StartsOn:          v1alpha1.Date(stand.StartsOn.String()),
		TrialEndsOn:       v1alpha1.Date(stand.TrialEndsOn.String()),
		TermEndsOn:        lastDayBefore(stand.TermEndsOn),
		EarliestEndOn:     lastDayBefore(stand.EarliestEndOn),
		WithdrawableUntil: v1alpha1.Date(stand.WithdrawableUntil.String()),
		EndsOn:            v1alpha1.Date(stand.EndsOn.String()),
		EndReason:         stand.EndReason,
		EraseOn:           v1alpha1.Date(stand.EraseOn.String()),
	}
	if stand.Ended {
		c.EarliestEndOn = ""
	}
	if before := v.tenant.Status.Contract; before != nil {
		c.Plans = before.Plans
	}
	if n := stand.Notice; n != nil {
		c.Notice = &v1alpha1.NoticeDecision{
			ReceivedOn: v1alpha1.Date(n.ReceivedOn.String()), Decision: v1alpha1.NoticeRefused, EndsOn: v1alpha1.Date(n.EndsOn.String()), Invoice: n.Invoice,
		}
		if n.Accepted {
			c.Notice.Decision = v1alpha1.NoticeAccepted
		}
	}
	return c
}

func lastDayBefore(day terms.Date) v1alpha1.Date {
	if day.IsZero() {
		return ""
	}
	return v1alpha1.Date(day.AddDays(-1).String())
}

func (v *visit) arrears() *v1alpha1.ArrearsStatus {
	a := v.standing.Arrears
	if a == nil {
		return nil
	}
	return &v1alpha1.ArrearsStatus{
		Since:        v1alpha1.Date(a.Since.String()),
		Invoice:      a.Invoice,
		Amount:       v.terms.Money(a.Amount),
		Currency:     v1alpha1.Currency(v.terms.Currency),
		SuspendsOn:   v1alpha1.Date(a.SuspendsOn.String()),
		TerminatesOn: v1alpha1.Date(a.TerminatesOn.String()),
	}
}

// undecided says why billing facts decide nothing, and what the billing system should do.
var undecided = map[terms.BillingVerdict]string{
	v1alpha1.ReasonNeverReported:    "the billing system has not reported yet: no arrears suspension begins or ends by payment until it patches the status of the BillingAccount",
	v1alpha1.ReasonStale:            "the billing facts are older than the terms' billingFreshness: no arrears suspension begins or ends by payment until the billing system reports again",
	v1alpha1.ReasonAsOfInFuture:     "the billing facts are dated in the future: correct the billing system's clock; to report an earlier asOf, delete the BillingAccount, a new one is made",
	v1alpha1.ReasonDueDateMissing:   "the terms count arrears from due dates, and an invoice has none: report dueOn of every open invoice and of the last one",
	v1alpha1.ReasonLastInvoiceUnset: "the terms count arrears from the last sent invoice: report lastInvoice",
}

func (v *visit) reportBilling() {
	stand := v.standing
	if stand.Billing.Usable() {
		v.conditions.True(v1alpha1.ConditionBillingFresh, v1alpha1.ReasonFresh, "the billing facts are recent")
	} else {
		v.conditions.False(v1alpha1.ConditionBillingFresh, string(stand.Billing), undecided[stand.Billing])
		v.conditions.Unknown(v1alpha1.ConditionInArrears, v1alpha1.ReasonBillingUnknown, "the billing facts do not tell")
		v.conditions.Unknown(v1alpha1.ConditionTerminationAllowed, v1alpha1.ReasonBillingUnknown, "the billing facts do not tell")
		return
	}
	if stand.Arrears == nil {
		v.conditions.False(v1alpha1.ConditionInArrears, v1alpha1.ReasonNothingOpen, "no invoice is open")
		v.conditions.False(v1alpha1.ConditionTerminationAllowed, v1alpha1.ReasonNotInArrears, "no invoice is open")
		return
	}
	v.conditions.True(v1alpha1.ConditionInArrears, v1alpha1.ReasonInvoiceUnpaid,
		fmt.Sprintf("invoice %s is unpaid, counted from %s", stand.Arrears.Invoice, stand.Arrears.Since))
	if stand.TerminationAllowed {
		v.conditions.True(v1alpha1.ConditionTerminationAllowed, v1alpha1.ReasonArrearsTooLong,
			fmt.Sprintf("invoice %s has been unpaid so long that the contract may be ended since %s", stand.Arrears.Invoice, stand.Arrears.TerminatesOn))
	} else {
		v.conditions.False(v1alpha1.ConditionTerminationAllowed, v1alpha1.ReasonWithinTerms, "the arrears have not lasted long enough to end the contract")
	}
}

func (v *visit) reportContract() {
	stand := v.standing
	switch {
	case stand.Ended:
		v.conditions.False(v1alpha1.ConditionContractActive, string(stand.EndReason),
			fmt.Sprintf("the contract ended on %s because of %s", stand.EndsOn, becauseOf[stand.EndReason]))
	case !stand.Started:
		v.conditions.False(v1alpha1.ConditionContractActive, v1alpha1.ReasonNotStarted, fmt.Sprintf("the contract starts on %s", stand.StartsOn))
	default:
		v.conditions.True(v1alpha1.ConditionContractActive, v1alpha1.ReasonActive, "the contract holds"+v.remarks())
	}
	v.reportData()
}

// becauseOf says in words why a contract ended.
var becauseOf = map[v1alpha1.EndReason]string{
	v1alpha1.EndNotice: "the tenant's notice", v1alpha1.EndOfTerm: "the end of its term", v1alpha1.EndWithdrawal: "the tenant's withdrawal",
	v1alpha1.EndTrial: "the end of its trial", v1alpha1.EndInactivity: "inactivity", v1alpha1.EndTerminatedByArrears: "arrears",
}

// remarks says what was declared about the contract and has no effect, or not yet.
func (v *visit) remarks() string {
	stand := v.standing
	said := ""
	switch n := stand.Notice; {
	case n != nil && !n.Accepted:
		said += fmt.Sprintf("; the notice received on %s was refused: invoice %s was overdue (give notice again once it is paid, and set spec.contract.noticeReceivedOn to that day)", n.ReceivedOn, n.Invoice)
	case n != nil:
		said += fmt.Sprintf("; it ends on %s by the notice received on %s", n.EndsOn, n.ReceivedOn)
	case stand.NoticeWaits == v1alpha1.ReasonNoNoticeTerms:
		said += "; a notice was received, and the terms know none: set spec.contract.notice of the ServiceTerms"
	case stand.NoticeWaits != "":
		said += "; the notice is decided on once the billing system has reported whether there were arrears when it was received"
	}
	switch stand.WithdrawalRefused {
	case terms.WithdrawalNotOffered:
		said += "; the withdrawal has no effect: the terms offer none to this type of customer"
	case terms.WithdrawalTooLate:
		said += fmt.Sprintf("; the withdrawal has no effect: it was possible until %s", stand.WithdrawableUntil)
	}
	return said
}

// waitsFor says why data is not erased although its contract ends.
var waitsFor = map[string]string{
	terms.EraseNotYet:        "it is kept for as long as the terms say",
	terms.EraseNotAnnounced:  "its erasure was not announced yet: the notice must be sent first",
	terms.EraseByPerson:      "its time is over, and a person erases it: delete the workplaces and their home claims",
	v1alpha1.ReasonLegalHold: "it is held under spec.legalHold",
}

// reportData says whether the tenant's data is kept, and why.
func (v *visit) reportData() {
	switch stand := v.standing; {
	case stand.EraseOn.IsZero() && v.tenant.Status.Erasure == nil:
		v.conditions.Remove(v1alpha1.ConditionErased)
	case v.tenant.Erased():
		v.conditions.True(v1alpha1.ConditionErased, v1alpha1.ReasonDone, fmt.Sprintf("the data was erased under %s", v.tenant.Status.Erasure.Rule))
	case stand.Erase != nil:
		v.conditions.False(v1alpha1.ConditionErased, v1alpha1.ReasonPending, "the data is being erased")
	case stand.EraseWaits != "":
		v.conditions.False(v1alpha1.ConditionErased, stand.EraseWaits, fmt.Sprintf("data may be erased from %s: %s", stand.EraseOn, waitsFor[stand.EraseWaits]))
	}
}

// reportAccess says whether the tenant's users may reach their workplaces. What
// was not read changes nothing of what was said before.
func (v *visit) reportAccess() {
	o := v.cover.Judge(nil)
	if !o.Known() {
		return
	}
	if o.Reason == v1alpha1.ReasonSuspended {
		o.Message += ": " + v.cover.InForce[0].Spec.Reason
	}
	v.conditions.Set(v1alpha1.ConditionAccessGranted, o.Status(), o.Reason, o.Message)
}

// announce makes an event of each condition that has changed in a way worth telling.
func (v *visit) announce(before *v1alpha1.Tenant) {
	for kind, good := range map[string]metav1.ConditionStatus{
		v1alpha1.ConditionReady:              metav1.ConditionTrue,
		v1alpha1.ConditionAccessGranted:      metav1.ConditionTrue,
		v1alpha1.ConditionBillingFresh:       metav1.ConditionTrue,
		v1alpha1.ConditionTerminationAllowed: metav1.ConditionFalse,
		v1alpha1.ConditionContractActive:     metav1.ConditionTrue,
	} {
		was := meta.FindStatusCondition(before.Status.Conditions, kind)
		is := meta.FindStatusCondition(v.tenant.Status.Conditions, kind)
		if was == nil || is == nil || was.Status == is.Status && was.Reason == is.Reason {
			continue
		}
		if is.Status == metav1.ConditionUnknown || is.Status == good && (was.Status == good || was.Status == metav1.ConditionUnknown) {
			continue // nothing happened that a person would want to hear of
		}
		level := corev1.EventTypeWarning
		if is.Status == good {
			level = corev1.EventTypeNormal
		}
		v.Events.Eventf(v.tenant, nil, level, is.Reason, kind, "%s is %s: %s", kind, is.Status, is.Message)
	}
}
