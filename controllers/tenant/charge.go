// SPDX-License-Identifier: Apache-2.0

package tenant

import (
	"context"
	"errors"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/children"
)

// charge makes the charges and credits that are due. Their names follow from
// their causes, so that none is made twice.
func (v *visit) charge(ctx context.Context) error {
	if v.standing == nil || v.tenant.Status.Namespace == "" {
		return nil
	}
	if len(v.due.Problems) > 0 {
		v.hinder(v1alpha1.ReasonPriceNotFound, "not everything can be charged: "+strings.Join(v.due.Problems, "; "))
	}
	var faults []error
	for _, due := range v.due.Charges {
		made, err := children.Ensure(ctx, v.Client, v.Live, children.Child[*v1alpha1.Charge]{
			Kind:    "charge",
			Desired: &v1alpha1.Charge{ObjectMeta: v.meta(due.Name), Spec: due.Spec},
			Own:     func(existing *v1alpha1.Charge) bool { return marked(existing) && existing.Spec.Type == due.Spec.Type },
		})
		var foreign *children.ForeignError
		if errors.As(err, &foreign) {
			v.hinder(v1alpha1.ReasonForeignObject, foreign.Error())
			continue
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("charge %s: %w", due.Name, err))
			continue
		}
		v.Events.Eventf(v.tenant, made, corev1.EventTypeNormal, "ChargeDue", "Charge", "%s %s is due: %s", due.Spec.Currency, due.Spec.Amount, due.Spec.Description)
	}
	return errors.Join(faults...)
}
