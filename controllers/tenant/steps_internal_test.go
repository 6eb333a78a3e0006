// SPDX-License-Identifier: Apache-2.0

package tenant

import (
	"testing"

	"werkplek.dev/werkplek/controllers/internal/reconciling"
)

// TestSteps: what a step needs is a step before it.
func TestSteps(t *testing.T) {
	t.Parallel()
	v := &pass{Reconciler: &Reconciler{Controller: &reconciling.Controller{}}}
	for name, steps := range map[string]reconciling.Steps{"that stays": v.steps(), "that goes": v.lastSteps()} {
		if err := steps.Check(); err != nil {
			t.Errorf("the steps of a tenant %s: %v", name, err)
		}
	}
}
