// SPDX-License-Identifier: Apache-2.0

// Package metrics tells a monitoring system how the tenants stand. Its figures
// are read from the cache when asked for, so that none outlives its object.
package metrics

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/facts"
)

var (
	tenantsDesc     = prometheus.NewDesc("werkplek_tenants", "Tenants by state.", []string{"state"}, nil)
	suspensionsDesc = prometheus.NewDesc("werkplek_suspensions_in_force", "Suspensions in force by cause.", []string{"cause"}, nil)
	staleDesc       = prometheus.NewDesc("werkplek_billing_stale", "Tenants whose billing facts decide nothing, by reason.", []string{"reason"}, nil)
	arrearsDesc     = prometheus.NewDesc("werkplek_arrears_age_days", "Days since the date from which each tenant's arrears count.", nil, nil)
	licensesDesc    = prometheus.NewDesc("werkplek_license_quantity", "Quantity of each licensed product that the month counts so far.", []string{"license", "part_number", "agreement"}, nil)
	overdueDesc     = prometheus.NewDesc("werkplek_license_reports_overdue", "Licence reports that were due and are not recorded as submitted.", nil, nil)
	chargesDesc     = prometheus.NewDesc("werkplek_charges_not_invoiced", "Charges that the billing system has not put on an invoice.", nil, nil)
)

// arrearsBuckets are days: the terms' usual limits lie between them.
var arrearsBuckets = []float64{7, 14, 30, 61, 92, 122, 183, 365}

type collector struct {
	cache client.Reader
	clock clock.PassiveClock
	// There may be 100,000 of each of these, so they are looked through where the
	// cache keeps them, and not copied into a list.
	workplaces held[v1alpha1.Workplace]
	pods       held[corev1.Pod]
}

// Register offers the figures to the manager's metrics endpoint.
func Register(ctx context.Context, watched cache.Cache, clock clock.PassiveClock) error {
	c := &collector{cache: watched, clock: clock}
	if err := c.workplaces.find(ctx, watched, &v1alpha1.Workplace{}); err != nil {
		return err
	}
	if err := c.pods.find(ctx, watched, &corev1.Pod{}); err != nil {
		return err
	}
	return errors.Join(metrics.Registry.Register(c), metrics.Registry.Register(reconciling.Failures))
}

// descriptions are of all that is collected.
var descriptions = []*prometheus.Desc{
	tenantsDesc, suspensionsDesc, staleDesc, arrearsDesc, erasuresDesc, chargesDesc, licensesDesc, overdueDesc,
	requestsOpenDesc, requestsOverdueDesc, noticesDesc, unsentDesc, exportsDesc,
	workplacesDesc, backupsDesc, desktopsDesc, longestDesc, deniedDesc, lateDesc,
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range descriptions {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	now := c.clock.Now()
	tenants := c.tenants(ctx, ch, now)
	suspensions := c.suspensions(ctx, ch, now)
	c.desktops(ctx, ch, family{tenants, suspensions}, now)
	c.workplacesByReason(ch)
	c.exports(ctx, ch)
	c.charges(ctx, ch)
	c.licenses(ctx, ch)
	c.reports(ctx, ch)
	c.requests(ctx, ch, now)
	c.notices(ctx, ch, now)
}

// tenants counts the tenants, and returns them; nil if they could not be read.
func (c *collector) tenants(ctx context.Context, ch chan<- prometheus.Metric, now time.Time) []v1alpha1.Tenant {
	var list v1alpha1.TenantList
	if err := c.cache.List(ctx, &list, client.UnsafeDisableDeepCopy); err != nil {
		ch <- prometheus.NewInvalidMetric(tenantsDesc, err)
		return nil
	}
	states := map[string]float64{}
	for _, state := range []v1alpha1.TenantState{v1alpha1.TenantTrial, v1alpha1.TenantActive, v1alpha1.TenantInArrears, v1alpha1.TenantSuspended, v1alpha1.TenantEnded, v1alpha1.TenantErased} {
		states[string(state)] = 0
	}
	stale, erasures := map[string]float64{}, map[string]float64{}
	buckets := map[float64]uint64{}
	for _, limit := range arrearsBuckets {
		buckets[limit] = 0
	}
	var count uint64
	var sum float64
	for i := range list.Items {
		s := &list.Items[i].Status
		if s.State != "" {
			states[string(s.State)]++
		}
		if fresh := meta.FindStatusCondition(s.Conditions, v1alpha1.ConditionBillingFresh); fresh != nil && fresh.Status == "False" {
			stale[fresh.Reason]++
		}
		if reason := erasureHeld(s, now); reason != "" {
			erasures[reason]++
		}
		if s.Arrears == nil {
			continue
		}
		since, err := calendar.ParseDate(string(s.Arrears.Since))
		if err != nil {
			continue
		}
		days := now.Sub(since.Start(time.UTC)).Hours() / 24
		count++
		sum += days
		for _, limit := range arrearsBuckets {
			if days <= limit {
				buckets[limit]++
			}
		}
	}
	gauges(ch, tenantsDesc, states)
	gauges(ch, staleDesc, stale)
	gauges(ch, erasuresDesc, erasures)
	ch <- prometheus.MustNewConstHistogram(arrearsDesc, count, sum, buckets)
	return list.Items
}

// suspensions counts those in force, and returns all; nil if they could not be read.
func (c *collector) suspensions(ctx context.Context, ch chan<- prometheus.Metric, now time.Time) []v1alpha1.Suspension {
	var list v1alpha1.SuspensionList
	if err := c.cache.List(ctx, &list, client.UnsafeDisableDeepCopy); err != nil {
		ch <- prometheus.NewInvalidMetric(suspensionsDesc, err)
		return nil
	}
	causes := map[string]float64{}
	for i := range list.Items {
		if facts.SuspensionOf(&list.Items[i]).InForce(now) {
			causes[string(list.Items[i].Spec.Cause)]++
		}
	}
	gauges(ch, suspensionsDesc, causes)
	return list.Items
}

func (c *collector) charges(ctx context.Context, ch chan<- prometheus.Metric) {
	var list v1alpha1.ChargeList
	if err := c.cache.List(ctx, &list, client.UnsafeDisableDeepCopy); err != nil {
		ch <- prometheus.NewInvalidMetric(chargesDesc, err)
		return
	}
	open := 0
	for i := range list.Items {
		if list.Items[i].Status.Invoice == nil {
			open++
		}
	}
	ch <- prometheus.MustNewConstMetric(chargesDesc, prometheus.GaugeValue, float64(open))
}

func (c *collector) licenses(ctx context.Context, ch chan<- prometheus.Metric) {
	var list v1alpha1.LicenseList
	if err := c.cache.List(ctx, &list, client.UnsafeDisableDeepCopy); err != nil {
		ch <- prometheus.NewInvalidMetric(licensesDesc, err)
		return
	}
	for i := range list.Items {
		l := &list.Items[i]
		ch <- prometheus.MustNewConstMetric(licensesDesc, prometheus.GaugeValue, float64(l.Status.Quantity), l.Name, l.Spec.PartNumber, string(l.Spec.Agreement))
	}
}

func (c *collector) reports(ctx context.Context, ch chan<- prometheus.Metric) {
	var list v1alpha1.LicenseReportList
	if err := c.cache.List(ctx, &list, client.UnsafeDisableDeepCopy); err != nil {
		ch <- prometheus.NewInvalidMetric(overdueDesc, err)
		return
	}
	overdue := 0
	for i := range list.Items {
		if s := meta.FindStatusCondition(list.Items[i].Status.Conditions, v1alpha1.ConditionSubmitted); s != nil && s.Reason == v1alpha1.ReasonOverdue {
			overdue++
		}
	}
	ch <- prometheus.MustNewConstMetric(overdueDesc, prometheus.GaugeValue, float64(overdue))
}

func gauges(ch chan<- prometheus.Metric, desc *prometheus.Desc, values map[string]float64) {
	for label, value := range values {
		ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, label)
	}
}
