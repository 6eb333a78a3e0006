// SPDX-License-Identifier: Apache-2.0

package tenant

import (
	"context"
	"errors"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/controllers/internal/standing"
	"werkplek.dev/werkplek/controllers/tenant/contract"
	"werkplek.dev/werkplek/controllers/tenant/furnish"
	"werkplek.dev/werkplek/internal/access"
	"werkplek.dev/werkplek/internal/agenda"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/reading"
)

// +kubebuilder:rbac:groups=werkplek.dev,resources=serviceterms;suspensions;workplaces;billingaccounts,verbs=get;list;watch
// +kubebuilder:rbac:groups=werkplek.dev,resources=workplaceclasses;licenses;supportsessions;userrequests,verbs=get;list;watch
// +kubebuilder:rbac:groups=werkplek.dev,resources=charges;notices;usagerecords;licensereports,verbs=get;list;watch
// +kubebuilder:rbac:groups="",resources=persistentvolumeclaims,verbs=get;list;watch

// finding are the steps that read what the others rely on.
func (p *pass) finding() reconciling.Steps {
	return reconciling.Steps{
		{Name: resellersFound, Run: p.findResellers},
		{Name: workplacesFound, Run: p.findWorkplaces},
		{Name: namespaceFound, Run: p.findNamespace},
		{Name: termsRead, Run: p.readTerms},
		{Name: termsUsable, Needs: []string{termsRead}, Run: p.useTerms},
		{Name: suspensionsFound, Needs: []string{resellersFound}, Run: p.findSuspensions},
	}
}

func (p *pass) findResellers(ctx context.Context) error {
	line, err := access.LineFrom(ctx, reading.Access{From: p.Client}, p.tenant)
	if line.State.State == outcome.StateStalled {
		err = errors.Join(err, p.hinder(line.State, nil))
	}
	p.line = line
	return err
}

func (p *pass) findWorkplaces(ctx context.Context) error {
	var list v1alpha1.WorkplaceList
	in := client.InNamespace(v1alpha1.NamespaceFor(p.tenant.Name))
	err := p.Client.List(ctx, &list, in, client.UnsafeDisableDeepCopy)
	p.workplaces = list.Items
	return err
}

func (p *pass) findNamespace(ctx context.Context) error {
	name, err := furnish.Namespace{Hands: p.furnisher()}.Find(ctx, p.tenant)
	if err != nil {
		return err
	}
	if p.namespace = name; p.tenant.DeletionTimestamp == nil {
		p.tenant.Status.Namespace = name
	}
	return nil
}

func (p *pass) readTerms(ctx context.Context) error {
	compiled, wrong, err := standing.Terms(ctx, p.Client, p.tenant)
	if p.terms = compiled; wrong != nil {
		p.unusable = *wrong
	}
	return err
}

// useTerms lets on only those who need usable terms.
func (p *pass) useTerms(context.Context) error {
	if p.terms != nil {
		return nil
	}
	contract.Undecided(p.Conditions)
	return errors.Join(p.hinder(p.unusable, nil), p.unusable.Err())
}

func (p *pass) findSuspensions(ctx context.Context) error {
	cover, err := p.line.Cover(ctx, reading.Access{From: p.Client}, p.Now)
	p.cover = cover
	return err
}

// decide reads the facts, whole, and decides what is to be done. Without usable
// terms nothing is: what is in force stays so.
func (p *pass) decide(ctx context.Context) error {
	book, facts, err := standing.Facts(ctx, p.Client, p.Live, p.Now, p.tenant)
	if err != nil {
		return err
	}
	decided, err := agenda.Decide(book, facts)
	if err != nil {
		return err
	}
	p.facts, p.agenda = facts, decided
	p.Recheck(decided.Recheck)
	for _, problem := range decided.Problems {
		if err := p.hinder(problem, nil); err != nil {
			return err
		}
	}
	return nil
}
