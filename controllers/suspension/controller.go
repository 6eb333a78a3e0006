// SPDX-License-Identifier: Apache-2.0

// Package suspension says whether each Suspension is in force, and ends it when
// the contract calendar or a person says so.
package suspension

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/children"
	"werkplek.dev/werkplek/controllers/internal/enqueue"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/controllers/internal/standing"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/reading"
	"werkplek.dev/werkplek/internal/terms"
)

// +kubebuilder:rbac:groups=werkplek.dev,resources=suspensions,verbs=get;list;watch
// +kubebuilder:rbac:groups=werkplek.dev,resources=suspensions/status,verbs=patch
// +kubebuilder:rbac:groups=werkplek.dev,resources=tenants;serviceterms;billingaccounts;workplaces,verbs=get;list;watch
// +kubebuilder:rbac:groups=werkplek.dev,resources=charges,verbs=get;list;watch;create
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// Reconciler keeps the status of Suspensions.
type Reconciler struct {
	*reconciling.Controller
	Live client.Reader // asked only where the cache cannot know
}

// visit is one reconcile of one suspension.
type visit struct {
	*Reconciler
	*reconciling.Pass[*v1alpha1.Suspension]
	suspension *v1alpha1.Suspension

	tenant   *v1alpha1.Tenant
	terms    *terms.Terms
	standing terms.Standing
}

// Reconcile brings one suspension's status up to date, and ends it when due.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	pass, err := reconciling.Begin(ctx, r.Controller, request, &v1alpha1.Suspension{})
	if err != nil {
		return reconciling.Result(err)
	}
	v := &visit{Reconciler: r, Pass: pass, suspension: pass.Object}
	return pass.Run(ctx, v.steps())
}

func (v *visit) steps() reconciling.Steps {
	const tenant, terms, calendar = "find the tenant", "find the terms", "ask the calendar"
	inForce := reconciling.Step{Name: "say whether it is in force", Run: v.reportForce}
	if v.suspension.Status.LiftedAt != nil {
		return reconciling.Steps{{Name: "say that nothing is left to do", Run: v.upToDate}, inForce}
	}
	return reconciling.Steps{
		{Name: tenant, Run: v.findTenant},
		{Name: terms, Needs: []string{tenant}, Run: v.findTerms},
		{Name: calendar, Needs: []string{terms}, Run: v.askCalendar},
		{Name: "say that nothing stands in the way", Needs: []string{calendar}, Run: v.upToDate},
		{Name: "lift it when due", Needs: []string{calendar}, Run: v.liftWhenDue},
		inForce,
	}
}

// upToDate says that nothing stands in the way. Its words do not depend on the
// way there, so that a crash on it leaves no trace.
func (v *visit) upToDate(context.Context) error {
	v.Conditions.True(v1alpha1.ConditionReady, v1alpha1.ReasonReady, "the suspension's status is up to date")
	return nil
}

// wait notes why nothing can be decided.
func (v *visit) wait(why outcome.Outcome) error {
	v.Conditions.Report(v1alpha1.ConditionReady, why)
	return why.Err()
}

func (v *visit) findTenant(ctx context.Context) error {
	name, _ := enqueue.TenantIn(v.suspension.Namespace)
	tenant, err := reading.Maybe(ctx, v.Client, client.ObjectKey{Name: name}, &v1alpha1.Tenant{})
	if err == nil && tenant == nil {
		return v.wait(enqueue.Orphaned(v.suspension.Namespace))
	}
	v.tenant = tenant
	return err
}

func (v *visit) findTerms(ctx context.Context) error {
	compiled, wrong, err := standing.Terms(ctx, v.Client, v.tenant)
	if wrong != nil {
		return v.wait(*wrong)
	}
	v.terms = compiled
	return err
}

func (v *visit) askCalendar(ctx context.Context) error {
	s, err := standing.Of(ctx, v.Client, v.Now, v.tenant)
	v.standing = s
	v.Recheck(s.Recheck)
	return err
}

func (v *visit) liftWhenDue(ctx context.Context) error {
	if lift := v.standing.Lift(v.suspension.Name); lift != nil {
		return v.lift(ctx, lift)
	}
	return nil
}

// lift ends the suspension: the charge first, so that a crash in between can
// neither lose it nor make it twice.
func (v *visit) lift(ctx context.Context, lift *terms.Lift) error {
	if lift.FeeDue && v.suspension.Spec.Cause == v1alpha1.CauseArrears {
		charge, err := v.charge(ctx)
		if foreign, ok := children.InTheWay(err); ok {
			return v.wait(foreign)
		}
		if err != nil {
			return fmt.Errorf("charge the reactivation: %w", err)
		}
		if charge != "" {
			v.suspension.Status.ChargeRef = &v1alpha1.Reference{Name: v1alpha1.ObjectName(charge)}
		}
	}
	at := metav1.NewTime(v.Now.UTC().Truncate(time.Second))
	v.suspension.Status.LiftedAt = &at
	v.suspension.Status.LiftedBecause = lift.Because
	return nil
}

// reportForce says whether the suspension denies access, and tells when that changes.
func (v *visit) reportForce(context.Context) error {
	fact := terms.SuspensionOf(v.suspension)
	switch {
	case fact.Lifted():
		v.Conditions.False(v1alpha1.ConditionInForce, v1alpha1.ReasonLifted,
			"the suspension was lifted: "+v.suspension.Status.LiftedBecause)
	case fact.InForce(v.Now):
		v.Conditions.True(v1alpha1.ConditionInForce, v1alpha1.ReasonInForce, v.suspension.Spec.Reason)
	default:
		v.Conditions.False(v1alpha1.ConditionInForce, v1alpha1.ReasonNotYet, "the suspension begins later")
	}
	v.announce()
	return nil
}

// announce tells of a suspension that took effect or ended.
func (v *visit) announce() {
	was := meta.IsStatusConditionTrue(v.Was.Status.Conditions, v1alpha1.ConditionInForce)
	is := meta.IsStatusConditionTrue(v.suspension.Status.Conditions, v1alpha1.ConditionInForce)
	switch {
	case !was && is:
		v.Announce(true, "InForce", "Suspend", "access is denied: "+v.suspension.Spec.Reason)
	case v.Was.Status.LiftedAt == nil && v.suspension.Status.LiftedAt != nil:
		v.Announce(false, "Lifted", "Resume", "the suspension was lifted: "+v.suspension.Status.LiftedBecause)
	}
}
