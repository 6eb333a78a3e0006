// SPDX-License-Identifier: Apache-2.0

// Package tenant gives each Tenant its namespace and billing account, and
// carries out what the contract calendar says about it.
package tenant

import (
	"context"
	"errors"
	"time"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/controllers/internal/standing"
	"werkplek.dev/werkplek/controllers/tenant/retention"
	"werkplek.dev/werkplek/internal/access"
	"werkplek.dev/werkplek/internal/desktop"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/reading"
	"werkplek.dev/werkplek/internal/terms"
)

// +kubebuilder:rbac:groups=werkplek.dev,resources=tenants,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=werkplek.dev,resources=tenants/status,verbs=patch
// +kubebuilder:rbac:groups=werkplek.dev,resources=serviceterms,verbs=get;list;watch
// +kubebuilder:rbac:groups=werkplek.dev,resources=suspensions,verbs=get;list;watch;create
// +kubebuilder:rbac:groups=werkplek.dev,resources=workplaces;licenses;supportsessions;userrequests,verbs=get;list;watch
// +kubebuilder:rbac:groups=werkplek.dev,resources=charges;notices,verbs=get;list;watch;create
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// Reconciler carries out what is agreed with a Tenant.
type Reconciler struct {
	*reconciling.Controller
	Live    client.Reader // asked only where the cache cannot know
	Network desktop.Network
}

// visit is one reconcile of one tenant: what its steps read and find.
type visit struct {
	*Reconciler
	*reconciling.Pass[*v1alpha1.Tenant]
	tenant *v1alpha1.Tenant

	line       access.Line  // the tenant and its resellers
	namespace  string       // empty until it is known to be the tenant's
	terms      *terms.Terms // nil while they are not usable
	unusable   outcome.Outcome
	facts      terms.Facts
	standing   *terms.Standing // nil while it is not known
	due        terms.Due
	untold     []string     // notices that are due, and for which there is no address
	again      bool         // what was decided changes what is to be decided
	cover      access.Cover // unread until its step was taken
	workplaces []v1alpha1.Workplace
	hindered   bool // the tenant is not ready, and it is said why
}

// taken is how often to look whether a name that somebody else holds is free.
const taken = time.Minute

// Reconcile brings one tenant to what its spec, its terms and its billing facts ask for.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	pass, err := reconciling.Begin(ctx, r.Controller, request, &v1alpha1.Tenant{})
	if err != nil {
		return reconciling.Result(err)
	}
	v := &visit{Reconciler: r, Pass: pass, tenant: pass.Object}
	if v.tenant.DeletionTimestamp == nil {
		return pass.Run(ctx, v.steps())
	}
	if !retention.HasFinalizer(v.tenant) {
		return ctrl.Result{}, nil
	}
	return pass.Run(ctx, v.lastSteps())
}

// The steps that others need.
const (
	finalizerOn      = "put the finalizer on"
	resellersFound   = "find the resellers"
	workplacesFound  = "find the workplaces"
	namespaceFound   = "find the namespace"
	namespaceKept    = "keep the namespace"
	termsRead        = "read the terms"
	termsUsable      = "use the terms"
	billingOpen      = "open the billing account"
	suspensionsFound = "find the suspensions in force"
	calendarAsked    = "ask the calendar"
	suspended        = "suspend"
	charged          = "charge"
	removedKept      = "keep or erase the homes of removed workplaces"
	told             = "tell"
	planChanged      = "change the plan"
	dataErased       = "erase data"
	erasureJudged    = "judge erasure"
	namespaceGone    = "remove the namespace"
	standingSaid     = "say where the tenant stands"
)

// steps are those of a tenant that stays. What relies on something that could not
// be found out is left out; what was found before holds.
func (v *visit) steps() reconciling.Steps {
	contract := []string{namespaceFound, calendarAsked}
	steps := reconciling.Steps{
		{Name: finalizerOn, Run: v.addFinalizer},
		{Name: resellersFound, Run: v.findResellers},
		{Name: workplacesFound, Run: v.findWorkplaces},
		{Name: namespaceFound, Run: v.findNamespace},
		{Name: namespaceKept, Needs: []string{namespaceFound, workplacesFound}, Run: v.keepNamespace},
		{Name: termsRead, Run: v.readTerms},
		{Name: termsUsable, Needs: []string{termsRead}, Run: v.useTerms},
	}
	steps = append(steps, v.furnishing()...)
	steps = append(steps, reconciling.Steps{
		{Name: suspensionsFound, Needs: []string{resellersFound}, Run: v.findSuspensions},
		{Name: calendarAsked, Needs: []string{suspensionsFound, workplacesFound, termsUsable}, Run: v.askCalendar},
		{Name: suspended, Needs: contract, Run: v.suspend},
		{Name: charged, Needs: contract, Run: v.charge},
		{Name: removedKept, Needs: contract, Run: v.removedHomes},
		{Name: told, Needs: contract, Run: v.tell},
		{Name: planChanged, Needs: []string{calendarAsked, charged}, Run: v.changePlan},
		{Name: dataErased, Needs: contract, Run: v.eraseData},
		{Name: erasureJudged, Needs: []string{workplacesFound}, Run: v.judgeErasure},
		{Name: namespaceGone, Needs: []string{calendarAsked, charged, removedKept, told, dataErased}, Run: v.leave},
	}...)
	all := make([]string, len(steps))
	for i := range steps {
		all[i] = steps[i].Name
	}
	return append(steps, reconciling.Steps{
		{Name: "count the workplaces", Needs: []string{workplacesFound}, Run: v.reportWorkplaces},
		{Name: "list the suspensions", Needs: []string{suspensionsFound}, Run: v.reportSuspensions},
		{Name: standingSaid, Needs: []string{calendarAsked}, Run: v.reportStanding},
		{Name: "say whether the users may in", Needs: []string{suspensionsFound}, Run: v.reportAccess},
		{Name: "say what was told", Needs: []string{told}, Run: v.reportNotices},
		{Name: "say whether all is ready", Needs: all, Run: v.reportReady},
		{Name: "tell what has changed", Run: v.announce},
	}...)
}

// lastSteps are those of a tenant that is being deleted.
func (v *visit) lastSteps() reconciling.Steps {
	return reconciling.Steps{
		{Name: workplacesFound, Run: v.findWorkplaces},
		{Name: namespaceGone, Needs: []string{workplacesFound}, Run: v.finalize},
	}
}

// hinder says why the tenant is not ready, if the outcome does; the first reason
// stands. It passes on what went wrong.
func (v *visit) hinder(o outcome.Outcome, err error) error {
	if err != nil || o.OK() || v.hindered {
		return err
	}
	v.hindered = true
	v.Conditions.False(v1alpha1.ConditionReady, o.Reason, o.Message)
	if o.Reason == v1alpha1.ReasonNamespaceTaken || o.Reason == v1alpha1.ReasonForeignObject {
		v.Recheck(v.Now.Add(taken))
	}
	return nil
}

func (v *visit) findResellers(ctx context.Context) error {
	line, err := access.LineFrom(ctx, reading.Access{From: v.Client}, v.tenant)
	if line.State.State == outcome.StateStalled {
		_ = v.hinder(line.State, nil)
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

func (v *visit) readTerms(ctx context.Context) error {
	compiled, wrong, err := standing.Terms(ctx, v.Client, v.tenant)
	v.terms, v.unusable = compiled, outcome.Outcome{}
	if wrong != nil {
		v.unusable = outcome.Stalled(wrong.Reason, wrong.Message)
	}
	return err
}

// useTerms lets on only those who need usable terms.
func (v *visit) useTerms(context.Context) error {
	if v.terms != nil {
		return nil
	}
	v.reportUndecided()
	return errors.Join(v.hinder(v.unusable, nil), v.unusable.Err())
}

func (v *visit) findSuspensions(ctx context.Context) error {
	cover, err := v.line.Cover(ctx, reading.Access{From: v.Client}, v.Now)
	v.cover = cover
	return err
}

// askCalendar computes where the tenant stands. Without usable terms nothing is
// decided: what is in force stays so.
func (v *visit) askCalendar(ctx context.Context) error {
	_, facts, err := standing.Facts(ctx, v.Client, v.Live, v.Now, v.tenant)
	if err != nil {
		return err
	}
	s := terms.Stand(v.terms, facts)
	v.facts, v.standing = facts, &s
	v.due = terms.DueNow(v.terms, facts, v.standing)
	v.tenant.Status.RightsToLeave = facts.Rights
	v.Recheck(s.Recheck, v.due.Recheck)
	return nil
}
