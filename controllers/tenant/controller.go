// SPDX-License-Identifier: Apache-2.0

// Package tenant brings each Tenant to what its spec, its terms and the facts ask
// for. What is done lies in three rooms that do not know each other: furnish,
// contract, retention. Here they are called, in order, and the Tenant's status is
// written: once, by nobody else.
package tenant

import (
	"context"
	"errors"
	"time"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/controllers/tenant/retention"
	"werkplek.dev/werkplek/internal/access"
	"werkplek.dev/werkplek/internal/agenda"
	"werkplek.dev/werkplek/internal/desktop"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/facts"
)

// +kubebuilder:rbac:groups=werkplek.dev,resources=tenants,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=werkplek.dev,resources=tenants/status,verbs=patch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// Reconciler carries out what is agreed with a Tenant.
type Reconciler struct {
	*reconciling.Controller
	Live    client.Reader // asked only where the cache cannot know
	Network desktop.Network
}

// pass is one reconcile of one tenant, with what its first steps have found.
type pass struct {
	*Reconciler
	*reconciling.Pass[*v1alpha1.Tenant]
	tenant *v1alpha1.Tenant

	line       access.Line  // the tenant and its resellers
	cover      access.Cover // unread until its step was taken
	workplaces []v1alpha1.Workplace
	namespace  string           // empty until it is known to be the tenant's
	terms      *agreement.Terms // nil while they are not usable
	unusable   outcome.Outcome
	facts      facts.Facts
	agenda     agenda.Agenda
	hindered   bool // the tenant is not ready, and it is said why
}

// taken is how often to look whether a name that somebody else holds is free.
const taken = time.Minute

// Reconcile brings one tenant to what its spec, its terms and its billing facts ask for.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	begun, err := reconciling.Begin(ctx, r.Controller, request, &v1alpha1.Tenant{})
	if err != nil {
		return reconciling.Result(err)
	}
	p := &pass{Reconciler: r, Pass: begun, tenant: begun.Object}
	if p.tenant.DeletionTimestamp == nil {
		if aside, result, err := begun.Aside(ctx, v1alpha1.ConditionReady); aside {
			return result, err
		}
		return p.Run(ctx, p.steps())
	}
	if !retention.HasFinalizer(p.tenant) {
		return ctrl.Result{}, nil
	}
	return p.Run(ctx, p.lastSteps())
}

// The steps that others need.
const (
	resellersFound   = "find the resellers"
	workplacesFound  = "find the workplaces"
	namespaceFound   = "find the namespace"
	namespaceKept    = "keep the namespace"
	termsRead        = "read the terms"
	termsUsable      = "use the terms"
	suspensionsFound = "find the suspensions in force"
	agendaDecided    = "decide what is to be done"
	lifted           = "lift suspensions"
	charged          = "charge"
	told             = "tell"
	standingSaid     = "say where the tenant stands"
)

// carriedOut is what carrying an action out needs.
var carriedOut = []string{namespaceFound, agendaDecided}

// steps are those of a tenant that stays. What relies on something that could not
// be found out is left out; what was found before holds.
func (p *pass) steps() reconciling.Steps {
	steps := reconciling.Steps{{Name: "add the finalizer", Run: p.addFinalizer}}
	steps = append(steps, p.finding()...)
	steps = append(steps, p.furnishing()...)
	steps = append(steps, p.contract()...)
	steps = append(steps, p.retention()...)
	return append(steps, p.reporting(steps)...)
}

// lastSteps are those of a tenant that is being deleted.
func (p *pass) lastSteps() reconciling.Steps {
	steps := append(p.finding(), p.lifting()...)
	return append(steps, reconciling.Step{Name: "finalize", Needs: []string{workplacesFound}, Run: p.finalize})
}

// hinder says why the tenant is not ready, if the outcome does; the first reason
// stands. It passes on what went wrong.
func (p *pass) hinder(o outcome.Outcome, err error) error {
	if err != nil || o.OK() {
		return err
	}
	switch o.Reason {
	case v1alpha1.ReasonNamespaceTaken, v1alpha1.ReasonForeignObject, v1alpha1.ReasonDataKept:
		p.Recheck(p.Now.Add(taken)) // nobody watches what is not ours
	}
	if !p.hindered {
		p.hindered = true
		p.Conditions.Summarize(o)
	}
	return nil
}

// each carries out the actions of one type. Where there is no namespace, nothing
// can be written: it is decided again once there is one.
func each[A agenda.Action](p *pass, carryOut func(context.Context, A) error) func(context.Context) error {
	return func(ctx context.Context) error {
		if p.namespace == "" {
			return nil
		}
		var faults []error
		for _, action := range p.agenda.Actions {
			if a, is := action.(A); is {
				faults = append(faults, carryOut(ctx, a))
			}
		}
		return errors.Join(faults...)
	}
}
