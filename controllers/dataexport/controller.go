// SPDX-License-Identifier: Apache-2.0

// Package dataexport hands tenants' data over: it copies homes to a bucket, as
// long as nothing forbids it, and charges what the terms ask for that.
package dataexport

import (
	"context"
	"fmt"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/enqueue"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/internal/access"
	"werkplek.dev/werkplek/internal/desktop"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/reading"
)

// +kubebuilder:rbac:groups=werkplek.dev,resources=dataexports,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=werkplek.dev,resources=dataexports/status,verbs=patch
// +kubebuilder:rbac:groups=werkplek.dev,resources=dataexports/finalizers,verbs=update
// +kubebuilder:rbac:groups=werkplek.dev,resources=tenants;serviceterms;suspensions;workplaces;workplaceclasses,verbs=get;list;watch
// +kubebuilder:rbac:groups=werkplek.dev,resources=charges,verbs=get;list;watch;create
// +kubebuilder:rbac:groups=batch,resources=jobs,verbs=get;list;watch;create;delete
// +kubebuilder:rbac:groups="",resources=pods;persistentvolumeclaims,verbs=get;list;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// Reconciler carries out DataExports.
type Reconciler struct {
	*reconciling.Controller
	Live client.Reader // asked only where the cache cannot know
	// Network surrounds the tenants' namespaces.
	Network desktop.Network
	// Image of the program that copies.
	Image string
}

// visit is one reconcile of one export.
type visit struct {
	*Reconciler
	*reconciling.Pass[*v1alpha1.DataExport]
	export *v1alpha1.DataExport

	tenant  *v1alpha1.Tenant
	jobs    map[string]*batchv1.Job // by workplace
	pods    map[string]*corev1.Pod  // by job
	allowed outcome.Outcome         // may the data be handed over?
	problem *outcome.Outcome        // what a person must mend first; nil: nothing
}

// Reconcile brings one export as far as it can come now.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	pass, err := reconciling.Begin(ctx, r.Controller, request, &v1alpha1.DataExport{})
	if err != nil {
		return reconciling.Result(err)
	}
	if pass.Object.DeletionTimestamp != nil {
		return ctrl.Result{}, nil // its jobs go with it
	}
	if pass.Object.Status.CompletedAt == nil {
		if aside, result, err := pass.Aside(ctx, v1alpha1.ConditionCompleted); aside {
			return result, err
		}
		if err := pass.MarkMade(ctx); err != nil {
			return reconciling.Result(err)
		}
	}
	v := &visit{Reconciler: r, Pass: pass, export: pass.Object}
	return pass.Run(ctx, v.steps())
}

func (v *visit) steps() reconciling.Steps {
	const (
		jobs   = "find the jobs"
		tenant = "find the tenant"
		judge  = "judge"
		list   = "list the homes"
		copies = "copy"
		charge = "charge"
	)
	if v.export.Status.CompletedAt != nil { // what was handed over stays so
		return reconciling.Steps{
			{Name: jobs, Run: v.findJobs},
			{Name: "tidy up", Needs: []string{jobs}, Run: func(ctx context.Context) error {
				return v.tidy(ctx, "the export is complete")
			}},
		}
	}
	return reconciling.Steps{
		{Name: jobs, Run: v.findJobs},
		{Name: tenant, Run: v.findTenant},
		{Name: judge, Needs: []string{tenant}, Run: v.judge},
		{Name: list, Needs: []string{judge}, Run: v.begin},
		{Name: copies, Needs: []string{jobs, list}, Run: v.copy},
		{Name: charge, Needs: []string{copies}, Run: v.finish},
		{Name: "say how far it is", Needs: []string{charge}, Run: v.report},
	}
}

// hinder notes what keeps the export from going on; the first outcome stands.
func (v *visit) hinder(why outcome.Outcome) {
	if v.problem == nil {
		v.problem = &why
	}
}

// waits reports whether nothing is to be done for now.
func (v *visit) waits() bool { return !v.allowed.OK() || v.problem != nil }

func (v *visit) findTenant(ctx context.Context) error {
	name, _ := enqueue.TenantIn(v.export.Namespace)
	tenant, err := reading.Maybe(ctx, v.Client, client.ObjectKey{Name: name}, &v1alpha1.Tenant{})
	v.tenant = tenant
	return err
}

// judge says whether the data may be handed over: not under a legal hold, nor
// while a suspension is in force, the resellers' included (TD-20). It reads the
// suspensions themselves, so that nothing goes on between their arrival and the
// tenant's own report of them.
func (v *visit) judge(ctx context.Context) error {
	if v.tenant == nil {
		orphaned := enqueue.Orphaned(v.export.Namespace)
		v.allowed = outcome.Unknown(orphaned.Reason, orphaned.Message)
		v.hinder(orphaned)
		return nil
	}
	if hold := v.tenant.Spec.LegalHold; hold != nil {
		v.allowed = outcome.Stalled(v1alpha1.ReasonLegalHold, fmt.Sprintf(
			"data is held under %s: it is handed over once spec.legalHold of Tenant %s is taken away", hold.Reference, v.tenant.Name))
		return nil
	}
	cover, err := access.LookFrom(ctx, reading.Access{From: v.Client}, v.tenant, v.Now)
	if err != nil {
		return err
	}
	v.allowed = outcome.Ready(v1alpha1.ReasonNotBlocked, "nothing forbids handing the data over")
	if len(cover.InForce) > 0 {
		v.allowed = v.suspended(cover.InForce)
	}
	return nil
}

// suspended says which suspension is in the way: one for arrears before others,
// since it is the tenant's to end.
func (v *visit) suspended(inForce []access.Suspension) outcome.Outcome {
	first, reason := inForce[0], v1alpha1.ReasonSuspended
	for _, suspension := range inForce {
		if suspension.Spec.Cause == v1alpha1.CauseArrears {
			first, reason = suspension, v1alpha1.ReasonArrears
			break
		}
	}
	whose := "the tenant is"
	if first.Tenant != v.tenant.Name {
		whose = fmt.Sprintf("the reseller %s is", first.Tenant)
	}
	return outcome.Stalled(reason, fmt.Sprintf(
		"%s suspended by %s (%s): data is handed over once it is lifted", whose, first.Name, first.Spec.Cause))
}

// report writes down how far the export is. Blocked is True where the data may
// not be handed over.
func (v *visit) report(context.Context) error {
	s := &v.export.Status
	if v.allowed.Known() {
		v.Conditions.Holds(v1alpha1.ConditionBlocked, !v.allowed.OK(), v.allowed.Reason, v.allowed.Message)
	} else {
		v.Conditions.Report(v1alpha1.ConditionBlocked, v.allowed)
	}
	progress := fmt.Sprintf("%d of %d homes are in the bucket", s.Done, s.Total)
	switch {
	case s.CompletedAt != nil:
		v.Conditions.True(v1alpha1.ConditionCompleted, v1alpha1.ReasonHandedOver, progress)
		v.Conditions.Summarize(outcome.Ready(v1alpha1.ReasonReady, progress))
	case v.allowed.Known() && !v.allowed.OK():
		v.Conditions.False(v1alpha1.ConditionCompleted, v1alpha1.ReasonBlocked, progress+"; "+v.allowed.Message)
		v.Conditions.Summarize(outcome.Stalled(v1alpha1.ReasonBlocked, v.allowed.Message))
	case v.problem != nil:
		v.Conditions.False(v1alpha1.ConditionCompleted, v.problem.Reason, progress+"; "+v.problem.Message)
		v.Conditions.Summarize(*v.problem)
	default:
		v.Conditions.False(v1alpha1.ConditionCompleted, v1alpha1.ReasonCopying, progress)
		v.Conditions.Summarize(outcome.Waiting(v1alpha1.ReasonCopying, progress))
	}
	v.announce()
	return nil
}

// announce tells of an export that is done, or has come to need a person.
func (v *visit) announce() {
	was := meta.FindStatusCondition(v.Was.Status.Conditions, v1alpha1.ConditionCompleted)
	is := meta.FindStatusCondition(v.export.Status.Conditions, v1alpha1.ConditionCompleted)
	if is == nil || was != nil && was.Reason == is.Reason || is.Reason == v1alpha1.ReasonCopying {
		return
	}
	v.Announce(is.Status != metav1.ConditionTrue, is.Reason, "HandOver", is.Message)
}

func moment(t time.Time) *metav1.Time {
	at := metav1.NewTime(t.UTC().Truncate(time.Second))
	return &at
}
