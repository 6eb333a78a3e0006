// SPDX-License-Identifier: Apache-2.0

package tenant

import (
	"context"

	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/controllers/tenant/furnish"
	"werkplek.dev/werkplek/internal/outcome"
)

func (v *visit) hands() furnish.Hands { return furnish.Hands{Client: v.Client, Live: v.Live} }

func (v *visit) findNamespace(ctx context.Context) error {
	name, err := furnish.Namespace{Hands: v.hands()}.Find(ctx, v.tenant)
	if err == nil {
		v.namespace, v.tenant.Status.Namespace = name, name
	}
	return err
}

// keepNamespace makes or corrects the namespace; where nothing of the tenant is
// kept but its records, it goes, and is not made again.
func (v *visit) keepNamespace(ctx context.Context) error {
	if v.gone() {
		return nil
	}
	name, kept, err := furnish.Namespace{Hands: v.hands()}.Keep(ctx, v.tenant, v.workplaces)
	if err != nil {
		return err
	}
	v.namespace, v.tenant.Status.Namespace = name, name
	return v.hinder(kept, nil)
}

// furnishing are the steps that make what a tenant's namespace holds besides
// workplaces. Where that is going, none is taken.
func (v *visit) furnishing() reconciling.Steps {
	hands, tenant := v.hands(), v.tenant
	in := func(keep func(context.Context) (outcome.Outcome, error)) func(context.Context) error {
		return func(ctx context.Context) error {
			if v.namespace == "" || v.gone() {
				return nil
			}
			return v.hinder(keep(ctx))
		}
	}
	return reconciling.Steps{
		{Name: "keep the network policies", Needs: []string{namespaceKept}, Run: in(func(ctx context.Context) (outcome.Outcome, error) {
			return furnish.Policies{Hands: hands, Network: v.Network}.Keep(ctx, tenant)
		})},
		{Name: "keep the quota", Needs: []string{namespaceKept, termsRead}, Run: in(func(ctx context.Context) (outcome.Outcome, error) {
			return furnish.Quota{Hands: hands}.Keep(ctx, tenant, v.terms, v.Now)
		})},
		{Name: "keep the limit range", Needs: []string{namespaceKept}, Run: in(func(ctx context.Context) (outcome.Outcome, error) {
			return furnish.LimitRange{Hands: hands}.Keep(ctx, tenant)
		})},
		{Name: "bind the contact", Needs: []string{namespaceKept}, Run: in(func(ctx context.Context) (outcome.Outcome, error) {
			return furnish.ContactBinding{Hands: hands}.Keep(ctx, tenant)
		})},
		{Name: "bind the users", Needs: []string{namespaceKept, workplacesFound}, Run: in(func(ctx context.Context) (outcome.Outcome, error) {
			return furnish.UserBinding{Hands: hands}.Keep(ctx, tenant, v.workplaces)
		})},
		{Name: "show the contact the tenant", Needs: []string{namespaceKept}, Run: in(func(ctx context.Context) (outcome.Outcome, error) {
			return furnish.ContactView{Hands: hands}.Keep(ctx, tenant)
		})},
		{Name: billingOpen, Needs: []string{termsUsable}, Run: func(ctx context.Context) error {
			return v.hinder(furnish.BillingAccount{Hands: hands}.Open(ctx, tenant, v.terms.Currency))
		}},
	}
}
