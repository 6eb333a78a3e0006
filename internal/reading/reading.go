// SPDX-License-Identifier: Apache-2.0

// Package reading reads API objects, from a watch cache or from the API server
// itself, for packages that know of neither.
package reading

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/access"
)

// Access reads what decides about access. What it returns may be the cache's own,
// and must not be changed.
type Access struct{ From client.Reader }

var _ access.Reader = Access{}

// Tenant returns a tenant by name; nil while there is none.
func (r Access) Tenant(ctx context.Context, name string) (*v1alpha1.Tenant, error) {
	tenant := &v1alpha1.Tenant{}
	err := r.From.Get(ctx, client.ObjectKey{Name: name}, tenant, client.UnsafeDisableDeepCopy)
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return tenant, nil
}

// Suspensions returns all suspensions of a tenant.
func (r Access) Suspensions(ctx context.Context, tenant string) ([]v1alpha1.Suspension, error) {
	var list v1alpha1.SuspensionList
	err := r.From.List(ctx, &list, client.InNamespace(v1alpha1.NamespaceFor(tenant)), client.UnsafeDisableDeepCopy)
	if err != nil {
		return nil, err
	}
	return list.Items, nil
}
