// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"os"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"werkplek.dev/werkplek/internal/clock"
	"werkplek.dev/werkplek/internal/version"
	"werkplek.dev/werkplek/internal/version/servers"
)

// tellVersion shows the version as a metric, and notes it where kubectl werkplek
// version reads it once the manager starts.
func tellVersion(mgr ctrl.Manager, o options, built version.Info) error {
	if err := metrics.Registry.Register(servers.Metric(built)); err != nil {
		return err
	}
	// The manager's own client would watch all Leases for the sake of this one.
	direct, err := client.New(mgr.GetConfig(), client.Options{Scheme: mgr.GetScheme()})
	if err != nil {
		return err
	}
	host, _ := os.Hostname()
	now := metav1.NewTime(clock.New(o.clockOffset).Now())
	return mgr.Add(onEveryReplica{manager.RunnableFunc(func(ctx context.Context) error {
		namespace := cmp.Or(o.leaderNamespace, o.gatewayNamespace)
		if err := servers.Note(ctx, direct, namespace, servers.Server{Info: built, Program: servers.Manager, Host: host, Since: ptr.To(now)}); err != nil {
			ctrl.Log.Info("kubectl werkplek version will not know this version", "why", err.Error())
		}
		return nil
	})})
}

// onEveryReplica runs also where another replica leads.
type onEveryReplica struct{ manager.RunnableFunc }

// NeedLeaderElection implements manager.LeaderElectionRunnable.
func (onEveryReplica) NeedLeaderElection() bool { return false }
