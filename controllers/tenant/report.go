// SPDX-License-Identifier: Apache-2.0

package tenant

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/access"
	"werkplek.dev/werkplek/internal/terms"
)

func (v *visit) reportReady(context.Context) error {
	if !v.hindered {
		v.Conditions.True(v1alpha1.ConditionReady, v1alpha1.ReasonReady, "the namespace and the billing account are as they should be")
	}
	return nil
}

func (v *visit) reportWorkplaces(context.Context) error {
	v.tenant.Status.Workplaces = count(v.workplaces)
	return nil
}

func (v *visit) reportSuspensions(context.Context) error {
	v.tenant.Status.Suspensions, v.tenant.Status.SuspendedBy = summary(v.cover.InForce)
	return nil
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

// reportUndecided says that nothing is decided without usable terms. What was
// decided before stays, as does what is in force.
func (v *visit) reportUndecided() {
	for _, kind := range []string{v1alpha1.ConditionBillingFresh, v1alpha1.ConditionInArrears, v1alpha1.ConditionTerminationAllowed} {
		v.Conditions.Unknown(kind, v1alpha1.ReasonTermsNotFound, "nothing is decided without usable terms")
	}
}

// reportStanding writes down where the tenant stands.
func (v *visit) reportStanding(context.Context) error {
	s, stand := &v.tenant.Status, v.standing
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
	v.reportPlan()
	return nil
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
		v.Conditions.True(v1alpha1.ConditionBillingFresh, v1alpha1.ReasonFresh, "the billing facts are recent")
	} else {
		v.Conditions.False(v1alpha1.ConditionBillingFresh, string(stand.Billing), undecided[stand.Billing])
		v.Conditions.Unknown(v1alpha1.ConditionInArrears, v1alpha1.ReasonBillingUnknown, "the billing facts do not tell")
		v.Conditions.Unknown(v1alpha1.ConditionTerminationAllowed, v1alpha1.ReasonBillingUnknown, "the billing facts do not tell")
		return
	}
	if stand.Arrears == nil {
		v.Conditions.False(v1alpha1.ConditionInArrears, v1alpha1.ReasonNothingOpen, "no invoice is open")
		v.Conditions.False(v1alpha1.ConditionTerminationAllowed, v1alpha1.ReasonNotInArrears, "no invoice is open")
		return
	}
	v.Conditions.True(v1alpha1.ConditionInArrears, v1alpha1.ReasonInvoiceUnpaid,
		fmt.Sprintf("invoice %s is unpaid, counted from %s", stand.Arrears.Invoice, stand.Arrears.Since))
	if stand.TerminationAllowed {
		v.Conditions.True(v1alpha1.ConditionTerminationAllowed, v1alpha1.ReasonArrearsTooLong,
			fmt.Sprintf("invoice %s has been unpaid so long that the contract may be ended since %s", stand.Arrears.Invoice, stand.Arrears.TerminatesOn))
	} else {
		v.Conditions.False(v1alpha1.ConditionTerminationAllowed, v1alpha1.ReasonWithinTerms, "the arrears have not lasted long enough to end the contract")
	}
}

func (v *visit) reportContract() {
	stand := v.standing
	switch {
	case stand.Ended:
		v.Conditions.False(v1alpha1.ConditionContractActive, string(stand.EndReason),
			fmt.Sprintf("the contract ended on %s because of %s", stand.EndsOn, becauseOf[stand.EndReason]))
	case !stand.Started:
		v.Conditions.False(v1alpha1.ConditionContractActive, v1alpha1.ReasonNotStarted, fmt.Sprintf("the contract starts on %s", stand.StartsOn))
	default:
		v.Conditions.True(v1alpha1.ConditionContractActive, v1alpha1.ReasonActive, "the contract holds"+v.remarks())
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
		v.Conditions.Remove(v1alpha1.ConditionErased)
	case v.tenant.Erased():
		v.Conditions.True(v1alpha1.ConditionErased, v1alpha1.ReasonDone, fmt.Sprintf("the data was erased under %s", v.tenant.Status.Erasure.Rule))
	case stand.Erase != nil:
		v.Conditions.False(v1alpha1.ConditionErased, v1alpha1.ReasonPending, "the data is being erased")
	case stand.EraseWaits != "":
		v.Conditions.False(v1alpha1.ConditionErased, stand.EraseWaits, fmt.Sprintf("data may be erased from %s: %s", stand.EraseOn, waitsFor[stand.EraseWaits]))
	}
}

// reportAccess says whether the tenant's users may reach their workplaces. What
// was not read changes nothing of what was said before.
func (v *visit) reportAccess(context.Context) error {
	o := v.cover.Judge(nil)
	if !o.Known() {
		return nil
	}
	if o.Reason == v1alpha1.ReasonSuspended {
		o.Message += ": " + v.cover.InForce[0].Spec.Reason
	}
	if v.terms == nil && !v.tenant.Ended() && len(v.cover.InForce) > 0 {
		v.tenant.Status.State = v1alpha1.TenantSuspended // which needs no terms
	}
	v.Conditions.Report(v1alpha1.ConditionAccessGranted, o)
	return nil
}

// announce tells of each condition that has changed in a way worth telling.
func (v *visit) announce(context.Context) error {
	for kind, good := range map[string]metav1.ConditionStatus{
		v1alpha1.ConditionReady:              metav1.ConditionTrue,
		v1alpha1.ConditionAccessGranted:      metav1.ConditionTrue,
		v1alpha1.ConditionBillingFresh:       metav1.ConditionTrue,
		v1alpha1.ConditionTerminationAllowed: metav1.ConditionFalse,
		v1alpha1.ConditionContractActive:     metav1.ConditionTrue,
	} {
		was := meta.FindStatusCondition(v.Was.Status.Conditions, kind)
		is := meta.FindStatusCondition(v.tenant.Status.Conditions, kind)
		if was == nil || is == nil || was.Status == is.Status && was.Reason == is.Reason {
			continue
		}
		if is.Status == metav1.ConditionUnknown || is.Status == good && (was.Status == good || was.Status == metav1.ConditionUnknown) {
			continue // nothing happened that a person would want to hear of
		}
		v.Announce(is.Status != good, is.Reason, kind, fmt.Sprintf("%s is %s: %s", kind, is.Status, is.Message))
	}
	v.announceRights()
	return nil
}
