// SPDX-License-Identifier: Apache-2.0

package tenant

import (
	"context"

	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/controllers/tenant/furnish"
	"werkplek.dev/werkplek/internal/outcome"
)

func (p *pass) furnisher() furnish.Hands { return furnish.Hands{Client: p.Client, Live: p.Live} }

// furnishing are the steps that make the namespace, what it holds besides
// workplaces, and the billing account. Of a tenant of which nothing is kept but its
// records the namespace goes, and none of this is made again.
func (p *pass) furnishing() reconciling.Steps {
	hands, tenant := p.furnisher(), p.tenant
	in := func(keep func(context.Context) (outcome.Outcome, error)) func(context.Context) error {
		return func(ctx context.Context) error {
			if p.namespace == "" || tenant.Erased() {
				return nil
			}
			return p.hinder(keep(ctx))
		}
	}
	policies := func(ctx context.Context) (outcome.Outcome, error) {
		return furnish.Policies{Hands: hands, Network: p.Network}.Keep(ctx, tenant)
	}
	quota := func(ctx context.Context) (outcome.Outcome, error) {
		return furnish.Quota{Hands: hands}.Keep(ctx, tenant, p.terms, p.Now)
	}
	limits := func(ctx context.Context) (outcome.Outcome, error) {
		return furnish.LimitRange{Hands: hands}.Keep(ctx, tenant)
	}
	contact := func(ctx context.Context) (outcome.Outcome, error) {
		return furnish.ContactBinding{Hands: hands}.Keep(ctx, tenant)
	}
	users := func(ctx context.Context) (outcome.Outcome, error) {
		return furnish.UserBinding{Hands: hands}.Keep(ctx, tenant, p.workplaces)
	}
	view := func(ctx context.Context) (outcome.Outcome, error) {
		return furnish.ContactView{Hands: hands}.Keep(ctx, tenant)
	}
	kept := []string{namespaceKept}
	return reconciling.Steps{
		{Name: namespaceKept, Needs: []string{namespaceFound, workplacesFound}, Run: p.keepNamespace},
		{Name: "keep the network policies", Needs: kept, Run: in(policies)},
		{Name: "keep the quota", Needs: []string{namespaceKept, termsRead}, Run: in(quota)},
		{Name: "keep the limit range", Needs: kept, Run: in(limits)},
		{Name: "bind the contact", Needs: kept, Run: in(contact)},
		{Name: "bind the users", Needs: []string{namespaceKept, workplacesFound}, Run: in(users)},
		{Name: "show the contact the tenant", Needs: kept, Run: in(view)},
		{Name: "open the billing account", Needs: []string{termsUsable}, Run: func(ctx context.Context) error {
			return p.hinder(furnish.BillingAccount{Hands: hands}.Open(ctx, tenant, p.terms.Currency))
		}},
	}
}

func (p *pass) keepNamespace(ctx context.Context) error {
	if p.tenant.Erased() {
		return nil
	}
	name, kept, err := furnish.Namespace{Hands: p.furnisher()}.Keep(ctx, p.tenant, p.workplaces)
	if err != nil {
		return err
	}
	p.namespace, p.tenant.Status.Namespace = name, name
	return p.hinder(kept, nil)
}
