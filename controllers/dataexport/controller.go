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
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/enqueue"
	"werkplek.dev/werkplek/controllers/internal/requeue"
	"werkplek.dev/werkplek/controllers/internal/status"
	"werkplek.dev/werkplek/internal/access"
	"werkplek.dev/werkplek/internal/desktop"
	"werkplek.dev/werkplek/internal/reading"
)

// +kubebuilder:rbac:groups=werkplek.dev,resources=dataexports,verbs=get;list;watch
// +kubebuilder:rbac:groups=werkplek.dev,resources=dataexports/status,verbs=patch
// +kubebuilder:rbac:groups=werkplek.dev,resources=dataexports/finalizers,verbs=update
// +kubebuilder:rbac:groups=werkplek.dev,resources=tenants;serviceterms;suspensions;workplaces;workplaceclasses,verbs=get;list;watch
// +kubebuilder:rbac:groups=werkplek.dev,resources=charges,verbs=get;list;watch;create
// +kubebuilder:rbac:groups=batch,resources=jobs,verbs=get;list;watch;create;delete
// +kubebuilder:rbac:groups="",resources=pods;persistentvolumeclaims,verbs=get;list;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// Reconciler carries out DataExports.
type Reconciler struct {
	Clock  clock.PassiveClock
	Client client.Client
	Live   client.Reader // asked only where the cache cannot know
	Events events.EventRecorder
	// Network surrounds the tenants' namespaces.
	Network desktop.Network
	// Image of the program that copies.
	Image string
}

// visit is one reconcile of one export.
type visit struct {
	*Reconciler
	export     *v1alpha1.DataExport
	now        time.Time
	conditions status.Conditions

	tenant  *v1alpha1.Tenant
	jobs    map[string]*batchv1.Job // by workplace
	pods    map[string]*corev1.Pod  // by job
	blocked *finding                // why data may not be handed over; nil: it may
	problem *finding                // what a person must mend first
	recheck []time.Time
}

// finding is a condition's reason and words.
type finding struct{ reason, message string }

// Reconcile brings one export as far as it can come now.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	export := &v1alpha1.DataExport{}
	if err := r.Client.Get(ctx, request.NamespacedName, export); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if export.DeletionTimestamp != nil {
		return ctrl.Result{}, nil // its jobs go with it
	}
	before := export.DeepCopy()
	v := &visit{Reconciler: r, export: export, now: r.Clock.Now()}
	v.conditions = status.Conditions{List: &export.Status.Conditions, Generation: export.Generation, Now: v.now}

	steps := []step{
		{"find the jobs", v.findJobs},
		{"find the tenant", v.findTenant},
		{"judge", v.judge},
		{"list the homes", v.begin},
		{"copy", v.copy},
		{"charge", v.finish},
	}
	if export.Status.CompletedAt != nil { // what was handed over stays so
		steps = []step{{"find the jobs", v.findJobs}, {"tidy up", v.tidy}}
	}
	for _, s := range steps {
		if err := s.run(ctx); err != nil {
			return ctrl.Result{}, fmt.Errorf("%s: %w", s.name, err)
		}
	}
	if before.Status.CompletedAt == nil {
		v.report()
	}
	if err := status.Patch(ctx, r.Client, before, export); err != nil {
		return ctrl.Result{}, err
	}
	v.announce(before)
	return requeue.At(v.now, v.recheck...), nil
}

type step struct {
	name string
	run  func(context.Context) error
}

// hinder notes what keeps the export from going on; the first finding stands.
func (v *visit) hinder(reason, message string) {
	if v.problem == nil {
		v.problem = &finding{reason, message}
	}
}

func (v *visit) findTenant(ctx context.Context) error {
	name, _ := enqueue.TenantIn(v.export.Namespace)
	tenant := &v1alpha1.Tenant{}
	err := v.Client.Get(ctx, client.ObjectKey{Name: name}, tenant, client.UnsafeDisableDeepCopy)
	if apierrors.IsNotFound(err) {
		v.hinder(v1alpha1.ReasonTenantNotFound, fmt.Sprintf("namespace %s belongs to no Tenant", v.export.Namespace))
		return nil
	}
	v.tenant = tenant
	return err
}

// judge says whether the data may be handed over: not under a legal hold, nor
// while a suspension is in force, the resellers' included (TD-20). It reads the
// suspensions themselves, so that nothing goes on between their arrival and the
// tenant's own report of them.
func (v *visit) judge(ctx context.Context) error {
	if v.tenant == nil {
		return nil
	}
	if hold := v.tenant.Spec.LegalHold; hold != nil {
		v.blocked = &finding{v1alpha1.ReasonLegalHold, fmt.Sprintf("data is held under %s: it is handed over once spec.legalHold of Tenant %s is taken away", hold.Reference, v.tenant.Name)}
		return nil
	}
	cover, err := access.LookFrom(ctx, reading.Access{From: v.Client}, v.tenant, v.now)
	if err != nil || len(cover.InForce) == 0 {
		return err
	}
	first, reason := cover.InForce[0], v1alpha1.ReasonSuspended
	for _, suspension := range cover.InForce {
		if suspension.Spec.Cause == v1alpha1.CauseArrears {
			first, reason = suspension, v1alpha1.ReasonArrears
			break
		}
	}
	whose := "the tenant is"
	if first.Tenant != v.tenant.Name {
		whose = fmt.Sprintf("the reseller %s is", first.Tenant)
	}
	v.blocked = &finding{reason, fmt.Sprintf("%s suspended by %s (%s): data is handed over once it is lifted", whose, first.Name, first.Spec.Cause)}
	return nil
}

// report writes down how far the export is.
func (v *visit) report() {
	s := &v.export.Status
	s.ObservedGeneration = v.export.Generation
	switch {
	case v.blocked != nil:
		v.conditions.True(v1alpha1.ConditionBlocked, v.blocked.reason, v.blocked.message)
	case v.tenant == nil:
		v.conditions.Unknown(v1alpha1.ConditionBlocked, v.problem.reason, v.problem.message)
	default:
		v.conditions.False(v1alpha1.ConditionBlocked, v1alpha1.ReasonNotBlocked, "nothing forbids handing the data over")
	}
	progress := fmt.Sprintf("%d of %d homes are in the bucket", s.Done, s.Total)
	switch {
	case s.CompletedAt != nil:
		v.conditions.True(v1alpha1.ConditionCompleted, v1alpha1.ReasonHandedOver, progress)
		v.conditions.True(v1alpha1.ConditionReady, v1alpha1.ReasonReady, progress)
	case v.blocked != nil:
		v.conditions.False(v1alpha1.ConditionCompleted, v1alpha1.ReasonBlocked, progress+"; "+v.blocked.message)
		v.conditions.False(v1alpha1.ConditionReady, v1alpha1.ReasonBlocked, v.blocked.message)
	case v.problem != nil:
		v.conditions.False(v1alpha1.ConditionCompleted, v.problem.reason, progress+"; "+v.problem.message)
		v.conditions.False(v1alpha1.ConditionReady, v.problem.reason, v.problem.message)
	default:
		v.conditions.False(v1alpha1.ConditionCompleted, v1alpha1.ReasonCopying, progress)
		v.conditions.True(v1alpha1.ConditionReady, v1alpha1.ReasonReady, "the homes are being copied")
	}
}

// announce makes an event of an export that is done, or has come to need a person.
func (v *visit) announce(before *v1alpha1.DataExport) {
	was := meta.FindStatusCondition(before.Status.Conditions, v1alpha1.ConditionCompleted)
	is := meta.FindStatusCondition(v.export.Status.Conditions, v1alpha1.ConditionCompleted)
	if is == nil || was != nil && was.Reason == is.Reason || is.Reason == v1alpha1.ReasonCopying {
		return
	}
	kind := corev1.EventTypeWarning
	if is.Status == metav1.ConditionTrue {
		kind = corev1.EventTypeNormal
	}
	v.Events.Eventf(v.export, nil, kind, is.Reason, "HandOver", "%s", is.Message)
}

func moment(t time.Time) *metav1.Time {
	at := metav1.NewTime(t.UTC().Truncate(time.Second))
	return &at
}
