// SPDX-License-Identifier: Apache-2.0

package workplace

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/changed"
	"werkplek.dev/werkplek/controllers/internal/enqueue"
	"werkplek.dev/werkplek/controllers/internal/family"
	"werkplek.dev/werkplek/controllers/internal/indexes"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/internal/desktop"
)

// concurrency lets one large tenant start, stop and resume at the API server's pace.
const concurrency = 16

// SetupWithManager watches what a workplace's desktop depends on.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(mgr).
		For(&v1alpha1.Workplace{}, r.Concerns()).
		Owns(&corev1.Pod{}, builder.WithPredicates(podChanges())).
		Watches(&corev1.Pod{}, r.tellEvictions()).
		Watches(&corev1.Node{}, enqueue.Map(r.onNode), builder.WithPredicates(nodeChanges())).
		Watches(&corev1.PersistentVolumeClaim{}, enqueue.Map(ofClaim), builder.WithPredicates(claimChanges())).
		Watches(&v1alpha1.WorkplaceClass{}, enqueue.Map(r.ofClass), builder.WithPredicates(changed.Spec())).
		Watches(&v1alpha1.Suspension{}, enqueue.Map(r.covered), builder.WithPredicates(suspensionChanges())).
		Watches(&v1alpha1.Tenant{}, enqueue.Map(r.ofFamily), builder.WithPredicates(changed.Access())).
		Watches(&v1alpha1.Workplace{}, enqueue.Map(r.waiting), builder.WithPredicates(deletions())).
		Watches(&corev1.ResourceQuota{}, enqueue.Map(r.waiting), builder.WithPredicates(roomMade())).
		Watches(&v1alpha1.UsageRecord{}, enqueue.Map(r.unlicensedBeside)).
		Watches(&v1alpha1.License{}, enqueue.Map(r.unlicensed), builder.WithPredicates(changed.Existence())).
		Watches(&v1alpha1.ServiceTerms{}, enqueue.Map(r.unlicensedUnder), builder.WithPredicates(changed.Spec())).
		WithOptions(reconciling.Options(concurrency)).
		Complete(r)
}

// podChanges passes what changes the pod's meaning. Our own creations and the
// many steps on a pod's way to readiness do not.
func podChanges() predicate.Predicate {
	return predicate.Funcs{
		CreateFunc: func(event.CreateEvent) bool { return false },
		UpdateFunc: func(e event.UpdateEvent) bool {
			was, is := meaning(e.ObjectOld.(*corev1.Pod)), meaning(e.ObjectNew.(*corev1.Pod))
			return was != is
		},
	}
}

func meaning(pod *corev1.Pod) desktop.State {
	state := desktop.Diagnose(pod, nil, time.Time{})
	state.Recheck = time.Time{}
	return state
}

// claimChanges passes what may need a person, and claims that are gone.
func claimChanges() predicate.Predicate {
	return predicate.Funcs{
		CreateFunc: func(event.CreateEvent) bool { return false },
		UpdateFunc: func(e event.UpdateEvent) bool {
			was, is := e.ObjectOld.(*corev1.PersistentVolumeClaim), e.ObjectNew.(*corev1.PersistentVolumeClaim)
			return (was.DeletionTimestamp == nil) != (is.DeletionTimestamp == nil) ||
				(was.Status.Phase == corev1.ClaimLost) != (is.Status.Phase == corev1.ClaimLost)
		},
	}
}

// suspensionChanges passes what begins or ends a suspension.
func suspensionChanges() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		was, is := e.ObjectOld.(*v1alpha1.Suspension), e.ObjectNew.(*v1alpha1.Suspension)
		return (was.Status.LiftedAt == nil) != (is.Status.LiftedAt == nil) || inForce(was) != inForce(is)
	}}
}

func inForce(s *v1alpha1.Suspension) bool {
	return meta.IsStatusConditionTrue(s.Status.Conditions, v1alpha1.ConditionInForce)
}

func deletions() predicate.Predicate {
	return predicate.Funcs{
		CreateFunc: func(event.CreateEvent) bool { return false },
		UpdateFunc: func(event.UpdateEvent) bool { return false },
	}
}

// roomMade passes a quota under which less is used, or more may be.
func roomMade() predicate.Predicate {
	return predicate.Funcs{
		CreateFunc: func(event.CreateEvent) bool { return false },
		UpdateFunc: func(e event.UpdateEvent) bool {
			was, is := e.ObjectOld.(*corev1.ResourceQuota), e.ObjectNew.(*corev1.ResourceQuota)
			for name, used := range is.Status.Used {
				before, limit := was.Status.Used[name], was.Status.Hard[name]
				if used.Cmp(before) < 0 || limit.Cmp(is.Status.Hard[name]) < 0 {
					return true
				}
			}
			return false
		},
	}
}

func ofClaim(_ context.Context, object client.Object) ([]types.NamespacedName, error) {
	name := object.GetLabels()[v1alpha1.LabelWorkplace]
	if name == "" {
		return nil, nil
	}
	return []types.NamespacedName{{Namespace: object.GetNamespace(), Name: name}}, nil
}

func (r *Reconciler) list(ctx context.Context, options ...client.ListOption) ([]types.NamespacedName, error) {
	var list v1alpha1.WorkplaceList
	err := r.Client.List(ctx, &list, append(options, client.UnsafeDisableDeepCopy)...)
	keys := make([]types.NamespacedName, len(list.Items))
	for i := range list.Items {
		keys[i] = client.ObjectKeyFromObject(&list.Items[i])
	}
	return keys, err
}

func (r *Reconciler) ofClass(ctx context.Context, class client.Object) ([]types.NamespacedName, error) {
	return r.list(ctx, client.MatchingFields{indexes.WorkplaceClass: class.GetName()})
}

// covered returns the workplaces whose access a suspension concerns.
func (r *Reconciler) covered(ctx context.Context, suspension client.Object) ([]types.NamespacedName, error) {
	tenant, ok := enqueue.TenantIn(suspension.GetNamespace())
	if !ok {
		return nil, nil
	}
	below, err := family.Descendants(ctx, r.Client, tenant)
	if err != nil {
		return nil, err
	}
	return r.ofTenants(ctx, append(below, tenant))
}

// ofFamily returns the workplaces of a tenant and of all that name it as their reseller.
func (r *Reconciler) ofFamily(ctx context.Context, tenant client.Object) ([]types.NamespacedName, error) {
	below, err := family.Named(ctx, r.Client, tenant.GetName())
	if err != nil {
		return nil, err
	}
	return r.ofTenants(ctx, append(below, tenant.GetName()))
}

func (r *Reconciler) ofTenants(ctx context.Context, tenants []string) ([]types.NamespacedName, error) {
	var keys []types.NamespacedName
	for _, tenant := range tenants {
		found, err := r.list(ctx, client.InNamespace(v1alpha1.NamespaceFor(tenant)))
		if err != nil {
			return nil, err
		}
		keys = append(keys, found...)
	}
	return keys, nil
}

// unlicensedBeside returns the workplaces beside a record that may wait for it.
func (r *Reconciler) unlicensedBeside(ctx context.Context, record client.Object) ([]types.NamespacedName, error) {
	return r.unlicensedAmong(ctx, client.InNamespace(record.GetNamespace()))
}

// unlicensed returns all workplaces that wait for a licence or a record.
func (r *Reconciler) unlicensed(ctx context.Context, _ client.Object) ([]types.NamespacedName, error) {
	return r.unlicensedAmong(ctx)
}

// unlicensedUnder returns those of the tenants under some terms.
func (r *Reconciler) unlicensedUnder(ctx context.Context, terms client.Object) ([]types.NamespacedName, error) {
	var tenants v1alpha1.TenantList
	if err := r.Client.List(ctx, &tenants, client.MatchingFields{indexes.TenantTerms: terms.GetName()}, client.UnsafeDisableDeepCopy); err != nil {
		return nil, err
	}
	var keys []types.NamespacedName
	for i := range tenants.Items {
		found, err := r.unlicensedAmong(ctx, client.InNamespace(v1alpha1.NamespaceFor(tenants.Items[i].Name)))
		if err != nil {
			return nil, err
		}
		keys = append(keys, found...)
	}
	return keys, nil
}

func (r *Reconciler) unlicensedAmong(ctx context.Context, options ...client.ListOption) ([]types.NamespacedName, error) {
	var list v1alpha1.WorkplaceList
	err := r.Client.List(ctx, &list, append(options, client.UnsafeDisableDeepCopy)...)
	var keys []types.NamespacedName
	for i := range list.Items {
		conditions := list.Items[i].Status.Conditions
		access := meta.FindStatusCondition(conditions, v1alpha1.ConditionAccessGranted)
		shutOut := access != nil && access.Status == "False" && access.Reason != v1alpha1.ReasonUnlicensed
		served := meta.IsStatusConditionTrue(conditions, v1alpha1.ConditionLicensed) && meta.IsStatusConditionTrue(conditions, v1alpha1.ConditionDesktopReady)
		if !shutOut && !served {
			keys = append(keys, client.ObjectKeyFromObject(&list.Items[i]))
		}
	}
	return keys, err
}

// waiting returns the workplaces beside an object that wait for room.
func (r *Reconciler) waiting(ctx context.Context, beside client.Object) ([]types.NamespacedName, error) {
	var list v1alpha1.WorkplaceList
	err := r.Client.List(ctx, &list, client.InNamespace(beside.GetNamespace()), client.UnsafeDisableDeepCopy)
	var keys []types.NamespacedName
	for i := range list.Items {
		ready := meta.FindStatusCondition(list.Items[i].Status.Conditions, v1alpha1.ConditionReady)
		if ready != nil && (ready.Reason == v1alpha1.ReasonLimitReached || ready.Reason == v1alpha1.ReasonQuotaExceeded) {
			keys = append(keys, client.ObjectKeyFromObject(&list.Items[i]))
		}
	}
	return keys, err
}
