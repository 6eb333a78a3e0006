// SPDX-License-Identifier: Apache-2.0

package supportsession

import (
	"context"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/changed"
	"werkplek.dev/werkplek/controllers/internal/enqueue"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
)

// SetupWithManager watches what a session depends on.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(mgr).
		For(&v1alpha1.SupportSession{}, r.Concerns(endStored())).
		Watches(&v1alpha1.Workplace{}, enqueue.Map(r.openAt), builder.WithPredicates(accessChanges())).
		Watches(&v1alpha1.Tenant{}, enqueue.Map(r.uncharged), builder.WithPredicates(changed.Spec())).
		Watches(&v1alpha1.ServiceTerms{}, enqueue.Map(r.unchargedAnywhere), builder.WithPredicates(changed.Spec())).
		WithOptions(reconciling.Options(1)).
		Complete(r)
}

// endStored passes a session whose end is stored: only then is it charged.
func endStored() predicate.Predicate {
	return predicate.Funcs{
		CreateFunc: func(event.CreateEvent) bool { return false },
		DeleteFunc: func(event.DeleteEvent) bool { return false },
		UpdateFunc: func(e event.UpdateEvent) bool {
			was, is := e.ObjectOld.(*v1alpha1.SupportSession).Status, e.ObjectNew.(*v1alpha1.SupportSession).Status
			return !was.EndedAt.Equal(is.EndedAt) || !was.StartedAt.Equal(is.StartedAt)
		},
	}
}

// accessChanges passes workplaces whose user lost or got access, or that came or went.
func accessChanges() predicate.Predicate {
	granted := func(o client.Object) metav1.ConditionStatus {
		if c := meta.FindStatusCondition(o.(*v1alpha1.Workplace).Status.Conditions, v1alpha1.ConditionAccessGranted); c != nil {
			return c.Status
		}
		return metav1.ConditionUnknown
	}
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		return granted(e.ObjectOld) != granted(e.ObjectNew) || (e.ObjectOld.GetDeletionTimestamp() == nil) != (e.ObjectNew.GetDeletionTimestamp() == nil)
	}}
}

// openAt returns the sessions with a workplace that have not ended.
func (r *Reconciler) openAt(ctx context.Context, workplace client.Object) ([]types.NamespacedName, error) {
	return r.list(ctx, func(s *v1alpha1.SupportSession) bool {
		return string(s.Spec.WorkplaceRef.Name) == workplace.GetName() && s.Status.EndedAt == nil
	}, client.InNamespace(workplace.GetNamespace()))
}

// uncharged returns the sessions of a tenant that wait for usable terms and a price.
func (r *Reconciler) uncharged(ctx context.Context, tenant client.Object) ([]types.NamespacedName, error) {
	return r.list(ctx, awaitsCharge, client.InNamespace(v1alpha1.NamespaceFor(tenant.GetName())))
}

// unchargedAnywhere returns those of all tenants: they are few.
func (r *Reconciler) unchargedAnywhere(ctx context.Context, _ client.Object) ([]types.NamespacedName, error) {
	return r.list(ctx, awaitsCharge)
}

func (r *Reconciler) list(ctx context.Context, of func(*v1alpha1.SupportSession) bool, options ...client.ListOption) ([]types.NamespacedName, error) {
	var list v1alpha1.SupportSessionList
	err := r.Client.List(ctx, &list, append(options, client.UnsafeDisableDeepCopy)...)
	var keys []types.NamespacedName
	for i := range list.Items {
		if of(&list.Items[i]) {
			keys = append(keys, client.ObjectKeyFromObject(&list.Items[i]))
		}
	}
	return keys, err
}
