// SPDX-License-Identifier: Apache-2.0

// The manager runs Werkplek's reconcilers.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-logr/logr"
	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v8/apis/volumesnapshot/v1"
	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers"
	"werkplek.dev/werkplek/controllers/licensereport"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/clock"
	"werkplek.dev/werkplek/internal/desktop"
	"werkplek.dev/werkplek/internal/installation"
	"werkplek.dev/werkplek/internal/profiling"
	"werkplek.dev/werkplek/internal/skew"
	"werkplek.dev/werkplek/internal/tracing"
	"werkplek.dev/werkplek/internal/version"
)

type options struct {
	metricsAddress   string
	probeAddress     string
	leaderElection   bool
	leaderNamespace  string
	clockOffset      time.Duration
	hold             string
	only             string
	reportDue        string
	reportZone       string
	domain           string
	gatewayNamespace string
	egressExcept     string
	exportEgress     string
	exportImage      string
	pprofAddress     string
	tracing          tracing.Options
	qps              float64
	notices          noticeOptions
	checked          []string
}

func main() {
	var o options
	flag.StringVar(&o.metricsAddress, "metrics-bind-address", ":8080", "address of the metrics endpoint; 0 turns it off")
	flag.StringVar(&o.probeAddress, "health-probe-bind-address", ":8081", "address of /healthz and /readyz; 0 turns them off")
	flag.BoolVar(&o.leaderElection, "leader-elect", false, "let one of several managers act at a time")
	flag.StringVar(&o.leaderNamespace, "leader-election-namespace", "", "namespace of the lease; default: the manager's own")
	flag.DurationVar(&o.clockOffset, "clock-offset", 0, "run the product's clock this far ahead, to rehearse on a staging cluster")
	flag.StringVar(&o.hold, "hold", "",
		"hold the operator from its start, until a person lets it act; any word, such as restore-2026-11-27, and each word holds once")
	flag.StringVar(&o.only, "controllers", "", "comma-separated controllers to run, such as usagerecord,licensereport; empty: all")
	flag.StringVar(&o.reportDue, "report-due", "P10D", "how long after a month's last day its licence report is due, an ISO 8601 period")
	flag.StringVar(&o.reportZone, "report-time-zone", "", "IANA time zone in which licence reports are due; empty: that of the terms, or UTC where they differ")
	flag.StringVar(&o.domain, "desks-domain", "", "domain below which each workplace has its host name, such as desks.example.com")
	flag.StringVar(&o.gatewayNamespace, "gateway-namespace", "werkplek-system", "namespace of the access gateway")
	flag.StringVar(&o.egressExcept, "egress-except", "10.0.0.0/8,100.64.0.0/10,169.254.0.0/16,172.16.0.0/12,192.168.0.0/16,fc00::/7,fe80::/10",
		"comma-separated address ranges that desktops may not reach")
	flag.StringVar(&o.exportEgress, "export-egress", "",
		"comma-separated address ranges that the copies of a DataExport may reach all the same, such as an object storage of your own")
	flag.StringVar(&o.exportImage, "export-image", "registry.example.com/werkplek/export:latest", "image of the program that copies homes for a DataExport")
	flag.Float64Var(&o.qps, "kube-api-qps", -1, "requests per second to the API server at most; -1 leaves that to its priority and fairness")
	o.notices.bind(flag.CommandLine)
	flag.Func("check", "URL to ask until it answers well, and then end: an installation's own test; give it once for each", func(url string) error {
		o.checked = append(o.checked, url)
		return nil
	})
	flag.StringVar(&o.tracing.Endpoint, "tracing-endpoint", "",
		"URL of an OpenTelemetry collector that takes traces by OTLP over HTTP, such as http://collector:4318; empty: none are made")
	flag.Float64Var(&o.tracing.Ratio, "tracing-sample-ratio", 0.1, "how many of all traces are made, from 0 to 1")
	flag.StringVar(&o.pprofAddress, "pprof-bind-address", "", profiling.Flag)
	logging := zap.Options{}
	logging.BindFlags(flag.CommandLine)
	show := flag.Bool("version", false, "say which version this is, and end")
	flag.Parse()
	if *show {
		fmt.Println("werkplek-manager", version.Get())
		return
	}
	ctrl.SetLogger(zap.New(zap.UseFlagOptions(&logging)))

	ctx := ctrl.SetupSignalHandler()
	if len(o.checked) > 0 {
		if err := check(ctx, http.DefaultClient, o.checked, checkPatience, checkInterval); err != nil {
			fmt.Fprintln(os.Stderr, "manager:", err)
			os.Exit(1)
		}
		return
	}
	err := run(ctx, o)
	if errors.Is(err, installation.ErrHeld) && ctx.Err() == nil {
		ctrl.Log.Info("starting anew, to wait for a person", "why", err.Error())
		err = errors.Join(err, again())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "manager:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	scheme := runtime.NewScheme()
	utilruntime.Must(clientgoscheme.AddToScheme(scheme))
	utilruntime.Must(v1alpha1.AddToScheme(scheme))
	utilruntime.Must(snapshotv1.AddToScheme(scheme))

	config, err := ctrl.GetConfig()
	if err != nil {
		return fmt.Errorf("find the cluster (set KUBECONFIG, or --kubeconfig, or run in a pod): %w", err)
	}
	config.QPS, config.Burst = float32(o.qps), int(2*o.qps)
	built := version.Get()
	config.UserAgent = built.UserAgent("werkplek-manager")
	ctrl.Log.Info("starting", "version", built.Version, "revision", built.Revision, "go", built.GoVersion)
	meter := skew.New(clock.New(0))
	config.Wrap(meter.Wrap)
	o.tracing.Service, o.tracing.Version, o.tracing.Log = "werkplek-manager", built.Version, ctrl.Log.WithName("tracing")
	stop, err := tracing.Start(ctx, o.tracing)
	if err != nil {
		return fmt.Errorf("--tracing-endpoint, --tracing-sample-ratio: %w", err)
	}
	defer stop()
	config.Wrap(tracing.Calls)

	mgr, err := ctrl.NewManager(config, ctrl.Options{
		Scheme:                        scheme,
		Cache:                         controllers.Cache(),
		Metrics:                       metricsserver.Options{BindAddress: o.metricsAddress},
		HealthProbeBindAddress:        o.probeAddress,
		LeaderElection:                o.leaderElection,
		LeaderElectionID:              "manager.werkplek.dev",
		LeaderElectionNamespace:       o.leaderNamespace,
		LeaderElectionReleaseOnCancel: true,
	})
	if err != nil {
		return fmt.Errorf("reach the cluster: %w", err)
	}
	if err := errors.Join(rehearse(ctrl.Log, o.clockOffset), metrics.Registry.Register(meter)); err != nil {
		return err
	}
	reporting, err := reporting(o)
	if err != nil {
		return err
	}
	notices, err := o.notices.settings()
	if err != nil {
		return err
	}
	gate, err := holding(mgr, o)
	if err != nil {
		return err
	}
	if err := controllers.Register(ctx, mgr, controllers.Options{
		Gate:      gate,
		Clock:     clock.New(o.clockOffset),
		Today:     clock.New(0),
		Only:      split(o.only),
		Domain:    o.domain,
		Reporting: reporting,
		Notices:   notices,
		Network: desktop.Network{
			GatewayNamespace: o.gatewayNamespace,
			GatewayLabels:    map[string]string{"app.kubernetes.io/name": "werkplek-portal"},
			EgressExcept:     split(o.egressExcept),
			ExportEgress:     split(o.exportEgress),
		},
		ExportImage: o.exportImage,
	}); err != nil {
		return err
	}
	if err := errors.Join(probes(mgr), mgr.Add(profiles(o.pprofAddress))); err != nil {
		return err
	}
	if err := tellVersion(mgr, o, built); err != nil {
		return err
	}
	return mgr.Start(ctx)
}

// reporting reads what was agreed about licence reports.
func reporting(o options) (licensereport.Settings, error) {
	due, err := calendar.ParsePeriod(o.reportDue)
	if err != nil {
		return licensereport.Settings{}, fmt.Errorf("--report-due: %w", err)
	}
	settings := licensereport.Settings{DueAfter: due}
	if o.reportZone != "" {
		if settings.Zone, err = time.LoadLocation(o.reportZone); err != nil {
			return settings, fmt.Errorf("--report-time-zone: %w; write an IANA time zone such as Europe/Amsterdam", err)
		}
	}
	return settings, nil
}

// rehearse says loudly that the clock is shifted, and tells the monitoring system.
func rehearse(log logr.Logger, offset time.Duration) error {
	if offset != 0 {
		log.Info("REHEARSAL: the clock is shifted; contracts are enforced as of another date", "offset", offset.String())
	}
	return metrics.Registry.Register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "werkplek_clock_offset_seconds", Help: "How far the product's clock is shifted, for rehearsals; 0 in production.",
	}, func() float64 { return offset.Seconds() }))
}

// probes serves health and readiness; both mean that the caches are synced.
func probes(mgr ctrl.Manager) error {
	synced := &atomic.Bool{}
	if err := mgr.Add(waitForCaches{mgr, synced}); err != nil {
		return err
	}
	check := func(*http.Request) error {
		if !synced.Load() {
			return errors.New("the caches are not synced yet")
		}
		return nil
	}
	return errors.Join(mgr.AddHealthzCheck("ping", healthz.Ping), mgr.AddReadyzCheck("caches", check))
}

// profiles serves profiles of every replica, leading or not, on an address.
type profiles string

// NeedLeaderElection implements manager.LeaderElectionRunnable.
func (profiles) NeedLeaderElection() bool { return false }

// Start implements manager.Runnable.
func (p profiles) Start(ctx context.Context) error { return profiling.Serve(ctx, string(p)) }

// waitForCaches notes when the caches are synced, on every replica, leading or not.
type waitForCaches struct {
	mgr    manager.Manager
	synced *atomic.Bool
}

// NeedLeaderElection implements manager.LeaderElectionRunnable.
func (waitForCaches) NeedLeaderElection() bool { return false }

// Start implements manager.Runnable.
func (w waitForCaches) Start(ctx context.Context) error {
	w.synced.Store(w.mgr.GetCache().WaitForCacheSync(ctx))
	<-ctx.Done()
	return nil
}

func split(list string) []string {
	var items []string
	for item := range strings.SplitSeq(list, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}
