// SPDX-License-Identifier: Apache-2.0

// Package enqueue turns what happens to one object into work on others.
package enqueue

import (
	"context"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/outcome"
)

// Queue is the work queue of a controller.
type Queue = workqueue.TypedRateLimitingInterface[reconcile.Request]

// Names returns what an object's change concerns.
type Names func(ctx context.Context, object client.Object) ([]types.NamespacedName, error)

// Map enqueues what each change concerns at once.
func Map(names Names) handler.EventHandler { return delayed(0, names) }

// Within enqueues what each change concerns after a delay, so that many changes
// that come together become one piece of work, and one write.
func Within(delay time.Duration, names Names) handler.EventHandler { return delayed(delay, names) }

func delayed(delay time.Duration, names Names) handler.EventHandler {
	add := func(ctx context.Context, object client.Object, queue Queue) {
		found, err := names(ctx, object)
		if err != nil {
			log.FromContext(ctx).Error(err, "cannot tell what a change concerns", "object", client.ObjectKeyFromObject(object))
		}
		for _, name := range found {
			queue.AddAfter(reconcile.Request{NamespacedName: name}, delay)
		}
	}
	return handler.Funcs{
		CreateFunc: func(ctx context.Context, e event.CreateEvent, queue Queue) { add(ctx, e.Object, queue) },
		UpdateFunc: func(ctx context.Context, e event.UpdateEvent, queue Queue) { add(ctx, e.ObjectNew, queue) },
		DeleteFunc: func(ctx context.Context, e event.DeleteEvent, queue Queue) { add(ctx, e.Object, queue) },
	}
}

// Named returns the cluster-scoped object of the same name.
func Named(_ context.Context, object client.Object) ([]types.NamespacedName, error) {
	return []types.NamespacedName{{Name: object.GetName()}}, nil
}

// TenantOf returns the tenant that a namespaced object belongs to.
func TenantOf(_ context.Context, object client.Object) ([]types.NamespacedName, error) {
	if tenant, ok := TenantIn(object.GetNamespace()); ok {
		return []types.NamespacedName{{Name: tenant}}, nil
	}
	return nil, nil
}

// TenantLabelled returns the tenant that an object's label names.
func TenantLabelled(_ context.Context, object client.Object) ([]types.NamespacedName, error) {
	if tenant := object.GetLabels()[v1alpha1.LabelTenant]; tenant != "" {
		return []types.NamespacedName{{Name: tenant}}, nil
	}
	return nil, nil
}

// TenantIn returns the tenant whose namespace has this name.
func TenantIn(namespace string) (string, bool) {
	tenant, ok := strings.CutPrefix(namespace, v1alpha1.NamespacePrefix)
	return tenant, ok && tenant != ""
}

// Orphaned is what there is to say about an object in a namespace that belongs to
// no Tenant.
func Orphaned(namespace string) outcome.Outcome {
	return outcome.Stalled(v1alpha1.ReasonTenantNotFound, fmt.Sprintf("namespace %s belongs to no Tenant", namespace))
}

// Cluster turns names into those of cluster-scoped objects.
func Cluster(names ...string) []types.NamespacedName {
	keys := make([]types.NamespacedName, len(names))
	for i, name := range names {
		keys[i].Name = name
	}
	return keys
}
