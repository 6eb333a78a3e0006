// SPDX-License-Identifier: Apache-2.0

package furnish

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/export"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/facts"
)

// +kubebuilder:rbac:groups="",resources=resourcequotas;limitranges,verbs=get;list;watch;create;patch;delete

// boundsName is the name of the quota, and of the limit range.
const boundsName = "werkplek"

// Quota bounds what a tenant's workplaces take together.
type Quota struct{ Hands }

// Keep makes, corrects or removes the quota. Without usable terms, nil, nobody
// knows what the plan allows: what bounds the homes stays.
func (q Quota) Keep(
	ctx context.Context, tenant *v1alpha1.Tenant, held *agreement.Terms, now time.Time,
) (outcome.Outcome, error) {
	hard := agreed(tenant.Spec.Limits)
	if held != nil {
		capPlan(hard, tenant, held, now)
	}
	object := &corev1.ResourceQuota{ObjectMeta: about(tenant, boundsName), Spec: corev1.ResourceQuotaSpec{Hard: hard}}
	if len(hard) == 0 && held == nil {
		return furnished, nil
	}
	if len(hard) == 0 {
		return remove(ctx, q.Hands, object)
	}
	return keep(ctx, q.Hands, "resource quota", object, func(existing, desired *corev1.ResourceQuota) bool {
		wanted := desired.Spec
		if held == nil {
			wanted.Hard = keepStorage(existing.Spec.Hard, wanted.Hard)
		}
		return replace(&existing.Spec, wanted)
	})
}

// capPlan keeps all homes together within what the plan allows (EC-2, EC-13).
func capPlan(hard corev1.ResourceList, tenant *v1alpha1.Tenant, held *agreement.Terms, now time.Time) {
	bytes, limited := facts.CapacityOf(held, tenant, now)
	if allowed, ok := hard[corev1.ResourceRequestsStorage]; limited && (!ok || allowed.Value() > bytes) {
		hard[corev1.ResourceRequestsStorage] = *resource.NewQuantity(bytes, resource.BinarySI)
	}
}

// keepStorage returns what is wanted with the stricter of two bounds on homes.
func keepStorage(existing, wanted corev1.ResourceList) corev1.ResourceList {
	bound, bounded := existing[corev1.ResourceRequestsStorage]
	if allowed, ok := wanted[corev1.ResourceRequestsStorage]; !bounded || ok && allowed.Cmp(bound) <= 0 {
		return wanted
	}
	kept := wanted.DeepCopy()
	kept[corev1.ResourceRequestsStorage] = bound
	return kept
}

// agreed turns a tenant's limits into what the API server counts. A desktop that
// is being replaced needs no second place: it is gone before the next one starts.
// The copies of an export have places of their own; the operator, which makes all
// pods there, sees to it that desktops do not take them.
func agreed(limits *v1alpha1.TenantLimits) corev1.ResourceList {
	hard := corev1.ResourceList{}
	if limits == nil {
		return hard
	}
	if limits.Workplaces != nil {
		hard[corev1.ResourcePods] = *resource.NewQuantity(int64(*limits.Workplaces)+export.MostJobs, resource.DecimalSI)
	}
	for name, quantity := range map[corev1.ResourceName]*resource.Quantity{
		corev1.ResourceRequestsCPU:     limits.CPU,
		corev1.ResourceRequestsMemory:  limits.Memory,
		corev1.ResourceRequestsStorage: limits.Storage,
	} {
		if quantity != nil {
			hard[name] = *quantity
		}
	}
	return hard
}
