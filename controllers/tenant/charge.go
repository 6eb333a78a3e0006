// SPDX-License-Identifier: Apache-2.0

package tenant

import (
	"context"
	"errors"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/children"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/internal/outcome"
)

// charge makes the charges and credits that are due. Their names follow from
// their causes, so that none is made twice.
func (v *visit) charge(ctx context.Context) error {
	if v.namespace == "" {
		return nil
	}
	if len(v.due.Problems) > 0 {
		problem := "not everything can be charged: " + strings.Join(v.due.Problems, "; ")
		_ = v.hinder(outcome.Stalled(v1alpha1.ReasonPriceNotFound, problem), nil)
	}
	var faults []error
	for _, due := range v.due.Charges {
		_, err := children.Ensure(ctx, v.Client, v.Live, children.Child[*v1alpha1.Charge]{
			Kind: "charge", Why: due.Spec.Description,
			Desired: &v1alpha1.Charge{ObjectMeta: v.meta(due.Name), Spec: due.Spec},
			Own:     func(existing *v1alpha1.Charge) bool { return marked(existing) && existing.Spec.Type == due.Spec.Type },
			Made: func(made *v1alpha1.Charge) {
				v.Tell(ctx, reconciling.Said{
					Object: v.tenant, Related: made, Reason: "ChargeDue", Action: "Charge",
					Message: fmt.Sprintf("%s %s is due: %s", due.Spec.Currency, due.Spec.Amount, due.Spec.Description),
				})
			},
		})
		if foreign, inTheWay := children.InTheWay(err); inTheWay {
			_ = v.hinder(foreign, nil)
		} else if err != nil {
			faults = append(faults, fmt.Errorf("charge %s: %w", due.Name, err))
		}
	}
	return errors.Join(faults...)
}

// meta names and marks an object in the tenant's namespace.
func (v *visit) meta(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{
		Name: name, Namespace: v.namespace,
		Labels: map[string]string{v1alpha1.LabelManagedBy: v1alpha1.ManagedBy, v1alpha1.LabelTenant: v.tenant.Name},
	}
}

func marked[T client.Object](object T) bool {
	return object.GetLabels()[v1alpha1.LabelManagedBy] == v1alpha1.ManagedBy
}
