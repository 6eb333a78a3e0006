// SPDX-License-Identifier: Apache-2.0

package workplace

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/children"
	"werkplek.dev/werkplek/controllers/internal/entitlement"
	"werkplek.dev/werkplek/internal/desktop"
)

// keepHome makes the home claim once the workplace has a place, lets it grow,
// and never removes it: data outlives objects.
func (v *visit) keepHome(ctx context.Context) error {
	claim := &corev1.PersistentVolumeClaim{}
	key := client.ObjectKey{Namespace: v.workplace.Namespace, Name: desktop.ClaimName(v.workplace.Name)}
	err := v.Client.Get(ctx, key, claim, client.UnsafeDisableDeepCopy)
	if apierrors.IsNotFound(err) && (v.pod != nil || v.waits.has(client.ObjectKeyFromObject(v.workplace))) {
		err = v.Live.Get(ctx, key, claim) // a pod, or a wait for the record, comes after the claim: the cache lags
	}
	if apierrors.IsNotFound(err) {
		if !v.place.ok || !v.access.ok {
			v.home = verdict{reason: v1alpha1.ReasonHomeBinding, message: "the home is made once the workplace may run"}
			return nil
		}
		missing, fault := v.judgeBackup(ctx)
		if missing != nil {
			v.home = *missing
			v.recheck = append(v.recheck, v.now.Add(retry))
			return nil
		}
		if claim, err = nil, fault; fault == nil {
			claim, err = v.makeHome(ctx)
		}
	}
	var foreign *children.ForeignError
	if errors.As(err, &foreign) {
		v.home = verdict{reason: v1alpha1.ReasonForeignObject, message: foreign.Error()}
		v.recheck = append(v.recheck, v.now.Add(taken))
		return nil
	}
	if refused(err) {
		v.home = verdict{reason: v1alpha1.ReasonVolumeUnavailable, message: "the home is refused: " + reasonOf(err)}
		v.recheck = append(v.recheck, v.now.Add(retry))
		return nil
	}
	if err != nil {
		return err
	}
	v.claim = claim
	v.home = v.judgeHome(claim)
	if v.home.ok {
		if err := v.grow(ctx); err != nil {
			return err
		}
	}
	size := v.claim.Spec.Resources.Requests[corev1.ResourceStorage]
	v.workplace.Status.Home = &v1alpha1.HomeStatus{ClaimName: v.claim.Name, Size: &size}
	return nil
}

func (v *visit) makeHome(ctx context.Context) (*corev1.PersistentVolumeClaim, error) {
	return children.Ensure(ctx, v.Client, v.Live, children.Child[*corev1.PersistentVolumeClaim]{
		Kind:    "home claim",
		Desired: desktop.Claim(v.whole()),
		Own:     desktop.OwnClaim,
	})
}

// whole gathers what a workplace's objects are made from.
func (v *visit) whole() desktop.Place {
	return desktop.Place{
		Tenant: v.tenant.Name, Workplace: v.workplace, Class: v.class, Licenses: entitlement.Needs(v.class, v.workplace),
	}
}

// judgeHome says whether the claim holds this user's home and can be mounted. A
// claim that is not bound yet counts as ready: its volume may come with the pod.
func (v *visit) judgeHome(claim *corev1.PersistentVolumeClaim) verdict {
	switch {
	case !desktop.OwnClaim(claim):
		return verdict{reason: v1alpha1.ReasonForeignObject, message: (&children.ForeignError{Kind: "home claim", Name: claim.Name}).Error()}
	case !desktop.HomeOf(claim, v.workplace.Spec.User.Username):
		return verdict{reason: v1alpha1.ReasonHomeOfAnother, message: fmt.Sprintf(
			"claim %s holds the data of another user; give this workplace another name", claim.Name)}
	case desktop.RestoreFrom(v.workplace) != "" && desktop.RestoredFrom(claim) != desktop.RestoreFrom(v.workplace):
		return verdict{reason: v1alpha1.ReasonHomeNotRestored, message: fmt.Sprintf(
			"claim %s was there before and is not restored from %s; give the workplace another name", claim.Name, desktop.RestoreFrom(v.workplace))}
	case claim.DeletionTimestamp != nil:
		return verdict{reason: v1alpha1.ReasonHomeLost, message: fmt.Sprintf("claim %s is being deleted", claim.Name)}
	case claim.Status.Phase == corev1.ClaimLost:
		return verdict{reason: v1alpha1.ReasonHomeLost, message: fmt.Sprintf("the volume of claim %s is gone; restore it from a backup", claim.Name)}
	}
	return verdict{true, v1alpha1.ReasonHomeBound, "the home can be mounted"}
}

// grow asks for more room. Where the storage cannot give it, the home stays as
// it is, and is not asked for again until the workplace's spec changes.
func (v *visit) grow(ctx context.Context) error {
	if v.class == nil {
		return nil
	}
	want := desktop.HomeSize(v.workplace, v.class)
	have := v.claim.Spec.Resources.Requests[corev1.ResourceStorage]
	if want.Cmp(have) <= 0 {
		return nil
	}
	fixed := verdict{true, v1alpha1.ReasonHomeNotExpandable, fmt.Sprintf("the home stays %s: its storage class, a quota or a limit range does not let it grow", have.String())}
	said := meta.FindStatusCondition(v.workplace.Status.Conditions, v1alpha1.ConditionHomeReady)
	if said != nil && said.Reason == fixed.reason && said.ObservedGeneration == v.workplace.Generation {
		v.home = fixed
		return nil
	}
	larger := v.claim.DeepCopy()
	larger.Spec.Resources.Requests = corev1.ResourceList{corev1.ResourceStorage: resource.MustParse(want.String())}
	err := v.Client.Patch(ctx, larger, client.MergeFrom(v.claim))
	if refused(err) {
		v.home = fixed
		return nil
	}
	if err == nil {
		v.claim = larger
	}
	return err
}
