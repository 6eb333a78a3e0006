// SPDX-License-Identifier: Apache-2.0

// Package licensereport sums up each month's usage records into the report that
// the provider owes its vendors (TD-14).
package licensereport

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/requeue"
	"werkplek.dev/werkplek/controllers/internal/status"
	"werkplek.dev/werkplek/internal/licensing"
	"werkplek.dev/werkplek/internal/terms"
)

// +kubebuilder:rbac:groups=werkplek.dev,resources=licensereports,verbs=get;list;watch;create
// +kubebuilder:rbac:groups=werkplek.dev,resources=licensereports/status,verbs=patch
// +kubebuilder:rbac:groups=werkplek.dev,resources=licenses;usagerecords;serviceterms,verbs=get;list;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// Settings are what the provider agreed with its vendors about reporting.
type Settings struct {
	// Zone in which due dates are read. Nil: that of the terms, or UTC where they differ.
	Zone *time.Location
	// DueAfter the last day of the month a report is due.
	DueAfter terms.Period
}

// Reconciler keeps the licence reports.
type Reconciler struct {
	Clock    clock.PassiveClock
	Client   client.Client
	Live     client.Reader // asked once for each report, when it becomes final
	Events   events.EventRecorder
	Settings Settings
}

// visit is one reconcile of one report.
type visit struct {
	*Reconciler
	report     *v1alpha1.LicenseReport
	now        time.Time
	conditions status.Conditions

	month   licensing.Month
	zone    *time.Location
	recheck []time.Time
}

// waiting says why a report is not final yet.
type waiting struct{ reason, message string }

func (w *waiting) Error() string { return w.reason + ": " + w.message }

// Reconcile brings one report up to date, or begins it.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	report := &v1alpha1.LicenseReport{}
	if err := r.Client.Get(ctx, request.NamespacedName, report); err != nil {
		if apierrors.IsNotFound(err) {
			return ctrl.Result{}, r.begin(ctx, request.Name)
		}
		return ctrl.Result{}, err
	}
	before := report.DeepCopy()
	v := &visit{Reconciler: r, report: report, now: r.Clock.Now()}
	v.conditions = status.Conditions{List: &report.Status.Conditions, Generation: report.Generation, Now: v.now}
	report.Status.ObservedGeneration = report.Generation

	var err error
	if v.zone, err = r.zone(ctx); err != nil {
		return ctrl.Result{}, err
	}
	err = v.sumUp(ctx)
	var wait *waiting
	if errors.As(err, &wait) {
		v.conditions.False(v1alpha1.ConditionFinal, wait.reason, wait.message)
		err = nil
	}
	if err != nil {
		return ctrl.Result{}, err
	}
	if report.Status.FinalAt != nil {
		v.conditions.True(v1alpha1.ConditionFinal, v1alpha1.ReasonFinal, "the report is final and never changes again")
	}
	v.judgeSubmission()
	v.conditions.True(v1alpha1.ConditionReady, v1alpha1.ReasonReady, "the report's status is up to date")
	if err := status.Patch(ctx, r.Client, before, report); err != nil {
		return ctrl.Result{}, err
	}
	v.announce(before)
	return requeue.At(v.now, v.recheck...), nil
}

// sumUp fills the report in: as a draft while its month is open, once and for
// all when everything is in.
func (v *visit) sumUp(ctx context.Context) error {
	if v.report.Spec.Corrects != nil {
		return v.correct(ctx)
	}
	month, err := licensing.ParseMonth(v1alpha1.Month(v.report.Name))
	if err != nil {
		return err // the API server lets no such name through
	}
	v.month = month
	s := &v.report.Status
	if next := month.Next(); !v.now.Before(next.Start(v.zone)) {
		if err := v.begin(ctx, string(next.Name())); err != nil {
			return err
		}
	} else {
		v.recheck = append(v.recheck, next.Start(v.zone))
	}
	if s.FinalAt != nil {
		return nil
	}
	s.Month = month.Name()
	s.DueOn = v1alpha1.Date(v.Settings.DueAfter.After(month.Last()).String())

	end, err := v.ends(ctx)
	if err != nil {
		return err
	}
	if v.now.Before(end) {
		v.recheck = append(v.recheck, end)
		return v.draft(ctx)
	}
	return v.finish(ctx)
}

// ends returns the moment at which the month is over for every tenant: in the
// zones of all terms, and in that of the reports.
func (v *visit) ends(ctx context.Context) (time.Time, error) {
	end := v.month.End(v.zone)
	var all v1alpha1.ServiceTermsList
	if err := v.Client.List(ctx, &all, client.UnsafeDisableDeepCopy); err != nil {
		return end, err
	}
	for i := range all.Items {
		if zone := zoneOf(&all.Items[i]); zone != nil && v.month.End(zone).After(end) {
			end = v.month.End(zone)
		}
	}
	return end, nil
}

// zone returns the zone in which reports are due.
func (r *Reconciler) zone(ctx context.Context) (*time.Location, error) {
	if r.Settings.Zone != nil {
		return r.Settings.Zone, nil
	}
	var all v1alpha1.ServiceTermsList
	if err := r.Client.List(ctx, &all, client.UnsafeDisableDeepCopy); err != nil {
		return nil, err
	}
	var common *time.Location
	for i := range all.Items {
		zone := zoneOf(&all.Items[i])
		switch {
		case zone == nil || common != nil && zone.String() == common.String():
		case common == nil:
			common = zone
		default:
			return time.UTC, nil
		}
	}
	if common == nil {
		common = time.UTC
	}
	return common, nil
}

// zoneOf returns the zone of some terms, nil if they are not usable: nothing is
// recorded under such.
func zoneOf(t *v1alpha1.ServiceTerms) *time.Location {
	compiled, err := terms.Compile(&t.Spec)
	if err != nil {
		return nil
	}
	return compiled.Zone
}

// judgeSubmission says whether the report was sent to the vendor, and whether it is late.
func (v *visit) judgeSubmission() {
	s := &v.report.Status
	if sent := v.report.Spec.Submission; sent != nil {
		v.conditions.True(v1alpha1.ConditionSubmitted, v1alpha1.ReasonSubmitted, "the report was submitted on "+string(sent.On))
		return
	}
	due, err := terms.ParseDate(string(s.DueOn))
	if err != nil { // a correction is due when the vendor says so
		v.conditions.False(v1alpha1.ConditionSubmitted, v1alpha1.ReasonPending, "submit the correction, and record it in spec.submission")
		return
	}
	late := due.AddDays(1).Start(v.zone)
	if v.now.Before(late) {
		v.recheck = append(v.recheck, late)
		v.conditions.False(v1alpha1.ConditionSubmitted, v1alpha1.ReasonPending, fmt.Sprintf("the report is due on %s; submit it, and record that in spec.submission", due))
		return
	}
	v.conditions.False(v1alpha1.ConditionSubmitted, v1alpha1.ReasonOverdue, fmt.Sprintf("the report was due on %s; submit it, and record that in spec.submission", due))
}

// announce makes an event of what a person should know.
func (v *visit) announce(before *v1alpha1.LicenseReport) {
	if before.Status.FinalAt == nil && v.report.Status.FinalAt != nil {
		v.Events.Eventf(v.report, nil, corev1.EventTypeNormal, v1alpha1.ReasonFinal, "Finish", "the report is final; it is to be submitted, also when nothing was used")
	}
	was := meta.FindStatusCondition(before.Status.Conditions, v1alpha1.ConditionSubmitted)
	is := meta.FindStatusCondition(v.report.Status.Conditions, v1alpha1.ConditionSubmitted)
	if is.Reason == v1alpha1.ReasonOverdue && (was == nil || was.Reason != is.Reason) {
		v.Events.Eventf(v.report, nil, corev1.EventTypeWarning, v1alpha1.ReasonOverdue, "Submit", "%s", is.Message)
	}
}

// begin makes the report of a month, or first that of the earliest month before
// it which has none: there is one for each month, also for those in which
// nothing was used. Without a licence in the catalogue nothing is owed.
func (r *Reconciler) begin(ctx context.Context, name string) error {
	month, err := licensing.ParseMonth(v1alpha1.Month(name))
	if err != nil {
		return nil // a correction that was deleted
	}
	var catalogue v1alpha1.LicenseList
	if err := r.Client.List(ctx, &catalogue, client.UnsafeDisableDeepCopy); err != nil {
		return err
	}
	var reports v1alpha1.LicenseReportList
	if err := r.Client.List(ctx, &reports, client.UnsafeDisableDeepCopy); err != nil {
		return err
	}
	if len(catalogue.Items) == 0 && len(reports.Items) == 0 {
		return nil
	}
	for i := range reports.Items {
		existing, err := licensing.ParseMonth(v1alpha1.Month(reports.Items[i].Name))
		if err != nil {
			continue
		}
		if existing == month {
			return nil
		}
		if existing.Before(month) && !hasReport(reports.Items, existing.Next()) {
			month = existing.Next()
		}
	}
	report := &v1alpha1.LicenseReport{ObjectMeta: metav1.ObjectMeta{
		Name:   string(month.Name()),
		Labels: map[string]string{v1alpha1.LabelManagedBy: v1alpha1.ManagedBy, v1alpha1.LabelMonth: string(month.Name())},
	}}
	if err := r.Client.Create(ctx, report); err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("create licence report %s: %w", month.Name(), err)
	}
	return nil
}

func hasReport(reports []v1alpha1.LicenseReport, month licensing.Month) bool {
	for i := range reports {
		if reports[i].Name == string(month.Name()) {
			return true
		}
	}
	return false
}
