// SPDX-License-Identifier: Apache-2.0

package suspension

import (
	"context"

	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/changed"
	"werkplek.dev/werkplek/controllers/internal/enqueue"
	"werkplek.dev/werkplek/controllers/internal/indexes"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
)

// SetupWithManager watches suspensions, and what makes their terms usable.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(mgr).
		For(&v1alpha1.Suspension{}, r.Concerns()).
		Watches(&v1alpha1.Tenant{}, enqueue.Map(r.ofTenant), builder.WithPredicates(changed.Spec())).
		Watches(&v1alpha1.ServiceTerms{}, enqueue.Map(r.underTerms), builder.WithPredicates(changed.Spec())).
		WithOptions(reconciling.Options(1)).
		Complete(r)
}

// ofTenant returns the suspensions, not yet lifted, of the tenant of this name.
func (r *Reconciler) ofTenant(ctx context.Context, object client.Object) ([]types.NamespacedName, error) {
	var list v1alpha1.SuspensionList
	in := client.InNamespace(v1alpha1.NamespaceFor(object.GetName()))
	err := r.Client.List(ctx, &list, in, client.UnsafeDisableDeepCopy)
	var keys []types.NamespacedName
	for i := range list.Items {
		if list.Items[i].Status.LiftedAt == nil {
			keys = append(keys, client.ObjectKeyFromObject(&list.Items[i]))
		}
	}
	return keys, err
}

func (r *Reconciler) underTerms(ctx context.Context, object client.Object) ([]types.NamespacedName, error) {
	var tenants v1alpha1.TenantList
	under := client.MatchingFields{indexes.TenantTerms: object.GetName()}
	if err := r.Client.List(ctx, &tenants, under, client.UnsafeDisableDeepCopy); err != nil {
		return nil, err
	}
	var keys []types.NamespacedName
	for i := range tenants.Items {
		found, err := r.ofTenant(ctx, &tenants.Items[i])
		if err != nil {
			return nil, err
		}
		keys = append(keys, found...)
	}
	return keys, nil
}
