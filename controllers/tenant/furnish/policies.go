// SPDX-License-Identifier: Apache-2.0

package furnish

import (
	"context"
	"errors"
	"maps"
	"slices"

	networkingv1 "k8s.io/api/networking/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/desktop"
	"werkplek.dev/werkplek/internal/outcome"
)

// +kubebuilder:rbac:groups=networking.k8s.io,resources=networkpolicies,verbs=get;list;watch;create;patch

// Policies keep a namespace's network apart from the others'.
type Policies struct {
	Hands
	Network desktop.Network
}

// Keep makes or corrects the policies.
func (p Policies) Keep(ctx context.Context, tenant *v1alpha1.Tenant) (outcome.Outcome, error) {
	policies := desktop.Policies(p.Network)
	var kept []outcome.Outcome
	var faults []error
	for _, name := range slices.Sorted(maps.Keys(policies)) {
		policy := &networkingv1.NetworkPolicy{ObjectMeta: about(tenant, name), Spec: policies[name]}
		one, err := keep(ctx, p.Hands, "network policy", policy, func(existing, desired *networkingv1.NetworkPolicy) bool {
			return replace(&existing.Spec, desired.Spec)
		})
		kept, faults = append(kept, one), append(faults, err)
	}
	return outcome.First(kept...), errors.Join(faults...)
}
