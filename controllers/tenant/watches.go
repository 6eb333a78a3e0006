// SPDX-License-Identifier: Apache-2.0

package tenant

import (
	"context"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/affected"
	"werkplek.dev/werkplek/controllers/internal/changed"
	"werkplek.dev/werkplek/controllers/internal/enqueue"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/controllers/tenant/furnish"
)

// concurrency keeps a tenant's suspension or payment from waiting for other tenants.
const concurrency = 8

// countDelay gathers the many changes of a tenant's workplaces into one count.
const countDelay = time.Second

// SetupWithManager watches what a tenant's standing depends on.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	tenants := affected.Tenants{Reader: r.Client}
	spec, existence := builder.WithPredicates(changed.Spec()), builder.WithPredicates(changed.Existence())
	// Many changes of a tenant's objects that come together become one pass.
	ofTenant := enqueue.Within(countDelay, enqueue.TenantOf)
	build := ctrl.NewControllerManagedBy(mgr).
		For(&v1alpha1.Tenant{}, r.Concerns()).
		WithOptions(reconciling.Options(concurrency)).
		Watches(&v1alpha1.Tenant{}, enqueue.Map(tenants.Below), builder.WithPredicates(changed.Access())).
		Watches(&v1alpha1.ServiceTerms{}, enqueue.Map(tenants.Under), spec).
		Watches(&v1alpha1.BillingAccount{}, enqueue.Map(enqueue.Named)).
		Watches(&v1alpha1.Suspension{}, enqueue.Map(tenants.CoveredBy)).
		Watches(&v1alpha1.WorkplaceClass{}, enqueue.Map(tenants.Using), spec).
		Watches(&v1alpha1.License{}, enqueue.Within(countDelay, tenants.Needing), builder.WithPredicates(pricesChanged())).
		Watches(&v1alpha1.LicenseReport{}, enqueue.Within(countDelay, r.leaving)).
		Watches(&v1alpha1.UsageRecord{}, ofTenant, existence).
		Watches(&v1alpha1.Workplace{}, ofTenant, builder.WithPredicates(countChanges())).
		Watches(&v1alpha1.Charge{}, ofTenant).
		Watches(&v1alpha1.Notice{}, ofTenant, builder.WithPredicates(sent())).
		Watches(&v1alpha1.SupportSession{}, ofTenant, builder.WithPredicates(ended())).
		Watches(&v1alpha1.UserRequest{}, ofTenant, builder.WithPredicates(answered())).
		Watches(&corev1.PersistentVolumeClaim{}, enqueue.Within(countDelay, enqueue.TenantLabelled), existence)
	for _, kind := range furnish.Kinds() {
		build = build.Watches(kind, enqueue.Map(enqueue.TenantLabelled), builder.WithPredicates(notUsageAlone()))
	}
	return build.Complete(r)
}

// countChanges passes what changes the count of workplaces, the running ones,
// their users, or what they pay for.
func countChanges() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		was, is := e.ObjectOld.(*v1alpha1.Workplace), e.ObjectNew.(*v1alpha1.Workplace)
		return running(was) != running(is) || lastUse(was) != lastUse(is) || was.Spec.ClassRef != is.Spec.ClassRef ||
			was.Spec.Access != is.Spec.Access || !slices.Equal(was.Spec.Licenses, is.Spec.Licenses)
	}}
}

// notUsageAlone keeps out the updates with which the API server counts a quota's use.
func notUsageAlone() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		was, counted := e.ObjectOld.(*corev1.ResourceQuota)
		if !counted {
			return true
		}
		is := e.ObjectNew.(*corev1.ResourceQuota)
		return !equality.Semantic.DeepEqual(was.Spec, is.Spec) || !equality.Semantic.DeepEqual(was.Labels, is.Labels)
	}}
}

// lastUse returns the day of a workplace's last use: what is inactive is counted in days.
func lastUse(w *v1alpha1.Workplace) string {
	if a := w.Status.Activity; a != nil && a.LastActive != nil {
		return a.LastActive.UTC().Format(time.DateOnly)
	}
	return ""
}

// sent passes notices that were sent.
func sent() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		return !e.ObjectOld.(*v1alpha1.Notice).Status.SentAt.Equal(e.ObjectNew.(*v1alpha1.Notice).Status.SentAt)
	}}
}

// answered passes requests that were received or answered.
func answered() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		was, is := &e.ObjectOld.(*v1alpha1.UserRequest).Status, &e.ObjectNew.(*v1alpha1.UserRequest).Status
		return (was.ReceivedAt == nil) != (is.ReceivedAt == nil) || (was.AnsweredAt == nil) != (is.AnsweredAt == nil)
	}}
}

// ended passes support sessions that are over.
func ended() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		was, is := &e.ObjectOld.(*v1alpha1.SupportSession).Status, &e.ObjectNew.(*v1alpha1.SupportSession).Status
		return (was.EndedAt == nil) != (is.EndedAt == nil)
	}}
}

func running(w *v1alpha1.Workplace) bool {
	return meta.IsStatusConditionTrue(w.Status.Conditions, v1alpha1.ConditionDesktopReady)
}

// pricesChanged passes licences whose prices are others than before. When one
// comes or goes, those who need it are looked at for other reasons.
func pricesChanged() predicate.Predicate {
	return predicate.Funcs{
		UpdateFunc: func(e event.UpdateEvent) bool {
			was, is := e.ObjectOld.(*v1alpha1.License), e.ObjectNew.(*v1alpha1.License)
			return !slices.Equal(was.Spec.Prices, is.Spec.Prices)
		},
	}
}

// leaving returns the tenants that a report which becomes final may let go: those
// that are being deleted, and those of which nothing is kept but their records.
func (r *Reconciler) leaving(ctx context.Context, _ client.Object) ([]types.NamespacedName, error) {
	var tenants v1alpha1.TenantList
	err := r.Client.List(ctx, &tenants, client.UnsafeDisableDeepCopy)
	var names []string
	for i := range tenants.Items {
		tenant := &tenants.Items[i]
		if tenant.DeletionTimestamp != nil || tenant.Erased() && tenant.Status.Namespace != "" {
			names = append(names, tenant.Name)
		}
	}
	return enqueue.Cluster(names...), err
}
