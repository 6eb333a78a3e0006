// SPDX-License-Identifier: Apache-2.0

package workplace

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/children"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/desktop"
	"werkplek.dev/werkplek/internal/outcome"
)

const (
	// taken is how often to look whether a name that somebody else holds is free.
	taken = time.Minute
	// retry is how long to wait before asking again for what the API server refused.
	retry = time.Minute
	// settling is how long a refusal may come from a quota that is about to be
	// counted anew, and soon is when to ask again meanwhile.
	settling = 15 * time.Second
	soon     = 3 * time.Second
	// breath is the least time between the start of a desktop that ended by
	// itself and the next, so that one which cannot live does not spin.
	breath = 10 * time.Second
)

// runDesktop starts, restarts or stops the desktop's pod.
func (v *visit) runDesktop(ctx context.Context) error {
	v.Conditions.False(v1alpha1.ConditionRestartPending, v1alpha1.ReasonUpToDate, "the desktop is as its class says")
	if v.pod != nil && !metav1.IsControlledBy(v.pod, v.workplace) {
		return v.waitForName()
	}
	if stop, stops := v.stopped(); stops {
		v.desktop = stop
		if v.pod == nil {
			return nil
		}
		return children.Delete(ctx, v.Client, v.pod, v.desktop.Message)
	}
	if v.class == nil { // a session outlives its class
		v.desktop = v.diagnose()
		return nil
	}
	desired := desktop.Pod(v.whole())
	switch {
	case v.pod == nil:
		return v.start(ctx, desired)
	case v.pod.DeletionTimestamp != nil:
		v.desktop = v.diagnose()
		return nil
	case desktop.RestartRequested(v.pod, v.workplace) && !v.holdsHome():
		v.desktop = outcome.Waiting(v1alpha1.ReasonRestarting, "the desktop restarts on request")
		return children.Delete(ctx, v.Client, v.pod, v.desktop.Message)
	case v.pod.Status.Phase == corev1.PodFailed || v.pod.Status.Phase == corev1.PodSucceeded:
		return v.replace(ctx)
	}
	if desktop.Outdated(v.pod, desired) {
		v.Conditions.True(v1alpha1.ConditionRestartPending, v1alpha1.ReasonClassChanged,
			"the class has changed since the desktop started; it takes effect at the next stop, or when spec.restartedAt is set")
	}
	v.judgeNode()
	v.desktop = v.diagnose()
	return nil
}

// stopped says why no desktop may run, if none may.
func (v *visit) stopped() (outcome.Outcome, bool) {
	switch access := v.admitted(); {
	case !access.OK():
		return access, true
	case v.holdsHome():
		return outcome.Outcome{}, false
	case !v.place.OK() && (v.class != nil || v.pod == nil):
		return v.place, true
	case !v.licensed.OK() && v.pod == nil:
		return v.licensed, true
	case !v.home.OK() && !v.runs(): // a desktop that runs has its home, whatever became of the claim
		return v.home, true
	case v.workplace.Spec.RunPolicy == v1alpha1.RunStopped:
		return outcome.Resting(v1alpha1.ReasonStopped, "the desktop is stopped by spec.runPolicy"), true
	case v.idle():
		return outcome.Resting(v1alpha1.ReasonIdle, fmt.Sprintf(
			"nobody was connected for %s, after which the class stops the desktop; it starts at the next visit",
			v.class.Spec.Idle.StopAfter)), true
	}
	return outcome.Outcome{}, false
}

// runs reports whether a node runs the desktop, or is about to.
func (v *visit) runs() bool {
	return v.pod != nil && v.pod.Spec.NodeName != "" &&
		v.pod.Status.Phase != corev1.PodFailed && v.pod.Status.Phase != corev1.PodSucceeded
}

// holdsHome reports whether the desktop is all that keeps a home which somebody has
// deleted: the claim and its data go when the desktop stops. Until a person has seen
// to that, only the end of access stops it.
func (v *visit) holdsHome() bool {
	return v.runs() && v.claim != nil && v.claim.DeletionTimestamp != nil
}

// idle reports whether the access gateway has known for as long as the class
// allows that nobody is connected. What nobody knows is not idleness.
func (v *visit) idle() bool {
	activity := v.workplace.Status.Activity
	if v.workplace.Spec.RunPolicy != v1alpha1.RunOnDemand || v.class == nil || v.class.Spec.Idle == nil {
		return false
	}
	if activity == nil || activity.IdleSince == nil {
		return false
	}
	after, err := calendar.ParsePeriod(string(v.class.Spec.Idle.StopAfter))
	if err != nil {
		return false // the API server lets no such period in
	}
	stopsAt := after.AfterMoment(activity.IdleSince.Time, time.UTC)
	if v.Now.Before(stopsAt) {
		v.Recheck(stopsAt)
		return false
	}
	return true
}

// waitForName leaves a pod alone that is not this workplace's: that of a
// workplace of the same name which was deleted goes by itself.
func (v *visit) waitForName() error {
	if owner := metav1.GetControllerOf(v.pod); owner != nil && owner.Kind == "Workplace" && owner.Name == v.workplace.Name {
		v.desktop = outcome.Waiting(v1alpha1.ReasonRestarting, "the desktop of the workplace that had this name is stopping")
		return nil
	}
	v.desktop = children.Foreign("pod", v.pod.Name)
	return nil
}

func (v *visit) start(ctx context.Context, desired *corev1.Pod) error {
	if err := controllerutil.SetControllerReference(v.workplace, desired, v.Client.Scheme()); err != nil {
		return err
	}
	pod, err := children.Ensure(ctx, v.Client, v.Live, children.Child[*corev1.Pod]{
		Kind:    "pod",
		Desired: desired,
		Why:     v.admitted().Message,
		Own:     func(existing *corev1.Pod) bool { return metav1.IsControlledBy(existing, v.workplace) },
	})
	foreign, inTheWay := children.InTheWay(err)
	switch {
	case inTheWay:
		v.desktop = foreign
		v.Recheck(v.Now.Add(taken))
	case refused(err):
		v.desktop = v.refusal(err)
		v.Recheck(v.Now.Add(v.retryIn()))
	case err != nil:
		return err
	default:
		v.refusals.forget(client.ObjectKeyFromObject(v.workplace))
		v.pod = pod
		v.desktop = v.diagnose()
	}
	return nil
}

// retryIn says when to ask again for a desktop that was refused: soon at first,
// because the API server may not know yet that a place has become free.
func (v *visit) retryIn() time.Duration {
	since := v.refusals.since(client.ObjectKeyFromObject(v.workplace), v.Now)
	if v.Now.Sub(since) < settling {
		return soon
	}
	return retry
}

// replace deletes a pod that ended by itself; the next visit starts another.
func (v *visit) replace(ctx context.Context) error {
	v.desktop = v.diagnose()
	if next := v.pod.CreationTimestamp.Add(breath); v.Now.Before(next) {
		v.Recheck(next)
		return nil
	}
	return children.Delete(ctx, v.Client, v.pod, v.desktop.Message)
}

func (v *visit) diagnose() outcome.Outcome {
	state := desktop.Diagnose(v.pod, v.node, v.Now)
	v.Recheck(state.Recheck)
	return state.Outcome
}

// refused reports whether the API server refused an object for what it asks for.
// A namespace so young that it has no service account yet refuses every pod; that
// passes by itself within a moment.
func refused(err error) bool {
	if apierrors.IsForbidden(err) {
		return !strings.Contains(err.Error(), "error looking up service account")
	}
	return apierrors.IsInvalid(err)
}

// refusal says who can mend a refused pod, without the numbers in the API
// server's words: they change with every other pod.
func (v *visit) refusal(err error) outcome.Outcome {
	if strings.Contains(err.Error(), "exceeded quota") {
		return outcome.Stalled(v1alpha1.ReasonQuotaExceeded, fmt.Sprintf(
			"a resource quota in namespace %s leaves no room for the desktop: raise spec.limits of Tenant %s",
			v.workplace.Namespace, v.tenant.Name))
	}
	return outcome.Stalled(v1alpha1.ReasonPodRefused, "the pod is refused: "+reasonOf(err))
}

// reasonOf returns the API server's own words for a refusal.
func reasonOf(err error) string {
	var refusal apierrors.APIStatus
	if errors.As(err, &refusal) {
		return refusal.Status().Message
	}
	return err.Error()
}
