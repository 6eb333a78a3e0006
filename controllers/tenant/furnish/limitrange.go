// SPDX-License-Identifier: Apache-2.0

package furnish

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/outcome"
)

// LimitRange bounds what single workplaces take.
type LimitRange struct{ Hands }

// Keep makes, corrects or removes the limit range.
func (l LimitRange) Keep(ctx context.Context, tenant *v1alpha1.Tenant) (outcome.Outcome, error) {
	items := limitsOf(tenant.Spec.Limits)
	object := &corev1.LimitRange{ObjectMeta: about(tenant, boundsName), Spec: corev1.LimitRangeSpec{Limits: items}}
	if len(items) == 0 {
		return remove(ctx, l.Hands, object)
	}
	return keep(ctx, l.Hands, "limit range", object, func(existing, desired *corev1.LimitRange) bool {
		return replace(&existing.Spec, desired.Spec)
	})
}

// limitsOf bounds single homes, and gives desktops that request nothing a share,
// without which a quota would refuse them.
func limitsOf(limits *v1alpha1.TenantLimits) []corev1.LimitRangeItem {
	if limits == nil {
		return nil
	}
	var items []corev1.LimitRangeItem
	share := corev1.ResourceList{}
	if limits.CPU != nil {
		share[corev1.ResourceCPU] = resource.MustParse("100m")
	}
	if limits.Memory != nil {
		share[corev1.ResourceMemory] = resource.MustParse("256Mi")
	}
	if len(share) > 0 {
		items = append(items, corev1.LimitRangeItem{Type: corev1.LimitTypeContainer, DefaultRequest: share})
	}
	if limits.HomeSize != nil {
		items = append(items, corev1.LimitRangeItem{
			Type: corev1.LimitTypePersistentVolumeClaim,
			Max:  corev1.ResourceList{corev1.ResourceStorage: *limits.HomeSize},
		})
	}
	return items
}
