// SPDX-License-Identifier: Apache-2.0

// Package supportsession asks users for their consent, says while it lasts that
// an agent may see the screen, and charges what the agreement does not cover.
package supportsession

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
	"werkplek.dev/werkplek/controllers/internal/children"
	"werkplek.dev/werkplek/controllers/internal/enqueue"
	"werkplek.dev/werkplek/controllers/internal/requeue"
	"werkplek.dev/werkplek/controllers/internal/standing"
	"werkplek.dev/werkplek/controllers/internal/status"
	"werkplek.dev/werkplek/internal/terms"
)

// +kubebuilder:rbac:groups=werkplek.dev,resources=supportsessions,verbs=get;list;watch
// +kubebuilder:rbac:groups=werkplek.dev,resources=supportsessions/status,verbs=patch
// +kubebuilder:rbac:groups=werkplek.dev,resources=tenants;serviceterms;workplaces,verbs=get;list;watch
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

	workplace *v1alpha1.Workplace // nil while it does not exist
	end       *ending             // why the session is over; nil: it is not
	recheck   time.Time
}

// ending is why a session is over.
type ending struct{ reason, message string }

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
	v := &visit{Reconciler: r, session: session, now: r.Clock.Now()}
	v.conditions = status.Conditions{List: &session.Status.Conditions, Generation: session.Generation, Now: v.now}
	session.Status.ObservedGeneration = session.Generation
	v.conditions.True(v1alpha1.ConditionReady, v1alpha1.ReasonReady, "the session's status is up to date")

	var fault error
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
			fault = fmt.Errorf("%s: %w", step.name, err)
			break
		}
	}
	if fault != nil {
		return ctrl.Result{}, fault
	}
	if equality.Semantic.DeepEqual(before, session) {
		return requeue.At(v.now, v.recheck), nil
	}
	// The user's answer must not be overwritten by what was true before it.
	err := r.Client.Status().Patch(ctx, session, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
	switch {
	case apierrors.IsConflict(err):
		return requeue.At(v.now, v.now.Add(again)), nil
	case client.IgnoreNotFound(err) != nil:
		return ctrl.Result{}, fmt.Errorf("write status: %w", err)
	}
	v.announce(before)
	return requeue.At(v.now, v.recheck), nil
}

func (v *visit) find(ctx context.Context) error {
	name := string(v.session.Spec.WorkplaceRef.Name)
	workplace := &v1alpha1.Workplace{}
	err := v.Client.Get(ctx, client.ObjectKey{Namespace: v.session.Namespace, Name: name}, workplace, client.UnsafeDisableDeepCopy)
	switch {
	case err == nil && workplace.DeletionTimestamp == nil:
		v.workplace = workplace
	case err == nil || apierrors.IsNotFound(err):
		v.conditions.False(v1alpha1.ConditionReady, v1alpha1.ReasonWorkplaceUnknown, fmt.Sprintf("there is no Workplace %s in namespace %s", name, v.session.Namespace))
	default:
		return err
	}
	return nil
}

// needsConsent reports whether somebody's screen is to be seen (TD-24).
func (v *visit) needsConsent() bool { return v.session.Spec.Mode != v1alpha1.SupportOnSite }

// ask notes whose consent is asked, and what became of the question.
func (v *visit) ask(context.Context) error {
	if !v.needsConsent() {
		v.conditions.True(v1alpha1.ConditionConsented, v1alpha1.ReasonConsentNeedless, "work on site opens no screen")
		return nil
	}
	s := &v.session.Status
	if s.Consent == nil {
		s.Consent = &v1alpha1.Consent{}
	}
	if s.Consent.AskedOf == "" && v.workplace != nil {
		s.Consent.AskedOf = v.workplace.Spec.User.Username
	}
	until := clockPeriod(v.session.Spec.ConsentWithin).AfterMoment(v.session.CreationTimestamp.Time, time.UTC)
	if s.Consent.Decision == "" && s.EndedAt == nil && !v.session.Spec.End {
		if v.now.Before(until) {
			v.recheck = until
		} else {
			s.Consent.Decision, s.Consent.At = v1alpha1.ConsentLapsed, moment(v.now)
		}
	}
	const kind = v1alpha1.ConditionConsented
	switch s.Consent.Decision {
	case "":
		v.conditions.Unknown(kind, v1alpha1.ReasonConsentAwaited, fmt.Sprintf("%s is asked, until %s", s.Consent.AskedOf, until.UTC().Format(time.RFC3339)))
	case v1alpha1.ConsentGranted:
		v.grant(s)
	case v1alpha1.ConsentRefused:
		v.conditions.False(kind, v1alpha1.ReasonConsentRefused, "the user does not want it")
	case v1alpha1.ConsentRevoked:
		v.conditions.False(kind, v1alpha1.ReasonConsentRevoked, "the user has ended it")
	case v1alpha1.ConsentLapsed:
		v.conditions.False(kind, v1alpha1.ReasonConsentLapsed, "the user did not answer in time")
	}
	return nil
}

// grant counts a consent only if the workplace's user gave it.
func (v *visit) grant(s *v1alpha1.SupportSessionStatus) {
	if s.Consent.By != s.Consent.AskedOf || v.workplace != nil && s.Consent.AskedOf != v.workplace.Spec.User.Username {
		v.conditions.False(v1alpha1.ConditionConsented, v1alpha1.ReasonConsentAwaited, "only the workplace's user can consent: the decision is not theirs")
		return
	}
	if s.Consent.At == nil || s.Consent.At.After(v.now) {
		s.Consent.At = moment(v.now)
	}
	ends := metav1.NewTime(clockPeriod(v.session.Spec.MaximumLength).AfterMoment(s.Consent.At.Time, time.UTC).UTC())
	s.EndsAt = &ends
	v.conditions.True(v1alpha1.ConditionConsented, v1alpha1.ReasonConsentGranted, "the user lets "+string(v.session.Spec.Agent)+" see the screen")
}

// judge says whether the session runs, and ends it when it is over.
func (v *visit) judge(context.Context) error {
	s := &v.session.Status
	if v.session.Spec.Mode == v1alpha1.SupportOnSite {
		v.judgeOnSite(s)
		return nil
	}
	v.end = v.over()
	if v.end == nil && s.EndedAt == nil {
		active := meta.IsStatusConditionTrue(s.Conditions, v1alpha1.ConditionConsented)
		v.conditions.Holds(v1alpha1.ConditionActive, active, map[bool]string{true: v1alpha1.ReasonActive, false: v1alpha1.ReasonConsentAwaited}[active],
			map[bool]string{true: "the agent may see the screen", false: "the user has not consented"}[active])
		if active {
			v.recheck = s.EndsAt.Time
		}
		return nil
	}
	if s.EndedAt == nil {
		s.EndedAt = moment(v.now)
		if s.EndsAt != nil && s.EndsAt.Time.Before(v.now) {
			s.EndedAt = s.EndsAt.DeepCopy() // whenever it was noticed
		}
		v.conditions.False(v1alpha1.ConditionActive, v.end.reason, v.end.message)
	}
	return nil
}

// over says why a session that opens a screen is over; nil: it is not.
func (v *visit) over() *ending {
	s := &v.session.Status
	switch s.Consent.Decision {
	case v1alpha1.ConsentRefused:
		return &ending{v1alpha1.ReasonConsentRefused, "the user does not want it"}
	case v1alpha1.ConsentRevoked:
		return &ending{v1alpha1.ReasonConsentRevoked, "the user has ended it"}
	case v1alpha1.ConsentLapsed:
		return &ending{v1alpha1.ReasonConsentLapsed, "the user did not answer in time"}
	}
	switch {
	case v.session.Spec.End:
		return &ending{v1alpha1.ReasonSessionEnded, "the agent has ended it"}
	case s.EndsAt != nil && !v.now.Before(s.EndsAt.Time):
		return &ending{v1alpha1.ReasonTimeUp, "its time is up"}
	case v.workplace == nil && s.Consent.AskedOf != "":
		return &ending{v1alpha1.ReasonWorkplaceUnknown, "the workplace is gone"}
	case v.workplace != nil && s.EndsAt != nil && meta.IsStatusConditionFalse(v.workplace.Status.Conditions, v1alpha1.ConditionAccessGranted):
		return &ending{v1alpha1.ReasonSuspended, "the workplace's user has no access any more"}
	}
	return nil
}

// judgeOnSite takes over the time that the agent recorded.
func (v *visit) judgeOnSite(s *v1alpha1.SupportSessionStatus) {
	work := v.session.Spec.Work
	switch {
	case s.EndedAt != nil:
	case work != nil:
		s.StartedAt, s.EndedAt = work.StartedAt.DeepCopy(), work.EndedAt.DeepCopy()
		v.conditions.False(v1alpha1.ConditionActive, v1alpha1.ReasonSessionEnded, "the work is recorded")
	case v.session.Spec.End:
		s.EndedAt = moment(v.now)
		v.conditions.False(v1alpha1.ConditionActive, v1alpha1.ReasonSessionEnded, "the agent has ended it without work")
	default:
		v.conditions.False(v1alpha1.ConditionActive, v1alpha1.ReasonNotYet, "the work is charged once the agent records it in spec.work")
	}
}

// charge makes the charges of a session that the agreement does not cover, each
// once: they exist before the status says so (TD-17, TD-18).
func (v *visit) charge(ctx context.Context) error {
	s := &v.session.Status
	covered := v.session.Spec.CoveredByAgreement == nil || *v.session.Spec.CoveredByAgreement
	if covered || s.StartedAt == nil || s.EndedAt == nil || len(s.Charges) > 0 {
		return nil
	}
	tenant, compiled, err := v.terms(ctx)
	if err != nil || compiled == nil {
		return err
	}
	due, err := compiled.SupportWork(v.session.Name, v.session.Spec.Mode, s.StartedAt.Time, s.EndedAt.Time)
	var missing terms.ErrNoRate
	if errors.As(err, &missing) {
		v.conditions.False(v1alpha1.ConditionReady, v1alpha1.ReasonNoRate, missing.Error())
		return nil
	}
	if err != nil {
		return err
	}
	for _, charge := range due {
		made, err := v.make(ctx, tenant, charge)
		var foreign *children.ForeignError
		if errors.As(err, &foreign) {
			v.conditions.False(v1alpha1.ConditionReady, v1alpha1.ReasonForeignObject, foreign.Error())
			return nil
		}
		if err != nil {
			return err
		}
		s.Charges = append(s.Charges, v1alpha1.Reference{Name: v1alpha1.ObjectName(made.Name)})
	}
	return nil
}

// terms returns the session's tenant and its terms, or says what is wrong with them.
func (v *visit) terms(ctx context.Context) (*v1alpha1.Tenant, *terms.Terms, error) {
	name, _ := enqueue.TenantIn(v.session.Namespace)
	tenant := &v1alpha1.Tenant{}
	err := v.Client.Get(ctx, client.ObjectKey{Name: name}, tenant, client.UnsafeDisableDeepCopy)
	if apierrors.IsNotFound(err) {
		v.conditions.False(v1alpha1.ConditionReady, v1alpha1.ReasonTenantNotFound, fmt.Sprintf("namespace %s belongs to no Tenant", v.session.Namespace))
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	compiled, wrong, err := standing.Terms(ctx, v.Client, tenant)
	if wrong != nil {
		v.conditions.False(v1alpha1.ConditionReady, wrong.Reason, wrong.Message)
	}
	return tenant, compiled, err
}

func (v *visit) make(ctx context.Context, tenant *v1alpha1.Tenant, due terms.SupportCharge) (*v1alpha1.Charge, error) {
	return children.Ensure(ctx, v.Client, v.Live, children.Child[*v1alpha1.Charge]{
		Kind: "charge",
		Desired: &v1alpha1.Charge{
			ObjectMeta: metav1.ObjectMeta{
				Name: due.Name, Namespace: v.session.Namespace,
				Labels: map[string]string{v1alpha1.LabelManagedBy: v1alpha1.ManagedBy, v1alpha1.LabelTenant: tenant.Name},
			},
			Spec: due.Spec,
		},
		Own: func(existing *v1alpha1.Charge) bool {
			source := existing.Spec.SourceRef
			return existing.Spec.Type == due.Spec.Type && source != nil && *source == *due.Spec.SourceRef
		},
	})
}

// announce makes an event of a session that began, ended or is charged.
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
	if len(was.Charges) == 0 && len(is.Charges) > 0 {
		v.Events.Eventf(v.session, nil, corev1.EventTypeNormal, "ChargeDue", "Charge", "%d charges are due for support that the agreement does not cover", len(is.Charges))
	}
}

// clockPeriod reads a period that the API server let in.
func clockPeriod(p v1alpha1.Period) terms.Period {
	parsed, err := terms.ParsePeriod(string(p))
	if err != nil {
		return terms.Period{}
	}
	return parsed
}

func moment(t time.Time) *metav1.Time {
	at := metav1.NewTime(t.UTC().Truncate(time.Second))
	return &at
}
