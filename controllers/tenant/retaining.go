// SPDX-License-Identifier: Apache-2.0

package tenant

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/controllers/tenant/retention"
	"werkplek.dev/werkplek/internal/agenda"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/restored"
)

// retention are the steps that keep and erase data, and at last let the namespace go.
func (p *pass) retention() reconciling.Steps {
	eraser := retention.Eraser{Client: p.Client, Live: p.Live, Write: p.WriteFirst}
	home := retention.RemovedHome{Eraser: eraser}
	noteRemoved := func(ctx context.Context, a agenda.NoteRemoved) error {
		return p.withClaim(ctx, a.Home.Claim, func(claim *corev1.PersistentVolumeClaim) error {
			return home.Note(ctx, claim, a.On.String())
		})
	}
	noteBack := func(ctx context.Context, a agenda.KeepHome) error {
		return p.withClaim(ctx, a.Home.Claim, func(claim *corev1.PersistentVolumeClaim) error {
			return home.Note(ctx, claim, "")
		})
	}
	eraseHome := func(ctx context.Context, a agenda.EraseHome) error {
		return p.withClaim(ctx, a.Home.Claim, func(claim *corev1.PersistentVolumeClaim) error {
			return p.eraseHome(ctx, home, claim, a.Rule)
		})
	}
	eraseData := func(ctx context.Context, a agenda.Erase) error { return p.eraseData(ctx, eraser, a) }
	leave := func(ctx context.Context, a agenda.Leave) error {
		p.tenant.Status.Erasure.Charged = p.terms.Money(a.Charged)
		p.tenant.Status.Erasure.Currency = v1alpha1.Currency(a.Currency)
		return p.hinder(p.deletion().Leave(ctx, p.tenant))
	}
	return reconciling.Steps{
		{Name: "note that workplaces are gone", Needs: carriedOut, Run: each(p, noteRemoved)},
		{Name: "note that workplaces are back", Needs: carriedOut, Run: each(p, noteBack)},
		{Name: "erase removed homes", Needs: carriedOut, Run: each(p, eraseHome)},
		{Name: "erase all data", Needs: carriedOut, Run: each(p, eraseData)},
		{Name: "say whether it may be deleted", Needs: []string{workplacesFound}, Run: p.judgeDeletion},
		{Name: "leave", Needs: []string{namespaceFound, agendaDecided, charged, told}, Run: each(p, leave)},
	}
}

// withClaim does something to a claim that was there when the facts were read, if it still is.
func (p *pass) withClaim(ctx context.Context, name string, do func(*corev1.PersistentVolumeClaim) error) error {
	claim := &corev1.PersistentVolumeClaim{}
	key := client.ObjectKey{Namespace: p.namespace, Name: name}
	if err := p.Client.Get(ctx, key, claim); err != nil {
		return client.IgnoreNotFound(err)
	}
	return do(claim)
}

func (p *pass) eraseHome(
	ctx context.Context, home retention.RemovedHome, claim *corev1.PersistentVolumeClaim, rule string,
) error {
	erased, err := home.Erase(ctx, p.tenant, claim, rule, p.Now)
	if erased != "" {
		p.Tell(ctx, reconciling.Said{Object: p.tenant, Warning: true, Reason: "Erased", Action: "Erase", Message: erased})
	}
	return err
}

func (p *pass) eraseData(ctx context.Context, eraser retention.Eraser, order agenda.Erase) error {
	erasure, err := retention.AllData{Eraser: eraser}.Erase(ctx, p.tenant, p.workplaces, order.Erasure, p.Now)
	if err != nil {
		return err
	}
	p.tenant.Status.Erasure = erasure.Proof
	p.Recheck(erasure.Look)
	if erasure.Done {
		p.Announce(true, "Erased", "Erase", erasure.Words())
		p.Recheck(p.Now) // there may be a notice to make, or a plan to change to
	}
	return nil
}

func (p *pass) deletion() retention.Deletion {
	return retention.Deletion{Client: p.Client, Live: p.Live}
}

// judgeDeletion says whether the Tenant may be deleted.
func (p *pass) judgeDeletion(ctx context.Context) error {
	allowed, err := p.deletion().Judge(ctx, p.tenant, p.workplaces)
	if err == nil {
		p.Conditions.Report(v1alpha1.ConditionErasureAllowed, allowed)
	}
	return err
}

// addFinalizer comes before anything exists that the finalizer must see gone.
// Nothing is done for a tenant without it: its namespace would stay when it is
// deleted, for nobody to remove.
func (p *pass) addFinalizer(ctx context.Context) error {
	err := p.WriteMeta(ctx, func(tenant client.Object) {
		if !retention.HasFinalizer(p.tenant) { // it is new, and the write is made anyway
			restored.Mark(tenant, p.tenant.CreationTimestamp.Time)
		}
		retention.AddFinalizer(tenant)
	})
	if _, fault := reconciling.Result(err); fault != nil {
		return reconciling.Stop(fault)
	}
	return err // it is gone, or was changed meanwhile
}

// finalize removes the namespace of a Tenant that is being deleted, if it may go,
// and lets the Tenant go once it is gone.
func (p *pass) finalize(ctx context.Context) error {
	allowed, err := p.deletion().Judge(ctx, p.tenant, p.workplaces)
	if err != nil {
		return err
	}
	p.Conditions.Report(v1alpha1.ConditionErasureAllowed, allowed)
	left, err := p.deletion().Finish(ctx, p.tenant, allowed)
	if left.Known() && !left.OK() {
		p.Conditions.Summarize(left)
	}
	if left.State == outcome.StateStalled {
		p.Recheck(p.Now.Add(taken))
	}
	if err != nil || !left.OK() {
		return err
	}
	if err := p.WriteMeta(ctx, retention.RemoveFinalizer); err != nil {
		return err
	}
	return reconciling.ErrGone // that was the last that is done for it
}
