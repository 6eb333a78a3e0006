// SPDX-License-Identifier: Apache-2.0

// Package suspension says whether each Suspension is in force. Those that follow
// from a contract are made, and all are lifted, by the tenant's own controller.
package suspension

import (
	"context"

	"k8s.io/apimachinery/pkg/api/meta"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/enqueue"
	"werkplek.dev/werkplek/controllers/internal/force"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/controllers/internal/standing"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/reading"
	"werkplek.dev/werkplek/internal/terms/facts"
)

// +kubebuilder:rbac:groups=werkplek.dev,resources=suspensions,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=werkplek.dev,resources=suspensions/status,verbs=patch
// +kubebuilder:rbac:groups=werkplek.dev,resources=tenants;serviceterms,verbs=get;list;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// Reconciler keeps the status of Suspensions.
type Reconciler struct{ *reconciling.Controller }

// pass is one reconcile of one suspension.
type pass struct {
	*Reconciler
	*reconciling.Pass[*v1alpha1.Suspension]
	tenant *v1alpha1.Tenant
}

// Reconcile brings one suspension's status up to date.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	begun, err := reconciling.Begin(ctx, r.Controller, request, &v1alpha1.Suspension{})
	if err != nil {
		return reconciling.Result(err)
	}
	if begun.Object.Status.LiftedAt == nil {
		if aside, result, err := begun.Aside(ctx, v1alpha1.ConditionInForce); aside {
			return result, err
		}
		if err := begun.MarkMade(ctx); err != nil {
			return reconciling.Result(err)
		}
	}
	p := &pass{Reconciler: r, Pass: begun}
	return p.Run(ctx, p.steps())
}

func (p *pass) steps() reconciling.Steps {
	const tenant, usable = "find the tenant", "look whether its terms are usable"
	inForce := reconciling.Step{Name: "say whether it is in force", Run: p.reportForce}
	if p.Object.Status.LiftedAt != nil {
		return reconciling.Steps{{Name: "say that nothing is left to do", Run: p.upToDate}, inForce}
	}
	return reconciling.Steps{
		{Name: tenant, Run: p.findTenant},
		{Name: usable, Needs: []string{tenant}, Run: p.useTerms},
		{Name: "say that nothing stands in the way", Needs: []string{usable}, Run: p.upToDate},
		inForce,
	}
}

func (p *pass) upToDate(context.Context) error {
	p.Conditions.Summarize(force.UpToDate())
	return nil
}

// wait says why nobody can decide when the suspension ends.
func (p *pass) wait(why outcome.Outcome) error {
	p.Conditions.Summarize(why)
	return why.Err()
}

func (p *pass) findTenant(ctx context.Context) error {
	name, _ := enqueue.TenantIn(p.Object.Namespace)
	tenant, err := reading.Maybe(ctx, p.Client, client.ObjectKey{Name: name}, &v1alpha1.Tenant{})
	if err == nil && tenant == nil {
		return p.wait(enqueue.Orphaned(p.Object.Namespace))
	}
	p.tenant = tenant
	return err
}

// useTerms says so where the tenant's terms cannot be used: what they suspended
// then stays, until a person has mended them.
func (p *pass) useTerms(ctx context.Context) error {
	_, wrong, err := standing.Terms(ctx, p.Client, p.tenant)
	if wrong != nil {
		return p.wait(*wrong)
	}
	return err
}

// reportForce says whether the suspension denies access, and looks again when it begins.
func (p *pass) reportForce(context.Context) error {
	force.Report(p.Conditions, p.Object)
	if since := facts.SuspensionOf(p.Object).Since; since.After(p.Now) {
		p.Recheck(since)
	}
	was := meta.IsStatusConditionTrue(p.Was.Status.Conditions, v1alpha1.ConditionInForce)
	is := meta.IsStatusConditionTrue(p.Object.Status.Conditions, v1alpha1.ConditionInForce)
	if is && !was {
		p.Announce(true, "InForce", "Suspend", "access is denied: "+p.Object.Spec.Reason)
	}
	return nil
}
