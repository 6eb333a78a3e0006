// SPDX-License-Identifier: Apache-2.0

// Package controllers registers every reconciler of Werkplek with a manager.
package controllers

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/charge"
	"werkplek.dev/werkplek/controllers/internal/indexes"
	"werkplek.dev/werkplek/controllers/metrics"
	"werkplek.dev/werkplek/controllers/serviceterms"
	"werkplek.dev/werkplek/controllers/suspension"
	"werkplek.dev/werkplek/controllers/tenant"
	"werkplek.dev/werkplek/controllers/workplace"
	"werkplek.dev/werkplek/controllers/workplaceclass"
	"werkplek.dev/werkplek/internal/desktop"
)

// Options are what the reconcilers need to know beyond the API.
type Options struct {
	// Clock is the one clock of the product.
	Clock clock.PassiveClock
	// Domain below which workplaces have their host names; empty: they have none.
	Domain string
	// Network surrounds the tenants' namespaces.
	Network desktop.Network
}

// Cache returns the cache options that the reconcilers count on: of the kinds
// that others use too, only what Werkplek made is watched.
func Cache() cache.Options {
	ours := cache.ByObject{Label: labels.SelectorFromSet(labels.Set{v1alpha1.LabelManagedBy: v1alpha1.ManagedBy})}
	return cache.Options{
		DefaultTransform: cache.TransformStripManagedFields(),
		ByObject: map[client.Object]cache.ByObject{
			&corev1.Namespace{}:             ours,
			&corev1.Pod{}:                   ours,
			&corev1.PersistentVolumeClaim{}: ours,
			&corev1.ResourceQuota{}:         ours,
			&corev1.LimitRange{}:            ours,
			&networkingv1.NetworkPolicy{}:   ours,
			&rbacv1.RoleBinding{}:           ours,
		},
	}
}

// Register adds the indexes, the reconcilers and the metrics to a manager.
func Register(ctx context.Context, mgr ctrl.Manager, o Options) error {
	if err := indexes.Register(ctx, mgr.GetFieldIndexer()); err != nil {
		return err
	}
	c, live, recorder := mgr.GetClient(), mgr.GetAPIReader(), mgr.GetEventRecorder("werkplek")
	for _, reconciler := range []interface{ SetupWithManager(ctrl.Manager) error }{
		&serviceterms.Reconciler{Clock: o.Clock, Client: c},
		&tenant.Reconciler{Clock: o.Clock, Client: c, Live: live, Events: recorder, Network: o.Network},
		&suspension.Reconciler{Clock: o.Clock, Client: c, Live: live, Events: recorder},
		&workplaceclass.Reconciler{Clock: o.Clock, Client: c},
		&workplace.Reconciler{Clock: o.Clock, Client: c, Live: live, Events: recorder, Domain: o.Domain},
		&charge.Reconciler{Client: c, Events: recorder},
	} {
		if err := reconciler.SetupWithManager(mgr); err != nil {
			return fmt.Errorf("set up %T: %w", reconciler, err)
		}
	}
	return metrics.Register(mgr.GetClient(), o.Clock)
}
