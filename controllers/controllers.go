// SPDX-License-Identifier: Apache-2.0

// Package controllers registers every reconciler of Werkplek with a manager.
package controllers

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/charge"
	"werkplek.dev/werkplek/controllers/dataexport"
	"werkplek.dev/werkplek/controllers/disruption"
	"werkplek.dev/werkplek/controllers/internal/children"
	"werkplek.dev/werkplek/controllers/internal/indexes"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/controllers/license"
	"werkplek.dev/werkplek/controllers/licensereport"
	"werkplek.dev/werkplek/controllers/metrics"
	"werkplek.dev/werkplek/controllers/notice"
	"werkplek.dev/werkplek/controllers/serviceterms"
	"werkplek.dev/werkplek/controllers/supportsession"
	"werkplek.dev/werkplek/controllers/suspension"
	"werkplek.dev/werkplek/controllers/tenant"
	"werkplek.dev/werkplek/controllers/usagerecord"
	"werkplek.dev/werkplek/controllers/userrequest"
	"werkplek.dev/werkplek/controllers/workplace"
	"werkplek.dev/werkplek/controllers/workplaceclass"
	"werkplek.dev/werkplek/internal/desktop"
	"werkplek.dev/werkplek/internal/installation"
)

// Options are what the reconcilers need to know beyond the API.
type Options struct {
	// Clock is the one clock of the product.
	Clock clock.PassiveClock
	// Today is the clock of the day, not shifted in a rehearsal. It dates what is
	// made, for whoever has to know after a restore; nil: nothing is dated.
	Today clock.PassiveClock
	// Gate keeps the reconcilers from starting while the operator is held; nil: none does.
	Gate *installation.Gate
	// Only are the controllers to run; empty: all.
	Only []string
	// Domain below which workplaces have their host names; empty: they have none.
	Domain string
	// Reporting is what was agreed about licence reports.
	Reporting licensereport.Settings
	// Notices say how tenants are written to.
	Notices notice.Settings
	// Network surrounds the tenants' namespaces.
	Network desktop.Network
	// ExportImage is the image of the program that copies homes to a bucket.
	ExportImage string
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
			&batchv1.Job{}:                  ours,
			&corev1.PersistentVolumeClaim{}: ours,
			&corev1.ResourceQuota{}:         ours,
			&corev1.LimitRange{}:            ours,
			&policyv1.PodDisruptionBudget{}: ours,
			&networkingv1.NetworkPolicy{}:   ours,
			&rbacv1.RoleBinding{}:           ours,
			&rbacv1.ClusterRole{}:           ours,
			&rbacv1.ClusterRoleBinding{}:    ours,
			// Closed records are for auditors; nothing here reads them through the cache.
			&v1alpha1.UsageRecord{}: {Field: fields.OneTermEqualSelector("status.closedAt", "")},
			&corev1.Node{}:          {Transform: nodeFacts},
		},
	}
}

// nodeFacts keeps of a node what its licensed cores follow from, and whether it can
// be counted on.
func nodeFacts(object any) (any, error) {
	node, ok := object.(*corev1.Node)
	if !ok {
		return object, nil
	}
	return &corev1.Node{
		TypeMeta:   node.TypeMeta,
		ObjectMeta: metav1.ObjectMeta{Name: node.Name, UID: node.UID, ResourceVersion: node.ResourceVersion, Labels: node.Labels},
		Spec:       corev1.NodeSpec{Unschedulable: node.Spec.Unschedulable},
		Status:     corev1.NodeStatus{Capacity: node.Status.Capacity, Conditions: readiness(node)},
	}, nil
}

// readiness is whether a node is heard of, without when: that changes all the time.
func readiness(node *corev1.Node) []corev1.NodeCondition {
	for _, c := range node.Status.Conditions {
		if c.Type == corev1.NodeReady {
			return []corev1.NodeCondition{{Type: c.Type, Status: c.Status, LastTransitionTime: c.LastTransitionTime}}
		}
	}
	return nil
}

// Register adds the indexes, the reconcilers and the metrics to a manager.
func Register(ctx context.Context, mgr ctrl.Manager, o Options) error {
	if err := indexes.Register(ctx, mgr.GetFieldIndexer()); err != nil {
		return err
	}
	c, live, recorder := mgr.GetClient(), mgr.GetAPIReader(), mgr.GetEventRecorder("werkplek")
	if o.Today != nil {
		c = children.Marked(c, o.Today)
	}
	// Each controller has its own part: what it wrote last is nobody else's business.
	part := func() *reconciling.Controller { return reconciling.New(o.Clock, c, recorder) }
	type reconciler interface{ SetupWithManager(ctrl.Manager) error }
	all := map[string]reconciler{
		"serviceterms":   &serviceterms.Reconciler{Controller: part()},
		"tenant":         &tenant.Reconciler{Controller: part(), Live: live, Network: o.Network},
		"suspension":     &suspension.Reconciler{Controller: part()},
		"workplaceclass": &workplaceclass.Reconciler{Controller: part()},
		"workplace":      &workplace.Reconciler{Controller: part(), Live: live, Domain: o.Domain},
		"notice":         &notice.Reconciler{Controller: part(), Settings: o.Notices},
		"disruption":     &disruption.Reconciler{Controller: part(), Live: live},
		"charge":         &charge.Reconciler{Controller: part()},
		"license":        &license.Reconciler{Controller: part()},
		"usagerecord":    &usagerecord.Reconciler{Controller: part(), Live: live},
		"supportsession": &supportsession.Reconciler{Controller: part(), Live: live},
		"userrequest":    &userrequest.Reconciler{Controller: part(), Live: live},
		"dataexport":     &dataexport.Reconciler{Controller: part(), Live: live, Network: o.Network, Image: o.ExportImage},
		"licensereport":  &licensereport.Reconciler{Controller: part(), Live: live, Settings: o.Reporting},
	}
	if o.Gate != nil {
		mgr = o.Gate.Behind(mgr)
	}
	names := slices.Sorted(maps.Keys(all))
	for _, name := range o.Only {
		if _, ok := all[name]; !ok {
			return fmt.Errorf("there is no controller %q; there are %s", name, strings.Join(names, ", "))
		}
	}
	for _, name := range names {
		if len(o.Only) > 0 && !slices.Contains(o.Only, name) {
			continue
		}
		if err := all[name].SetupWithManager(mgr); err != nil {
			return fmt.Errorf("set up the controller %s: %w", name, err)
		}
	}
	return metrics.Register(ctx, mgr.GetCache(), o.Clock)
}
