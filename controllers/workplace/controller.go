// SPDX-License-Identifier: Apache-2.0

// Package workplace keeps each Workplace's home, and runs its desktop while the
// user may have it.
package workplace

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/enqueue"
	"werkplek.dev/werkplek/controllers/internal/requeue"
	"werkplek.dev/werkplek/controllers/internal/status"
	"werkplek.dev/werkplek/internal/desktop"
)

// +kubebuilder:rbac:groups=werkplek.dev,resources=workplaces,verbs=get;list;watch
// +kubebuilder:rbac:groups=werkplek.dev,resources=workplaces/status,verbs=patch
// +kubebuilder:rbac:groups=werkplek.dev,resources=workplaces/finalizers,verbs=update
// +kubebuilder:rbac:groups=werkplek.dev,resources=tenants;serviceterms;suspensions;workplaceclasses;licenses;usagerecords,verbs=get;list;watch
// +kubebuilder:rbac:groups="",resources=pods,verbs=get;list;watch;create;delete
// +kubebuilder:rbac:groups="",resources=persistentvolumeclaims,verbs=get;list;watch;create;patch
// +kubebuilder:rbac:groups=snapshot.storage.k8s.io,resources=volumesnapshots,verbs=get;list;create;delete
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// Reconciler keeps homes and runs desktops.
type Reconciler struct {
	Clock  clock.PassiveClock
	Client client.Client
	Live   client.Reader // asked only where the cache cannot know
	Events events.EventRecorder
	// Domain below which workplaces have their host names; empty: they have none.
	Domain string

	waits    waits // for the usage record
	refusals waits // of pods
}

// visit is one reconcile of one workplace: what its steps read and find.
type visit struct {
	*Reconciler
	workplace  *v1alpha1.Workplace
	now        time.Time
	conditions status.Conditions

	tenant *v1alpha1.Tenant
	class  *v1alpha1.WorkplaceClass // nil while it does not exist
	pod    *corev1.Pod              // as the cache knows it; nil if there is none
	claim  *corev1.PersistentVolumeClaim

	access   verdict // may the user have a desktop?
	place    verdict // is there room for this workplace within the tenant's limits?
	licensed verdict // does the month's usage record hold it?
	home     verdict // can the home be mounted?
	desktop  verdict // can the desktop be opened?

	recheck []time.Time
}

// verdict is the outcome of a step: a condition's status, reason and message.
type verdict struct {
	ok      bool
	reason  string
	message string
}

// Reconcile brings one workplace to what its spec asks for, as far as its
// tenant's terms and limits let it.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	workplace := &v1alpha1.Workplace{}
	if err := r.Client.Get(ctx, request.NamespacedName, workplace); err != nil {
		r.waits.forget(request.NamespacedName)
		r.refusals.forget(request.NamespacedName)
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if workplace.DeletionTimestamp != nil {
		return ctrl.Result{}, nil // the pod goes with its owner; the home stays
	}
	before := workplace.DeepCopy()
	v := &visit{Reconciler: r, workplace: workplace, now: r.Clock.Now()}
	v.conditions = status.Conditions{List: &workplace.Status.Conditions, Generation: workplace.Generation, Now: v.now}

	var faults []error
	for _, step := range []struct {
		name string
		run  func(context.Context) error
	}{
		{"find what it refers to", v.find},
		{"judge access", v.judgeAccess},
		{"judge the limits", v.judgeLimits},
		{"judge the licences", v.judgeLicenses},
		{"keep the home", v.keepHome},
		{"back up the home", v.backUp},
		{"run the desktop", v.runDesktop},
	} {
		if err := step.run(ctx); err != nil {
			// A later step may rely on this one: without knowing whether access is granted, nothing starts.
			faults = append(faults, fmt.Errorf("%s: %w", step.name, err))
			break
		}
	}
	if len(faults) == 0 {
		if v.unrecorded() {
			return requeue.At(v.now, v.recheck...), nil
		}
		v.report()
	}
	faults = append(faults, status.Patch(ctx, r.Client, before, workplace))
	if err := errors.Join(faults...); err != nil {
		return ctrl.Result{}, err
	}
	v.announce(before)
	return requeue.At(v.now, v.recheck...), nil
}

// find reads the tenant, the class and the pod.
func (v *visit) find(ctx context.Context) error {
	name, _ := enqueue.TenantIn(v.workplace.Namespace)
	tenant := &v1alpha1.Tenant{}
	if err := v.Client.Get(ctx, client.ObjectKey{Name: name}, tenant, client.UnsafeDisableDeepCopy); err == nil {
		v.tenant = tenant
	} else if !apierrors.IsNotFound(err) {
		return err
	}
	class := &v1alpha1.WorkplaceClass{}
	if err := v.Client.Get(ctx, client.ObjectKey{Name: string(v.workplace.Spec.ClassRef.Name)}, class, client.UnsafeDisableDeepCopy); err == nil {
		v.class = class
	} else if !apierrors.IsNotFound(err) {
		return err
	}
	pod := &corev1.Pod{}
	key := client.ObjectKey{Namespace: v.workplace.Namespace, Name: desktop.PodName(v.workplace.Name)}
	if err := v.Client.Get(ctx, key, pod, client.UnsafeDisableDeepCopy); err == nil {
		v.pod = pod
	} else if !apierrors.IsNotFound(err) {
		return err
	}
	return nil
}

// report writes down what the steps found. The first thing that is missing is
// what Ready speaks of.
func (v *visit) report() {
	s := &v.workplace.Status
	s.ObservedGeneration = v.workplace.Generation
	s.PodName = desktop.PodName(v.workplace.Name)
	if tenant, ok := enqueue.TenantIn(v.workplace.Namespace); ok {
		if host := desktop.Host(v.workplace.Name, tenant, v.Domain); host != "" {
			s.URL = "https://" + host + "/"
		}
	}
	for _, row := range []struct {
		condition string
		verdict
	}{
		{v1alpha1.ConditionAccessGranted, v.access},
		{v1alpha1.ConditionLicensed, v.licensed},
		{v1alpha1.ConditionHomeReady, v.home},
		{v1alpha1.ConditionDesktopReady, v.desktop},
	} {
		v.conditions.Holds(row.condition, row.ok, row.reason, row.message)
	}
	ready := verdict{true, v1alpha1.ReasonReady, v.desktop.message}
	for _, needed := range []verdict{v.access, v.place, v.licensed, v.home, v.desktop} {
		if !needed.ok {
			ready = needed
			break
		}
	}
	v.conditions.Holds(v1alpha1.ConditionReady, ready.ok, ready.reason, ready.message)
}

// announce makes an event of a workplace that has come to need a person.
func (v *visit) announce(before *v1alpha1.Workplace) {
	quiet := map[string]bool{
		v1alpha1.ReasonStarting: true, v1alpha1.ReasonRestarting: true, v1alpha1.ReasonStopped: true, v1alpha1.ReasonIdle: true, v1alpha1.ReasonHomeBinding: true,
		v1alpha1.ReasonSuspended: true, v1alpha1.ReasonResellerSuspended: true, v1alpha1.ReasonBlocked: true,
		v1alpha1.ReasonContractEnded: true, v1alpha1.ReasonResellerEnded: true,
		v1alpha1.ReasonRecording: true,
	}
	was := meta.FindStatusCondition(before.Status.Conditions, v1alpha1.ConditionReady)
	is := meta.FindStatusCondition(v.workplace.Status.Conditions, v1alpha1.ConditionReady)
	if is == nil || is.Status == "True" || quiet[is.Reason] || was != nil && was.Reason == is.Reason {
		return
	}
	v.Events.Eventf(v.workplace, nil, corev1.EventTypeWarning, is.Reason, "Start", "%s", is.Message)
}
