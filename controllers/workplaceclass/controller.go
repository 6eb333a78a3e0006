// SPDX-License-Identifier: Apache-2.0

// Package workplaceclass counts the workplaces of each WorkplaceClass.
package workplaceclass

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/changed"
	"werkplek.dev/werkplek/controllers/internal/enqueue"
	"werkplek.dev/werkplek/controllers/internal/indexes"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/internal/outcome"
)

// +kubebuilder:rbac:groups=werkplek.dev,resources=workplaceclasses;workplaces,verbs=get;list;watch
// +kubebuilder:rbac:groups=werkplek.dev,resources=workplaceclasses/status,verbs=patch

// countDelay gathers many workplaces that come together into one count.
const countDelay = 2 * time.Second

// Reconciler keeps the status of WorkplaceClasses.
type Reconciler struct{ *reconciling.Controller }

// visit is one reconcile of one class.
type visit struct {
	*Reconciler
	*reconciling.Pass[*v1alpha1.WorkplaceClass]
}

// Reconcile counts the workplaces of one class.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	pass, err := reconciling.Begin(ctx, r.Controller, request, &v1alpha1.WorkplaceClass{})
	if err != nil {
		return reconciling.Result(err)
	}
	v := &visit{r, pass}
	return pass.Run(ctx, v.steps())
}

func (v *visit) steps() reconciling.Steps {
	return reconciling.Steps{
		{Name: "count the workplaces", Run: v.count},
	}
}

func (v *visit) count(ctx context.Context) error {
	var workplaces v1alpha1.WorkplaceList
	of := client.MatchingFields{indexes.WorkplaceClass: v.Object.Name}
	if err := v.Client.List(ctx, &workplaces, of, client.UnsafeDisableDeepCopy); err != nil {
		return err
	}
	v.Object.Status.Workplaces = int32(len(workplaces.Items))
	v.Conditions.Summarize(outcome.Ready(v1alpha1.ReasonReady, "workplaces may use the class"))
	return nil
}

// SetupWithManager watches classes and the coming and going of workplaces.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(mgr).
		For(&v1alpha1.WorkplaceClass{}, r.Concerns()).
		Watches(&v1alpha1.Workplace{}, enqueue.Within(countDelay, ofWorkplace), builder.WithPredicates(changed.Spec())).
		WithOptions(reconciling.Options(1)).
		Complete(r)
}

func ofWorkplace(_ context.Context, object client.Object) ([]types.NamespacedName, error) {
	return enqueue.Cluster(string(object.(*v1alpha1.Workplace).Spec.ClassRef.Name)), nil
}
