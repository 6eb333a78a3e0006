// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"context"
	"fmt"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/children"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/internal/agenda"
	"werkplek.dev/werkplek/internal/outcome"
)

// +kubebuilder:rbac:groups=werkplek.dev,resources=charges,verbs=get;list;watch;create

// Charges makes charges and credits.
type Charges struct{ Hands }

// Make makes one, once. Its outcome is not ready while its name is somebody else's.
func (c Charges) Make(ctx context.Context, tenant *v1alpha1.Tenant, due agenda.Charge) (outcome.Outcome, error) {
	spec := due.Spec
	_, err := children.Ensure(ctx, c.Client, c.Live, children.Child[*v1alpha1.Charge]{
		Kind: "charge", Why: spec.Description,
		Desired: &v1alpha1.Charge{ObjectMeta: about(tenant, due.Name()), Spec: spec},
		Own: func(existing *v1alpha1.Charge) bool {
			return marked(existing) && existing.Spec.Type == spec.Type && sameSource(existing.Spec.SourceRef, spec.SourceRef)
		},
		Made: func(made *v1alpha1.Charge) {
			c.Tell(ctx, reconciling.Said{
				Object: tenant, Related: made, Reason: "ChargeDue", Action: "Charge",
				Message: fmt.Sprintf("%s %s is due: %s", spec.Currency, spec.Amount, spec.Description),
			})
		},
	})
	if foreign, inTheWay := children.InTheWay(err); inTheWay {
		return foreign, nil
	}
	if err != nil {
		return outcome.Outcome{}, fmt.Errorf("charge %s: %w", due.Name(), err)
	}
	return carriedOut, nil
}

// sameSource reports whether a charge that exists is for what one is due for.
func sameSource(existing, due *v1alpha1.SourceReference) bool {
	return due == nil || existing != nil && *existing == *due
}
