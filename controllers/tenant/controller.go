// SPDX-License-Identifier: Apache-2.0

// Package tenant gives each Tenant its namespace and billing account, and
// carries out what the contract calendar says about it.
package tenant

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/requeue"
	"werkplek.dev/werkplek/controllers/internal/standing"
	"werkplek.dev/werkplek/controllers/internal/status"
	"werkplek.dev/werkplek/internal/access"
	"werkplek.dev/werkplek/internal/desktop"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/reading"
	"werkplek.dev/werkplek/internal/terms"
)

// +kubebuilder:rbac:groups=werkplek.dev,resources=tenants,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=werkplek.dev,resources=tenants/status,verbs=patch
// +kubebuilder:rbac:groups=werkplek.dev,resources=tenants/finalizers,verbs=update
// +kubebuilder:rbac:groups=werkplek.dev,resources=serviceterms,verbs=get;list;watch
// +kubebuilder:rbac:groups=werkplek.dev,resources=billingaccounts,verbs=get;list;watch;create;patch
// +kubebuilder:rbac:groups=werkplek.dev,resources=suspensions,verbs=get;list;watch;create
// +kubebuilder:rbac:groups=werkplek.dev,resources=workplaceclasses;licenses;usagerecords;licensereports;supportsessions;userrequests,verbs=get;list;watch
// +kubebuilder:rbac:groups=werkplek.dev,resources=workplaces,verbs=get;list;watch;delete
// +kubebuilder:rbac:groups=werkplek.dev,resources=charges;notices,verbs=get;list;watch;create
// +kubebuilder:rbac:groups="",resources=namespaces,verbs=get;list;watch;create;patch;delete
// +kubebuilder:rbac:groups="",resources=resourcequotas;limitranges,verbs=get;list;watch;create;patch;delete
// +kubebuilder:rbac:groups="",resources=persistentvolumeclaims,verbs=get;list;watch;patch;delete
// +kubebuilder:rbac:groups=snapshot.storage.k8s.io,resources=volumesnapshots,verbs=list;delete
// +kubebuilder:rbac:groups=networking.k8s.io,resources=networkpolicies,verbs=get;list;watch;create;patch
// +kubebuilder:rbac:groups=rbac.authorization.k8s.io,resources=rolebindings,verbs=get;list;watch;create;patch;delete
// +kubebuilder:rbac:groups=rbac.authorization.k8s.io,resources=clusterroles,resourceNames=werkplek-contact;werkplek-user,verbs=bind
// +kubebuilder:rbac:groups=rbac.authorization.k8s.io,resources=clusterroles;clusterrolebindings,verbs=get;list;watch;create;patch;delete
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// Reconciler carries out what is agreed with a Tenant.
type Reconciler struct {
	Clock   clock.PassiveClock
	Client  client.Client
	Live    client.Reader // asked only where the cache cannot know
	Events  events.EventRecorder
	Network desktop.Network
}

// visit is one reconcile of one tenant: what its steps read and find.
type visit struct {
	*Reconciler
	tenant     *v1alpha1.Tenant
	now        time.Time
	conditions status.Conditions

	line       access.Line // the tenant and its resellers
	terms      *terms.Terms
	facts      terms.Facts
	standing   *terms.Standing // nil while the terms are not usable
	due        terms.Due
	untold     []string     // notices that are due, and for which there is no address
	again      bool         // what was decided changes what is to be decided
	look       time.Time    // when to look again for what nobody watches
	cover      access.Cover // unread until its step was taken
	workplaces []v1alpha1.Workplace
	missed     map[string]bool // steps that failed, or were not taken
	problem    *problem        // the first thing that keeps the tenant from being ready
}

// problem is something that only a person can mend, or that needs time.
type problem struct{ reason, message string }

// taken is how often to look whether a name that somebody else holds is free.
const taken = time.Minute

// Reconcile brings one tenant to what its spec, its terms and its billing facts ask for.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	tenant := &v1alpha1.Tenant{}
	if err := r.Client.Get(ctx, request.NamespacedName, tenant); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	before := tenant.DeepCopy()
	v := &visit{Reconciler: r, tenant: tenant, now: r.Clock.Now()}
	v.conditions = status.Conditions{List: &tenant.Status.Conditions, Generation: tenant.Generation, Now: v.now}

	if tenant.DeletionTimestamp != nil {
		done, err := v.erase(ctx)
		if done || err != nil {
			return ctrl.Result{}, err
		}
		return ctrl.Result{}, status.Patch(ctx, r.Client, before, tenant)
	}

	// Without its finalizer nobody would see the tenant's namespace gone: it is
	// deleted, or has changed, and is looked at again.
	if err := v.hold(ctx); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	faults := v.take(ctx, v.steps())
	v.report(before)
	faults = append(faults, status.Patch(ctx, r.Client, before, tenant))
	if err := errors.Join(faults...); err != nil {
		return ctrl.Result{}, err
	}
	return v.result(), nil
}

// step is one thing that a visit does. When a step fails, those that need it are
// not taken: what could not be read is not nothing.
type step struct {
	name  string
	run   func(context.Context) error
	needs []string
}

// The steps that others need.
const (
	resellersFound   = "find the resellers"
	workplacesFound  = "find the workplaces"
	namespaceMade    = "make the namespace"
	termsFound       = "find the terms"
	suspensionsFound = "find the suspensions in force"
	calendarAsked    = "ask the calendar"
	charged          = "charge"
	removedKept      = "keep or erase the homes of removed workplaces"
	told             = "tell"
	dataErased       = "erase data"
)

func (v *visit) steps() []step {
	return []step{
		{resellersFound, v.findResellers, nil},
		{workplacesFound, v.findWorkplaces, nil},
		{namespaceMade, v.makeNamespace, []string{workplacesFound}},
		{termsFound, v.findTerms, nil},
		{"furnish the namespace", v.furnish, []string{namespaceMade, termsFound}},
		{"open the billing account", v.openBillingAccount, []string{termsFound}},
		{suspensionsFound, v.findSuspensions, []string{resellersFound}},
		{calendarAsked, v.askCalendar, []string{suspensionsFound, workplacesFound, termsFound}},
		{"suspend", v.suspend, []string{namespaceMade, calendarAsked}},
		{charged, v.charge, []string{namespaceMade, calendarAsked}},
		{removedKept, v.removedHomes, []string{namespaceMade, calendarAsked}},
		{told, v.tell, []string{namespaceMade, calendarAsked}},
		{"change the plan", v.changePlan, []string{calendarAsked, charged}},
		{dataErased, v.eraseData, []string{namespaceMade, calendarAsked}},
		{"judge erasure", v.judgeErasure, []string{workplacesFound}},
		{"remove the namespace", v.leave, []string{calendarAsked, charged, removedKept, told, dataErased}},
	}
}

// take takes the steps in their order.
func (v *visit) take(ctx context.Context, steps []step) []error {
	var faults []error
	v.missed = map[string]bool{}
	for _, step := range steps {
		if slices.ContainsFunc(step.needs, func(need string) bool { return v.missed[need] }) {
			v.missed[step.name] = true
			continue
		}
		if err := step.run(ctx); err != nil {
			v.missed[step.name] = true
			faults = append(faults, fmt.Errorf("%s: %w", step.name, err))
		}
	}
	return faults
}

// result asks to be called again at the next moment that changes the standing.
func (v *visit) result() ctrl.Result {
	var moments []time.Time
	if v.standing != nil {
		moments = append(moments, v.standing.Recheck, v.due.Recheck)
	}
	moments = append(moments, v.look)
	if v.again {
		moments = append(moments, v.now)
	}
	if v.problem != nil && (v.problem.reason == v1alpha1.ReasonNamespaceTaken || v.problem.reason == v1alpha1.ReasonForeignObject) {
		moments = append(moments, v.now.Add(taken))
	}
	return requeue.At(v.now, moments...)
}

// hinder notes why the tenant is not ready; the first reason stands.
func (v *visit) hinder(reason, message string) {
	if v.problem == nil {
		v.problem = &problem{reason, message}
	}
}

func (v *visit) findResellers(ctx context.Context) error {
	line, err := access.LineFrom(ctx, reading.Access{From: v.Client}, v.tenant)
	if line.State.State == outcome.StateStalled {
		v.hinder(line.State.Reason, line.State.Message)
	}
	v.line = line
	return err
}

func (v *visit) findWorkplaces(ctx context.Context) error {
	var list v1alpha1.WorkplaceList
	err := v.Client.List(ctx, &list, client.InNamespace(v1alpha1.NamespaceFor(v.tenant.Name)), client.UnsafeDisableDeepCopy)
	v.workplaces = list.Items
	return err
}

func (v *visit) findTerms(ctx context.Context) error {
	compiled, wrong, err := standing.Terms(ctx, v.Client, v.tenant)
	if wrong != nil {
		v.hinder(wrong.Reason, wrong.Message)
	}
	v.terms = compiled
	return err
}

func (v *visit) findSuspensions(ctx context.Context) error {
	cover, err := v.line.Cover(ctx, reading.Access{From: v.Client}, v.now)
	v.cover = cover
	return err
}

// askCalendar computes where the tenant stands. Without usable terms nothing is
// decided: what is in force stays so.
func (v *visit) askCalendar(ctx context.Context) error {
	if v.terms == nil {
		return nil
	}
	var err error
	if v.facts, err = v.gather(ctx); err != nil {
		return err
	}
	s := terms.Stand(v.terms, v.facts)
	v.standing = &s
	v.due = terms.DueNow(v.terms, v.facts, v.standing)
	v.tenant.Status.RightsToLeave = v.facts.Rights
	return nil
}

// children are the kinds that furnish a tenant's namespace.
func furniture() []client.Object {
	return []client.Object{
		&corev1.Namespace{}, &corev1.ResourceQuota{}, &corev1.LimitRange{},
		&networkingv1.NetworkPolicy{}, &rbacv1.RoleBinding{}, &rbacv1.ClusterRole{}, &rbacv1.ClusterRoleBinding{},
	}
}
