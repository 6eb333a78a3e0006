// SPDX-License-Identifier: Apache-2.0

package workplace

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/enqueue"
	"werkplek.dev/werkplek/controllers/internal/entitlement"
	"werkplek.dev/werkplek/internal/access"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/reading"
)

// judgeAccess says whether the user may have a desktop. It reads the suspensions
// themselves, the resellers' included, so that nothing starts between their
// arrival and the tenant's own report of them.
func (v *visit) judgeAccess(ctx context.Context) error {
	name, _ := enqueue.TenantIn(v.workplace.Namespace)
	cover, err := access.Look(ctx, reading.Access{From: v.Client}, name, v.Now)
	if err != nil {
		return err
	}
	v.access = cover.Judge(v.workplace)
	return nil
}

// admitted says whether the user gets in: with access, and with no licence missing
// of which there is none at all. What was recorded of a desktop that runs is
// recorded, and it goes on.
func (v *visit) admitted() outcome.Outcome {
	if v.access.OK() && v.pod == nil && v.licensed.Reason == v1alpha1.ReasonLicenseNotFound {
		return outcome.Stalled(v1alpha1.ReasonUnlicensed, v.licensed.Message)
	}
	return v.access
}

// judgeLimits says whether there is room for the workplace within its tenant's
// limits: those beyond them, youngest first, wait.
func (v *visit) judgeLimits(ctx context.Context) error {
	if v.tenant == nil {
		v.place = enqueue.Orphaned(v.workplace.Namespace)
		return nil
	}
	older := 0
	if limits := v.tenant.Spec.Limits; limits != nil && limits.Workplaces != nil {
		var err error
		if older, err = v.olderWorkplaces(ctx); err != nil {
			return err
		}
	}
	v.place = entitlement.Place(v.tenant, v.class, v.workplace, older)
	return nil
}

// olderWorkplaces counts those that come before this one in order of creation.
func (v *visit) olderWorkplaces(ctx context.Context) (int, error) {
	var all v1alpha1.WorkplaceList
	if err := v.Client.List(ctx, &all, client.InNamespace(v.workplace.Namespace), client.UnsafeDisableDeepCopy); err != nil {
		return 0, err
	}
	older := 0
	for i := range all.Items {
		if other := &all.Items[i]; other.DeletionTimestamp == nil && entitlement.Before(other, v.workplace) {
			older++
		}
	}
	return older, nil
}
