// SPDX-License-Identifier: Apache-2.0

// Package family walks from a tenant up to its resellers and down to its
// sub-organisations: a reseller's suspension covers all below it (TD-8).
package family

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/indexes"
	"werkplek.dev/werkplek/internal/terms"
)

// Problem is something wrong with the line of resellers that only a person can mend.
type Problem struct {
	Reason  string
	Message string
}

// Resellers returns the names of a tenant's resellers, nearest first, as far as
// they exist, and what is wrong with the line if anything is.
func Resellers(ctx context.Context, c client.Reader, tenant *v1alpha1.Tenant) ([]string, *Problem, error) {
	var line []string
	seen := map[string]bool{tenant.Name: true}
	for current := tenant; current.Spec.ResellerRef != nil; {
		name := string(current.Spec.ResellerRef.Name)
		if seen[name] {
			return line, &Problem{v1alpha1.ReasonResellerCycle, fmt.Sprintf(
				"the resellers form a cycle: %s; remove spec.resellerRef from one of these tenants",
				strings.Join(append(append([]string{tenant.Name}, line...), name), " -> "))}, nil
		}
		reseller := &v1alpha1.Tenant{}
		if err := c.Get(ctx, client.ObjectKey{Name: name}, reseller, client.UnsafeDisableDeepCopy); err != nil {
			if apierrors.IsNotFound(err) {
				return line, &Problem{v1alpha1.ReasonResellerNotFound, fmt.Sprintf(
					"tenant %s names the reseller %s, which does not exist; create that Tenant, or correct spec.resellerRef", current.Name, name)}, nil
			}
			return nil, nil, fmt.Errorf("get reseller %s: %w", name, err)
		}
		if reseller.Spec.Reseller == nil || !*reseller.Spec.Reseller {
			return line, &Problem{v1alpha1.ReasonNotAReseller, fmt.Sprintf(
				"tenant %s names %s as its reseller, which is none; set spec.reseller of that Tenant, or correct spec.resellerRef", current.Name, name)}, nil
		}
		seen[name] = true
		line = append(line, name)
		current = reseller
	}
	return line, nil, nil
}

// Descendants returns the names of all tenants below one, in a stable order. A
// tenant below something that is not marked a reseller is not covered.
func Descendants(ctx context.Context, c client.Reader, name string) ([]string, error) {
	tenant := &v1alpha1.Tenant{}
	if err := c.Get(ctx, client.ObjectKey{Name: name}, tenant, client.UnsafeDisableDeepCopy); err != nil {
		return nil, client.IgnoreNotFound(err)
	}
	return descend(ctx, c, tenant, map[string]bool{name: true})
}

func descend(ctx context.Context, c client.Reader, tenant *v1alpha1.Tenant, seen map[string]bool) ([]string, error) {
	if tenant.Spec.Reseller == nil || !*tenant.Spec.Reseller {
		return nil, nil
	}
	return below(ctx, c, tenant.Name, seen, descend)
}

// Named returns the names of all tenants that name one as their reseller, at any
// depth, whether or not it is one. It serves to look again at whoever depends on a tenant.
func Named(ctx context.Context, c client.Reader, name string) ([]string, error) {
	var follow func(context.Context, client.Reader, *v1alpha1.Tenant, map[string]bool) ([]string, error)
	follow = func(ctx context.Context, c client.Reader, tenant *v1alpha1.Tenant, seen map[string]bool) ([]string, error) {
		return below(ctx, c, tenant.Name, seen, follow)
	}
	return below(ctx, c, name, map[string]bool{name: true}, follow)
}

func below(ctx context.Context, c client.Reader, name string, seen map[string]bool,
	next func(context.Context, client.Reader, *v1alpha1.Tenant, map[string]bool) ([]string, error),
) ([]string, error) {
	var children v1alpha1.TenantList
	if err := c.List(ctx, &children, client.MatchingFields{indexes.TenantReseller: name}, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("list tenants under %s: %w", name, err)
	}
	var names []string
	for i := range children.Items {
		child := &children.Items[i]
		if seen[child.Name] {
			continue
		}
		seen[child.Name] = true
		deeper, err := next(ctx, c, child, seen)
		if err != nil {
			return nil, err
		}
		names = append(append(names, child.Name), deeper...)
	}
	return names, nil
}

// Suspension is a suspension in force that covers a tenant.
type Suspension struct {
	// Tenant that it belongs to.
	Tenant string
	*v1alpha1.Suspension
}

// InForce returns the suspensions in force at a moment that belong to any of the
// tenants: in the tenants' order, and by name within one, so that what is said
// about the first does not change from one look to the next.
func InForce(ctx context.Context, c client.Reader, at time.Time, tenants ...string) ([]Suspension, error) {
	var found []Suspension
	var faults []error
	for _, tenant := range tenants {
		var list v1alpha1.SuspensionList
		if err := c.List(ctx, &list, client.InNamespace(v1alpha1.NamespaceFor(tenant)), client.UnsafeDisableDeepCopy); err != nil {
			faults = append(faults, fmt.Errorf("list suspensions of %s: %w", tenant, err))
			continue
		}
		slices.SortFunc(list.Items, func(a, b v1alpha1.Suspension) int { return strings.Compare(a.Name, b.Name) })
		for i := range list.Items {
			if terms.SuspensionOf(&list.Items[i]).InForce(at) {
				found = append(found, Suspension{tenant, &list.Items[i]})
			}
		}
	}
	return found, errors.Join(faults...)
}
