// SPDX-License-Identifier: Apache-2.0

package tenant

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/children"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/terms"
)

const (
	// arriving is how long a claim may be known before its workplace is.
	arriving = 10 * time.Second
	// rememberedHomes is how many homes of removed workplaces stay listed.
	rememberedHomes = 200
)

// removedHomes keeps the homes of removed workplaces for as long as the terms
// say, announces that they go, and erases them. The day on which a workplace was
// missed first is written on the claim, which outlives it.
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
	var faults []error
	for i := range claims.Items {
		claim := &claims.Items[i]
		name := claim.Labels[v1alpha1.LabelWorkplace]
		switch noted := claim.Annotations[v1alpha1.AnnotationRemovedOn]; {
		case name == "" || claim.DeletionTimestamp != nil:
		case there[name]:
			if noted != "" {
				faults = append(faults, v.note(ctx, claim, ""))
			}
		case v.Now.Before(claim.CreationTimestamp.Add(arriving)):
			v.Recheck(claim.CreationTimestamp.Add(arriving))
		case noted == "":
			faults = append(faults, v.note(ctx, claim, terms.DateAt(v.Now, v.terms.Zone).String()))
			v.Recheck(v.Now.Add(time.Second)) // once the cache has seen it
		default:
			faults = append(faults, v.removedHome(ctx, claim, name, noted))
		}
	}
	return errors.Join(faults...)
}

// note writes on a claim since when its workplace is gone.
func (v *visit) note(ctx context.Context, seen *corev1.PersistentVolumeClaim, day string) error {
	claim := seen.DeepCopy()
	if day == "" {
		delete(claim.Annotations, v1alpha1.AnnotationRemovedOn)
	} else {
		if claim.Annotations == nil {
			claim.Annotations = map[string]string{}
		}
		claim.Annotations[v1alpha1.AnnotationRemovedOn] = day
	}
	return client.IgnoreNotFound(v.Client.Patch(ctx, claim, client.MergeFrom(seen)))
}

func (v *visit) removedHome(ctx context.Context, claim *corev1.PersistentVolumeClaim, workplace, noted string) error {
	on, err := terms.ParseDate(noted)
	if err != nil {
		return v.hinder(outcome.Stalled(v1alpha1.ReasonDataKept,
			fmt.Sprintf("annotation %s of claim %s: %v", v1alpha1.AnnotationRemovedOn, claim.Name, err)), nil)
	}
	home := v.terms.HomeRemoved(v.facts, workplace, claim.Annotations[v1alpha1.AnnotationUsername], on)
	v.Recheck(home.Recheck)
	if home.Announce != nil {
		v.due.Notices = append(v.due.Notices, *home.Announce)
	}
	if !home.Erase {
		return nil
	}
	if current, err := v.current(ctx); !current || err != nil {
		return err
	}
	// A workplace that came back must find its home, though the cache has not seen it yet.
	key := client.ObjectKey{Namespace: claim.Namespace, Name: workplace}
	if err := v.Live.Get(ctx, key, &v1alpha1.Workplace{}); !apierrors.IsNotFound(err) {
		return err
	}
	if err := v.proveRemoved(ctx, claim, workplace, home.Rule); err != nil {
		return err
	}
	if _, err := v.deleteBackups(ctx, client.MatchingLabels{v1alpha1.LabelManagedBy: v1alpha1.ManagedBy, v1alpha1.LabelWorkplace: workplace}); err != nil {
		return err
	}
	because := fmt.Sprintf("the home of the removed workplace %s was erased under %s", workplace, home.Rule)
	erased, err := children.Remove(ctx, v.Client, claim.DeepCopy(), because)
	if erased {
		v.Tell(ctx, reconciling.Said{Object: v.tenant, Warning: true, Reason: "Erased", Action: "Erase", Message: because})
	}
	return err
}

// proveRemoved writes down that a home is erased, before it is.
func (v *visit) proveRemoved(ctx context.Context, claim *corev1.PersistentVolumeClaim, workplace, rule string) error {
	for _, known := range v.tenant.Status.RemovedHomes {
		if known.ClaimUID == string(claim.UID) {
			return nil
		}
	}
	at := metav1.NewTime(v.Now.UTC())
	home := v1alpha1.ErasedHome{
		Workplace: workplace, ClaimUID: string(claim.UID), Username: claim.Annotations[v1alpha1.AnnotationUsername], At: &at, Rule: rule,
	}
	if err := v.WriteFirst(ctx, func(tenant *v1alpha1.Tenant) {
		homes := append(tenant.Status.RemovedHomes, home)
		tenant.Status.RemovedHomes = homes[max(0, len(homes)-rememberedHomes):]
	}); err != nil {
		return fmt.Errorf("write down that the home of %s is erased: %w", workplace, err)
	}
	return nil
}
