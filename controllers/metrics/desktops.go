// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"context"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/access"
)

var (
	desktopsDesc = prometheus.NewDesc("werkplek_desktops",
		"Pods of desktops by state: Ready, NotReady, Stopping, Ended.", []string{"state"}, nil)
	longestDesc = prometheus.NewDesc("werkplek_desktop_longest_seconds",
		"For how long the desktop has been NotReady that is so for the longest time, and for how long beyond its grace period one has been Stopping; 0: none.",
		[]string{"state"}, nil)
	deniedDesc = prometheus.NewDesc("werkplek_suspended_desktops_running",
		"Desktops whose pods are still there although a suspension in force denies access.", nil, nil)
	lateDesc = prometheus.NewDesc("werkplek_suspension_not_carried_out_seconds",
		"For how long the oldest suspension has been in force in spite of which a desktop's pod is still there; 0: there is none.", nil, nil)
)

// States of a desktop's pod.
const (
	stateReady    = "Ready"
	stateNotReady = "NotReady"
	stateStopping = "Stopping"
	stateEnded    = "Ended"
)

// desktops looks through the pods. It counts on no status that the operator
// writes: what it finds holds just as well when a controller hangs.
func (c *collector) desktops(ctx context.Context, ch chan<- prometheus.Metric, known family, now time.Time) {
	all, err := c.pods.all()
	if err != nil {
		ch <- prometheus.NewInvalidMetric(desktopsDesc, err)
		return
	}
	states := map[string]float64{stateReady: 0, stateNotReady: 0, stateStopping: 0, stateEnded: 0}
	longest := map[string]float64{stateNotReady: 0, stateStopping: 0}
	suspended := suspendedSince(ctx, known, now)
	denied, late := 0, time.Duration(0)
	for _, object := range all {
		pod := object.(*corev1.Pod)
		if pod.Labels[v1alpha1.LabelWorkplace] == "" {
			continue // a copy for an export
		}
		state, since := stateOf(pod)
		states[state]++
		if !since.IsZero() {
			longest[state] = max(longest[state], now.Sub(since).Seconds())
		}
		if state == stateEnded {
			continue
		}
		if from, is := suspended(pod.Namespace); is {
			denied++
			late = max(late, now.Sub(from))
		}
	}
	gauges(ch, desktopsDesc, states)
	gauges(ch, longestDesc, longest)
	ch <- prometheus.MustNewConstMetric(deniedDesc, prometheus.GaugeValue, float64(denied))
	ch <- prometheus.MustNewConstMetric(lateDesc, prometheus.GaugeValue, late.Seconds())
}

// stateOf says in which state a desktop's pod is; since when, if that is to pass.
func stateOf(pod *corev1.Pod) (state string, since time.Time) {
	if pod.DeletionTimestamp != nil {
		return stateStopping, pod.DeletionTimestamp.Time // at which its grace period ends
	}
	if pod.Status.Phase == corev1.PodFailed || pod.Status.Phase == corev1.PodSucceeded {
		return stateEnded, time.Time{}
	}
	for i := range pod.Status.Conditions {
		ready := &pod.Status.Conditions[i]
		switch {
		case ready.Type != corev1.PodReady:
		case ready.Status == corev1.ConditionTrue:
			return stateReady, time.Time{}
		default:
			return stateNotReady, ready.LastTransitionTime.Time
		}
	}
	return stateNotReady, pod.CreationTimestamp.Time
}

// suspendedSince returns a function that says of a namespace since when its
// tenant, or a reseller of it, is suspended. It remembers what it has said.
func suspendedSince(ctx context.Context, known family, now time.Time) func(namespace string) (time.Time, bool) {
	said := map[string]time.Time{}
	read := known.reader()
	return func(namespace string) (time.Time, bool) {
		since, is := said[namespace]
		if !is {
			cover, err := access.Look(ctx, read, strings.TrimPrefix(namespace, v1alpha1.NamespacePrefix), now)
			if err == nil { // there is none: all is in memory
				for _, suspension := range cover.InForce {
					if since.IsZero() || suspension.Since.Before(since) {
						since = suspension.Since
					}
				}
			}
			said[namespace] = since
		}
		return since, !since.IsZero()
	}
}

// family is what decides about suspensions, as it was read once for all figures.
type family struct {
	tenants     []v1alpha1.Tenant
	suspensions []v1alpha1.Suspension
}

// byName is a family by the names of its tenants.
type byName struct {
	tenants     map[string]*v1alpha1.Tenant
	suspensions map[string][]v1alpha1.Suspension
}

var _ access.Reader = byName{}

func (f family) reader() byName {
	found := byName{map[string]*v1alpha1.Tenant{}, map[string][]v1alpha1.Suspension{}}
	for i := range f.tenants {
		found.tenants[f.tenants[i].Name] = &f.tenants[i]
	}
	for i := range f.suspensions {
		name := strings.TrimPrefix(f.suspensions[i].Namespace, v1alpha1.NamespacePrefix)
		found.suspensions[name] = append(found.suspensions[name], f.suspensions[i])
	}
	return found
}

// Tenant implements access.Reader.
func (b byName) Tenant(_ context.Context, name string) (*v1alpha1.Tenant, error) {
	return b.tenants[name], nil
}

// Suspensions implements access.Reader.
func (b byName) Suspensions(_ context.Context, tenant string) ([]v1alpha1.Suspension, error) {
	return b.suspensions[tenant], nil
}
