// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/test/cluster"
)

// Kubernetes checks the expressions of policies against the types they are
// about, but skips types that it has not discovered yet. So copies of the
// policies are checked, each with a mistake in it that must be found.
func TestPoliciesAreWellTyped(t *testing.T) {
	t.Parallel()
	const mistake = "oldObject.mistake == ''"
	var policies admissionv1.ValidatingAdmissionPolicyList
	if err := operator().List(t.Context(), &policies, client.MatchingLabels{"app.kubernetes.io/name": "werkplek"}); err != nil {
		t.Fatal(err)
	}
	if len(policies.Items) == 0 {
		t.Fatal("there are no policies")
	}
	for _, policy := range policies.Items {
		t.Run(policy.Name, func(t *testing.T) {
			t.Parallel()
			types := 0
			for _, rule := range policy.Spec.MatchConstraints.ResourceRules {
				for _, resource := range rule.Resources {
					// A subresource is of its resource's type, and skipped.
					if !strings.Contains(resource, "/") {
						types++
					}
				}
			}
			wrong := fmt.Sprintf("spec.validations[%d].expression", len(policy.Spec.Validations))
			policy.Spec.Validations = append(policy.Spec.Validations, admissionv1.Validation{Expression: mistake})
			var warnings []admissionv1.ExpressionWarning
			cluster.Eventually(t, 2*time.Minute, "the mistake to be found", func(ctx context.Context) error {
				warnings = typeCheck(t, policy.Spec)
				for _, warning := range warnings {
					if warning.FieldRef == wrong && strings.Count(warning.Warning, "undefined field 'mistake'") == types {
						return nil
					}
				}
				return fmt.Errorf("the warnings are %v", warnings)
			})
			for _, warning := range warnings {
				if warning.FieldRef != wrong {
					t.Errorf("%s: %s", warning.FieldRef, warning.Warning)
				}
			}
		})
	}
}

// typeCheck returns what Kubernetes says about a policy. Nothing is bound to
// it, so it refuses nothing.
func typeCheck(t *testing.T, spec admissionv1.ValidatingAdmissionPolicySpec) []admissionv1.ExpressionWarning {
	t.Helper()
	policy := &admissionv1.ValidatingAdmissionPolicy{ObjectMeta: metav1.ObjectMeta{Name: unique("copy")}, Spec: spec}
	create(t, policy)
	defer func() {
		if err := operator().Delete(t.Context(), policy); err != nil {
			t.Error(err)
		}
	}()
	cluster.Eventually(t, time.Minute, "the policy to be checked", func(ctx context.Context) error {
		if err := operator().Get(ctx, client.ObjectKeyFromObject(policy), policy); err != nil {
			return err
		}
		if policy.Status.TypeChecking == nil {
			return errors.New("not checked yet")
		}
		return nil
	})
	return policy.Status.TypeChecking.ExpressionWarnings
}
