// SPDX-License-Identifier: Apache-2.0

// Package userrequest answers what tenants' contacts ask for, as far as their
// terms let it do so without a person, and carries out what is approved.
package userrequest

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/requeue"
	"werkplek.dev/werkplek/controllers/internal/status"
)

// +kubebuilder:rbac:groups=werkplek.dev,resources=userrequests,verbs=get;list;watch
// +kubebuilder:rbac:groups=werkplek.dev,resources=userrequests/status,verbs=patch
// +kubebuilder:rbac:groups=werkplek.dev,resources=workplaces,verbs=get;list;watch;create;patch;delete
// +kubebuilder:rbac:groups=werkplek.dev,resources=tenants;serviceterms;suspensions;workplaceclasses,verbs=get;list;watch
// +kubebuilder:rbac:groups="",resources=persistentvolumeclaims,verbs=get
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// conflictDelay is how soon to look again at a request that somebody else wrote to.
const conflictDelay = 100 * time.Millisecond

// Reconciler answers UserRequests and carries them out.
type Reconciler struct {
	Clock  clock.PassiveClock
	Client client.Client
	// Live is asked before anything is decided or done: a decision stays for
	// ever, and a cache may be behind.
	Live   client.Reader
	Events events.EventRecorder
}

// visit is one reconcile of one request.
type visit struct {
	*Reconciler
	request    *v1alpha1.UserRequest
	before     *v1alpha1.UserRequest // as it was last written
	now        time.Time
	conditions status.Conditions

	facts   *facts
	live    bool  // whether the facts are the API server's own
	promise error // why no answer can be promised
	recheck time.Time
}

// errStale ends a visit to a request that somebody else has written to since.
var errStale = errors.New("the request has changed")

// Reconcile answers one request, or carries it out, or says what it waits for.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	asked := &v1alpha1.UserRequest{}
	if err := r.Client.Get(ctx, request.NamespacedName, asked); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if asked.DeletionTimestamp != nil || settled(asked) {
		return ctrl.Result{}, nil
	}
	v := &visit{Reconciler: r, request: asked, before: asked.DeepCopy(), now: r.Clock.Now()}
	v.conditions = status.Conditions{List: &asked.Status.Conditions, Generation: asked.Generation, Now: v.now}
	asked.Status.ObservedGeneration = asked.Generation
	late := v.lateness()

	var fault error
	for _, step := range []struct {
		name string
		run  func(context.Context) error
	}{
		{"find its tenant and terms", v.find},
		{"receive it", v.receive},
		{"decide", v.decide},
		{"carry it out", v.carryOut},
	} {
		if err := step.run(ctx); err != nil {
			fault = fmt.Errorf("%s: %w", step.name, err)
			break
		}
	}
	if !errors.Is(fault, errStale) {
		v.judgeDeadline()
		if err := v.write(ctx); err != nil {
			fault = errors.Join(fault, err)
		} else if now := v.lateness(); now != nil && late == nil {
			v.Events.Eventf(asked, nil, corev1.EventTypeWarning, v1alpha1.ReasonAnsweredLate, "Answer", "%s", now.Message)
		}
	}
	switch {
	case errors.Is(fault, errStale):
		return requeue.At(v.now, v.now.Add(conflictDelay)), nil
	case fault != nil:
		return ctrl.Result{}, fault
	}
	return requeue.At(v.now, v.recheck), nil
}

// settled reports whether nothing is left to do about a request, ever.
func settled(r *v1alpha1.UserRequest) bool {
	completed := meta.FindStatusCondition(r.Status.Conditions, v1alpha1.ConditionCompleted)
	return r.Status.AnsweredAt != nil && completed != nil &&
		(completed.Status == metav1.ConditionTrue || completed.Reason == v1alpha1.ReasonDenied)
}

// find reads what the answer depends on. What is missing is said, and mends by itself.
func (v *visit) find(ctx context.Context) error {
	found, err := look(ctx, v.Client, v.request, v.now)
	if err != nil {
		return err
	}
	v.facts = found
	if wrong := found.wrong; wrong != nil {
		v.conditions.False(v1alpha1.ConditionReady, wrong.Reason, wrong.Message)
	} else {
		v.conditions.True(v1alpha1.ConditionReady, v1alpha1.ReasonReady, "the request's status is up to date")
	}
	return nil
}

// receive notes when the request arrived and by when the terms promise an
// answer (TD-1). Until there is one, corrected terms correct the promise.
func (v *visit) receive(context.Context) error {
	s := &v.request.Status
	s.ReceivedAt = v.request.CreationTimestamp.DeepCopy()
	if s.AnsweredAt != nil || v.facts.terms == nil {
		return nil
	}
	due, err := v.facts.terms.AnswerDue(s.ReceivedAt.Time)
	if v.promise = err; err != nil || due.IsZero() {
		s.AnswerDueAt = nil
		return nil
	}
	at := metav1.NewTime(due.UTC())
	s.AnswerDueAt = &at
	return nil
}

// judgeDeadline says whether the answer came, or can still come, in time (TD-1).
func (v *visit) judgeDeadline() {
	if v.facts == nil {
		return
	}
	const kind = v1alpha1.ConditionAnsweredInTime
	due, answered := v.request.Status.AnswerDueAt, v.request.Status.AnsweredAt
	switch {
	case due == nil && answered == nil && v.facts.terms == nil:
		v.conditions.Unknown(kind, v1alpha1.ReasonAnswerDue, "by when to answer is not known until the condition Ready is True")
	case due == nil && v.promise != nil:
		v.conditions.True(kind, v1alpha1.ReasonNoDeadline, "no answer can be promised: "+v.promise.Error())
	case due == nil:
		v.conditions.True(kind, v1alpha1.ReasonNoDeadline, "the terms promise no answer within a time")
	case answered != nil && !answered.After(due.Time):
		v.conditions.True(kind, v1alpha1.ReasonAnswered, "answered in time: it was due by "+v.written(due))
	case answered != nil:
		v.conditions.False(kind, v1alpha1.ReasonAnsweredLate, "answered too late: it was due by "+v.written(due))
	case v.now.Truncate(time.Second).After(due.Time): // an answer's time is written in whole seconds too
		v.conditions.False(kind, v1alpha1.ReasonAnsweredLate, "not answered in time: it was due by "+v.written(due)+"; approve or deny it now")
	default:
		v.conditions.Unknown(kind, v1alpha1.ReasonAnswerDue, "an answer is due by "+v.written(due))
		v.recheck = due.Add(time.Second)
	}
}

// written returns a moment as the tenant reads it.
func (v *visit) written(at *metav1.Time) string {
	zone := time.UTC
	if v.facts.terms != nil {
		zone = v.facts.terms.Zone
	}
	return at.In(zone).Format("2006-01-02 15:04:05 MST")
}

// lateness returns the condition that says that the deadline was missed; nil while it was not.
func (v *visit) lateness() *metav1.Condition {
	said := meta.FindStatusCondition(v.request.Status.Conditions, v1alpha1.ConditionAnsweredInTime)
	if said == nil || said.Status != metav1.ConditionFalse {
		return nil
	}
	return said
}

// write writes the status if it differs from what was written last, unless
// somebody else wrote to the request since: that may be an engineer's decision.
func (v *visit) write(ctx context.Context) error {
	if equality.Semantic.DeepEqual(v.before, v.request) {
		return nil
	}
	patch := client.MergeFromWithOptions(v.before, client.MergeFromWithOptimisticLock{})
	err := v.Client.Status().Patch(ctx, v.request, patch)
	switch {
	case apierrors.IsConflict(err):
		return errStale
	case client.IgnoreNotFound(err) != nil:
		return fmt.Errorf("write status: %w", err)
	}
	v.before = v.request.DeepCopy()
	return nil
}
