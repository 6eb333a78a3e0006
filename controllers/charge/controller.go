// SPDX-License-Identifier: Apache-2.0

// Package charge tells when the billing system has put a Charge on an invoice.
// A Charge never changes, so there is nothing else to reconcile.
package charge

import (
	"context"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
)

// +kubebuilder:rbac:groups=werkplek.dev,resources=charges,verbs=get;list;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// Reconciler makes an event of each Charge that was invoiced.
type Reconciler struct{ *reconciling.Controller }

// Reconcile tells that one charge was invoiced.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	charge := &v1alpha1.Charge{}
	if err := r.Client.Get(ctx, request.NamespacedName, charge); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if invoice := charge.Status.Invoice; invoice != nil {
		reconciling.Said{
			Object: charge, Reason: "Invoiced", Action: "Invoice", Message: "charged on invoice " + string(invoice.Number),
		}.Tell(ctx, r.Events)
	}
	return ctrl.Result{}, nil
}

// SetupWithManager watches for charges at the moment they are invoiced; those
// that were before the operator started are not told again.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(mgr).
		For(&v1alpha1.Charge{}, builder.WithPredicates(predicate.Funcs{
			CreateFunc: func(event.CreateEvent) bool { return false },
			DeleteFunc: func(event.DeleteEvent) bool { return false },
			UpdateFunc: func(e event.UpdateEvent) bool {
				return e.ObjectOld.(*v1alpha1.Charge).Status.Invoice == nil && e.ObjectNew.(*v1alpha1.Charge).Status.Invoice != nil
			},
		})).
		WithOptions(reconciling.Options(1)).
		Complete(r)
}
