// SPDX-License-Identifier: Apache-2.0

package disruption

import (
	"time"

	policyv1 "k8s.io/api/policy/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/changed"
	"werkplek.dev/werkplek/controllers/internal/enqueue"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
)

// gather is for how long people who come or go together are waited for: a whole
// office at nine o'clock is some writes, not one for each of them.
const gather = 2 * time.Second

// SetupWithManager watches who is connected.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(mgr).
		Named("disruption").
		Watches(&v1alpha1.Workplace{}, enqueue.Within(gather, enqueue.TenantOf), builder.WithPredicates(comings())).
		Watches(&policyv1.PodDisruptionBudget{}, enqueue.Map(enqueue.TenantLabelled), builder.WithPredicates(changed.Spec())).
		WithOptions(reconciling.Options(1)).
		Complete(r)
}

// comings passes workplaces to which somebody connects or from which the last one
// goes, but not each word that they are still there.
func comings() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		was, is := e.ObjectOld.(*v1alpha1.Workplace), e.ObjectNew.(*v1alpha1.Workplace)
		before, wasOpen := lastHeard(was)
		after, isOpen := lastHeard(is)
		return wasOpen != isOpen || isOpen && after.Sub(before) >= silence ||
			isOpen && (was.DeletionTimestamp == nil) != (is.DeletionTimestamp == nil)
	}}
}
