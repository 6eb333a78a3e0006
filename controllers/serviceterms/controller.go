// SPDX-License-Identifier: Apache-2.0

// Package serviceterms says of each ServiceTerms whether they can be enforced.
package serviceterms

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/enqueue"
	"werkplek.dev/werkplek/controllers/internal/indexes"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/terms/agreement"
)

// +kubebuilder:rbac:groups=werkplek.dev,resources=serviceterms;tenants,verbs=get;list;watch
// +kubebuilder:rbac:groups=werkplek.dev,resources=serviceterms/status,verbs=patch

// countDelay gathers many tenants that come together into one count.
const countDelay = 2 * time.Second

// Reconciler keeps the status of ServiceTerms.
type Reconciler struct{ *reconciling.Controller }

// visit is one reconcile of one set of terms.
type visit struct {
	*Reconciler
	*reconciling.Pass[*v1alpha1.ServiceTerms]
}

// Reconcile checks one set of terms and counts its tenants.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	pass, err := reconciling.Begin(ctx, r.Controller, request, &v1alpha1.ServiceTerms{})
	if err != nil {
		return reconciling.Result(err)
	}
	v := &visit{r, pass}
	return pass.Run(ctx, v.steps())
}

func (v *visit) steps() reconciling.Steps {
	return reconciling.Steps{
		{Name: "compile the terms", Run: v.compile},
		{Name: "count the tenants", Run: v.count},
	}
}

func (v *visit) compile(context.Context) error {
	if _, err := agreement.Compile(&v.Object.Spec); err != nil {
		v.Conditions.Summarize(outcome.Stalled(v1alpha1.ReasonTermsInvalid, err.Error()))
	} else {
		v.Conditions.Summarize(outcome.Ready(v1alpha1.ReasonReady, "the terms can be enforced"))
	}
	return nil
}

func (v *visit) count(ctx context.Context) error {
	var tenants v1alpha1.TenantList
	under := client.MatchingFields{indexes.TenantTerms: v.Object.Name}
	if err := v.Client.List(ctx, &tenants, under, client.UnsafeDisableDeepCopy); err != nil {
		return err
	}
	v.Object.Status.Tenants = 0
	for i := range tenants.Items {
		if string(tenants.Items[i].TermsNow()) == v.Object.Name {
			v.Object.Status.Tenants++
		}
	}
	return nil
}

// SetupWithManager watches terms and the coming and going of tenants.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(mgr).
		For(&v1alpha1.ServiceTerms{}, r.Concerns()).
		Watches(&v1alpha1.Tenant{}, enqueue.Within(countDelay, ofTenant), builder.WithPredicates(termsChanged())).
		WithOptions(reconciling.Options(1)).
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
