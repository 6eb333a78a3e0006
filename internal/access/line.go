// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"fmt"
	"strings"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/outcome"
)

// Line is a tenant and its resellers: those whose suspensions and ends are its own too.
type Line struct {
	// Tenants are the tenant itself, its reseller, that one's reseller, and so on.
	// There are none if the tenant does not exist.
	Tenants []*v1alpha1.Tenant
	// State is ready if nothing is wrong with the line, and says otherwise what
	// breaks it off, which only a person can mend. It is unknown until it was read.
	State outcome.Outcome
}

// Covers reports whether what denies access to one tenant denies it to another as
// well, which names it as its reseller: it must be marked as one (TD-8).
func Covers(reseller, tenant *v1alpha1.Tenant) bool {
	ref := tenant.Spec.ResellerRef
	return ref != nil && string(ref.Name) == reseller.Name && reseller.IsReseller()
}

// LineOf returns the line of the tenant with a name.
func LineOf(ctx context.Context, r Reader, name string) (Line, error) {
	tenant, err := r.Tenant(ctx, name)
	if err != nil {
		return Line{}, fmt.Errorf("read tenant %s: %w", name, err)
	}
	if tenant == nil {
		return Line{State: outcome.Stalled(v1alpha1.ReasonTenantNotFound,
			fmt.Sprintf("namespace %s belongs to no Tenant", v1alpha1.NamespaceFor(name)))}, nil
	}
	return LineFrom(ctx, r, tenant)
}

// LineFrom returns the line of a tenant that was read already.
func LineFrom(ctx context.Context, r Reader, tenant *v1alpha1.Tenant) (Line, error) {
	line := Line{Tenants: []*v1alpha1.Tenant{tenant}}
	for current := tenant; current.Spec.ResellerRef != nil; {
		name := string(current.Spec.ResellerRef.Name)
		if line.Has(name) {
			return line.broken(v1alpha1.ReasonResellerCycle,
				"the resellers form a cycle: %s; remove spec.resellerRef from one of these tenants",
				strings.Join(append(line.Names(), name), " -> ")), nil
		}
		reseller, err := r.Tenant(ctx, name)
		switch {
		case err != nil:
			return Line{}, fmt.Errorf("read reseller %s: %w", name, err)
		case reseller == nil:
			return line.broken(v1alpha1.ReasonResellerNotFound,
				"tenant %s names the reseller %s, which does not exist; create that Tenant, or correct spec.resellerRef",
				current.Name, name), nil
		case !Covers(reseller, current):
			return line.broken(v1alpha1.ReasonNotAReseller,
				"tenant %s names %s as its reseller, which is none; set spec.reseller of that Tenant, or correct spec.resellerRef",
				current.Name, name), nil
		}
		line.Tenants = append(line.Tenants, reseller)
		current = reseller
	}
	line.State = outcome.Ready(v1alpha1.ReasonReady, "the line of resellers is as it should be")
	return line, nil
}

func (l Line) broken(reason, format string, arguments ...any) Line {
	l.State = outcome.Stalled(reason, fmt.Sprintf(format, arguments...))
	return l
}

// Tenant returns the tenant whose line it is; nil if it does not exist.
func (l Line) Tenant() *v1alpha1.Tenant {
	if len(l.Tenants) == 0 {
		return nil
	}
	return l.Tenants[0]
}

// Has reports whether a tenant with a name is in the line.
func (l Line) Has(name string) bool {
	for _, tenant := range l.Tenants {
		if tenant.Name == name {
			return true
		}
	}
	return false
}

// Names returns the names of the tenants in the line.
func (l Line) Names() []string {
	names := make([]string, len(l.Tenants))
	for i, tenant := range l.Tenants {
		names[i] = tenant.Name
	}
	return names
}
