// SPDX-License-Identifier: Apache-2.0

// Package affected finds the tenants that the change of another object concerns.
package affected

import (
	"context"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/enqueue"
	"werkplek.dev/werkplek/controllers/internal/family"
	"werkplek.dev/werkplek/controllers/internal/indexes"
)

// Tenants looks tenants up in a cache with the indexes of package indexes.
type Tenants struct{ client.Reader }

// Below returns the tenants that name one as their reseller, at any depth.
func (t Tenants) Below(ctx context.Context, tenant client.Object) ([]types.NamespacedName, error) {
	names, err := family.Named(ctx, t, tenant.GetName())
	return enqueue.Cluster(names...), err
}

// WithThoseBelow returns a tenant and those that name it as their reseller.
func (t Tenants) WithThoseBelow(ctx context.Context, tenant client.Object) ([]types.NamespacedName, error) {
	names, err := family.Named(ctx, t, tenant.GetName())
	return enqueue.Cluster(append(names, tenant.GetName())...), err
}

// CoveredBy returns the tenants whose access a suspension concerns (TD-8).
func (t Tenants) CoveredBy(ctx context.Context, suspension client.Object) ([]types.NamespacedName, error) {
	tenant, ok := enqueue.TenantIn(suspension.GetNamespace())
	if !ok {
		return nil, nil
	}
	below, err := family.Descendants(ctx, t, tenant)
	return enqueue.Cluster(append(below, tenant)...), err
}

// Under returns the tenants under some terms.
func (t Tenants) Under(ctx context.Context, terms client.Object) ([]types.NamespacedName, error) {
	var tenants v1alpha1.TenantList
	err := t.List(ctx, &tenants, client.MatchingFields{indexes.TenantTerms: terms.GetName()}, client.UnsafeDisableDeepCopy)
	keys := make([]types.NamespacedName, 0, len(tenants.Items))
	for i := range tenants.Items {
		keys = append(keys, types.NamespacedName{Name: tenants.Items[i].Name})
	}
	return keys, err
}

// Using returns the tenants that have workplaces of a class.
func (t Tenants) Using(ctx context.Context, class client.Object) ([]types.NamespacedName, error) {
	names := map[string]bool{}
	err := t.having(ctx, names, indexes.WorkplaceClass, class.GetName())
	return enqueue.Cluster(slices.Sorted(maps.Keys(names))...), err
}

// Needing returns the tenants that have workplaces which need a licence.
func (t Tenants) Needing(ctx context.Context, license client.Object) ([]types.NamespacedName, error) {
	var classes v1alpha1.WorkplaceClassList
	if err := t.List(ctx, &classes, client.UnsafeDisableDeepCopy); err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for i := range classes.Items {
		if slices.Contains(classes.Items[i].Spec.Licenses, v1alpha1.LicenseName(license.GetName())) {
			if err := t.having(ctx, names, indexes.WorkplaceClass, classes.Items[i].Name); err != nil {
				return nil, err
			}
		}
	}
	err := t.having(ctx, names, indexes.WorkplaceLicense, license.GetName())
	return enqueue.Cluster(slices.Sorted(maps.Keys(names))...), err
}

// having adds the tenants that have workplaces with a value of an indexed field.
func (t Tenants) having(ctx context.Context, names map[string]bool, field, value string) error {
	var workplaces v1alpha1.WorkplaceList
	err := t.List(ctx, &workplaces, client.MatchingFields{field: value}, client.UnsafeDisableDeepCopy)
	for i := range workplaces.Items {
		if tenant, ok := enqueue.TenantIn(workplaces.Items[i].Namespace); ok {
			names[tenant] = true
		}
	}
	return err
}
