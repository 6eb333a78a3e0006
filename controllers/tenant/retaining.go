// SPDX-License-Identifier: Apache-2.0

package tenant

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/controllers/tenant/retention"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/terms"
)

// arriving is how long a claim may be known before its workplace is.
const arriving = 10 * time.Second

func (v *visit) eraser() retention.Eraser {
	return retention.Eraser{Client: v.Client, Live: v.Live, Write: v.WriteFirst}
}

func (v *visit) deletion() retention.Deletion {
	return retention.Deletion{Client: v.Client, Live: v.Live}
}

// addFinalizer comes before anything exists that the finalizer must see gone.
// Nothing is done for a tenant without it: its namespace would stay when it is
// deleted, for nobody to remove.
func (v *visit) addFinalizer(ctx context.Context) error {
	err := v.WriteMeta(ctx, retention.AddFinalizer)
	if _, fault := reconciling.Result(err); fault != nil {
		return reconciling.Stop(fault)
	}
	return err // it is gone, or was changed meanwhile
}

// eraseData erases homes whose time is over (LS-5, EC-6..8).
func (v *visit) eraseData(ctx context.Context) error {
	if v.standing.Erase == nil || v.namespace == "" {
		return nil
	}
	erasure, err := retention.AllData{Eraser: v.eraser()}.Erase(ctx, v.tenant, v.workplaces, *v.standing.Erase, v.Now)
	if err != nil {
		return err
	}
	v.tenant.Status.Erasure = erasure.Proof
	v.Recheck(erasure.Look)
	if erasure.Done {
		v.Announce(true, "Erased", "Erase", erasure.Words())
		v.again = true
		v.Recheck(v.Now)
	}
	return nil
}

// removedHomes keeps the homes of removed workplaces for as long as the terms
// say, announces that they go, and erases them.
func (v *visit) removedHomes(ctx context.Context) error {
	if v.standing.Ended || v.standing.Erase != nil || v.namespace == "" || !v.terms.KeepsRemoved() {
		return nil
	}
	var claims corev1.PersistentVolumeClaimList
	if err := v.Client.List(ctx, &claims, client.InNamespace(v.namespace), client.UnsafeDisableDeepCopy); err != nil {
		return err
	}
	there := map[string]bool{}
	for i := range v.workplaces {
		there[v.workplaces[i].Name] = true
	}
	home := retention.RemovedHome{Eraser: v.eraser()}
	var faults []error
	for i := range claims.Items {
		claim := &claims.Items[i]
		name := claim.Labels[v1alpha1.LabelWorkplace]
		switch noted := claim.Annotations[v1alpha1.AnnotationRemovedOn]; {
		case name == "" || claim.DeletionTimestamp != nil:
		case there[name]:
			if noted != "" {
				faults = append(faults, home.Note(ctx, claim, ""))
			}
		case v.Now.Before(claim.CreationTimestamp.Add(arriving)):
			v.Recheck(claim.CreationTimestamp.Add(arriving))
		case noted == "":
			faults = append(faults, home.Note(ctx, claim, terms.DateAt(v.Now, v.terms.Zone).String()))
			v.Recheck(v.Now.Add(time.Second)) // once the cache has seen it
		default:
			faults = append(faults, v.removedHome(ctx, home, claim, noted))
		}
	}
	return errors.Join(faults...)
}

func (v *visit) removedHome(ctx context.Context, home retention.RemovedHome, claim *corev1.PersistentVolumeClaim, noted string) error {
	on, err := terms.ParseDate(noted)
	if err != nil {
		return v.hinder(outcome.Stalled(v1alpha1.ReasonDataKept,
			fmt.Sprintf("annotation %s of claim %s: %v", v1alpha1.AnnotationRemovedOn, claim.Name, err)), nil)
	}
	kept := v.terms.HomeRemoved(v.facts, claim.Labels[v1alpha1.LabelWorkplace], claim.Annotations[v1alpha1.AnnotationUsername], on)
	v.Recheck(kept.Recheck)
	if kept.Announce != nil {
		v.due.Notices = append(v.due.Notices, *kept.Announce)
	}
	if !kept.Erase {
		return nil
	}
	erased, err := home.Erase(ctx, v.tenant, claim, kept.Rule, v.Now)
	if erased != "" {
		v.Tell(ctx, reconciling.Said{Object: v.tenant, Warning: true, Reason: "Erased", Action: "Erase", Message: erased})
	}
	return err
}

// judgeErasure says whether the Tenant may be deleted.
func (v *visit) judgeErasure(ctx context.Context) error {
	allowed, err := v.deletion().Judge(ctx, v.tenant, v.workplaces)
	if err == nil {
		v.Conditions.Report(v1alpha1.ConditionErasureAllowed, allowed)
	}
	return err
}

// finalize removes the namespace of a Tenant that is being deleted, if it may go,
// and lets the Tenant go once it is gone.
func (v *visit) finalize(ctx context.Context) error {
	allowed, err := v.deletion().Judge(ctx, v.tenant, v.workplaces)
	if err != nil {
		return err
	}
	v.Conditions.Report(v1alpha1.ConditionErasureAllowed, allowed)
	left, err := v.deletion().Finish(ctx, v.tenant, allowed)
	if left.Known() && !left.OK() {
		v.Conditions.Report(v1alpha1.ConditionReady, left)
	}
	if err != nil || !left.OK() {
		return err
	}
	if err := v.WriteMeta(ctx, retention.RemoveFinalizer); err != nil {
		return err
	}
	return reconciling.ErrGone // that was the last that is done for it
}

// leave removes the namespace of a tenant whose contract has ended and whose
// data was erased, once its charges are invoiced, its use of licences is
// reported and its notices are sent. The Tenant stays, with the proof.
func (v *visit) leave(ctx context.Context) error {
	if !v.gone() || v.namespace == "" || v.again {
		return nil // what this visit decided may bring a notice first
	}
	for _, sent := range v.facts.Notices {
		if sent.IsZero() {
			return nil
		}
	}
	if len(v.untold) > 0 || len(v.due.Notices) > 0 || v.tenant.Spec.LegalHold != nil {
		return nil
	}
	if kept, err := v.deletion().Kept(ctx, v.tenant, v.workplaces); kept != "" || err != nil {
		return err
	}
	if month, err := v.deletion().Unreported(ctx, v.tenant); month != "" || err != nil {
		return err
	}
	v.total()
	return v.deletion().Leave(ctx, v.tenant)
}

// gone reports whether nothing of the tenant is kept but its records.
func (v *visit) gone() bool {
	return v.tenant.Erased() && v.tenant.DeletionTimestamp == nil
}

// total writes down what the tenant was charged in all.
func (v *visit) total() {
	v.tenant.Status.Erasure.Charged = v.terms.Money(v.facts.Charges.Sum())
	v.tenant.Status.Erasure.Currency = v1alpha1.Currency(v.terms.Currency)
}
