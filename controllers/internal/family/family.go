// SPDX-License-Identifier: Apache-2.0

// Package family finds whom a change above concerns: the tenants below a reseller,
// by the index of those that name it.
package family

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/indexes"
	"werkplek.dev/werkplek/internal/access"
	"werkplek.dev/werkplek/internal/reading"
)

// Descendants returns the names of all tenants that a tenant's suspensions cover
// beside itself, in a stable order.
func Descendants(ctx context.Context, c client.Reader, name string) ([]string, error) {
	tenant, err := reading.Access{From: c}.Tenant(ctx, name)
	if err != nil || tenant == nil {
		return nil, err
	}
	return access.Covered(ctx, tenant, Children(c))
}

// Named returns the names of all tenants that name one as their reseller, at any
// depth, whether or not it is one. It serves to look again at whoever depends on a tenant.
func Named(ctx context.Context, c client.Reader, name string) ([]string, error) {
	return access.Naming(ctx, name, Children(c))
}

// Children finds the tenants that name one as their reseller, by the index.
func Children(c client.Reader) access.Children {
	return func(ctx context.Context, reseller string) ([]v1alpha1.Tenant, error) {
		var list v1alpha1.TenantList
		err := c.List(ctx, &list, client.MatchingFields{indexes.TenantReseller: reseller}, client.UnsafeDisableDeepCopy)
		return list.Items, err
	}
}
