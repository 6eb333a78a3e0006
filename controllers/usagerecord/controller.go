// SPDX-License-Identifier: Apache-2.0

// Package usagerecord keeps each tenant's record of the month: who could reach
// which licensed product, before they can (TD-14).
package usagerecord

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/controllers/internal/requeue"
	"werkplek.dev/werkplek/controllers/internal/standing"
	"werkplek.dev/werkplek/internal/licensing"
	"werkplek.dev/werkplek/internal/reading"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/tracing"
	"werkplek.dev/werkplek/internal/usage"
)

// +kubebuilder:rbac:groups=werkplek.dev,resources=usagerecords,verbs=get;list;watch;create;patch
// +kubebuilder:rbac:groups=werkplek.dev,resources=tenants;serviceterms;billingaccounts;suspensions;workplaces;workplaceclasses;licenses;charges;notices,verbs=get;list;watch
// +kubebuilder:rbac:groups="",resources=pods;nodes,verbs=get;list;watch

// closeAfter is how long after a month's end its records are closed: first
// everyone gets the new month's record, without which nobody may start.
const closeAfter = 30 * time.Second

// Priorities in the work queue. Should the new records of all tenants take longer
// than closeAfter, closing the old ones must not hold them up.
const (
	urgent    = 0
	leisurely = -200
)

// again is how soon to look whether the cache knows what was written last; nothing
// is decided on less.
const again = 100 * time.Millisecond

// Reconciler keeps the usage records of tenants.
type Reconciler struct {
	*reconciling.Controller
	Live client.Reader // asked only where the cache cannot know

	records   reconciling.Writes // to open records
	sightings sightings
	sizes     sizes
}

// visit is one reconcile of one tenant's records.
type visit struct {
	*Reconciler
	tenant *v1alpha1.Tenant
	now    time.Time

	terms    *agreement.Terms // nil while they are not usable
	zone     *time.Location
	licenses map[string]*v1alpha1.License
	facts    licensing.Facts
	months   []usage.Month // those that are open, the oldest first

	recheck []time.Time
	closes  bool // a record is to be closed soon
}

// Reconcile brings one tenant's records up to date.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	tenant, err := reading.Maybe(ctx, r.Client, request.NamespacedName, &v1alpha1.Tenant{})
	if err != nil || tenant == nil || tenant.Status.Namespace == "" {
		return ctrl.Result{}, err // the namespace's arrival brings us back
	}
	ctx, span := tracing.Begin(ctx, "reconcile UsageRecord")
	span.Set("k8s.name", tenant.Name)
	result, err := r.keep(ctx, tenant)
	span.End(err)
	return result, err
}

// keep keeps the records of a tenant.
func (r *Reconciler) keep(ctx context.Context, tenant *v1alpha1.Tenant) (ctrl.Result, error) {
	v := &visit{Reconciler: r, tenant: tenant, now: r.Clock.Now(), licenses: map[string]*v1alpha1.License{}}
	if err := v.steps().Run(ctx); err != nil {
		if apierrors.IsConflict(err) || apierrors.IsAlreadyExists(err) {
			err = reconciling.Again(again)
		}
		return reconciling.Result(err)
	}
	result := requeue.At(v.now, v.recheck...)
	result.Priority = ptr.To(urgent)
	if v.closes {
		result.Priority = ptr.To(leisurely)
	}
	return result, nil
}

func (v *visit) steps() reconciling.Steps {
	const (
		open   = "open the records"
		zone   = "find the zone"
		gather = "gather the facts"
		record = "record"
	)
	return reconciling.Steps{
		{Name: open, Run: v.open},
		{Name: zone, Needs: []string{open}, Run: v.findZone},
		{Name: gather, Needs: []string{zone}, Run: v.gather},
		{Name: record, Needs: []string{gather}, Run: v.record},
		{Name: "close", Needs: []string{record}, Run: v.close},
	}
}

// open reads the records that are open, as they were written last.
func (v *visit) open(ctx context.Context) error {
	months, err := usage.Months(ctx, v.Client, v.tenant.Status.Namespace)
	for _, month := range months {
		for _, part := range month.Parts {
			if wait, behind := v.records.Behind(part.Object); behind {
				return reconciling.Again(wait)
			}
		}
	}
	v.months = months
	return err
}

// findZone finds the zone in which the tenant's months begin. Should its terms
// not be usable, what is open goes on in the zone in which it was begun.
func (v *visit) findZone(ctx context.Context) error {
	compiled, wrong, err := standing.Terms(ctx, v.Client, v.tenant)
	if err != nil {
		return err
	}
	if wrong == nil {
		v.terms, v.zone = compiled, compiled.Zone
		return nil
	}
	if len(v.months) == 0 {
		return nil
	}
	last := v.months[len(v.months)-1]
	v.zone, err = time.LoadLocation(last.Parts[0].Object.Status.TimeZone)
	return err
}

// record writes what the facts add to the record, and begins the record of a
// new month. From one month to the next it asks the API server itself what the
// last one holds: whoever ended in it must not be carried on.
func (v *visit) record(ctx context.Context) error {
	if v.zone == nil {
		return nil // nothing is recorded yet, and nothing may start
	}
	current := licensing.MonthAt(v.now, v.zone)
	v.recheck = append(v.recheck, current.End(v.zone))
	var last usage.Month
	if len(v.months) > 0 {
		last = v.months[len(v.months)-1]
		if last.Month.Before(current) {
			months, err := usage.Months(ctx, v.Live, v.tenant.Status.Namespace, ofMonth(last.Month))
			if err != nil {
				return err
			}
			if len(months) == 0 {
				return fmt.Errorf("usage record %s is gone", last.Name())
			}
			last = months[0]
			v.months[len(v.months)-1] = last
		}
	}
	var book *licensing.Book
	if len(last.Parts) > 0 {
		book = last.DeepCopy().Open()
	}
	return v.writeAll(ctx, last, book, licensing.Meter(book, v.facts))
}

// writeAll writes the books that the last month's has become.
func (v *visit) writeAll(ctx context.Context, last usage.Month, book *licensing.Book, books []*licensing.Book) error {
	for i, b := range books {
		var before []usage.Part
		if i == 0 && book != nil {
			before = last.Parts
		}
		parts, err := v.write(ctx, before, b)
		if apierrors.IsAlreadyExists(err) && book == nil {
			return v.recordBeyond(ctx, err)
		}
		if err != nil {
			return err
		}
		switch {
		case len(before) > 0:
			v.months[len(v.months)-1].Parts = parts
		case len(parts) > 0:
			v.months = append(v.months, usage.Month{Month: b.Month, Parts: parts})
		}
	}
	v.sightings.forget(v.tenant.Status.Namespace, v.now)
	v.sizes.set(v.tenant.Name, len(v.facts.Demands))
	return nil
}

// recordBeyond records in the month after the last one that is closed, should
// that not be over yet: a clock or a zone was set back, and closed is closed.
func (v *visit) recordBeyond(ctx context.Context, exists error) error {
	months, err := usage.Months(ctx, v.Live, v.tenant.Status.Namespace)
	if err != nil {
		return err
	}
	last := months[len(months)-1]
	if !last.Open().Closed() {
		return exists // the cache is about to hear of it
	}
	open := licensing.Open(last.Next())
	return v.writeAll(ctx, usage.Month{Month: open.Month}, open, licensing.Meter(open, v.facts))
}

// close closes the records of the months before the one that is open now, and of
// a month that has ended and left nothing to go on with.
func (v *visit) close(ctx context.Context) error {
	if v.zone == nil {
		return nil
	}
	for _, month := range v.months {
		end := month.End(v.zone)
		if v.now.Before(end) {
			continue
		}
		if due := end.Add(closeAfter); v.now.Before(due) {
			v.recheck = append(v.recheck, due)
			v.closes = true
			continue
		}
		book := month.DeepCopy().Open()
		licensing.Close(book, v.zone, v.now, v.facts.Exempt)
		if _, err := v.write(ctx, month.Parts, book); err != nil {
			return err
		}
	}
	return nil
}

func ofMonth(month licensing.Month) client.MatchingLabels {
	return client.MatchingLabels{v1alpha1.LabelMonth: string(month.Name())}
}
