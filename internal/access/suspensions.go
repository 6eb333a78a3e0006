// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/terms/facts"
)

// Suspension is a suspension in force that covers a tenant.
type Suspension struct {
	// Tenant that it belongs to: the covered one, or one of its resellers.
	Tenant string
	// Since when it is in force.
	Since time.Time
	*v1alpha1.Suspension
}

// InForce returns the suspensions in force at a moment that belong to any tenant
// of a line: in the line's order, and by name within one, so that what is said
// about the first does not change from one look to the next.
func InForce(ctx context.Context, r Reader, line Line, at time.Time) ([]Suspension, error) {
	var found []Suspension
	for _, tenant := range line.Tenants {
		all, err := r.Suspensions(ctx, tenant.Name)
		if err != nil {
			return nil, fmt.Errorf("read the suspensions of %s: %w", tenant.Name, err)
		}
		before := len(found)
		for i := range all {
			if fact := facts.SuspensionOf(&all[i]); fact.InForce(at) {
				found = append(found, Suspension{Tenant: tenant.Name, Since: fact.Since, Suspension: &all[i]})
			}
		}
		slices.SortFunc(found[before:], func(a, b Suspension) int { return strings.Compare(a.Name, b.Name) })
	}
	return found, nil
}

// ByReseller reports whether any suspension of a reseller is in force.
func (c Cover) ByReseller() bool {
	// Those of resellers come last.
	return len(c.InForce) > 0 && c.InForce[len(c.InForce)-1].Tenant != c.Line.Tenants[0].Name
}
