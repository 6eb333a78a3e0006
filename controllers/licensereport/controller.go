// SPDX-License-Identifier: Apache-2.0

// Package licensereport sums up each month's usage records into the report that
// the provider owes its vendors (TD-14).
package licensereport

import (
	"context"
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/children"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/licensing"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/terms/agreement"
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
	DueAfter calendar.Period
}

// Reconciler keeps the licence reports.
type Reconciler struct {
	*reconciling.Controller
	Live     client.Reader // asked once for each report, when it becomes final
	Settings Settings
}

// visit is one reconcile of one report.
type visit struct {
	*Reconciler
	*reconciling.Pass[*v1alpha1.LicenseReport]
	report *v1alpha1.LicenseReport

	month licensing.Month
	zone  *time.Location
	wait  *outcome.Outcome // why the report is not final; nil once it is
}

// Reconcile brings one report up to date, or begins it.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	pass, err := reconciling.Begin(ctx, r.Controller, request, &v1alpha1.LicenseReport{})
	if errors.Is(err, reconciling.ErrGone) {
		return ctrl.Result{}, r.begin(ctx, request.Name)
	}
	if err != nil {
		return reconciling.Result(err)
	}
	v := &visit{Reconciler: r, Pass: pass, report: pass.Object}
	return pass.Run(ctx, v.steps())
}

func (v *visit) steps() reconciling.Steps {
	const zone, sum = "find the zone", "sum up"
	return reconciling.Steps{
		{Name: zone, Run: v.findZone},
		{Name: sum, Needs: []string{zone}, Run: v.judgeFinal},
		{Name: "judge the submission", Needs: []string{sum}, Run: v.judgeSubmission},
		{Name: "tell", Needs: []string{sum}, Run: v.tell},
	}
}

func (v *visit) findZone(ctx context.Context) error {
	zone, err := v.Reconciler.zone(ctx)
	v.zone = zone
	return err
}

// judgeFinal sums up, and says whether that is for good.
func (v *visit) judgeFinal(ctx context.Context) error {
	err := v.sumUp(ctx)
	if wait, ok := outcome.From(err); ok {
		v.wait = &wait
		v.Conditions.Report(v1alpha1.ConditionFinal, wait)
		return nil
	}
	if err == nil && v.report.Status.FinalAt != nil {
		v.Conditions.True(v1alpha1.ConditionFinal, v1alpha1.ReasonFinal, "the report is final and never changes again")
	}
	return err
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
	if next := month.Next(); !v.Now.Before(next.Start(v.zone)) {
		if err := v.begin(ctx, string(next.Name())); err != nil {
			return err
		}
	} else {
		v.Recheck(next.Start(v.zone))
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
	if v.Now.Before(end) {
		v.Recheck(end)
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
	compiled, err := agreement.Compile(&t.Spec)
	if err != nil {
		return nil
	}
	return compiled.Zone
}

// judgeSubmission says whether the report was sent to the vendor, and whether it is late.
func (v *visit) judgeSubmission(context.Context) error {
	v.Conditions.Report(v1alpha1.ConditionSubmitted, v.submission())
	return nil
}

func (v *visit) submission() outcome.Outcome {
	if sent := v.report.Spec.Submission; sent != nil {
		return outcome.Ready(v1alpha1.ReasonSubmitted, "the report was submitted on "+string(sent.Day()))
	}
	due, err := calendar.ParseDate(string(v.report.Status.DueOn))
	if err != nil { // a correction is due when the vendor says so
		return outcome.Stalled(v1alpha1.ReasonPending, "submit the correction, and record it in spec.submission")
	}
	late := due.AddDays(1).Start(v.zone)
	if v.Now.Before(late) {
		v.Recheck(late)
		return outcome.Stalled(v1alpha1.ReasonPending, fmt.Sprintf(
			"the report is due on %s; submit it, and record that in spec.submission", due))
	}
	return outcome.Stalled(v1alpha1.ReasonOverdue, fmt.Sprintf(
		"the report was due on %s; submit it, and record that in spec.submission", due))
}

// stands says whether anything is left to do about the report. That its month is
// not over, or its day of submission, is no fault.
func (v *visit) stands() outcome.Outcome {
	switch sent := v.submission(); {
	case v.wait != nil:
		return *v.wait
	case sent.Reason == v1alpha1.ReasonOverdue:
		return sent
	}
	return outcome.Ready(v1alpha1.ReasonReady, "the report's status is up to date")
}

// tell says what a person should know.
func (v *visit) tell(context.Context) error {
	v.Conditions.Summarize(v.stands())
	if v.Was.Status.FinalAt == nil && v.report.Status.FinalAt != nil {
		v.Announce(false, v1alpha1.ReasonFinal, "Finish", "the report is final; it is to be submitted, also when nothing was used")
	}
	was := meta.FindStatusCondition(v.Was.Status.Conditions, v1alpha1.ConditionSubmitted)
	is := meta.FindStatusCondition(v.report.Status.Conditions, v1alpha1.ConditionSubmitted)
	if is.Reason == v1alpha1.ReasonOverdue && (was == nil || was.Reason != is.Reason) {
		v.Announce(true, v1alpha1.ReasonOverdue, "Submit", is.Message)
	}
	return nil
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
	if err := children.Create(ctx, r.Client, report, "a month has begun"); err != nil && !apierrors.IsAlreadyExists(err) {
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
