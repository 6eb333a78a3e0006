// SPDX-License-Identifier: Apache-2.0

package workplace

import (
	"context"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/enqueue"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/internal/desktop"
	"werkplek.dev/werkplek/internal/reading"
)

var evictions = prometheus.NewCounterVec(prometheus.CounterOpts{
	Name: "werkplek_desktops_evicted_total",
	Help: "Desktops that Kubernetes ended, by its reason: drained, preempted, their node lost or short of memory.",
}, []string{"reason"})

func init() { metrics.Registry.MustRegister(evictions) }

// tellEvictions tells of each desktop that Kubernetes ends, once: also of one whose
// pod is gone before anybody has reconciled it.
func (r *Reconciler) tellEvictions() handler.EventHandler {
	return handler.Funcs{UpdateFunc: func(ctx context.Context, e event.UpdateEvent, _ enqueue.Queue) {
		was, is := e.ObjectOld.(*corev1.Pod), e.ObjectNew.(*corev1.Pod)
		_, before := desktop.Disrupted(was)
		reason, now := desktop.Disrupted(is)
		owner := metav1.GetControllerOf(is)
		if before || !now || owner == nil || owner.Kind != "Workplace" {
			return
		}
		evictions.WithLabelValues(reason).Inc()
		key := client.ObjectKey{Namespace: is.Namespace, Name: owner.Name}
		workplace, err := reading.Maybe(ctx, r.Client, key, &v1alpha1.Workplace{})
		if err != nil || workplace == nil {
			log.FromContext(ctx).Info("a desktop was evicted whose workplace cannot be read", "workplace", key, "reason", reason, "error", err)
			return
		}
		reconciling.Said{
			Object: workplace, Warning: true, Reason: v1alpha1.ReasonEvicted, Action: "Evict", Message: fmt.Sprintf(
				"the desktop has to leave node %s (%s); it starts again where there is room, with the same home",
				is.Spec.NodeName, reason),
		}.Tell(ctx, r.Events)
	}}
}
