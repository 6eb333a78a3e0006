// SPDX-License-Identifier: Apache-2.0

package workplace

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/enqueue"
	"werkplek.dev/werkplek/controllers/internal/entitlement"
	"werkplek.dev/werkplek/internal/access"
	"werkplek.dev/werkplek/internal/reading"
)

// judgeAccess says whether the user may have a desktop. It reads the suspensions
// themselves, the resellers' included, so that nothing starts between their
// arrival and the tenant's own report of them.
func (v *visit) judgeAccess(ctx context.Context) error {
	name, _ := enqueue.TenantIn(v.workplace.Namespace)
	cover, err := access.Look(ctx, reading.Access{From: v.Client}, name, v.now)
	if err != nil {
		return err
	}
	o := cover.Judge(v.workplace)
	v.access = verdict{o.OK(), o.Reason, o.Message}
	return nil
}

// judgeLimits says whether there is room for the workplace within its tenant's
// limits: those beyond them, youngest first, wait.
func (v *visit) judgeLimits(ctx context.Context) error {
	v.place = verdict{ok: true}
	if v.tenant == nil {
		return nil
	}
	older := 0
	if limits := v.tenant.Spec.Limits; limits != nil && limits.Workplaces != nil {
		var err error
		if older, err = v.olderWorkplaces(ctx); err != nil {
			return err
		}
	}
	if refusal := entitlement.Place(v.tenant, v.class, v.workplace, older); refusal != nil {
		v.place = verdict{reason: refusal.Reason, message: refusal.Message}
	}
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
