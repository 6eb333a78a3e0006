// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
)

var (
	noticesDesc = prometheus.NewDesc("werkplek_notices", "Notices by what became of them: the reason of their condition Sent.", []string{"reason"}, nil)
	unsentDesc  = prometheus.NewDesc("werkplek_notice_oldest_unsent_seconds", "How long the notice that was not sent for the longest time has existed; 0: all were sent.", nil, nil)
)

func (c *collector) notices(ctx context.Context, ch chan<- prometheus.Metric, now time.Time) {
	var list v1alpha1.NoticeList
	if err := c.cache.List(ctx, &list, client.UnsafeDisableDeepCopy); err != nil {
		ch <- prometheus.NewInvalidMetric(noticesDesc, err)
		return
	}
	reasons := map[string]float64{}
	for _, reason := range []string{v1alpha1.ReasonSent, v1alpha1.ReasonWaiting, v1alpha1.ReasonMailRefused, v1alpha1.ReasonUnreachable, v1alpha1.ReasonNotConfigured, v1alpha1.ReasonTemplateInvalid} {
		reasons[reason] = 0
	}
	var oldest time.Duration
	for i := range list.Items {
		n := &list.Items[i]
		reason := v1alpha1.ReasonWaiting // not looked at yet
		if sent := meta.FindStatusCondition(n.Status.Conditions, v1alpha1.ConditionSent); sent != nil {
			reason = sent.Reason
		}
		reasons[reason]++
		if n.Status.SentAt == nil && reason != v1alpha1.ReasonHistory {
			oldest = max(oldest, now.Sub(n.CreationTimestamp.Time))
		}
	}
	gauges(ch, noticesDesc, reasons)
	ch <- prometheus.MustNewConstMetric(unsentDesc, prometheus.GaugeValue, oldest.Seconds())
}
