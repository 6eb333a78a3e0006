// SPDX-License-Identifier: Apache-2.0

// Package supportsession asks users for their consent, says while it lasts that
// an agent may see the screen, and charges what the agreement does not cover.
package supportsession

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/reading"
)

// +kubebuilder:rbac:groups=werkplek.dev,resources=supportsessions,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=werkplek.dev,resources=supportsessions/status,verbs=patch
// +kubebuilder:rbac:groups=werkplek.dev,resources=tenants;serviceterms;workplaces;workplaceclasses;licenses;billingaccounts;suspensions;notices,verbs=get;list;watch
// +kubebuilder:rbac:groups=werkplek.dev,resources=charges,verbs=get;list;watch;create
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// Reconciler keeps the status of SupportSessions.
type Reconciler struct {
	*reconciling.Controller
	Live client.Reader // asked only where the cache cannot know
}

// visit is one reconcile of one session.
type visit struct {
	*Reconciler
	*reconciling.Pass[*v1alpha1.SupportSession]
	session   *v1alpha1.SupportSession
	endStored bool // the API server knows when the session ended, so that no charge can contradict it

	workplace *v1alpha1.Workplace // nil while it does not exist, or is not the asked user's any more
	consent   consent
	problem   *outcome.Outcome // why Ready is False; nil: it is True
}

// Reconcile brings one session's status up to date, ends it when due, and charges it.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	pass, err := reconciling.Begin(ctx, r.Controller, request, &v1alpha1.SupportSession{})
	if err != nil {
		return reconciling.Result(err)
	}
	if pass.Object.DeletionTimestamp != nil {
		return ctrl.Result{}, nil
	}
	if pass.Object.Status.EndedAt == nil {
		if aside, result, err := pass.Aside(ctx, v1alpha1.ConditionActive); aside {
			return result, err
		}
		if err := pass.MarkMade(ctx); err != nil {
			return reconciling.Result(err)
		}
	}
	v := &visit{Reconciler: r, Pass: pass, session: pass.Object, endStored: pass.Object.Status.EndedAt != nil}
	return pass.Run(ctx, v.steps())
}

func (v *visit) steps() reconciling.Steps {
	const (
		find   = "find the workplace"
		ask    = "ask for consent"
		judge  = "judge the time"
		charge = "charge"
	)
	return reconciling.Steps{
		{Name: find, Run: v.find},
		{Name: ask, Needs: []string{find}, Run: v.ask},
		{Name: judge, Needs: []string{ask}, Run: v.judge},
		{Name: charge, Needs: []string{judge}, Run: v.charge},
		{Name: "say how it stands", Needs: []string{charge}, Run: v.report},
	}
}

// hinder notes why the session is not ready.
func (v *visit) hinder(why outcome.Outcome) { v.problem = &why }

// find gets the workplace. One of the same name that belongs to somebody else
// than who was asked is another workplace.
func (v *visit) find(ctx context.Context) error {
	s := v.session
	name := string(s.Spec.WorkplaceRef.Name)
	workplace, err := reading.Maybe(ctx, v.Client, client.ObjectKey{Namespace: s.Namespace, Name: name}, &v1alpha1.Workplace{})
	if err != nil {
		return err
	}
	asked := s.Status.Consent != nil && s.Status.Consent.AskedOf != ""
	if workplace != nil && workplace.DeletionTimestamp == nil && (!asked || s.Status.Consent.AskedOf == workplace.Spec.User.Username) {
		v.workplace = workplace
		return nil
	}
	v.hinder(outcome.Stalled(v1alpha1.ReasonWorkplaceUnknown, fmt.Sprintf(
		"there is no Workplace %s in namespace %s: create it, or end this session and ask for another one", name, s.Namespace)))
	return nil
}

// judge ends the session when it is over.
func (v *visit) judge(context.Context) error {
	s := &v.session.Status
	if s.EndedAt != nil {
		return nil
	}
	if v.onSite() {
		v.judgeOnSite()
		return nil
	}
	if why, over := v.over(); over {
		v.finish(why)
		return nil
	}
	switch {
	case !v.consent.counts:
		v.Conditions.False(v1alpha1.ConditionActive, v.consent.Reason, v.consent.Message)
		v.Recheck(v.consent.until)
	case !meta.IsStatusConditionTrue(v.workplace.Status.Conditions, v1alpha1.ConditionAccessGranted):
		v.Conditions.False(v1alpha1.ConditionActive, v1alpha1.ReasonNoAccess,
			"the workplace does not say yet whether its user has access")
		v.Recheck(s.EndsAt.Time)
	default:
		v.Conditions.True(v1alpha1.ConditionActive, v1alpha1.ReasonActive, fmt.Sprintf(
			"%s may see the screen until %s", v.session.Spec.Agent, written(s.EndsAt.Time)))
		v.Recheck(s.EndsAt.Time)
	}
	return nil
}

// onSite reports whether the session opens no screen.
func (v *visit) onSite() bool { return v.session.Spec.Mode == v1alpha1.SupportOnSite }

// over says why a session that opens a screen is over, if it is.
func (v *visit) over() (outcome.Outcome, bool) {
	s := &v.session.Status
	ended := func(why string) (outcome.Outcome, bool) {
		return outcome.Stalled(v1alpha1.ReasonSessionEnded, why), true
	}
	switch {
	case v.consent.final:
		return v.consent.Outcome, true
	case v.session.Spec.End:
		return ended("the agent has ended it")
	case s.EndsAt != nil && !v.Now.Before(s.EndsAt.Time):
		return outcome.Stalled(v1alpha1.ReasonTimeUp, "its time is up"), true
	case v.workplace == nil && v.consent.asked():
		return ended("the workplace is gone")
	case v.consent.counts && meta.IsStatusConditionFalse(v.workplace.Status.Conditions, v1alpha1.ConditionAccessGranted):
		return ended("the workplace's user has no access")
	}
	return outcome.Outcome{}, false
}

// finish notes that the session is over, at the latest when its time was up,
// whenever that was noticed. A question that nobody answered lapses with it, so
// that no answer can come afterwards.
func (v *visit) finish(why outcome.Outcome) {
	s := &v.session.Status
	s.EndedAt = moment(v.Now)
	if s.EndsAt != nil && s.EndsAt.Time.Before(v.Now) {
		s.EndedAt = s.EndsAt.DeepCopy()
	}
	v.Conditions.False(v1alpha1.ConditionActive, why.Reason, why.Message)
	v.closeQuestion()
}

// judgeOnSite takes over the time that the agent recorded.
func (v *visit) judgeOnSite() {
	s, work := &v.session.Status, v.session.Spec.Work
	switch {
	case work != nil && v.Now.Before(work.EndedAt.Time):
		v.Conditions.False(v1alpha1.ConditionActive, v1alpha1.ReasonNotYet,
			"the work is recorded as done at "+written(work.EndedAt.Time)+", which is yet to come")
		v.Recheck(work.EndedAt.Time)
	case work != nil:
		s.EndedAt = work.EndedAt.DeepCopy()
		v.Conditions.False(v1alpha1.ConditionActive, v1alpha1.ReasonSessionEnded, "the work is recorded")
	case v.session.Spec.End:
		s.EndedAt = moment(v.Now)
		v.Conditions.False(v1alpha1.ConditionActive, v1alpha1.ReasonSessionEnded,
			"the agent has ended it; work is charged once it is recorded in spec.work")
	default:
		v.Conditions.False(v1alpha1.ConditionActive, v1alpha1.ReasonNotYet,
			"work on site opens no screen; record it in spec.work when it is done")
	}
}

// report says what became of the question, and whether anything stands in the way.
func (v *visit) report(context.Context) error {
	v.Conditions.Report(v1alpha1.ConditionConsented, v.consent.Outcome)
	ready := outcome.Ready(v1alpha1.ReasonReady, "the session's status is up to date")
	// What has ended needs no workplace any more.
	ended := v.session.Status.EndedAt != nil
	if v.problem != nil && !(ended && v.problem.Reason == v1alpha1.ReasonWorkplaceUnknown) {
		ready = *v.problem
	} else if !ended && v.consent.Reason == v1alpha1.ReasonConsentAwaited {
		ready = outcome.Waiting(v.consent.Reason, v.consent.Message) // it comes, or lapses
	}
	v.Conditions.Summarize(ready)
	v.announce()
	return nil
}

// announce tells of a session that began or ended.
func (v *visit) announce() {
	was, is := v.Was.Status, v.session.Status
	active := meta.FindStatusCondition(is.Conditions, v1alpha1.ConditionActive)
	switch {
	case active == nil:
	case active.Status == metav1.ConditionTrue && !meta.IsStatusConditionTrue(was.Conditions, v1alpha1.ConditionActive):
		v.Announce(false, "Consented", "Watch", fmt.Sprintf("%s may see the screen", v.session.Spec.Agent))
	case was.EndedAt == nil && is.EndedAt != nil:
		v.Announce(false, active.Reason, "End", active.Message)
	}
}

// after returns the moment that lies a period, which the API server let in, after t.
func after(p v1alpha1.Period, t time.Time) (time.Time, error) {
	parsed, err := calendar.ParsePeriod(string(p))
	if err != nil {
		return time.Time{}, err
	}
	return parsed.AfterMoment(t, time.UTC).UTC(), nil
}

func moment(t time.Time) *metav1.Time {
	at := metav1.NewTime(t.UTC().Truncate(time.Second))
	return &at
}

func written(t time.Time) string { return t.UTC().Format(time.RFC3339) }
