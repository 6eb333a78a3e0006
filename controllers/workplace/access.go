// SPDX-License-Identifier: Apache-2.0

package workplace

import (
	"context"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
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
	case contractEnded(v.tenant):
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

func contractEnded(tenant *v1alpha1.Tenant) bool {
	active := meta.FindStatusCondition(tenant.Status.Conditions, v1alpha1.ConditionContractActive)
	return active != nil && active.Status == "False" && active.Reason == v1alpha1.ReasonTerminatedByArrears
}

// judgeLimits says whether there is room for the workplace within its tenant's
// limits: those beyond them, youngest first, wait.
func (v *visit) judgeLimits(ctx context.Context) error {
	v.place = verdict{ok: true}
	if v.class == nil {
		v.place = verdict{reason: v1alpha1.ReasonClassNotFound, message: fmt.Sprintf(
			"the WorkplaceClass %s does not exist; create it, or correct spec.classRef", v.workplace.Spec.ClassRef.Name)}
		return nil
	}
	if v.tenant == nil || v.tenant.Spec.Limits == nil {
		return nil
	}
	limits := v.tenant.Spec.Limits
	if len(limits.AllowedClasses) > 0 && !slices.Contains(limits.AllowedClasses, v.workplace.Spec.ClassRef.Name) {
		v.place = verdict{reason: v1alpha1.ReasonClassNotAllowed, message: fmt.Sprintf(
			"the tenant may not use class %s; add it to spec.limits.allowedClasses of Tenant %s", v.workplace.Spec.ClassRef.Name, v.tenant.Name)}
		return nil
	}
	if limits.Workplaces == nil {
		return nil
	}
	older, err := v.olderWorkplaces(ctx)
	if err != nil {
		return err
	}
	if older >= int(*limits.Workplaces) {
		v.place = verdict{reason: v1alpha1.ReasonLimitReached, message: fmt.Sprintf(
			"the tenant may have %d workplaces; raise spec.limits.workplaces of Tenant %s, or remove others", *limits.Workplaces, v.tenant.Name)}
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
		other := &all.Items[i]
		if other.DeletionTimestamp != nil {
			continue
		}
		if other.CreationTimestamp.Before(&v.workplace.CreationTimestamp) ||
			other.CreationTimestamp.Equal(&v.workplace.CreationTimestamp) && other.Name < v.workplace.Name {
			older++
		}
	}
	return older, nil
}
