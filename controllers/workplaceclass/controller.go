// SPDX-License-Identifier: Apache-2.0

// Package workplaceclass counts the workplaces of each WorkplaceClass.
package workplaceclass

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/changed"
	"werkplek.dev/werkplek/controllers/internal/enqueue"
	"werkplek.dev/werkplek/controllers/internal/indexes"
	"werkplek.dev/werkplek/controllers/internal/status"
)

// +kubebuilder:rbac:groups=werkplek.dev,resources=workplaceclasses;workplaces,verbs=get;list;watch
// +kubebuilder:rbac:groups=werkplek.dev,resources=workplaceclasses/status,verbs=patch

// countDelay gathers many workplaces that come together into one count.
const countDelay = 2 * time.Second

// Reconciler keeps the status of WorkplaceClasses.
type Reconciler struct {
	Clock  clock.PassiveClock
	Client client.Client
}

// Reconcile counts the workplaces of one class.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	class := &v1alpha1.WorkplaceClass{}
	if err := r.Client.Get(ctx, request.NamespacedName, class); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	before := class.DeepCopy()
	var workplaces v1alpha1.WorkplaceList
	if err := r.Client.List(ctx, &workplaces, client.MatchingFields{indexes.WorkplaceClass: class.Name}, client.UnsafeDisableDeepCopy); err != nil {
		return ctrl.Result{}, err
	}
	class.Status.ObservedGeneration = class.Generation
	class.Status.Workplaces = int32(len(workplaces.Items))
	status.Conditions{List: &class.Status.Conditions, Generation: class.Generation, Now: r.Clock.Now()}.
		True(v1alpha1.ConditionReady, v1alpha1.ReasonReady, "workplaces may use the class")
	return ctrl.Result{}, status.Patch(ctx, r.Client, before, class)
}

// SetupWithManager watches classes and the coming and going of workplaces.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(mgr).
		For(&v1alpha1.WorkplaceClass{}, builder.WithPredicates(changed.Spec())).
		Watches(&v1alpha1.Workplace{}, enqueue.Within(countDelay, ofWorkplace), builder.WithPredicates(changed.Spec())).
		Complete(r)
}

func ofWorkplace(_ context.Context, object client.Object) ([]types.NamespacedName, error) {
	return enqueue.Cluster(string(object.(*v1alpha1.Workplace).Spec.ClassRef.Name)), nil
}
