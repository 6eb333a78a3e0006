// SPDX-License-Identifier: Apache-2.0

// Package serviceterms says of each ServiceTerms whether they can be enforced.
package serviceterms

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/changed"
	"werkplek.dev/werkplek/controllers/internal/enqueue"
	"werkplek.dev/werkplek/controllers/internal/indexes"
	"werkplek.dev/werkplek/controllers/internal/status"
	"werkplek.dev/werkplek/internal/terms"
)

// +kubebuilder:rbac:groups=werkplek.dev,resources=serviceterms;tenants,verbs=get;list;watch
// +kubebuilder:rbac:groups=werkplek.dev,resources=serviceterms/status,verbs=patch

// countDelay gathers many tenants that come together into one count.
const countDelay = 2 * time.Second

// Reconciler keeps the status of ServiceTerms.
type Reconciler struct {
	Clock  clock.PassiveClock
	Client client.Client
}

// Reconcile checks one set of terms and counts its tenants.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	object := &v1alpha1.ServiceTerms{}
	if err := r.Client.Get(ctx, request.NamespacedName, object); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	before := object.DeepCopy()
	var tenants v1alpha1.TenantList
	if err := r.Client.List(ctx, &tenants, client.MatchingFields{indexes.TenantTerms: object.Name}, client.UnsafeDisableDeepCopy); err != nil {
		return ctrl.Result{}, err
	}
	object.Status.ObservedGeneration = object.Generation
	object.Status.Tenants = 0
	for i := range tenants.Items {
		if string(tenants.Items[i].TermsNow()) == object.Name {
			object.Status.Tenants++
		}
	}
	conditions := status.Conditions{List: &object.Status.Conditions, Generation: object.Generation, Now: r.Clock.Now()}
	if _, err := terms.Compile(&object.Spec); err != nil {
		conditions.False(v1alpha1.ConditionReady, v1alpha1.ReasonTermsInvalid, err.Error())
	} else {
		conditions.True(v1alpha1.ConditionReady, v1alpha1.ReasonReady, "the terms can be enforced")
	}
	return ctrl.Result{}, status.Patch(ctx, r.Client, before, object)
}

// SetupWithManager watches terms and the coming and going of tenants.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(mgr).
		For(&v1alpha1.ServiceTerms{}, builder.WithPredicates(changed.Spec())).
		Watches(&v1alpha1.Tenant{}, enqueue.Within(countDelay, ofTenant), builder.WithPredicates(termsChanged())).
		Complete(r)
}

func ofTenant(_ context.Context, object client.Object) ([]types.NamespacedName, error) {
	return enqueue.Cluster(string(object.(*v1alpha1.Tenant).TermsNow())), nil
}

// termsChanged passes tenants that come, go or get other terms.
func termsChanged() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		return e.ObjectOld.(*v1alpha1.Tenant).TermsNow() != e.ObjectNew.(*v1alpha1.Tenant).TermsNow()
	}}
}
