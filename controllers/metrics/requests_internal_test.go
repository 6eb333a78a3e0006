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

// TestRequestsOverdue: a request whose answer was promised by now and did not
// come is overdue (TD-1); one that was answered, however late, is not.
func TestRequestsOverdue(t *testing.T) {
	t.Parallel()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	at := func(d time.Duration) *metav1.Time {
		moment := metav1.NewTime(now.Add(d))
		return &moment
	}
	builder := fake.NewClientBuilder().WithScheme(scheme)
	for name, status := range map[string]v1alpha1.UserRequestStatus{
		"new":        {},
		"in-time":    {AnswerDueAt: at(time.Second)},
		"just-due":   {AnswerDueAt: at(0)},
		"overdue":    {AnswerDueAt: at(-time.Second)},
		"answered":   {AnswerDueAt: at(time.Hour), AnsweredAt: at(-time.Hour)},
		"too-late":   {AnswerDueAt: at(-time.Hour), AnsweredAt: at(-time.Minute)},
		"no-promise": {ReceivedAt: at(-1000 * time.Hour)},
	} {
		builder.WithObjects(&v1alpha1.UserRequest{ObjectMeta: metav1.ObjectMeta{Namespace: "tenant-jansen", Name: name}, Status: status})
	}
	ch := make(chan prometheus.Metric, 10)
	(&collector{cache: builder.Build()}).requests(t.Context(), ch, now)
	close(ch)
	got := map[*prometheus.Desc]float64{}
	for metric := range ch {
		var value dto.Metric
		if err := metric.Write(&value); err != nil {
			t.Fatal(err)
		}
		got[metric.Desc()] = value.GetGauge().GetValue()
	}
	if open, overdue := got[requestsOpenDesc], got[requestsOverdueDesc]; open != 5 || overdue != 1 {
		t.Errorf("%v open and %v overdue; want 5 and 1", open, overdue)
	}
}
