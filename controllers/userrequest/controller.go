// SPDX-License-Identifier: Apache-2.0

// Package userrequest answers what tenants' contacts ask for, as far as their
// terms let it do so without a person, and carries out what is approved.
package userrequest

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/internal/outcome"
)

// +kubebuilder:rbac:groups=werkplek.dev,resources=userrequests,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=werkplek.dev,resources=userrequests/status,verbs=patch
// +kubebuilder:rbac:groups=werkplek.dev,resources=workplaces,verbs=get;list;watch;create;patch;delete
// +kubebuilder:rbac:groups=werkplek.dev,resources=tenants;serviceterms;suspensions;workplaceclasses,verbs=get;list;watch
// +kubebuilder:rbac:groups="",resources=persistentvolumeclaims,verbs=get
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// Reconciler answers UserRequests and carries them out.
type Reconciler struct {
	*reconciling.Controller
	// Live is asked before anything is decided or done: a decision stays for
	// ever, and a cache may be behind.
	Live client.Reader
}

// visit is one reconcile of one request.
type visit struct {
	*Reconciler
	*reconciling.Pass[*v1alpha1.UserRequest]
	request *v1alpha1.UserRequest

	facts   *facts
	live    bool  // whether the facts are the API server's own
	promise error // why no answer can be promised
}

// soon is when to look again at a request, or at facts, that have changed since
// they were read.
const soon = 100 * time.Millisecond

// Reconcile answers one request, or carries it out, or says what it waits for.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	pass, err := reconciling.Begin(ctx, r.Controller, request, &v1alpha1.UserRequest{})
	if err != nil {
		return reconciling.Result(err)
	}
	if pass.Object.DeletionTimestamp != nil || settled(pass.Object) {
		return ctrl.Result{}, nil
	}
	if aside, result, err := pass.Aside(ctx, v1alpha1.ConditionCompleted); aside {
		return result, err
	}
	if err := pass.MarkMade(ctx); err != nil {
		return reconciling.Result(err)
	}
	v := &visit{Reconciler: r, Pass: pass, request: pass.Object}
	return pass.Run(ctx, v.steps())
}

func (v *visit) steps() reconciling.Steps {
	const find, receive, decide = "find its tenant and terms", "receive it", "decide"
	const judge = "judge the deadline"
	return reconciling.Steps{
		{Name: find, Run: v.find},
		{Name: receive, Needs: []string{find}, Run: v.receive},
		{Name: decide, Needs: []string{receive}, Run: v.decide},
		{Name: "carry it out", Needs: []string{decide}, Run: v.carryOut},
		{Name: judge, Needs: []string{receive}, Run: v.judgeDeadline},
		{Name: "say how it stands", Needs: []string{judge}, Run: v.report},
	}
}

// settled reports whether nothing is left to do about a request, ever.
func settled(r *v1alpha1.UserRequest) bool {
	completed := meta.FindStatusCondition(r.Status.Conditions, v1alpha1.ConditionCompleted)
	return r.Status.AnsweredAt != nil && completed != nil &&
		(completed.Status == metav1.ConditionTrue || completed.Reason == v1alpha1.ReasonDenied)
}

// find reads what the answer depends on. What is missing is said, and mends by itself.
func (v *visit) find(ctx context.Context) error {
	found, err := look(ctx, v.Client, v.request, v.Now)
	if err != nil {
		return err
	}
	v.facts = found
	return nil
}

// report says whether a person has something to do about the request.
func (v *visit) report(context.Context) error {
	v.Conditions.Summarize(v.stands())
	return nil
}

func (v *visit) stands() outcome.Outcome {
	upToDate := outcome.Ready(v1alpha1.ReasonReady, "the request's status is up to date")
	approved := v.approved()
	completed := meta.FindStatusCondition(v.request.Status.Conditions, v1alpha1.ConditionCompleted)
	switch {
	case settled(v.request):
		return upToDate
	case v.facts.wrong != nil:
		return *v.facts.wrong
	case approved != nil && approved.Status == metav1.ConditionUnknown:
		return outcome.Stalled(approved.Reason, approved.Message)
	case completed != nil && completed.Status == metav1.ConditionFalse:
		return outcome.Stalled(completed.Reason, completed.Message)
	}
	return upToDate
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
func (v *visit) judgeDeadline(context.Context) error {
	v.Conditions.Report(v1alpha1.ConditionAnsweredInTime, v.deadline())
	if late := lateness(v.request); late != nil && lateness(v.Was) == nil {
		v.Announce(true, v1alpha1.ReasonAnsweredLate, "Answer", late.Message)
	}
	return nil
}

func (v *visit) deadline() outcome.Outcome {
	due, answered := v.request.Status.AnswerDueAt, v.request.Status.AnsweredAt
	switch {
	case due == nil && answered == nil && v.facts.terms == nil:
		return outcome.Unknown(v1alpha1.ReasonAnswerDue, "by when to answer is not known until the condition Ready is True")
	case due == nil && v.promise != nil:
		return outcome.Ready(v1alpha1.ReasonNoDeadline, "no answer can be promised: "+v.promise.Error())
	case due == nil:
		return outcome.Ready(v1alpha1.ReasonNoDeadline, "the terms promise no answer within a time")
	case answered != nil && !answered.After(due.Time):
		return outcome.Ready(v1alpha1.ReasonAnswered, "answered in time: it was due by "+v.written(due))
	case answered != nil:
		return outcome.Stalled(v1alpha1.ReasonAnsweredLate, "answered too late: it was due by "+v.written(due))
	case v.Now.Truncate(time.Second).After(due.Time): // an answer's time is written in whole seconds too
		return outcome.Stalled(v1alpha1.ReasonAnsweredLate,
			"not answered in time: it was due by "+v.written(due)+"; approve or deny it now")
	}
	v.Recheck(due.Add(time.Second))
	return outcome.Unknown(v1alpha1.ReasonAnswerDue, "an answer is due by "+v.written(due))
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
func lateness(r *v1alpha1.UserRequest) *metav1.Condition {
	said := meta.FindStatusCondition(r.Status.Conditions, v1alpha1.ConditionAnsweredInTime)
	if said == nil || said.Status != metav1.ConditionFalse {
		return nil
	}
	return said
}
