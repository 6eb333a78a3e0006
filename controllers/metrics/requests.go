// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/restored"
)

var (
	requestsOpenDesc    = prometheus.NewDesc("werkplek_user_requests_open", "Requests of tenants' contacts that have no answer yet.", nil, nil)
	requestsOverdueDesc = prometheus.NewDesc("werkplek_user_requests_overdue", "Requests that have no answer although the terms promised one by now.", nil, nil)
)

func (c *collector) requests(ctx context.Context, ch chan<- prometheus.Metric, now time.Time) {
	var list v1alpha1.UserRequestList
	if err := c.cache.List(ctx, &list, client.UnsafeDisableDeepCopy); err != nil {
		ch <- prometheus.NewInvalidMetric(requestsOpenDesc, err)
		return
	}
	open, overdue := 0, 0
	for i := range list.Items {
		s := &list.Items[i].Status
		if s.AnsweredAt != nil || restored.Of(&list.Items[i]) == restored.History {
			continue
		}
		open++
		if s.AnswerDueAt != nil && now.After(s.AnswerDueAt.Time) {
			overdue++
		}
	}
	ch <- prometheus.MustNewConstMetric(requestsOpenDesc, prometheus.GaugeValue, float64(open))
	ch <- prometheus.MustNewConstMetric(requestsOverdueDesc, prometheus.GaugeValue, float64(overdue))
}
