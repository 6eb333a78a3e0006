// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/retention"
)

var (
	erasuresDesc = prometheus.NewDesc("werkplek_erasures_held",
		"Tenants whose data is still there more than a day after it might have been erased, by the reason of their condition Erased.", []string{"reason"}, nil)
	exportsDesc = prometheus.NewDesc("werkplek_data_exports",
		"Exports of data by the reason of their condition Completed; Unknown: nobody has looked at them yet.", []string{"reason"}, nil)
)

// erasureHeld says why data was not erased that might have been a day ago; empty if
// there is none. A day is more than zones make, and than an erasure takes.
func erasureHeld(s *v1alpha1.TenantStatus, now time.Time) string {
	erased := meta.FindStatusCondition(s.Conditions, v1alpha1.ConditionErased)
	if erased == nil || erased.Status == metav1.ConditionTrue || erased.Reason == retention.NotYet || s.Contract == nil {
		return ""
	}
	on, err := calendar.ParseDate(string(s.Contract.EraseOn))
	if err != nil || now.Before(on.Start(time.UTC).Add(24*time.Hour)) {
		return ""
	}
	return erased.Reason
}

func (c *collector) exports(ctx context.Context, ch chan<- prometheus.Metric) {
	var list v1alpha1.DataExportList
	if err := c.cache.List(ctx, &list, client.UnsafeDisableDeepCopy); err != nil {
		ch <- prometheus.NewInvalidMetric(exportsDesc, err)
		return
	}
	reasons := map[string]float64{v1alpha1.ReasonHandedOver: 0}
	for i := range list.Items {
		reason := unlooked
		if done := meta.FindStatusCondition(list.Items[i].Status.Conditions, v1alpha1.ConditionCompleted); done != nil {
			reason = done.Reason
		}
		reasons[reason]++
	}
	gauges(ch, exportsDesc, reasons)
}
