// SPDX-License-Identifier: Apache-2.0

// Package supportsession asks users for their consent, says while it lasts that
// an agent may see the screen, and charges what the agreement does not cover.
package supportsession

import (
	"context"
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
	"werkplek.dev/werkplek/internal/terms"
)

// +kubebuilder:rbac:groups=werkplek.dev,resources=supportsessions,verbs=get;list;watch
// +kubebuilder:rbac:groups=werkplek.dev,resources=supportsessions/status,verbs=patch
// +kubebuilder:rbac:groups=werkplek.dev,resources=tenants;serviceterms;workplaces;billingaccounts;suspensions;notices,verbs=get;list;watch
// +kubebuilder:rbac:groups=werkplek.dev,resources=charges,verbs=get;list;watch;create
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// Reconciler keeps the status of SupportSessions.
type Reconciler struct {
	Clock  clock.PassiveClock
	Client client.Client
	Live   client.Reader // asked only where the cache cannot know
	Events events.EventRecorder
}

// visit is one reconcile of one session.
type visit struct {
	*Reconciler
	session    *v1alpha1.SupportSession
	now        time.Time
	conditions status.Conditions
	endStored  bool // the API server knows when the session ended, so that no charge can contradict it

	workplace *v1alpha1.Workplace // nil while it does not exist, or is not the asked user's any more
	consent   consent
	problem   *finding // why Ready is False; nil: it is True
	recheck   time.Time
}

// finding is a condition's reason and words.
type finding struct{ reason, message string }

// again is how soon to look again at a session that somebody else just wrote to.
const again = 100 * time.Millisecond

// Reconcile brings one session's status up to date, ends it when due, and charges it.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	session := &v1alpha1.SupportSession{}
	if err := r.Client.Get(ctx, request.NamespacedName, session); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if session.DeletionTimestamp != nil {
		return ctrl.Result{}, nil
	}
	before := session.DeepCopy()
	v := &visit{Reconciler: r, session: session, now: r.Clock.Now(), endStored: session.Status.EndedAt != nil}
	v.conditions = status.Conditions{List: &session.Status.Conditions, Generation: session.Generation, Now: v.now}
	session.Status.ObservedGeneration = session.Generation

	for _, step := range []struct {
		name string
		run  func(context.Context) error
	}{
		{"find the workplace", v.find},
		{"ask for consent", v.ask},
		{"judge the time", v.judge},
		{"charge", v.charge},
	} {
		if err := step.run(ctx); err != nil {
			return ctrl.Result{}, fmt.Errorf("%s: %w", step.name, err)
		}
	}
	v.report()
	if equality.Semantic.DeepEqual(before, session) {
		return requeue.At(v.now, v.recheck), nil
	}
	// The user's answer must not be overwritten by what was true before it.
	err := r.Client.Status().Patch(ctx, session, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
	switch {
	case apierrors.IsConflict(err):
		return requeue.At(v.now, v.now.Add(again)), nil
	case apierrors.IsNotFound(err):
		return ctrl.Result{}, nil
	case err != nil:
		return ctrl.Result{}, fmt.Errorf("write status: %w", err)
	}
	v.announce(before)
	return requeue.At(v.now, v.recheck), nil
}

// find gets the workplace. One of the same name that belongs to somebody else
// than who was asked is another workplace.
func (v *visit) find(ctx context.Context) error {
	s := v.session
	name := string(s.Spec.WorkplaceRef.Name)
	workplace := &v1alpha1.Workplace{}
	err := v.Client.Get(ctx, client.ObjectKey{Namespace: s.Namespace, Name: name}, workplace, client.UnsafeDisableDeepCopy)
	if client.IgnoreNotFound(err) != nil {
		return err
	}
	asked := s.Status.Consent != nil && s.Status.Consent.AskedOf != ""
	switch {
	case err == nil && workplace.DeletionTimestamp == nil && (!asked || s.Status.Consent.AskedOf == workplace.Spec.User.Username):
		v.workplace = workplace
	default:
		v.problem = &finding{v1alpha1.ReasonWorkplaceUnknown, fmt.Sprintf("there is no Workplace %s in namespace %s: create it, or end this session and ask for another one", name, s.Namespace)}
	}
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
	if over := v.over(); over != nil {
		v.finish(*over)
		return nil
	}
	switch {
	case !v.consent.counts:
		v.conditions.False(v1alpha1.ConditionActive, v.consent.reason, v.consent.message)
		v.recheck = v.consent.until
	case !meta.IsStatusConditionTrue(v.workplace.Status.Conditions, v1alpha1.ConditionAccessGranted):
		v.conditions.False(v1alpha1.ConditionActive, v1alpha1.ReasonNoAccess, "the workplace does not say yet whether its user has access")
		v.recheck = s.EndsAt.Time
	default:
		v.conditions.True(v1alpha1.ConditionActive, v1alpha1.ReasonActive, fmt.Sprintf("%s may see the screen until %s", v.session.Spec.Agent, written(s.EndsAt.Time)))
		v.recheck = s.EndsAt.Time
	}
	return nil
}

// onSite reports whether the session opens no screen.
func (v *visit) onSite() bool { return v.session.Spec.Mode == v1alpha1.SupportOnSite }

// over says why a session that opens a screen is over; nil: it is not.
func (v *visit) over() *finding {
	s := &v.session.Status
	switch {
	case v.consent.final:
		return &v.consent.finding
	case v.session.Spec.End:
		return &finding{v1alpha1.ReasonSessionEnded, "the agent has ended it"}
	case s.EndsAt != nil && !v.now.Before(s.EndsAt.Time):
		return &finding{v1alpha1.ReasonTimeUp, "its time is up"}
	case v.workplace == nil && v.consent.asked():
		return &finding{v1alpha1.ReasonSessionEnded, "the workplace is gone"}
	case v.consent.counts && meta.IsStatusConditionFalse(v.workplace.Status.Conditions, v1alpha1.ConditionAccessGranted):
		return &finding{v1alpha1.ReasonSessionEnded, "the workplace's user has no access"}
	}
	return nil
}

// finish notes that the session is over, at the latest when its time was up,
// whenever that was noticed. A question that nobody answered lapses with it, so
// that no answer can come afterwards.
func (v *visit) finish(why finding) {
	s := &v.session.Status
	s.EndedAt = moment(v.now)
	if s.EndsAt != nil && s.EndsAt.Time.Before(v.now) {
		s.EndedAt = s.EndsAt.DeepCopy()
	}
	v.conditions.False(v1alpha1.ConditionActive, why.reason, why.message)
	v.closeQuestion()
}

// judgeOnSite takes over the time that the agent recorded.
func (v *visit) judgeOnSite() {
	s, work := &v.session.Status, v.session.Spec.Work
	switch {
	case work != nil && v.now.Before(work.EndedAt.Time):
		v.conditions.False(v1alpha1.ConditionActive, v1alpha1.ReasonNotYet, "the work is recorded as done at "+written(work.EndedAt.Time)+", which is yet to come")
		v.recheck = work.EndedAt.Time
	case work != nil:
		s.EndedAt = work.EndedAt.DeepCopy()
		v.conditions.False(v1alpha1.ConditionActive, v1alpha1.ReasonSessionEnded, "the work is recorded")
	case v.session.Spec.End:
		s.EndedAt = moment(v.now)
		v.conditions.False(v1alpha1.ConditionActive, v1alpha1.ReasonSessionEnded, "the agent has ended it; work is charged once it is recorded in spec.work")
	default:
		v.conditions.False(v1alpha1.ConditionActive, v1alpha1.ReasonNotYet, "work on site opens no screen; record it in spec.work when it is done")
	}
}

// report says what became of the question, and whether anything stands in the way.
func (v *visit) report() {
	v.conditions.Set(v1alpha1.ConditionConsented, v.consent.status, v.consent.reason, v.consent.message)
	// What has ended needs no workplace any more.
	if v.problem == nil || v.problem.reason == v1alpha1.ReasonWorkplaceUnknown && v.session.Status.EndedAt != nil {
		v.conditions.True(v1alpha1.ConditionReady, v1alpha1.ReasonReady, "the session's status is up to date")
		return
	}
	v.conditions.False(v1alpha1.ConditionReady, v.problem.reason, v.problem.message)
}

// announce makes an event of a session that began or ended.
func (v *visit) announce(before *v1alpha1.SupportSession) {
	was, is := before.Status, v.session.Status
	active := meta.FindStatusCondition(is.Conditions, v1alpha1.ConditionActive)
	switch {
	case active == nil:
	case active.Status == metav1.ConditionTrue && !meta.IsStatusConditionTrue(was.Conditions, v1alpha1.ConditionActive):
		v.Events.Eventf(v.session, nil, corev1.EventTypeNormal, "Consented", "Watch", "%s may see the screen", v.session.Spec.Agent)
	case was.EndedAt == nil && is.EndedAt != nil:
		v.Events.Eventf(v.session, nil, corev1.EventTypeNormal, active.Reason, "End", "%s", active.Message)
	}
}

// after returns the moment that lies a period, which the API server let in, after t.
func after(p v1alpha1.Period, t time.Time) (time.Time, error) {
	parsed, err := terms.ParsePeriod(string(p))
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
