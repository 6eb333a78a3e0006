// SPDX-License-Identifier: Apache-2.0

package retention

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/children"
)

// +kubebuilder:rbac:groups="",resources=persistentvolumeclaims,verbs=patch

// rememberedHomes is how many homes of removed workplaces stay listed.
const rememberedHomes = 200

// RemovedHome is the home of a workplace that was removed.
type RemovedHome struct{ Eraser }

// Note writes on a claim, which outlives its workplace, since which day that is
// gone; an empty day takes it back.
func (h RemovedHome) Note(ctx context.Context, seen *corev1.PersistentVolumeClaim, day string) error {
	claim, why := seen.DeepCopy(), "its workplace is there again"
	if day == "" {
		delete(claim.Annotations, v1alpha1.AnnotationRemovedOn)
	} else {
		if claim.Annotations == nil {
			claim.Annotations = map[string]string{}
		}
		claim.Annotations[v1alpha1.AnnotationRemovedOn], why = day, "its workplace is gone"
	}
	return client.IgnoreNotFound(children.Patch(ctx, h.Client, seen, claim, why))
}

// Erase erases a home and its backups under a rule, and reports in words what it
// has done; empty if there was nothing to do.
func (h RemovedHome) Erase(
	ctx context.Context, tenant *v1alpha1.Tenant, claim *corev1.PersistentVolumeClaim, rule string, now time.Time,
) (string, error) {
	// A workplace that came back must find its home, though the cache has not seen it yet.
	workplace := claim.Labels[v1alpha1.LabelWorkplace]
	key := client.ObjectKey{Namespace: claim.Namespace, Name: workplace}
	if err := h.Live.Get(ctx, key, &v1alpha1.Workplace{}); !apierrors.IsNotFound(err) {
		return "", err
	}
	why := fmt.Sprintf("the home of the removed workplace %s was erased under %s", workplace, rule)
	home, at := homeOf(claim), metav1.NewTime(now.UTC())
	home.At, home.Rule = &at, rule
	progress, err := h.Eraser.Erase(ctx, tenant, Lot{
		Why:     why,
		Claims:  []corev1.PersistentVolumeClaim{*claim},
		Backups: client.MatchingLabels{v1alpha1.LabelManagedBy: v1alpha1.ManagedBy, v1alpha1.LabelWorkplace: workplace},
		Prove:   func(tenant *v1alpha1.Tenant) { remember(&tenant.Status, home) },
	})
	if progress.Gone == 0 {
		why = ""
	}
	return why, err
}

// remember lists a home as erased, once.
func remember(status *v1alpha1.TenantStatus, home v1alpha1.ErasedHome) {
	same := func(known v1alpha1.ErasedHome) bool { return known.ClaimUID == home.ClaimUID }
	if slices.ContainsFunc(status.RemovedHomes, same) {
		return
	}
	homes := append(status.RemovedHomes, home)
	status.RemovedHomes = homes[max(0, len(homes)-rememberedHomes):]
}
