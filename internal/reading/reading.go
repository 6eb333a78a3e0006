// SPDX-License-Identifier: Apache-2.0

// Package reading reads API objects, from a watch cache or from the API server
// itself. What is not there is nil; what could not be read is an error, and never
// nil alone.
package reading

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/access"
)

// Maybe reads an object into one that is empty, and returns it, or nil if it does
// not exist. What comes from a cache may be its own, and must not be changed.
func Maybe[T any, P interface {
	*T
	client.Object
}](ctx context.Context, from client.Reader, key client.ObjectKey, into P) (P, error) {
	err := from.Get(ctx, key, into, client.UnsafeDisableDeepCopy)
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("get %s %s: %w", reflect.TypeFor[T]().Name(), strings.TrimPrefix(key.String(), "/"), err)
	}
	return into, nil
}

// Access reads what decides about access. What it returns may be the cache's own,
// and must not be changed.
type Access struct{ From client.Reader }

var _ access.Reader = Access{}

// Tenant returns a tenant by name; nil while there is none.
func (r Access) Tenant(ctx context.Context, name string) (*v1alpha1.Tenant, error) {
	return Maybe(ctx, r.From, client.ObjectKey{Name: name}, &v1alpha1.Tenant{})
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
