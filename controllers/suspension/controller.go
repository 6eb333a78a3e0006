// SPDX-License-Identifier: Apache-2.0

// Package suspension says whether each Suspension is in force, and ends it when
// the contract calendar or a person says so.
package suspension

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
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

// +kubebuilder:rbac:groups=werkplek.dev,resources=suspensions,verbs=get;list;watch
// +kubebuilder:rbac:groups=werkplek.dev,resources=suspensions/status,verbs=patch
// +kubebuilder:rbac:groups=werkplek.dev,resources=tenants;serviceterms;billingaccounts;workplaces,verbs=get;list;watch
// +kubebuilder:rbac:groups=werkplek.dev,resources=charges,verbs=get;list;watch;create
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// Reconciler keeps the status of Suspensions.
type Reconciler struct {
	Clock  clock.PassiveClock
	Client client.Client
	Live   client.Reader // asked only where the cache cannot know
	Events events.EventRecorder
}

// visit is one reconcile of one suspension.
type visit struct {
	*Reconciler
	suspension *v1alpha1.Suspension
	now        time.Time
	conditions status.Conditions

	tenant   *v1alpha1.Tenant
	terms    *terms.Terms
	standing terms.Standing
}

// errWaiting ends a visit whose condition says what it waits for.
var errWaiting = errors.New("waiting")

// Reconcile brings one suspension's status up to date, and ends it when due.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	suspension := &v1alpha1.Suspension{}
	if err := r.Client.Get(ctx, request.NamespacedName, suspension); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	before := suspension.DeepCopy()
	v := &visit{Reconciler: r, suspension: suspension, now: r.Clock.Now()}
	v.conditions = status.Conditions{List: &suspension.Status.Conditions, Generation: suspension.Generation, Now: v.now}
	suspension.Status.ObservedGeneration = suspension.Generation

	err := v.judge(ctx)
	if errors.Is(err, errWaiting) {
		err = nil
	}
	v.reportForce()
	if err := errors.Join(err, status.Patch(ctx, r.Client, before, suspension)); err != nil {
		return ctrl.Result{}, err
	}
	v.announce(before)
	return requeue.At(v.now, v.standing.Recheck), nil
}

// judge asks the calendar about the suspension's tenant and lifts it if it says so.
func (v *visit) judge(ctx context.Context) error {
	if v.suspension.Status.LiftedAt != nil {
		v.upToDate()
		return nil
	}
	for _, step := range []func(context.Context) error{v.findTenant, v.findTerms, v.askCalendar} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	v.upToDate()
	if lift := v.standing.Lift(v.suspension.Name); lift != nil {
		return v.lift(ctx, lift)
	}
	return nil
}

// upToDate says that nothing stands in the way. Its words do not depend on the
// way there, so that a crash on it leaves no trace.
func (v *visit) upToDate() {
	v.conditions.True(v1alpha1.ConditionReady, v1alpha1.ReasonReady, "the suspension's status is up to date")
}

// wait notes why nothing can be decided.
func (v *visit) wait(reason, message string) error {
	v.conditions.False(v1alpha1.ConditionReady, reason, message)
	return errWaiting
}

func (v *visit) findTenant(ctx context.Context) error {
	name, _ := enqueue.TenantIn(v.suspension.Namespace)
	v.tenant = &v1alpha1.Tenant{}
	err := v.Client.Get(ctx, client.ObjectKey{Name: name}, v.tenant, client.UnsafeDisableDeepCopy)
	if apierrors.IsNotFound(err) {
		return v.wait(v1alpha1.ReasonTenantNotFound, fmt.Sprintf("namespace %s belongs to no Tenant", v.suspension.Namespace))
	}
	return err
}

func (v *visit) findTerms(ctx context.Context) error {
	compiled, wrong, err := standing.Terms(ctx, v.Client, v.tenant)
	if wrong != nil {
		return v.wait(wrong.Reason, wrong.Message)
	}
	v.terms = compiled
	return err
}

func (v *visit) askCalendar(ctx context.Context) error {
	s, err := standing.Of(ctx, v.Client, v.now, v.tenant)
	v.standing = s
	return err
}

// lift ends the suspension: the charge first, so that a crash in between can
// neither lose it nor make it twice.
func (v *visit) lift(ctx context.Context, lift *terms.Lift) error {
	if lift.FeeDue && v.suspension.Spec.Cause == v1alpha1.CauseArrears {
		charge, err := v.charge(ctx)
		var foreign *children.ForeignError
		if errors.As(err, &foreign) {
			return v.wait(v1alpha1.ReasonForeignObject, foreign.Error())
		}
		if err != nil {
			return fmt.Errorf("charge the reactivation: %w", err)
		}
		if charge != "" {
			v.suspension.Status.ChargeRef = &v1alpha1.Reference{Name: v1alpha1.ObjectName(charge)}
		}
	}
	at := metav1.NewTime(v.now.UTC().Truncate(time.Second))
	v.suspension.Status.LiftedAt = &at
	v.suspension.Status.LiftedBecause = lift.Because
	return nil
}

// reportForce says whether the suspension denies access.
func (v *visit) reportForce() {
	fact := terms.SuspensionOf(v.suspension)
	switch {
	case fact.Lifted():
		v.conditions.False(v1alpha1.ConditionInForce, v1alpha1.ReasonLifted, "the suspension was lifted: "+v.suspension.Status.LiftedBecause)
	case fact.InForce(v.now):
		v.conditions.True(v1alpha1.ConditionInForce, v1alpha1.ReasonInForce, v.suspension.Spec.Reason)
	default:
		v.conditions.False(v1alpha1.ConditionInForce, v1alpha1.ReasonNotYet, "the suspension begins later")
	}
}

// announce makes an event of a suspension that took effect or ended.
func (v *visit) announce(before *v1alpha1.Suspension) {
	was := meta.IsStatusConditionTrue(before.Status.Conditions, v1alpha1.ConditionInForce)
	is := meta.IsStatusConditionTrue(v.suspension.Status.Conditions, v1alpha1.ConditionInForce)
	switch {
	case !was && is:
		v.Events.Eventf(v.suspension, nil, corev1.EventTypeWarning, "InForce", "Suspend", "access is denied: %s", v.suspension.Spec.Reason)
	case before.Status.LiftedAt == nil && v.suspension.Status.LiftedAt != nil:
		v.Events.Eventf(v.suspension, nil, corev1.EventTypeNormal, "Lifted", "Resume", "the suspension was lifted: %s", v.suspension.Status.LiftedBecause)
	}
}
