// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
)

var (
	workplacesDesc = prometheus.NewDesc("werkplek_workplaces",
		"Workplaces by the reason of their condition Ready; Unknown: nobody has looked at them yet.", []string{"reason"}, nil)
	backupsDesc = prometheus.NewDesc("werkplek_home_backups_failed",
		"Workplaces whose home's last backup that was due was not made.", nil, nil)
)

// unlooked is the reason of a workplace without conditions.
const unlooked = "Unknown"

// workplacesByReason counts workplaces by what they wait for.
func (c *collector) workplacesByReason(ch chan<- prometheus.Metric) {
	all, err := c.workplaces.all()
	if err != nil {
		ch <- prometheus.NewInvalidMetric(workplacesDesc, err)
		return
	}
	reasons, failed := map[string]float64{v1alpha1.ReasonReady: 0}, 0
	for _, object := range all {
		conditions := object.(*v1alpha1.Workplace).Status.Conditions
		reason := unlooked
		if ready := meta.FindStatusCondition(conditions, v1alpha1.ConditionReady); ready != nil {
			reason = ready.Reason
		}
		reasons[reason]++
		backup := meta.FindStatusCondition(conditions, v1alpha1.ConditionBackupReady)
		if backup != nil && backup.Status == metav1.ConditionFalse && backup.Reason == v1alpha1.ReasonBackupFailed {
			failed++
		}
	}
	gauges(ch, workplacesDesc, reasons)
	ch <- prometheus.MustNewConstMetric(backupsDesc, prometheus.GaugeValue, float64(failed))
}
