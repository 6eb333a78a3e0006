// SPDX-License-Identifier: Apache-2.0

package suspension

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/children"
	"werkplek.dev/werkplek/controllers/internal/family"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/internal/terms"
)

// charge makes the one charge for resuming (TD-10) and returns its name, or
// nothing when nothing is due.
func (v *visit) charge(ctx context.Context) (string, error) {
	users, err := v.shutOut(ctx)
	if err != nil {
		return "", err
	}
	spec := v.terms.Reactivation(v.suspension.Name, users, terms.DateAt(v.Now, v.terms.Zone))
	if spec == nil {
		return "", nil
	}
	name := terms.ReactivationChargeName(v.suspension.Name)
	_, err = children.Ensure(ctx, v.Client, v.Live, children.Child[*v1alpha1.Charge]{
		Kind: "charge",
		Why:  "suspension " + v.suspension.Name + " is lifted",
		Desired: &v1alpha1.Charge{
			ObjectMeta: metav1.ObjectMeta{
				Name:      name,
				Namespace: v.suspension.Namespace,
				Labels:    map[string]string{v1alpha1.LabelManagedBy: v1alpha1.ManagedBy, v1alpha1.LabelTenant: v.tenant.Name},
			},
			Spec: *spec,
		},
		Own: func(existing *v1alpha1.Charge) bool {
			source := existing.Spec.SourceRef
			return existing.Spec.Type == spec.Type && source != nil && *source == *spec.SourceRef
		},
		Made: func(made *v1alpha1.Charge) {
			v.Tell(ctx, reconciling.Said{
				Object: v.tenant, Related: made, Reason: "ChargeDue", Action: "Charge",
				Message: fmt.Sprintf("%s %s is due for reactivation after %s", spec.Currency, spec.Amount, v.suspension.Name),
			})
		},
	})
	if err != nil {
		return "", err
	}
	return name, nil
}

// shutOut counts the distinct users whom this suspension shut out: those of the
// tenant and of its sub-organisations who had a workplace when it was made and
// were not blocked for another reason.
func (v *visit) shutOut(ctx context.Context) (int, error) {
	below, err := family.Descendants(ctx, v.Client, v.tenant.Name)
	if err != nil {
		return 0, err
	}
	users := map[v1alpha1.Username]bool{}
	for _, tenant := range append(below, v.tenant.Name) {
		var workplaces v1alpha1.WorkplaceList
		in := client.InNamespace(v1alpha1.NamespaceFor(tenant))
		if err := v.Client.List(ctx, &workplaces, in, client.UnsafeDisableDeepCopy); err != nil {
			return 0, fmt.Errorf("list workplaces of %s: %w", tenant, err)
		}
		for i := range workplaces.Items {
			w := &workplaces.Items[i]
			if w.Spec.Access != v1alpha1.AccessBlocked && !v.suspension.CreationTimestamp.Before(&w.CreationTimestamp) {
				users[w.Spec.User.Username] = true
			}
		}
	}
	return len(users), nil
}
