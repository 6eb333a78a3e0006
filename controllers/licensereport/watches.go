// SPDX-License-Identifier: Apache-2.0

package licensereport

import (
	"context"
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
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/internal/licensing"
)

const (
	// countDelay gathers the growth of many records into one draft.
	countDelay = 5 * time.Second
	// closeDelay gathers the closing of many records, which leave the cache by it.
	closeDelay = time.Second
)

// SetupWithManager watches what reports are made from.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(mgr).
		For(&v1alpha1.LicenseReport{}, r.Concerns()).
		Watches(&v1alpha1.LicenseReport{}, enqueue.Map(r.notFinal), builder.WithPredicates(finalities())).
		Watches(&v1alpha1.UsageRecord{}, enqueue.Within(countDelay, ofMonth), builder.WithPredicates(growth())).
		Watches(&v1alpha1.UsageRecord{}, enqueue.Within(closeDelay, ofMonth), builder.WithPredicates(closing())).
		Watches(&v1alpha1.License{}, enqueue.Map(r.notFinal), builder.WithPredicates(changed.Spec())).
		Watches(&v1alpha1.ServiceTerms{}, enqueue.Map(r.notFinal), builder.WithPredicates(changed.Spec())).
		WithOptions(reconciling.Options(1)).
		Complete(r)
}

func growth() predicate.Predicate {
	return predicate.Funcs{DeleteFunc: func(event.DeleteEvent) bool { return false }}
}

func closing() predicate.Predicate {
	return predicate.Funcs{
		CreateFunc: func(event.CreateEvent) bool { return false },
		UpdateFunc: func(event.UpdateEvent) bool { return false },
	}
}

func ofMonth(_ context.Context, record client.Object) ([]types.NamespacedName, error) {
	if month := record.GetLabels()[v1alpha1.LabelMonth]; month != "" {
		return enqueue.Cluster(month), nil
	}
	return nil, nil
}

// finalities passes reports that have become final: others may wait for that.
func finalities() predicate.Predicate {
	return predicate.Funcs{
		CreateFunc: func(event.CreateEvent) bool { return false },
		DeleteFunc: func(event.DeleteEvent) bool { return false },
		UpdateFunc: func(e event.UpdateEvent) bool {
			was, is := e.ObjectOld.(*v1alpha1.LicenseReport), e.ObjectNew.(*v1alpha1.LicenseReport)
			return was.Status.FinalAt == nil && is.Status.FinalAt != nil
		},
	}
}

// notFinal returns the reports that are not final, and that of the current month.
func (r *Reconciler) notFinal(ctx context.Context, _ client.Object) ([]types.NamespacedName, error) {
	zone, err := r.zone(ctx)
	if err != nil {
		return nil, err
	}
	var reports v1alpha1.LicenseReportList
	err = r.Client.List(ctx, &reports, client.UnsafeDisableDeepCopy)
	names := []string{string(licensing.MonthAt(r.Clock.Now(), zone).Name())}
	for i := range reports.Items {
		if reports.Items[i].Status.FinalAt == nil {
			names = append(names, reports.Items[i].Name)
		}
	}
	return enqueue.Cluster(names...), err
}
