// SPDX-License-Identifier: Apache-2.0

// Package license says of each License how much of it the month counts, and
// whether it may be removed.
package license

import (
	"context"
	"fmt"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/changed"
	"werkplek.dev/werkplek/controllers/internal/enqueue"
	"werkplek.dev/werkplek/controllers/internal/indexes"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/terms/agreement"
)

// +kubebuilder:rbac:groups=werkplek.dev,resources=licenses;licensereports;workplaces;workplaceclasses,verbs=get;list;watch
// +kubebuilder:rbac:groups=werkplek.dev,resources=licenses/status,verbs=patch

// countDelay gathers many workplaces that come together into one look.
const countDelay = 2 * time.Second

// Reconciler keeps the status of Licenses.
type Reconciler struct{ *reconciling.Controller }

// visit is one reconcile of one licence.
type visit struct {
	*Reconciler
	*reconciling.Pass[*v1alpha1.License]

	counted string // the first report that counts the licence and is not final
	needed  string // something that needs the licence
}

// Reconcile checks one licence and reads its quantity from the month's report.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	pass, err := reconciling.Begin(ctx, r.Controller, request, &v1alpha1.License{})
	if err != nil {
		return reconciling.Result(err)
	}
	v := &visit{Reconciler: r, Pass: pass}
	return pass.Run(ctx, v.steps())
}

func (v *visit) steps() reconciling.Steps {
	const count, needs = "read what the reports count", "find what needs it"
	return reconciling.Steps{
		{Name: "judge whether it can be used", Run: v.judgeUsable},
		{Name: count, Run: v.count},
		{Name: needs, Run: v.findNeed},
		{Name: "judge whether it is in use", Needs: []string{count, needs}, Run: v.judgeUse},
	}
}

func (v *visit) judgeUse(context.Context) error {
	switch {
	case v.needed != "":
		v.Conditions.True(v1alpha1.ConditionInUse, v1alpha1.ReasonNeeded, v.needed+" needs the licence")
	case v.counted != "":
		v.Conditions.True(v1alpha1.ConditionInUse, v1alpha1.ReasonCounted,
			"report "+v.counted+", which is not final yet, counts the licence")
	default:
		v.Conditions.False(v1alpha1.ConditionInUse, v1alpha1.ReasonNotUsed,
			"nothing needs the licence, and no open report counts it")
	}
	return nil
}

// judgeUsable says what in a licence only the operator can see to be wrong.
func (v *visit) judgeUsable(context.Context) error {
	spec := &v.Object.Spec
	for i, price := range slices.Concat(spec.Costs, spec.Prices) {
		field := "prices"
		if i < len(spec.Costs) {
			field = "costs"
		}
		if _, err := agreement.MinorUnit(string(price.Currency)); err != nil {
			v.Conditions.Summarize(outcome.Stalled(v1alpha1.ReasonLicenseInvalid,
				fmt.Sprintf("spec.%s[%s].currency: %v", field, price.From, err)))
			return nil
		}
	}
	v.Conditions.Summarize(outcome.Ready(v1alpha1.ReasonReady, "workplaces may use the licence"))
	return nil
}

// count reads the quantity from the latest month's report, and finds the first
// report that counts the licence and is not final.
func (v *visit) count(ctx context.Context) error {
	var reports v1alpha1.LicenseReportList
	if err := v.Client.List(ctx, &reports, client.UnsafeDisableDeepCopy); err != nil {
		return err
	}
	s := &v.Object.Status
	s.Month, s.Quantity, s.Tenants = "", 0, 0
	for i := range reports.Items {
		report := &reports.Items[i]
		line := lineOf(report, v.Object.Name)
		if line != nil && report.Status.FinalAt == nil && (v.counted == "" || report.Name < v.counted) {
			v.counted = report.Name
		}
		if report.Spec.Corrects != nil || report.Status.Month <= s.Month {
			continue
		}
		s.Month, s.Quantity, s.Tenants = report.Status.Month, 0, 0
		if line != nil {
			s.Quantity, s.Tenants = line.Quantity, line.Tenants
		}
	}
	return nil
}

func lineOf(report *v1alpha1.LicenseReport, license string) *v1alpha1.ReportLine {
	for _, lines := range [][]v1alpha1.ReportLine{report.Status.Lines, report.Status.Tracked} {
		for i := range lines {
			if string(lines[i].License) == license {
				return &lines[i]
			}
		}
	}
	return nil
}

// findNeed names something that needs the licence, if anything does.
func (v *visit) findNeed(ctx context.Context) error {
	var classes v1alpha1.WorkplaceClassList
	if err := v.Client.List(ctx, &classes, client.UnsafeDisableDeepCopy); err != nil {
		return err
	}
	var names []string
	for i := range classes.Items {
		if slices.Contains(classes.Items[i].Spec.Licenses, v1alpha1.LicenseName(v.Object.Name)) {
			names = append(names, classes.Items[i].Name)
		}
	}
	if len(names) > 0 {
		v.needed = "WorkplaceClass " + slices.Min(names)
		return nil
	}
	var workplaces v1alpha1.WorkplaceList
	naming := client.MatchingFields{indexes.WorkplaceLicense: v.Object.Name}
	if err := v.Client.List(ctx, &workplaces, naming, client.UnsafeDisableDeepCopy); err != nil {
		return err
	}
	for i := range workplaces.Items {
		names = append(names, workplaces.Items[i].Namespace+"/"+workplaces.Items[i].Name)
	}
	if len(names) > 0 {
		v.needed = "Workplace " + slices.Min(names)
	}
	return nil
}

// SetupWithManager watches licences, reports, and what needs licences.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(mgr).
		For(&v1alpha1.License{}, r.Concerns()).
		Watches(&v1alpha1.LicenseReport{}, enqueue.Within(countDelay, r.all)).
		Watches(&v1alpha1.WorkplaceClass{}, enqueue.Within(countDelay, r.all), builder.WithPredicates(changed.Spec())).
		Watches(&v1alpha1.Workplace{}, enqueue.Within(countDelay, r.all), builder.WithPredicates(changed.Spec(), ownLicenses())).
		WithOptions(reconciling.Options(1)).
		Complete(r)
}

// ownLicenses passes workplaces that name licences beyond those of their class.
func ownLicenses() predicate.Predicate {
	names := func(o client.Object) bool { return len(o.(*v1alpha1.Workplace).Spec.Licenses) > 0 }
	return predicate.Funcs{
		CreateFunc: func(e event.CreateEvent) bool { return names(e.Object) },
		DeleteFunc: func(e event.DeleteEvent) bool { return names(e.Object) },
		UpdateFunc: func(e event.UpdateEvent) bool { return names(e.ObjectOld) || names(e.ObjectNew) },
	}
}

func (r *Reconciler) all(ctx context.Context, _ client.Object) ([]types.NamespacedName, error) {
	var list v1alpha1.LicenseList
	err := r.Client.List(ctx, &list, client.UnsafeDisableDeepCopy)
	var names []string
	for i := range list.Items {
		names = append(names, list.Items[i].Name)
	}
	return enqueue.Cluster(names...), err
}
