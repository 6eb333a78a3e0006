// SPDX-License-Identifier: Apache-2.0

package suspension

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
)

func TestSteps(t *testing.T) {
	t.Parallel()
	for name, object := range map[string]*v1alpha1.Suspension{
		"open":   {},
		"lifted": {Status: v1alpha1.SuspensionStatus{LiftedAt: &metav1.Time{}}},
	} {
		if err := (&pass{Pass: &reconciling.Pass[*v1alpha1.Suspension]{Object: object}}).steps().Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
