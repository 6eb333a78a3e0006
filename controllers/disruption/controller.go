// SPDX-License-Identifier: Apache-2.0

// Package disruption keeps desktops that are in use out of the way of drains and
// autoscalers: one PodDisruptionBudget for each tenant, while somebody is connected.
package disruption

import (
	"context"
	"slices"
	"time"

	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/children"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/controllers/internal/requeue"
	"werkplek.dev/werkplek/internal/reading"
)

// +kubebuilder:rbac:groups=werkplek.dev,resources=tenants;workplaces,verbs=get;list;watch
// +kubebuilder:rbac:groups=policy,resources=poddisruptionbudgets,verbs=get;list;watch;create;patch;delete
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// Name of each tenant's budget.
const Name = "desktops-in-use"

// Reconciler keeps the budgets.
type Reconciler struct {
	*reconciling.Controller
	Live client.Reader // asked only where the cache cannot know
}

// Reconcile brings one tenant's budget to who is connected now.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	tenant, err := reading.Maybe(ctx, r.Client, request.NamespacedName, &v1alpha1.Tenant{})
	if err != nil || tenant == nil || tenant.DeletionTimestamp != nil {
		return ctrl.Result{}, err // the budget goes with the namespace
	}
	var all v1alpha1.WorkplaceList
	in := client.InNamespace(v1alpha1.NamespaceFor(tenant.Name))
	if err := r.Client.List(ctx, &all, in, client.UnsafeDisableDeepCopy); err != nil {
		return ctrl.Result{}, err
	}
	now := r.Clock.Now()
	users, until := connected(all.Items, now)
	if len(users) == 0 {
		return ctrl.Result{}, r.remove(ctx, tenant)
	}
	if err := r.keep(ctx, tenant, users); err != nil {
		return ctrl.Result{}, err
	}
	return requeue.At(now, until), nil
}

// silence is after how long without a word from the gateway nobody can be
// connected: it speaks of open connections every five minutes.
const silence = 11 * time.Minute

// connected names the workplaces to which somebody is connected, in order, and the
// moment at which that changes for one of them if nothing more is heard of it.
func connected(workplaces []v1alpha1.Workplace, now time.Time) (names []string, until time.Time) {
	for i := range workplaces {
		w := &workplaces[i]
		last, open := lastHeard(w)
		end := last.Add(silence)
		if !open || w.DeletionTimestamp != nil || !now.Before(end) {
			continue
		}
		names = append(names, w.Name)
		if until.IsZero() || end.Before(until) {
			until = end
		}
	}
	slices.Sort(names)
	return names, until
}

// lastHeard says when the gateway last spoke of a connection, and whether that was
// open then.
func lastHeard(w *v1alpha1.Workplace) (at time.Time, open bool) {
	activity := w.Status.Activity
	if activity == nil || activity.LastActive == nil || activity.IdleSince != nil {
		return time.Time{}, false
	}
	return activity.LastActive.Time, true
}

func (r *Reconciler) keep(ctx context.Context, tenant *v1alpha1.Tenant, users []string) error {
	_, err := children.Ensure(ctx, r.Client, r.Live, children.Child[*policyv1.PodDisruptionBudget]{
		Kind:    "disruption budget",
		Desired: budget(tenant.Name, users),
		Why:     "somebody is connected",
		Own:     own,
		Sync: func(existing, desired *policyv1.PodDisruptionBudget) bool {
			if equality.Semantic.DeepEqual(existing.Spec, desired.Spec) {
				return false
			}
			existing.Spec = desired.Spec
			return true
		},
	})
	if foreign, ok := children.InTheWay(err); ok {
		reconciling.Said{
			Object: tenant, Warning: true, Reason: foreign.Reason, Action: "Protect", Message: foreign.Message,
		}.Tell(ctx, r.Events)
		return nil
	}
	return err
}

func (r *Reconciler) remove(ctx context.Context, tenant *v1alpha1.Tenant) error {
	key := client.ObjectKeyFromObject(budget(tenant.Name, nil))
	existing, err := reading.Maybe(ctx, r.Client, key, &policyv1.PodDisruptionBudget{})
	if err != nil || existing == nil || !own(existing) {
		return err
	}
	return children.Delete(ctx, r.Client, existing, "nobody is connected")
}

// budget lets none of these workplaces' desktops be evicted. They are named, and
// their number given, because nothing else can be told of pods without a scale.
func budget(tenant string, users []string) *policyv1.PodDisruptionBudget {
	return &policyv1.PodDisruptionBudget{
		ObjectMeta: metav1.ObjectMeta{
			Name: Name, Namespace: v1alpha1.NamespaceFor(tenant),
			Labels: map[string]string{v1alpha1.LabelManagedBy: v1alpha1.ManagedBy, v1alpha1.LabelTenant: tenant},
		},
		Spec: policyv1.PodDisruptionBudgetSpec{
			MinAvailable: ptr.To(intstr.FromInt(len(users))),
			Selector: &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{
				{Key: v1alpha1.LabelWorkplace, Operator: metav1.LabelSelectorOpIn, Values: users},
			}},
			UnhealthyPodEvictionPolicy: ptr.To(policyv1.AlwaysAllow),
		},
	}
}

func own(budget *policyv1.PodDisruptionBudget) bool {
	return budget.Labels[v1alpha1.LabelManagedBy] == v1alpha1.ManagedBy
}
