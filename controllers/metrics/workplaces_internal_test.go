// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/terms/retention"
)

func workplace(name string, conditions ...metav1.Condition) *v1alpha1.Workplace {
	return &v1alpha1.Workplace{
		ObjectMeta: metav1.ObjectMeta{Namespace: "tenant-a", Name: name}, Status: v1alpha1.WorkplaceStatus{Conditions: conditions},
	}
}

// TestWorkplaces: each is counted under what it waits for; one that nobody has
// looked at is not one that rests.
func TestWorkplaces(t *testing.T) {
	t.Parallel()
	is := func(kind, reason string, status metav1.ConditionStatus) metav1.Condition {
		return metav1.Condition{Type: kind, Reason: reason, Status: status}
	}
	c := &collector{workplaces: stocked[v1alpha1.Workplace](
		workplace("new"),
		workplace("idle", is(v1alpha1.ConditionReady, v1alpha1.ReasonIdle, "False"), is(v1alpha1.ConditionBackupReady, v1alpha1.ReasonBackupFailed, "False")),
		workplace("bad", is(v1alpha1.ConditionReady, v1alpha1.ReasonCrashing, "False"), is(v1alpha1.ConditionBackupReady, v1alpha1.ReasonBackingUp, "Unknown")),
		workplace("bad2", is(v1alpha1.ConditionReady, v1alpha1.ReasonCrashing, "False")),
	)}
	expect(t, gathered(t, c.workplacesByReason), map[string]float64{
		"werkplek_workplaces Ready": 0, "werkplek_workplaces Unknown": 1, "werkplek_workplaces Idle": 1, "werkplek_workplaces Crashing": 2,
		"werkplek_home_backups_failed": 1,
	})
}

// TestErasureHeld: data is held once its day is over by a day, whatever keeps it
// but that its time has not come.
func TestErasureHeld(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		on, reason, want string
		status           metav1.ConditionStatus
	}{
		"not ended":              {},
		"its day is far":         {"2027-02-01", retention.NotAnnounced, "", "False"},
		"its day is today":       {"2026-11-27", v1alpha1.ReasonLegalHold, "", "False"},
		"its day was yesterday":  {"2026-11-26", v1alpha1.ReasonLegalHold, v1alpha1.ReasonLegalHold, "False"},
		"its notice is not sent": {"2026-11-01", retention.NotAnnounced, retention.NotAnnounced, "False"},
		"it takes long":          {"2026-11-01", v1alpha1.ReasonPending, v1alpha1.ReasonPending, "False"},
		"it was promised later":  {"2026-11-01", retention.NotYet, "", "False"},
		"it was erased":          {"2026-11-01", v1alpha1.ReasonDone, "", "True"},
	} {
		status := &v1alpha1.TenantStatus{Contract: &v1alpha1.ContractStatus{EraseOn: v1alpha1.Date(c.on)}}
		if c.reason != "" {
			status.Conditions = v1alpha1.Conditions{{Type: v1alpha1.ConditionErased, Reason: c.reason, Status: c.status}}
		}
		if got := erasureHeld(status, moment); got != c.want {
			t.Errorf("%s: held because of %q, want %q", name, got, c.want)
		}
	}
}

// TestExports: each is counted under what has become of it.
func TestExports(t *testing.T) {
	t.Parallel()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	builder := fake.NewClientBuilder().WithScheme(scheme)
	for name, reason := range map[string]string{"new": "", "copying": v1alpha1.ReasonCopying, "gone": v1alpha1.ReasonGaveUp} {
		export := &v1alpha1.DataExport{ObjectMeta: metav1.ObjectMeta{Namespace: "tenant-a", Name: name}}
		if reason != "" {
			export.Status.Conditions = v1alpha1.Conditions{{Type: v1alpha1.ConditionCompleted, Reason: reason, Status: "False"}}
		}
		builder.WithObjects(export)
	}
	c := &collector{cache: builder.Build()}
	expect(t, gathered(t, func(ch chan<- prometheus.Metric) { c.exports(t.Context(), ch) }), map[string]float64{
		"werkplek_data_exports HandedOver": 0, "werkplek_data_exports Unknown": 1, "werkplek_data_exports Copying": 1, "werkplek_data_exports GaveUp": 1,
	})
}

// BenchmarkLarge is a scrape of what there may be 100,000 of, with 60,000 pods and
// 1,000 tenants of 10,000 suspended.
func BenchmarkLarge(b *testing.B) {
	var workplaces, pods []client.Object
	var known family
	for i := range 10_000 {
		tenant := fmt.Sprintf("t%d", i)
		known.tenants = append(known.tenants, v1alpha1.Tenant{ObjectMeta: metav1.ObjectMeta{Name: tenant}})
		if i%10 == 0 {
			known.suspensions = append(known.suspensions, suspension(tenant, "s", -time.Hour, false))
		}
		for j := range 10 {
			made := workplace(fmt.Sprint("w", j),
				metav1.Condition{Type: v1alpha1.ConditionAccessGranted}, metav1.Condition{Type: v1alpha1.ConditionLicensed},
				metav1.Condition{Type: v1alpha1.ConditionHomeReady}, metav1.Condition{Type: v1alpha1.ConditionReady, Reason: "Ready"})
			made.Namespace = "tenant-" + tenant
			workplaces = append(workplaces, made)
			if j < 6 {
				pods = append(pods, pod(tenant, made.Name, ready(corev1.ConditionTrue, time.Hour)))
			}
		}
	}
	c := &collector{workplaces: stocked[v1alpha1.Workplace](workplaces...), pods: stocked[corev1.Pod](pods...)}
	ch := make(chan prometheus.Metric, 1000)
	b.ReportAllocs()
	for b.Loop() {
		c.workplacesByReason(ch)
		c.desktops(b.Context(), ch, known, moment)
		for len(ch) > 0 {
			<-ch
		}
	}
}
