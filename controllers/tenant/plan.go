// SPDX-License-Identifier: Apache-2.0

package tenant

import (
	"context"
	"fmt"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// changePlan notes a change to another plan. It comes after the charges of the
// plan before it: once it is written, nothing asks for those any more.
func (v *visit) changePlan(context.Context) error {
	if v.standing.Plan == nil {
		return nil
	}
	step := v.standing.Plan
	if v.tenant.Status.Contract == nil {
		v.tenant.Status.Contract = &v1alpha1.ContractStatus{}
	}
	contract := v.tenant.Status.Contract
	contract.Plans = append(contract.Plans, v1alpha1.PlanPeriod{
		Terms: v1alpha1.ObjectName(step.Terms), From: v1alpha1.Date(step.From.String()), AgreedOn: v1alpha1.Date(step.AgreedOn.String()),
		Under: v.tenant.Spec.TermsRef.Name, Because: step.Because,
	})
	v.again = true
	v.Recheck(v.Now)
	v.Announce(false, "PlanChanged", "ChangePlan", fmt.Sprintf("the plan %s holds from %s on: %s", step.Terms, step.From, step.Because))
	return nil
}

// planWaits says what a plan that was asked for waits for.
var planWaits = map[string]string{
	v1alpha1.ReasonAwaitingPayment:   "it holds as soon as the billing system reports that the invoice of its first period is paid",
	v1alpha1.ReasonAwaitingPeriodEnd: "it holds from the end of the current period on",
	v1alpha1.ReasonPlanNotForType:    "it is not for this type of customer",
	v1alpha1.ReasonTooMuchData:       "the tenant's data does not fit it: remove workplaces and their homes, or choose a larger plan",
	v1alpha1.ReasonTooManyMembers:    "the tenant has more users than it allows: remove some, or choose a larger plan",
	v1alpha1.ReasonTermsNotFound:     "its ServiceTerms do not exist or cannot be used",
}

// reportPlan says whether the plan that the tenant asked for holds.
func (v *visit) reportPlan() {
	wish := v.tenant.Spec.PlanChange
	if wish == nil {
		return
	}
	switch waits := v.standing.PlanWaits; {
	case v.tenant.TermsNow() == wish.TermsRef.Name:
		v.Conditions.True(v1alpha1.ConditionPlanChanged, v1alpha1.ReasonPlanHolds, fmt.Sprintf("the plan %s holds", wish.TermsRef.Name))
	case waits != "":
		v.Conditions.False(v1alpha1.ConditionPlanChanged, waits, fmt.Sprintf("the plan %s was asked for on %s: %s", wish.TermsRef.Name, wish.RequestedOn, planWaits[waits]))
	}
}
