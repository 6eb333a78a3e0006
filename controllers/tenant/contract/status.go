// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/internal/agenda"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/standing"
)

// Undecided says that nothing is decided without usable terms. What was decided
// before stays, as does what is in force.
func Undecided(conditions reconciling.Conditions) {
	for _, kind := range []string{
		v1alpha1.ConditionBillingFresh, v1alpha1.ConditionInArrears, v1alpha1.ConditionTerminationAllowed,
	} {
		conditions.Unknown(kind, v1alpha1.ReasonTermsNotFound, "nothing is decided without usable terms")
	}
}

// Report writes into a Tenant's status where it stands under the terms that hold.
func Report(
	tenant *v1alpha1.Tenant, conditions reconciling.Conditions, held *agreement.Terms, decided *agenda.Agenda,
) {
	stand := &decided.Standing
	s := &tenant.Status
	s.State = stand.State
	s.Terms = tenant.TermsNow()
	s.Contract = contractStatus(tenant, stand)
	s.Arrears = arrears(held, stand)
	s.Next = nil
	if next := decided.Next; next != nil {
		s.Next = &v1alpha1.Transition{At: metav1.NewTime(next.At.UTC()), What: next.What}
	}
	reportBilling(conditions, stand)
	reportContract(conditions, stand)
	if holds, known := planHolds(tenant, stand); known {
		conditions.Report(v1alpha1.ConditionPlanChanged, holds)
	}
}

// contractStatus writes down the dates of the agreement, and what was decided about it for good.
func contractStatus(tenant *v1alpha1.Tenant, stand *standing.Standing) *v1alpha1.ContractStatus {
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
	if before := tenant.Status.Contract; before != nil {
		c.Plans = before.Plans
	}
	if n := stand.Notice; n != nil {
		c.Notice = &v1alpha1.NoticeDecision{
			ReceivedOn: v1alpha1.Date(n.ReceivedOn.String()), Decision: v1alpha1.NoticeRefused,
			EndsOn: v1alpha1.Date(n.EndsOn.String()), Invoice: n.Invoice,
		}
		if n.Accepted {
			c.Notice.Decision = v1alpha1.NoticeAccepted
		}
	}
	return c
}

func lastDayBefore(day calendar.Date) v1alpha1.Date {
	if day.IsZero() {
		return ""
	}
	return v1alpha1.Date(day.AddDays(-1).String())
}

func arrears(held *agreement.Terms, stand *standing.Standing) *v1alpha1.ArrearsStatus {
	a := stand.Arrears
	if a == nil {
		return nil
	}
	return &v1alpha1.ArrearsStatus{
		Since:        v1alpha1.Date(a.Since.String()),
		Invoice:      a.Invoice,
		Amount:       held.Money(a.Amount),
		Currency:     v1alpha1.Currency(held.Currency),
		SuspendsOn:   v1alpha1.Date(a.SuspendsOn.String()),
		TerminatesOn: v1alpha1.Date(a.TerminatesOn.String()),
	}
}

// undecided says why billing facts decide nothing, and what the billing system should do.
var undecided = map[standing.BillingVerdict]string{
	v1alpha1.ReasonNeverReported: "the billing system has not reported yet: no arrears suspension begins or ends " +
		"by payment until it patches the status of the BillingAccount",
	v1alpha1.ReasonStale: "the billing facts are older than the terms' billingFreshness: no arrears suspension begins " +
		"or ends by payment until the billing system reports again",
	v1alpha1.ReasonAsOfInFuture: "the billing facts are dated in the future: correct the billing system's clock; to " +
		"report an earlier asOf, delete the BillingAccount, a new one is made",
	v1alpha1.ReasonDueDateMissing: "the terms count arrears from due dates, and an invoice has none: report dueOn of " +
		"every open invoice and of the last one",
	v1alpha1.ReasonLastInvoiceUnset: "the terms count arrears from the last sent invoice: report lastInvoice",
}

func reportBilling(conditions reconciling.Conditions, stand *standing.Standing) {
	const arrears, allowed = v1alpha1.ConditionInArrears, v1alpha1.ConditionTerminationAllowed
	if !stand.Billing.Usable() {
		conditions.False(v1alpha1.ConditionBillingFresh, string(stand.Billing), undecided[stand.Billing])
		conditions.Unknown(arrears, v1alpha1.ReasonBillingUnknown, "the billing facts do not tell")
		conditions.Unknown(allowed, v1alpha1.ReasonBillingUnknown, "the billing facts do not tell")
		return
	}
	conditions.True(v1alpha1.ConditionBillingFresh, v1alpha1.ReasonFresh, "the billing facts are recent")
	a := stand.Arrears
	if a == nil {
		conditions.False(arrears, v1alpha1.ReasonNothingOpen, "no invoice is open")
		conditions.False(allowed, v1alpha1.ReasonNotInArrears, "no invoice is open")
		return
	}
	conditions.True(arrears, v1alpha1.ReasonInvoiceUnpaid,
		fmt.Sprintf("invoice %s is unpaid, counted from %s", a.Invoice, a.Since))
	if stand.TerminationAllowed {
		conditions.True(allowed, v1alpha1.ReasonArrearsTooLong, fmt.Sprintf(
			"invoice %s has been unpaid so long that the contract may be ended since %s", a.Invoice, a.TerminatesOn))
	} else {
		conditions.False(allowed, v1alpha1.ReasonWithinTerms, "the arrears have not lasted long enough to end the contract")
	}
}

func reportContract(conditions reconciling.Conditions, stand *standing.Standing) {
	const active = v1alpha1.ConditionContractActive
	switch {
	case stand.Ended:
		conditions.False(active, string(stand.EndReason),
			fmt.Sprintf("the contract ended on %s because of %s", stand.EndsOn, becauseOf[stand.EndReason]))
	case !stand.Started:
		conditions.False(active, v1alpha1.ReasonNotStarted, fmt.Sprintf("the contract starts on %s", stand.StartsOn))
	default:
		conditions.True(active, v1alpha1.ReasonActive, "the contract holds"+remarks(stand))
	}
}

// becauseOf says in words why a contract ended.
var becauseOf = map[v1alpha1.EndReason]string{
	v1alpha1.EndNotice: "the tenant's notice", v1alpha1.EndOfTerm: "the end of its term",
	v1alpha1.EndWithdrawal: "the tenant's withdrawal", v1alpha1.EndTrial: "the end of its trial",
	v1alpha1.EndInactivity: "inactivity", v1alpha1.EndTerminatedByArrears: "arrears",
}

// remarks says what was declared about the contract and has no effect, or not yet.
func remarks(stand *standing.Standing) string {
	said := ""
	switch n := stand.Notice; {
	case n != nil && !n.Accepted:
		said += fmt.Sprintf("; the notice received on %s was refused: invoice %s was overdue (give notice again once it is "+
			"paid, and set spec.contract.noticeReceivedOn to that day)", n.ReceivedOn, n.Invoice)
	case n != nil:
		said += fmt.Sprintf("; it ends on %s by the notice received on %s", n.EndsOn, n.ReceivedOn)
	case stand.NoticeWaits == v1alpha1.ReasonNoNoticeTerms:
		said += "; a notice was received, and the terms know none: set spec.contract.notice of the ServiceTerms"
	case stand.NoticeWaits != "":
		said += "; the notice is decided on once the billing system has reported whether there were " +
			"arrears when it was received"
	}
	switch stand.WithdrawalRefused {
	case standing.WithdrawalNotOffered:
		said += "; the withdrawal has no effect: the terms offer none to this type of customer"
	case standing.WithdrawalTooLate:
		said += fmt.Sprintf("; the withdrawal has no effect: it was possible until %s", stand.WithdrawableUntil)
	}
	return said
}
