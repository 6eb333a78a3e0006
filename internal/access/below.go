// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"fmt"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// Children returns the tenants that name one as their reseller, whether or not it
// is one, in a stable order.
type Children func(ctx context.Context, reseller string) ([]v1alpha1.Tenant, error)

// Covered returns the names of all tenants that have one in their line, at any
// depth, in a stable order: those that its suspensions and its end cover. It is
// LineFrom looked at from above.
func Covered(ctx context.Context, tenant *v1alpha1.Tenant, children Children) ([]string, error) {
	return descend(ctx, tenant, children, Covers, map[string]bool{tenant.Name: true})
}

// Naming returns the names of all tenants that name one as their reseller, at any
// depth, whether or not it is one: those that a change of its spec may concern.
func Naming(ctx context.Context, name string, children Children) ([]string, error) {
	anyway := func(_, _ *v1alpha1.Tenant) bool { return true }
	top := &v1alpha1.Tenant{}
	top.Name = name
	return descend(ctx, top, children, anyway, map[string]bool{name: true})
}

func descend(ctx context.Context, top *v1alpha1.Tenant, children Children,
	follow func(reseller, tenant *v1alpha1.Tenant) bool, seen map[string]bool,
) ([]string, error) {
	list, err := children(ctx, top.Name)
	if err != nil {
		return nil, fmt.Errorf("list tenants under %s: %w", top.Name, err)
	}
	var names []string
	for i := range list {
		child := &list[i]
		if seen[child.Name] || !follow(top, child) {
			continue
		}
		seen[child.Name] = true
		deeper, err := descend(ctx, child, children, follow, seen)
		if err != nil {
			return nil, err
		}
		names = append(append(names, child.Name), deeper...)
	}
	return names, nil
}
