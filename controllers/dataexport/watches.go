// SPDX-License-Identifier: Apache-2.0

package dataexport

import (
	"context"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/affected"
	"werkplek.dev/werkplek/controllers/internal/changed"
	"werkplek.dev/werkplek/controllers/internal/enqueue"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/internal/desktop"
)

// SetupWithManager watches what an export depends on.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	tenants := affected.Tenants{Reader: r.Client}
	return ctrl.NewControllerManagedBy(mgr).
		For(&v1alpha1.DataExport{}, r.Concerns(homeStored())).
		Owns(&batchv1.Job{}, builder.WithPredicates(ended())).
		Watches(&corev1.Pod{}, enqueue.Map(r.ofPod), builder.WithPredicates(podChanges())).
		Watches(&corev1.PersistentVolumeClaim{}, enqueue.Map(r.openBeside), builder.WithPredicates(changed.Existence())).
		Watches(&v1alpha1.Suspension{}, enqueue.Map(r.openOf(tenants.CoveredBy)), builder.WithPredicates(suspensionChanges())).
		Watches(&v1alpha1.Tenant{}, enqueue.Map(r.openOf(tenants.WithThoseBelow)), builder.WithPredicates(changed.Spec())).
		Watches(&v1alpha1.ServiceTerms{}, enqueue.Map(r.openOf(tenants.Under)), builder.WithPredicates(changed.Spec())).
		WithOptions(reconciling.Options(1)).
		Complete(r)
}

// homeStored passes an export whose status has another home: its job can go, and
// the next may come.
func homeStored() predicate.Predicate {
	return predicate.Funcs{
		CreateFunc: func(event.CreateEvent) bool { return false },
		DeleteFunc: func(event.DeleteEvent) bool { return false },
		UpdateFunc: func(e event.UpdateEvent) bool {
			return e.ObjectOld.(*v1alpha1.DataExport).Status.Done != e.ObjectNew.(*v1alpha1.DataExport).Status.Done
		},
	}
}

// ended passes jobs that came to an end, or are gone.
func ended() predicate.Predicate {
	return predicate.Funcs{
		CreateFunc: func(event.CreateEvent) bool { return false },
		UpdateFunc: func(e event.UpdateEvent) bool {
			return len(e.ObjectOld.(*batchv1.Job).Status.Conditions) != len(e.ObjectNew.(*batchv1.Job).Status.Conditions)
		},
	}
}

// meaning is what matters of a pod: where it is, and what a copy says.
type meaning struct {
	node                   string
	phase                  corev1.PodPhase
	waiting, said, saidNow string
}

func meaningOf(object client.Object) meaning {
	pod := object.(*corev1.Pod)
	m := meaning{node: pod.Spec.NodeName}
	if pod.Labels[v1alpha1.LabelExport] == "" {
		return m // a desktop
	}
	m.phase = pod.Status.Phase
	for _, s := range pod.Status.ContainerStatuses {
		if s.State.Waiting != nil && s.State.Waiting.Reason != "CrashLoopBackOff" {
			m.waiting = s.State.Waiting.Reason
		}
		if s.State.Terminated != nil {
			m.saidNow = s.State.Terminated.Message
		}
		if s.LastTerminationState.Terminated != nil {
			m.said = s.LastTerminationState.Terminated.Message
		}
	}
	return m
}

func podChanges() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool { return meaningOf(e.ObjectOld) != meaningOf(e.ObjectNew) }}
}

// suspensionChanges passes what begins or ends a suspension.
func suspensionChanges() predicate.Predicate {
	inForce := func(o client.Object) bool {
		s := o.(*v1alpha1.Suspension)
		return s.Status.LiftedAt == nil && meta.IsStatusConditionTrue(s.Status.Conditions, v1alpha1.ConditionInForce)
	}
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool { return inForce(e.ObjectOld) != inForce(e.ObjectNew) }}
}

// ofPod returns the export that a pod copies for, or those that a desktop's coming
// to a node concerns.
func (r *Reconciler) ofPod(ctx context.Context, pod client.Object) ([]types.NamespacedName, error) {
	if name := pod.GetLabels()[v1alpha1.LabelExport]; name != "" {
		return []types.NamespacedName{{Namespace: pod.GetNamespace(), Name: name}}, nil
	}
	workplace := pod.GetLabels()[v1alpha1.LabelWorkplace]
	if workplace == "" || pod.GetName() != desktop.PodName(workplace) {
		return nil, nil
	}
	return r.open(ctx, pod.GetNamespace(), func(e *v1alpha1.DataExport) bool {
		for i := range e.Status.Objects {
			if e.Status.Objects[i].Workplace == workplace {
				return e.Status.Objects[i].SHA256 == ""
			}
		}
		return false
	})
}

// openBeside returns the exports beside a home that wait for it.
func (r *Reconciler) openBeside(ctx context.Context, claim client.Object) ([]types.NamespacedName, error) {
	return r.open(ctx, claim.GetNamespace(), func(e *v1alpha1.DataExport) bool { return len(e.Status.Objects) == 0 })
}

// openOf returns the exports of some tenants that are not complete.
func (r *Reconciler) openOf(tenants enqueue.Names) enqueue.Names {
	return func(ctx context.Context, object client.Object) ([]types.NamespacedName, error) {
		names, err := tenants(ctx, object)
		if err != nil {
			return nil, err
		}
		var keys []types.NamespacedName
		for _, tenant := range names {
			found, err := r.open(ctx, v1alpha1.NamespaceFor(tenant.Name), nil)
			if err != nil {
				return nil, err
			}
			keys = append(keys, found...)
		}
		return keys, nil
	}
}

// open returns the exports in a namespace that are not complete, and of which a condition holds.
func (r *Reconciler) open(ctx context.Context, namespace string, of func(*v1alpha1.DataExport) bool) ([]types.NamespacedName, error) {
	var list v1alpha1.DataExportList
	err := r.Client.List(ctx, &list, client.InNamespace(namespace), client.UnsafeDisableDeepCopy)
	var keys []types.NamespacedName
	for i := range list.Items {
		if e := &list.Items[i]; e.Status.CompletedAt == nil && (of == nil || of(e)) {
			keys = append(keys, client.ObjectKeyFromObject(e))
		}
	}
	return keys, err
}
