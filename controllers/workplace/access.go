// SPDX-License-Identifier: Apache-2.0

package workplace

import (
	"context"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/entitlement"
	"werkplek.dev/werkplek/controllers/internal/family"
)

// judgeAccess says whether the user may have a desktop. It reads the suspensions
// themselves, the resellers' included, so that nothing starts between their
// arrival and the tenant's own report of them.
func (v *visit) judgeAccess(ctx context.Context) error {
	if v.tenant == nil {
		v.access = verdict{reason: v1alpha1.ReasonTenantNotFound, message: fmt.Sprintf("namespace %s belongs to no Tenant", v.workplace.Namespace)}
		return nil
	}
	resellers, _, err := family.Resellers(ctx, v.Client, v.tenant)
	if err != nil {
		return err
	}
	inForce, err := family.InForce(ctx, v.Client, v.now, append([]string{v.tenant.Name}, resellers...)...)
	if err != nil {
		return err
	}
	v.access = verdict{true, v1alpha1.ReasonGranted, "the user may open the workplace"}
	switch {
	case v.tenant.Ended():
		v.access = verdict{reason: v1alpha1.ReasonContractEnded, message: "the tenant's contract has ended"}
	case len(inForce) > 0 && inForce[0].Tenant == v.tenant.Name:
		v.access = verdict{reason: v1alpha1.ReasonSuspended, message: fmt.Sprintf("the tenant is suspended by %s (%s)", inForce[0].Name, inForce[0].Spec.Cause)}
	case len(inForce) > 0:
		v.access = verdict{reason: v1alpha1.ReasonResellerSuspended, message: fmt.Sprintf("the reseller %s is suspended by %s", inForce[0].Tenant, inForce[0].Name)}
	case v.workplace.Spec.Access == v1alpha1.AccessBlocked:
		v.access = verdict{reason: v1alpha1.ReasonBlocked, message: "the user is blocked by spec.access"}
	}
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
