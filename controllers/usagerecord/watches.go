// SPDX-License-Identifier: Apache-2.0

package usagerecord

import (
	"context"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/affected"
	"werkplek.dev/werkplek/controllers/internal/changed"
	"werkplek.dev/werkplek/controllers/internal/enqueue"
	"werkplek.dev/werkplek/controllers/internal/entitlement"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/internal/desktop"
)

// concurrency lets the records of many tenants begin together at a month's first moment.
const concurrency = 8

// SetupWithManager watches what decides who has access to what.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	tenants := affected.Tenants{Reader: r.Client}
	return ctrl.NewControllerManagedBy(mgr).
		Named("usagerecord").
		Watches(&v1alpha1.Tenant{}, enqueue.Map(tenants.WithThoseBelow), builder.WithPredicates(tenantChanges())).
		Watches(&v1alpha1.Workplace{}, r.workplaces()).
		Watches(&corev1.Pod{}, r.desktopsOnNodes(), builder.WithPredicates(needLicenses())).
		Watches(&v1alpha1.Suspension{}, enqueue.Map(tenants.CoveredBy)).
		Watches(&v1alpha1.ServiceTerms{}, enqueue.Map(tenants.Under), builder.WithPredicates(changed.Spec())).
		Watches(&v1alpha1.WorkplaceClass{}, enqueue.Map(tenants.Using), builder.WithPredicates(changed.Spec())).
		Watches(&v1alpha1.License{}, enqueue.Map(tenants.Needing), builder.WithPredicates(changed.Spec())).
		Watches(&v1alpha1.UsageRecord{}, enqueue.Map(enqueue.TenantOf), builder.WithPredicates(r.records.OthersWrote())).
		WithOptions(reconciling.Options(concurrency)).
		Complete(r)
}

// tenantChanges passes changed specs, namespaces that were made, and ended contracts.
func tenantChanges() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		was, is := e.ObjectOld.(*v1alpha1.Tenant), e.ObjectNew.(*v1alpha1.Tenant)
		return was.Generation != is.Generation || was.Status.Namespace != is.Status.Namespace ||
			was.Ended() != is.Ended()
	}}
}

// workplaces gathers the changes of a tenant's workplaces, and notes what has ended and when.
func (r *Reconciler) workplaces() handler.EventHandler {
	add := func(object client.Object, queue enqueue.Queue) {
		if tenant, ok := enqueue.TenantIn(object.GetNamespace()); ok {
			queue.AddAfter(reconcile.Request{NamespacedName: types.NamespacedName{Name: tenant}}, r.sizes.delay(tenant))
		}
	}
	return handler.Funcs{
		CreateFunc: func(_ context.Context, e event.CreateEvent, queue enqueue.Queue) { add(e.Object, queue) },
		UpdateFunc: func(ctx context.Context, e event.UpdateEvent, queue enqueue.Queue) {
			was, is := e.ObjectOld.(*v1alpha1.Workplace), e.ObjectNew.(*v1alpha1.Workplace)
			if was.Generation == is.Generation && (was.DeletionTimestamp == nil) == (is.DeletionTimestamp == nil) {
				return
			}
			if is.DeletionTimestamp != nil || is.Spec.Access == v1alpha1.AccessBlocked ||
				was.Spec.ClassRef != is.Spec.ClassRef || !slices.Equal(was.Spec.Licenses, is.Spec.Licenses) {
				r.ended(ctx, was)
			}
			add(is, queue)
		},
		DeleteFunc: func(ctx context.Context, e event.DeleteEvent, queue enqueue.Queue) {
			r.ended(ctx, e.Object.(*v1alpha1.Workplace))
			add(e.Object, queue)
		},
	}
}

// ended notes that a workplace, as it was, has ended just now. Which of its
// licences its desktop still needs is for the reconciler to say.
func (r *Reconciler) ended(ctx context.Context, was *v1alpha1.Workplace) {
	now := r.Clock.Now()
	class := &v1alpha1.WorkplaceClass{}
	if err := r.Client.Get(ctx, client.ObjectKey{Name: string(was.Spec.ClassRef.Name)}, class, client.UnsafeDisableDeepCopy); err != nil {
		return // without its class nobody knows what it needed; it ends when that is recorded
	}
	needs := entitlement.Needs(class, was)
	pod := &corev1.Pod{}
	if err := r.Client.Get(ctx, client.ObjectKey{Namespace: was.Namespace, Name: desktop.PodName(was.Name)}, pod, client.UnsafeDisableDeepCopy); err == nil {
		needs = append(needs, entitlement.NeededBy(pod)...)
	}
	r.sightings.note(was.Namespace, workplaceSight(was.Name), now, needs...)
}

// needLicenses passes desktops that need a licence.
func needLicenses() predicate.Predicate {
	return predicate.NewPredicateFuncs(func(object client.Object) bool {
		return object.GetAnnotations()[v1alpha1.AnnotationLicenses] != ""
	})
}

// desktopsOnNodes gathers the desktops that came to a node or left one.
func (r *Reconciler) desktopsOnNodes() handler.EventHandler {
	add := func(pod *corev1.Pod, queue enqueue.Queue) {
		if tenant, ok := enqueue.TenantIn(pod.Namespace); ok {
			queue.AddAfter(reconcile.Request{NamespacedName: types.NamespacedName{Name: tenant}}, max(r.sizes.delay(tenant), time.Second/2))
		}
	}
	left := func(pod *corev1.Pod) {
		if pod.Spec.NodeName != "" {
			r.sightings.note(pod.Namespace, nodeSight(pod.Spec.NodeName), r.Clock.Now())
		}
	}
	return handler.Funcs{
		CreateFunc: func(_ context.Context, e event.CreateEvent, queue enqueue.Queue) {
			if pod := e.Object.(*corev1.Pod); pod.Spec.NodeName != "" {
				add(pod, queue)
			}
		},
		UpdateFunc: func(_ context.Context, e event.UpdateEvent, queue enqueue.Queue) {
			was, is := e.ObjectOld.(*corev1.Pod), e.ObjectNew.(*corev1.Pod)
			switch {
			case was.DeletionTimestamp == nil && is.DeletionTimestamp != nil:
				left(is)
				add(is, queue)
			case was.Spec.NodeName != is.Spec.NodeName:
				add(is, queue)
			}
		},
		DeleteFunc: func(_ context.Context, e event.DeleteEvent, queue enqueue.Queue) {
			pod := e.Object.(*corev1.Pod)
			if pod.DeletionTimestamp == nil {
				left(pod)
			}
			add(pod, queue)
		},
	}
}
