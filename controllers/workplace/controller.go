// SPDX-License-Identifier: Apache-2.0

// Package workplace keeps each Workplace's home, and runs its desktop while the
// user may have it.
package workplace

import (
	"context"
	"errors"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/enqueue"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/internal/desktop"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/reading"
)

// +kubebuilder:rbac:groups=werkplek.dev,resources=workplaces,verbs=get;list;watch
// +kubebuilder:rbac:groups=werkplek.dev,resources=workplaces/status,verbs=patch
// +kubebuilder:rbac:groups=werkplek.dev,resources=workplaces/finalizers,verbs=update
// +kubebuilder:rbac:groups=werkplek.dev,resources=tenants;serviceterms;suspensions;workplaceclasses;licenses;usagerecords,verbs=get;list;watch
// +kubebuilder:rbac:groups="",resources=pods,verbs=get;list;watch;create;delete
// +kubebuilder:rbac:groups="",resources=persistentvolumeclaims,verbs=get;list;watch;create;patch
// +kubebuilder:rbac:groups="",resources=nodes,verbs=get;list;watch
// +kubebuilder:rbac:groups=snapshot.storage.k8s.io,resources=volumesnapshots,verbs=get;list;create;delete
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// Reconciler keeps homes and runs desktops.
type Reconciler struct {
	*reconciling.Controller
	Live client.Reader // asked only where the cache cannot know
	// Domain below which workplaces have their host names; empty: they have none.
	Domain string

	waits    waits // for the usage record
	refusals waits // of pods
}

// visit is one reconcile of one workplace: what its steps read and find.
type visit struct {
	*Reconciler
	*reconciling.Pass[*v1alpha1.Workplace]
	workplace *v1alpha1.Workplace

	tenant *v1alpha1.Tenant
	class  *v1alpha1.WorkplaceClass // nil while it does not exist
	pod    *corev1.Pod              // as the cache knows it; nil if there is none
	node   *corev1.Node             // that the pod is on; nil where there is none, or none is known
	claim  *corev1.PersistentVolumeClaim

	access   outcome.Outcome // may the user have a desktop?
	place    outcome.Outcome // is there room for this workplace within the tenant's limits?
	licensed outcome.Outcome // does the month's usage record hold it?
	home     outcome.Outcome // can the home be mounted?
	desktop  outcome.Outcome // can the desktop be opened?
}

// Reconcile brings one workplace to what its spec asks for, as far as its
// tenant's terms and limits let it.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	pass, err := reconciling.Begin(ctx, r.Controller, request, &v1alpha1.Workplace{})
	if errors.Is(err, reconciling.ErrGone) {
		r.waits.forget(request.NamespacedName)
		r.refusals.forget(request.NamespacedName)
	}
	if err != nil {
		return reconciling.Result(err)
	}
	if pass.Object.DeletionTimestamp != nil {
		return ctrl.Result{}, nil // the pod goes with its owner; the home stays
	}
	v := &visit{Reconciler: r, Pass: pass, workplace: pass.Object}
	return pass.Run(ctx, v.steps())
}

// steps are in the order in which one thing decides about another: without knowing
// whether access is granted, nothing starts and nothing stops.
func (v *visit) steps() reconciling.Steps {
	const (
		find     = "find what it refers to"
		access   = "judge access"
		limits   = "judge the limits"
		licenses = "judge the licences"
		home     = "keep the home"
		run      = "run the desktop"
		record   = "wait for the record"
	)
	return reconciling.Steps{
		{Name: find, Run: v.find},
		{Name: access, Run: v.judgeAccess},
		{Name: limits, Needs: []string{find}, Run: v.judgeLimits},
		{Name: licenses, Needs: []string{find, access, limits}, Run: v.judgeLicenses},
		{Name: home, Needs: []string{licenses}, Run: v.keepHome},
		{Name: "back up the home", Needs: []string{home}, Run: v.backUp},
		{Name: run, Needs: []string{home}, Run: v.runDesktop},
		{Name: record, Needs: []string{run}, Run: v.awaitRecord},
		{Name: "say how it stands", Needs: []string{record}, Run: v.report},
	}
}

// find reads the tenant, the class, the pod and its node.
func (v *visit) find(ctx context.Context) error {
	var faults [4]error
	name, _ := enqueue.TenantIn(v.workplace.Namespace)
	v.tenant, faults[0] = reading.Maybe(ctx, v.Client, client.ObjectKey{Name: name}, &v1alpha1.Tenant{})
	class := client.ObjectKey{Name: string(v.workplace.Spec.ClassRef.Name)}
	v.class, faults[1] = reading.Maybe(ctx, v.Client, class, &v1alpha1.WorkplaceClass{})
	pod := client.ObjectKey{Namespace: v.workplace.Namespace, Name: desktop.PodName(v.workplace.Name)}
	v.pod, faults[2] = reading.Maybe(ctx, v.Client, pod, &corev1.Pod{})
	if v.pod != nil && v.pod.Spec.NodeName != "" {
		v.node, faults[3] = reading.Maybe(ctx, v.Client, client.ObjectKey{Name: v.pod.Spec.NodeName}, &corev1.Node{})
	}
	return errors.Join(faults[:]...)
}

// report writes down what the steps found. The first thing that is missing is
// what Ready speaks of.
func (v *visit) report(context.Context) error {
	s := &v.workplace.Status
	s.PodName = desktop.PodName(v.workplace.Name)
	if tenant, ok := enqueue.TenantIn(v.workplace.Namespace); ok {
		if host := desktop.Host(v.workplace.Name, tenant, v.Domain); host != "" {
			s.URL = "https://" + host + "/"
		}
	}
	granted := v.admitted()
	v.Conditions.Report(v1alpha1.ConditionAccessGranted, granted)
	v.Conditions.Report(v1alpha1.ConditionLicensed, v.licensed)
	v.Conditions.Report(v1alpha1.ConditionHomeReady, v.home)
	v.Conditions.Report(v1alpha1.ConditionDesktopReady, v.desktop)
	ready := outcome.First(granted, v.place, v.licensed, v.home, v.desktop)
	if ready.OK() {
		ready.Reason = v1alpha1.ReasonReady
	}
	v.Conditions.Summarize(ready)
	v.announce()
	return nil
}

// announce tells of a workplace that has come to need a person.
func (v *visit) announce() {
	quiet := map[string]bool{
		v1alpha1.ReasonStarting: true, v1alpha1.ReasonRestarting: true,
		v1alpha1.ReasonHomeBinding: true, v1alpha1.ReasonRecording: true,
		v1alpha1.ReasonEvicted: true, // told when it happens
	}
	v.announceCordon()
	was := meta.FindStatusCondition(v.Was.Status.Conditions, v1alpha1.ConditionReady)
	is := meta.FindStatusCondition(v.workplace.Status.Conditions, v1alpha1.ConditionReady)
	if is == nil || is.Status == "True" || quiet[is.Reason] || was != nil && was.Reason == is.Reason {
		return
	}
	v.Announce(true, is.Reason, "Start", is.Message)
}
