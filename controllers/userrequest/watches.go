// SPDX-License-Identifier: Apache-2.0

package userrequest

import (
	"context"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/affected"
	"werkplek.dev/werkplek/controllers/internal/changed"
	"werkplek.dev/werkplek/controllers/internal/enqueue"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
)

// SetupWithManager watches the requests and what their answers depend on. One
// request is carried out at a time, so that none counts on the room that another
// takes; to block goes before all else.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	tenants := affected.Tenants{Reader: r.Client}
	return ctrl.NewControllerManagedBy(mgr).
		Named("userrequest").
		Watches(&v1alpha1.UserRequest{}, blocksFirst(), builder.WithPredicates(predicate.Or(askedOrAnswered(), r.Own.OthersWrote()))).
		Watches(&v1alpha1.Tenant{}, enqueue.Map(r.openOf(tenants.WithThoseBelow)), builder.WithPredicates(changed.Access())).
		Watches(&v1alpha1.ServiceTerms{}, enqueue.Map(r.openOf(tenants.Under)), builder.WithPredicates(changed.Spec())).
		Watches(&v1alpha1.Suspension{}, enqueue.Map(r.openOf(tenants.CoveredBy)), builder.WithPredicates(suspensionChanges())).
		Watches(&v1alpha1.Workplace{}, enqueue.Map(r.openOf(enqueue.TenantOf)), builder.WithPredicates(deletions())).
		Watches(&v1alpha1.WorkplaceClass{}, enqueue.Map(r.naming), builder.WithPredicates(changed.Existence())).
		WithOptions(reconciling.Options(1)).
		Complete(r)
}

// blocksFirst enqueues requests, those to block before all others.
func blocksFirst() handler.EventHandler {
	add := func(object client.Object, queue enqueue.Queue) {
		request := reconcile.Request{NamespacedName: client.ObjectKeyFromObject(object)}
		first, ok := queue.(priorityqueue.PriorityQueue[reconcile.Request])
		if !ok || object.(*v1alpha1.UserRequest).Spec.Type != v1alpha1.RequestBlockUser {
			queue.Add(request)
			return
		}
		first.AddWithOpts(priorityqueue.AddOpts{Priority: ptr.To(1)}, request)
	}
	return handler.Funcs{
		CreateFunc: func(_ context.Context, e event.CreateEvent, queue enqueue.Queue) { add(e.Object, queue) },
		UpdateFunc: func(_ context.Context, e event.UpdateEvent, queue enqueue.Queue) { add(e.ObjectNew, queue) },
	}
}

// askedOrAnswered passes new requests, and those that an engineer has answered:
// what the operator writes itself comes with the time of the answer.
func askedOrAnswered() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		s := &e.ObjectNew.(*v1alpha1.UserRequest).Status
		said := meta.FindStatusCondition(s.Conditions, v1alpha1.ConditionApproved)
		return s.AnsweredAt == nil && said != nil && said.Status != metav1.ConditionUnknown
	}}
}

// suspensionChanges passes what begins or ends a suspension.
func suspensionChanges() predicate.Predicate {
	inForce := func(object client.Object) bool {
		return meta.IsStatusConditionTrue(object.(*v1alpha1.Suspension).Status.Conditions, v1alpha1.ConditionInForce)
	}
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool { return inForce(e.ObjectOld) != inForce(e.ObjectNew) }}
}

// deletions passes what makes room within a tenant's limits.
func deletions() predicate.Predicate {
	return predicate.Funcs{
		CreateFunc: func(event.CreateEvent) bool { return false },
		UpdateFunc: func(event.UpdateEvent) bool { return false },
	}
}

// openOf returns the open requests of the tenants that a change concerns.
func (r *Reconciler) openOf(tenants enqueue.Names) enqueue.Names {
	return func(ctx context.Context, object client.Object) ([]types.NamespacedName, error) {
		concerned, err := tenants(ctx, object)
		if err != nil {
			return nil, err
		}
		var keys []types.NamespacedName
		for _, tenant := range concerned {
			open, err := r.open(ctx, func(*v1alpha1.UserRequest) bool { return true }, client.InNamespace(v1alpha1.NamespaceFor(tenant.Name)))
			if err != nil {
				return nil, err
			}
			keys = append(keys, open...)
		}
		return keys, nil
	}
}

// naming returns the open requests that name a class.
func (r *Reconciler) naming(ctx context.Context, class client.Object) ([]types.NamespacedName, error) {
	return r.open(ctx, func(request *v1alpha1.UserRequest) bool {
		return request.Spec.ClassRef != nil && string(request.Spec.ClassRef.Name) == class.GetName()
	})
}

// open returns those requests that are not settled.
func (r *Reconciler) open(ctx context.Context, which func(*v1alpha1.UserRequest) bool, options ...client.ListOption) ([]types.NamespacedName, error) {
	var list v1alpha1.UserRequestList
	err := r.Client.List(ctx, &list, append(options, client.UnsafeDisableDeepCopy)...)
	var keys []types.NamespacedName
	for i := range list.Items {
		if request := &list.Items[i]; !settled(request) && which(request) {
			keys = append(keys, client.ObjectKeyFromObject(request))
		}
	}
	return keys, err
}
