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
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/changed"
	"werkplek.dev/werkplek/controllers/internal/enqueue"
	"werkplek.dev/werkplek/controllers/internal/indexes"
	"werkplek.dev/werkplek/controllers/internal/status"
	"werkplek.dev/werkplek/internal/terms"
)

// +kubebuilder:rbac:groups=werkplek.dev,resources=licenses;licensereports;workplaces;workplaceclasses,verbs=get;list;watch
// +kubebuilder:rbac:groups=werkplek.dev,resources=licenses/status,verbs=patch

// countDelay gathers many workplaces that come together into one look.
const countDelay = 2 * time.Second

// Reconciler keeps the status of Licenses.
type Reconciler struct {
	Clock  clock.PassiveClock
	Client client.Client
}

// Reconcile checks one licence and reads its quantity from the month's report.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	license := &v1alpha1.License{}
	if err := r.Client.Get(ctx, request.NamespacedName, license); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	before := license.DeepCopy()
	conditions := status.Conditions{List: &license.Status.Conditions, Generation: license.Generation, Now: r.Clock.Now()}
	license.Status.ObservedGeneration = license.Generation

	counted, err := r.count(ctx, license)
	if err != nil {
		return ctrl.Result{}, err
	}
	needed, err := r.neededBy(ctx, license)
	if err != nil {
		return ctrl.Result{}, err
	}
	switch {
	case needed != "":
		conditions.True(v1alpha1.ConditionInUse, v1alpha1.ReasonNeeded, needed+" needs the licence")
	case counted != "":
		conditions.True(v1alpha1.ConditionInUse, v1alpha1.ReasonCounted, "report "+counted+", which is not final yet, counts the licence")
	default:
		conditions.False(v1alpha1.ConditionInUse, v1alpha1.ReasonNotUsed, "nothing needs the licence, and no open report counts it")
	}
	if err := usable(license); err != nil {
		conditions.False(v1alpha1.ConditionReady, v1alpha1.ReasonLicenseInvalid, err.Error())
	} else {
		conditions.True(v1alpha1.ConditionReady, v1alpha1.ReasonReady, "workplaces may use the licence")
	}
	return ctrl.Result{}, status.Patch(ctx, r.Client, before, license)
}

// count reads the quantity from the latest month's report, and returns the name
// of the first report that counts the licence and is not final.
func (r *Reconciler) count(ctx context.Context, license *v1alpha1.License) (string, error) {
	var reports v1alpha1.LicenseReportList
	if err := r.Client.List(ctx, &reports, client.UnsafeDisableDeepCopy); err != nil {
		return "", err
	}
	s := &license.Status
	s.Month, s.Quantity, s.Tenants = "", 0, 0
	counted := ""
	for i := range reports.Items {
		report := &reports.Items[i]
		line := lineOf(report, license.Name)
		if line != nil && report.Status.FinalAt == nil && (counted == "" || report.Name < counted) {
			counted = report.Name
		}
		if report.Spec.Corrects != nil || report.Status.Month <= s.Month {
			continue
		}
		s.Month, s.Quantity, s.Tenants = report.Status.Month, 0, 0
		if line != nil {
			s.Quantity, s.Tenants = line.Quantity, line.Tenants
		}
	}
	return counted, nil
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

// neededBy names something that needs the licence, or returns nothing.
func (r *Reconciler) neededBy(ctx context.Context, license *v1alpha1.License) (string, error) {
	var classes v1alpha1.WorkplaceClassList
	if err := r.Client.List(ctx, &classes, client.UnsafeDisableDeepCopy); err != nil {
		return "", err
	}
	var names []string
	for i := range classes.Items {
		if slices.Contains(classes.Items[i].Spec.Licenses, v1alpha1.LicenseName(license.Name)) {
			names = append(names, classes.Items[i].Name)
		}
	}
	if len(names) > 0 {
		return "WorkplaceClass " + slices.Min(names), nil
	}
	var workplaces v1alpha1.WorkplaceList
	if err := r.Client.List(ctx, &workplaces, client.MatchingFields{indexes.WorkplaceLicense: license.Name}, client.UnsafeDisableDeepCopy); err != nil {
		return "", err
	}
	for i := range workplaces.Items {
		names = append(names, workplaces.Items[i].Namespace+"/"+workplaces.Items[i].Name)
	}
	if len(names) > 0 {
		return "Workplace " + slices.Min(names), nil
	}
	return "", nil
}

// usable says what in a licence only the operator can see to be wrong.
func usable(license *v1alpha1.License) error {
	for _, price := range license.Spec.Prices {
		if _, err := terms.MinorUnit(string(price.Currency)); err != nil {
			return fmt.Errorf("spec.prices[%s].currency: %w", price.From, err)
		}
	}
	return nil
}

// SetupWithManager watches licences, reports, and what needs licences.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(mgr).
		For(&v1alpha1.License{}, builder.WithPredicates(changed.Spec())).
		Watches(&v1alpha1.LicenseReport{}, enqueue.Within(countDelay, r.all)).
		Watches(&v1alpha1.WorkplaceClass{}, enqueue.Within(countDelay, r.all), builder.WithPredicates(changed.Spec())).
		Watches(&v1alpha1.Workplace{}, enqueue.Within(countDelay, r.all), builder.WithPredicates(changed.Spec(), ownLicenses())).
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
