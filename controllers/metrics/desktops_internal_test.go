// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
)

var moment = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// stocked is what a cache holds that has these objects.
func stocked[T any](objects ...client.Object) held[T] {
	store := toolscache.NewStore(toolscache.MetaNamespaceKeyFunc)
	for _, object := range objects {
		_ = store.Add(object) // whose keys can be made
	}
	return held[T]{synced: func() bool { return true }, store: store}
}

// gathered runs a part of the collector, and returns its gauges by name and label.
func gathered(t *testing.T, run func(chan<- prometheus.Metric)) map[string]float64 {
	t.Helper()
	ch := make(chan prometheus.Metric, 100)
	run(ch)
	close(ch)
	found := map[string]float64{}
	for metric := range ch {
		var value dto.Metric
		if err := metric.Write(&value); err != nil {
			t.Fatal(err)
		}
		key := nameOf(metric.Desc())
		for _, label := range value.GetLabel() {
			key += " " + label.GetValue()
		}
		found[key] = value.GetGauge().GetValue()
	}
	return found
}

func nameOf(desc *prometheus.Desc) (name string) {
	_, _ = fmt.Sscanf(desc.String(), "Desc{fqName: %q", &name)
	return name
}

func expect(t *testing.T, got, want map[string]float64) {
	t.Helper()
	for key, value := range want {
		if found, ok := got[key]; !ok || found != value {
			t.Errorf("%s is %v, want %v", key, found, value)
		}
	}
	for key, value := range got {
		if _, ok := want[key]; !ok {
			t.Errorf("%s is %v, and was not expected at all", key, value)
		}
	}
}

// pod returns the pod of a desktop of a tenant that was made an hour ago.
func pod(tenant, name string, change func(*corev1.Pod)) *corev1.Pod {
	made := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{
		Namespace: "tenant-" + tenant, Name: name, Labels: map[string]string{v1alpha1.LabelWorkplace: name},
		CreationTimestamp: metav1.NewTime(moment.Add(-time.Hour)),
	}}
	if change != nil {
		change(made)
	}
	return made
}

func ready(status corev1.ConditionStatus, ago time.Duration) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		pod.Status.Conditions = []corev1.PodCondition{
			{Type: corev1.PodScheduled, Status: corev1.ConditionTrue},
			{Type: corev1.PodReady, Status: status, LastTransitionTime: metav1.NewTime(moment.Add(-ago))},
		}
	}
}

func graceEnds(in time.Duration) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		at := metav1.NewTime(moment.Add(in))
		pod.DeletionTimestamp = &at
	}
}

func suspension(tenant, name string, since time.Duration, lifted bool) v1alpha1.Suspension {
	from := metav1.NewTime(moment.Add(since))
	made := v1alpha1.Suspension{
		ObjectMeta: metav1.ObjectMeta{Namespace: "tenant-" + tenant, Name: name},
		Spec:       v1alpha1.SuspensionSpec{Cause: v1alpha1.CauseManual, Since: &from},
	}
	if lifted {
		made.Status.LiftedAt = &metav1.Time{Time: moment}
	}
	return made
}

// TestDesktops: the state of each pod, and for how long the worst has been in it.
func TestDesktops(t *testing.T) {
	t.Parallel()
	c := &collector{pods: stocked[corev1.Pod](
		pod("a", "ready", ready(corev1.ConditionTrue, time.Hour)),
		pod("a", "young", ready(corev1.ConditionFalse, time.Minute)),
		pod("a", "old", ready(corev1.ConditionFalse, 10*time.Minute)),
		pod("b", "unseen", nil), // no kubelet has said anything in the hour since it was made
		pod("b", "stopping", graceEnds(20*time.Second)),
		pod("b", "stuck", graceEnds(-5*time.Minute)),
		pod("b", "ended", func(pod *corev1.Pod) { pod.Status.Phase = corev1.PodFailed }),
		pod("b", "copy", func(pod *corev1.Pod) { pod.Labels = nil }),
	)}
	expect(t, gathered(t, func(ch chan<- prometheus.Metric) { c.desktops(t.Context(), ch, family{}, moment) }), map[string]float64{
		"werkplek_desktops Ready": 1, "werkplek_desktops NotReady": 3, "werkplek_desktops Stopping": 2, "werkplek_desktops Ended": 1,
		"werkplek_desktop_longest_seconds NotReady": 3600, "werkplek_desktop_longest_seconds Stopping": 300,
		"werkplek_suspended_desktops_running": 0, "werkplek_suspension_not_carried_out_seconds": 0,
	})
}

// TestSuspendedDesktops: a suspension is carried out once no pod is left of those
// whom it denies, the tenants below a reseller included (TD-12).
func TestSuspendedDesktops(t *testing.T) {
	t.Parallel()
	yes := true
	tenant := func(name, reseller string) v1alpha1.Tenant {
		made := v1alpha1.Tenant{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: v1alpha1.TenantSpec{Reseller: &yes}}
		if reseller != "" {
			made.Spec.ResellerRef = &v1alpha1.Reference{Name: v1alpha1.ObjectName(reseller)}
		}
		return made
	}
	tenants := []v1alpha1.Tenant{tenant("a", ""), tenant("r", ""), tenant("b", "r")}
	for name, c := range map[string]struct {
		pods           []client.Object
		suspensions    []v1alpha1.Suspension
		running, since float64
	}{
		"nobody is suspended": {pods: []client.Object{pod("a", "p", nil)}},
		"carried out":         {pods: []client.Object{pod("b", "p", nil)}, suspensions: []v1alpha1.Suspension{suspension("a", "s", -time.Hour, false)}},
		"not carried out": {
			pods: []client.Object{pod("a", "p", ready(corev1.ConditionTrue, 0)), pod("a", "q", nil)}, suspensions: []v1alpha1.Suspension{suspension("a", "s", -time.Minute, false)},
			running: 2, since: 60,
		},
		"its pod does not go": {
			pods: []client.Object{pod("a", "p", graceEnds(-time.Minute))}, suspensions: []v1alpha1.Suspension{suspension("a", "s", -2*time.Minute, false)},
			running: 1, since: 120,
		},
		"its pod has ended": {
			pods:        []client.Object{pod("a", "p", func(pod *corev1.Pod) { pod.Status.Phase = corev1.PodSucceeded })},
			suspensions: []v1alpha1.Suspension{suspension("a", "s", -time.Minute, false)},
		},
		"begins later": {pods: []client.Object{pod("a", "p", nil)}, suspensions: []v1alpha1.Suspension{suspension("a", "s", time.Minute, false)}},
		"lifted":       {pods: []client.Object{pod("a", "p", nil)}, suspensions: []v1alpha1.Suspension{suspension("a", "s", -time.Minute, true)}},
		"the reseller's": {
			pods:        []client.Object{pod("b", "p", nil)},
			suspensions: []v1alpha1.Suspension{suspension("r", "s", -time.Minute, false), suspension("b", "t", -3*time.Minute, false)},
			running:     1, since: 180,
		},
		"of nobody's namespace": {pods: []client.Object{pod("x", "p", nil)}, suspensions: []v1alpha1.Suspension{suspension("x", "s", -time.Minute, false)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			collected := &collector{pods: stocked[corev1.Pod](c.pods...)}
			got := gathered(t, func(ch chan<- prometheus.Metric) {
				collected.desktops(t.Context(), ch, family{tenants, c.suspensions}, moment)
			})
			running, since := got["werkplek_suspended_desktops_running"], got["werkplek_suspension_not_carried_out_seconds"]
			if running != c.running || since != c.since {
				t.Errorf("%v desktops run, the oldest suspension since %v s; want %v and %v s", running, since, c.running, c.since)
			}
		})
	}
}

// TestUnsyncedDesktops: a cache that is not complete says nothing, rather than that there are none.
func TestUnsyncedDesktops(t *testing.T) {
	t.Parallel()
	unsynced := held[corev1.Pod]{synced: func() bool { return false }, store: stocked[corev1.Pod]().store}
	ch := make(chan prometheus.Metric, 10)
	(&collector{pods: unsynced}).desktops(t.Context(), ch, family{}, moment)
	close(ch)
	for metric := range ch {
		if err := metric.Write(&dto.Metric{}); err == nil {
			t.Errorf("%s has a value before the cache is synced", metric.Desc())
		}
	}
}
