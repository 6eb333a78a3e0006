// SPDX-License-Identifier: Apache-2.0

package workplace

import (
	"context"
	"fmt"
	"maps"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/children"
	"werkplek.dev/werkplek/controllers/internal/entitlement"
	"werkplek.dev/werkplek/internal/desktop"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/reading"
)

// keepHome makes the home claim once the workplace has a place, lets it grow,
// and never removes it: data outlives objects. It is made once: what was there and
// is gone is said, and no empty home takes its place.
func (v *visit) keepHome(ctx context.Context) error {
	claim, err := v.findHome(ctx)
	if err == nil && claim != nil {
		claim, err = v.markAgain(ctx, claim)
	}
	if err == nil && claim == nil && v.madeBefore() {
		v.home = outcome.Stalled(v1alpha1.ReasonHomeLost, fmt.Sprintf(
			"claim %s, which holds this home, is gone, and no empty one takes its place: put it back with its labels and "+
				"annotations; or delete the workplace and make it again, with spec.home.restoreFrom where there is a backup",
			v.workplace.Status.Home.ClaimName))
		v.Recheck(v.Now.Add(taken))
		return nil
	}
	if err == nil && claim == nil {
		if !v.place.OK() || !v.admitted().OK() {
			v.home = outcome.Waiting(v1alpha1.ReasonHomeBinding, "the home is made once the workplace may run")
			return nil
		}
		usable, fault := v.judgeBackup(ctx)
		if fault == nil && !usable.OK() {
			v.home = usable
			v.Recheck(v.Now.Add(retry))
			return nil
		}
		if err = fault; err == nil {
			claim, err = v.makeHome(ctx)
		}
	}
	if foreign, ok := children.InTheWay(err); ok {
		v.home = foreign
		v.Recheck(v.Now.Add(taken))
		return nil
	}
	if refused(err) {
		v.home = outcome.Stalled(v1alpha1.ReasonVolumeUnavailable, "the home is refused: "+reasonOf(err))
		v.Recheck(v.Now.Add(retry))
		return nil
	}
	if err != nil {
		return err
	}
	v.claim = claim
	v.home = v.judgeHome(claim)
	if v.home.OK() {
		if err := v.grow(ctx); err != nil {
			return err
		}
	}
	size := v.claim.Spec.Resources.Requests[corev1.ResourceStorage]
	v.workplace.Status.Home = &v1alpha1.HomeStatus{ClaimName: v.claim.Name, Size: &size}
	return nil
}

// madeBefore reports whether the workplace has had a home.
func (v *visit) madeBefore() bool {
	home := v.workplace.Status.Home
	return home != nil && home.ClaimName != ""
}

// findHome reads the claim; nil if there is none. A pod, or a wait for the record,
// comes after the claim, and so does a status that names it: where the cache knows
// of one of these and not of the claim, it lags, or the claim has lost its labels.
func (v *visit) findHome(ctx context.Context) (*corev1.PersistentVolumeClaim, error) {
	key := client.ObjectKey{Namespace: v.workplace.Namespace, Name: desktop.ClaimName(v.workplace.Name)}
	claim, err := reading.Maybe(ctx, v.Client, key, &corev1.PersistentVolumeClaim{})
	after := v.pod != nil || v.madeBefore() || v.waits.has(client.ObjectKeyFromObject(v.workplace))
	if err != nil || claim != nil || !after {
		return claim, err
	}
	return reading.Maybe(ctx, v.Live, key, &corev1.PersistentVolumeClaim{})
}

// markAgain puts back the labels of a claim that is this user's home and has lost
// them: without them nothing else of the operator sees it, as if it were gone.
func (v *visit) markAgain(ctx context.Context, claim *corev1.PersistentVolumeClaim) (*corev1.PersistentVolumeClaim, error) {
	if v.tenant == nil || desktop.OwnClaim(claim) || !desktop.HomeOf(claim, v.workplace.Spec.User.Username) {
		return claim, nil
	}
	marked := claim.DeepCopy()
	if marked.Labels == nil {
		marked.Labels = map[string]string{}
	}
	maps.Copy(marked.Labels, desktop.Labels(v.tenant.Name, v.workplace))
	return marked, children.Patch(ctx, v.Client, claim, marked, "the home had lost its labels")
}

func (v *visit) makeHome(ctx context.Context) (*corev1.PersistentVolumeClaim, error) {
	return children.Ensure(ctx, v.Client, v.Live, children.Child[*corev1.PersistentVolumeClaim]{
		Kind:    "home claim",
		Desired: desktop.Claim(v.whole()),
		Why:     "workplace " + v.workplace.Name + " has a place and no home",
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
func (v *visit) judgeHome(claim *corev1.PersistentVolumeClaim) outcome.Outcome {
	backup := desktop.RestoreFrom(v.workplace)
	switch {
	case !desktop.OwnClaim(claim):
		return children.Foreign("home claim", claim.Name)
	case !desktop.HomeOf(claim, v.workplace.Spec.User.Username):
		return outcome.Stalled(v1alpha1.ReasonHomeOfAnother, fmt.Sprintf(
			"claim %s holds the data of another user; give this workplace another name", claim.Name))
	case backup != "" && desktop.RestoredFrom(claim) != backup:
		return outcome.Stalled(v1alpha1.ReasonHomeNotRestored, fmt.Sprintf(
			"claim %s was there before and is not restored from %s; give the workplace another name", claim.Name, backup))
	case claim.DeletionTimestamp != nil:
		return outcome.Stalled(v1alpha1.ReasonHomeBeingDeleted, fmt.Sprintf(
			"somebody has deleted claim %s, which goes as soon as no desktop uses it: copy the home or make a snapshot of "+
				"it while the desktop runs, and set the volume's reclaim policy to Retain", claim.Name))
	case claim.Status.Phase == corev1.ClaimLost:
		return outcome.Stalled(v1alpha1.ReasonHomeLost, fmt.Sprintf(
			"the volume of claim %s is gone; restore it from a backup", claim.Name))
	}
	return outcome.Ready(v1alpha1.ReasonHomeBound, "the home can be mounted")
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
	fixed := outcome.Ready(v1alpha1.ReasonHomeNotExpandable, fmt.Sprintf(
		"the home stays %s: its storage class, a quota or a limit range does not let it grow", have.String()))
	said := meta.FindStatusCondition(v.workplace.Status.Conditions, v1alpha1.ConditionHomeReady)
	if said != nil && said.Reason == fixed.Reason && said.ObservedGeneration == v.workplace.Generation {
		v.home = fixed
		return nil
	}
	larger := v.claim.DeepCopy()
	larger.Spec.Resources.Requests = corev1.ResourceList{corev1.ResourceStorage: resource.MustParse(want.String())}
	err := children.Patch(ctx, v.Client, v.claim, larger, "the workplace asks for more room than "+have.String())
	if refused(err) {
		v.home = fixed
		return nil
	}
	if err == nil {
		v.claim = larger
	}
	return err
}
