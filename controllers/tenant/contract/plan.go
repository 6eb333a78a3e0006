// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"fmt"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/agenda"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/terms/standing"
)

// TakePlan notes a change to another plan in the Tenant's status. It comes after
// the charges of the plan before it: once it is written, nothing asks for those
// any more.
func TakePlan(tenant *v1alpha1.Tenant, change agenda.ChangePlan) {
	if tenant.Status.Contract == nil {
		tenant.Status.Contract = &v1alpha1.ContractStatus{}
	}
	contract, step := tenant.Status.Contract, change.PlanStep
	contract.Plans = append(contract.Plans, v1alpha1.PlanPeriod{
		Terms: v1alpha1.ObjectName(step.Terms), From: v1alpha1.Date(step.From.String()),
		AgreedOn: v1alpha1.Date(step.AgreedOn.String()), Under: tenant.Spec.TermsRef.Name, Because: step.Because,
	})
}

// PlanTaken says which plan holds, for an event.
func PlanTaken(change agenda.ChangePlan) string {
	return fmt.Sprintf("the plan %s holds from %s on: %s", change.PlanStep.Terms, change.From, change.Because)
}

// planWaits says what a plan that was asked for waits for.
var planWaits = map[string]string{
	v1alpha1.ReasonAwaitingPayment: "it holds as soon as the billing system reports that the invoice of its first " +
		"period is paid",
	v1alpha1.ReasonAwaitingPeriodEnd: "it holds from the end of the current period on",
	v1alpha1.ReasonPlanNotForType:    "it is not for this type of customer",
	v1alpha1.ReasonTooMuchData: "the tenant's data does not fit it: remove workplaces and their homes, or choose a " +
		"larger plan",
	v1alpha1.ReasonTooManyMembers: "the tenant has more users than it allows: remove some, or choose a larger plan",
	v1alpha1.ReasonTermsNotFound:  "its ServiceTerms do not exist or cannot be used",
}

// planHolds says whether the plan that the tenant asked for holds; known is false
// where there is nothing to say.
func planHolds(tenant *v1alpha1.Tenant, stand *standing.Standing) (holds outcome.Outcome, known bool) {
	wish := tenant.Spec.PlanChange
	if wish == nil {
		return holds, false
	}
	switch waits := stand.PlanWaits; {
	case tenant.TermsNow() == wish.TermsRef.Name:
		return outcome.Ready(v1alpha1.ReasonPlanHolds, fmt.Sprintf("the plan %s holds", wish.TermsRef.Name)), true
	case waits != "":
		return outcome.Waiting(waits, fmt.Sprintf("the plan %s was asked for on %s: %s",
			wish.TermsRef.Name, wish.RequestedOn, planWaits[waits])), true
	}
	return holds, false
}
