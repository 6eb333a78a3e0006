// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// TestErased: what says so is the condition, or the proof with the contract's end;
// the state is for people.
func TestErased(t *testing.T) {
	t.Parallel()
	at := metav1.NewTime(time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC))
	says := func(kind string, status metav1.ConditionStatus, reason string) metav1.Condition {
		return metav1.Condition{Type: kind, Status: status, Reason: reason}
	}
	ended := says(v1alpha1.ConditionContractActive, metav1.ConditionFalse, string(v1alpha1.EndNotice))
	active := says(v1alpha1.ConditionContractActive, metav1.ConditionTrue, v1alpha1.ReasonActive)
	erased := says(v1alpha1.ConditionErased, metav1.ConditionTrue, v1alpha1.ReasonDone)
	pending := says(v1alpha1.ConditionErased, metav1.ConditionFalse, v1alpha1.ReasonPending)
	proof := &v1alpha1.ErasureStatus{At: &at, Rule: "retention.afterEnd"}
	for name, c := range map[string]struct {
		status v1alpha1.TenantStatus
		want   bool
	}{
		"nothing is known":                  {want: false},
		"ended":                             {v1alpha1.TenantStatus{Conditions: v1alpha1.Conditions{ended}}, false},
		"ended and proven":                  {v1alpha1.TenantStatus{Conditions: v1alpha1.Conditions{ended}, Erasure: proof}, true},
		"proven before it is said":          {v1alpha1.TenantStatus{Conditions: v1alpha1.Conditions{ended, pending}, Erasure: proof}, true},
		"said":                              {v1alpha1.TenantStatus{Conditions: v1alpha1.Conditions{ended, erased}, Erasure: proof}, true},
		"said, and the end was taken back":  {v1alpha1.TenantStatus{Conditions: v1alpha1.Conditions{active, erased}, Erasure: proof}, true},
		"proven, and never ended":           {v1alpha1.TenantStatus{Conditions: v1alpha1.Conditions{active}, Erasure: proof}, false},
		"under way":                         {v1alpha1.TenantStatus{Conditions: v1alpha1.Conditions{ended, pending}, Erasure: &v1alpha1.ErasureStatus{Rule: "retention.afterEnd"}}, false},
		"for a smaller plan, before an end": {v1alpha1.TenantStatus{Conditions: v1alpha1.Conditions{ended}, Erasure: &v1alpha1.ErasureStatus{At: &at, Rule: v1alpha1.ErasureRuleSmallerPlan}}, false},
		"said without a proof":              {v1alpha1.TenantStatus{Conditions: v1alpha1.Conditions{ended, erased}}, false},
		"said, and more is being erased":    {v1alpha1.TenantStatus{Conditions: v1alpha1.Conditions{ended, erased}, Erasure: &v1alpha1.ErasureStatus{Rule: "retention.afterEnd"}}, true},
		"the word for people alone":         {v1alpha1.TenantStatus{State: v1alpha1.TenantErased, Conditions: v1alpha1.Conditions{ended, pending}, Erasure: &v1alpha1.ErasureStatus{Rule: "retention.afterEnd"}}, false},
		"another word, and the condition":   {v1alpha1.TenantStatus{State: v1alpha1.TenantEnded, Conditions: v1alpha1.Conditions{erased}, Erasure: proof}, true},
		"its state, proof and end, from before the condition": {v1alpha1.TenantStatus{
			State: v1alpha1.TenantErased, Conditions: v1alpha1.Conditions{ended}, Erasure: proof,
		}, true},
	} {
		if got := (&v1alpha1.Tenant{Status: c.status}).Erased(); got != c.want {
			t.Errorf("%s: erased is %t, want %t", name, got, c.want)
		}
	}
}

// TestEnded: only what the operator has found is an end.
func TestEnded(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		said *metav1.Condition
		want bool
	}{
		"nothing is known": {nil, false},
		"not judged":       {&metav1.Condition{Status: metav1.ConditionUnknown, Reason: v1alpha1.ReasonTermsNotFound}, false},
		"active":           {&metav1.Condition{Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonActive}, false},
		"not begun":        {&metav1.Condition{Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonNotStarted}, false},
		"ended":            {&metav1.Condition{Status: metav1.ConditionFalse, Reason: string(v1alpha1.EndTrial)}, true},
	} {
		tenant := &v1alpha1.Tenant{}
		if c.said != nil {
			c.said.Type = v1alpha1.ConditionContractActive
			tenant.Status.Conditions = v1alpha1.Conditions{*c.said}
		}
		if got := tenant.Ended(); got != c.want {
			t.Errorf("%s: ended is %t, want %t", name, got, c.want)
		}
	}
}
