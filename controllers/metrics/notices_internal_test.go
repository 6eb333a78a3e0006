// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// A notice that was sent does not age; one that nobody looked at yet waits.
func TestNotices(t *testing.T) {
	t.Parallel()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	builder := fake.NewClientBuilder().WithScheme(scheme)
	for name, notice := range map[string]struct {
		reason string
		age    time.Duration
	}{
		"new": {"", time.Second}, "sent": {v1alpha1.ReasonSent, 9 * time.Hour}, "dead": {v1alpha1.ReasonUnreachable, time.Hour}, "refused": {v1alpha1.ReasonMailRefused, 3 * time.Hour},
	} {
		object := &v1alpha1.Notice{ObjectMeta: metav1.ObjectMeta{Namespace: "tenant-jansen", Name: name, CreationTimestamp: metav1.NewTime(now.Add(-notice.age))}}
		if notice.reason != "" {
			object.Status.Conditions = v1alpha1.Conditions{{Type: v1alpha1.ConditionSent, Reason: notice.reason}}
		}
		if notice.reason == v1alpha1.ReasonSent {
			object.Status.SentAt = &metav1.Time{Time: now}
		}
		builder.WithObjects(object)
	}
	ch := make(chan prometheus.Metric, 10)
	(&collector{cache: builder.Build()}).notices(t.Context(), ch, now)
	close(ch)
	got := map[string]float64{}
	for metric := range ch {
		var value dto.Metric
		if err := metric.Write(&value); err != nil {
			t.Fatal(err)
		}
		name := "oldest"
		if labels := value.GetLabel(); len(labels) > 0 {
			name = labels[0].GetValue()
		}
		got[name] = value.GetGauge().GetValue()
	}
	for name, want := range map[string]float64{"Sent": 1, "Waiting": 1, "Refused": 1, "Unreachable": 1, "NotConfigured": 0, "TemplateInvalid": 0, "oldest": 3 * 3600} {
		if value, ok := got[name]; !ok || value != want {
			t.Errorf("%s: %v, want %v", name, value, want)
		}
	}
}
