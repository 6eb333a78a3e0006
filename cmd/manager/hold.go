// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"github.com/prometheus/client_golang/prometheus"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"werkplek.dev/werkplek/internal/installation"
)

const (
	// ownNamespaceFile is where a pod reads in which namespace it runs.
	ownNamespaceFile = "/var/run/secrets/kubernetes.io/serviceaccount/namespace"
	usualNamespace   = "werkplek-system"
)

// holding adds what holds the operator until a person lets it act, and tells the
// monitoring system of it.
func holding(mgr ctrl.Manager, o options) (*installation.Gate, error) {
	namespace, err := ownNamespace(o.leaderNamespace)
	if err != nil {
		return nil, err
	}
	watcher, err := client.NewWithWatch(mgr.GetConfig(), client.Options{
		HTTPClient: mgr.GetHTTPClient(), Scheme: mgr.GetScheme(), Mapper: mgr.GetRESTMapper(),
	})
	if err != nil {
		return nil, err
	}
	gate := &installation.Gate{
		Store:   installation.Store{Live: mgr.GetAPIReader(), Client: mgr.GetClient(), Namespace: namespace},
		Asked:   o.hold,
		Watcher: watcher,
		Events:  mgr.GetEventRecorder("werkplek"),
	}
	if err := mgr.Add(gate); err != nil {
		return nil, err
	}
	return gate, metrics.Registry.Register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "werkplek_held", Help: "1 while the leading manager does nothing until a person lets it act; 0 otherwise.",
	}, func() float64 {
		if gate.Held() {
			return 1
		}
		return 0
	}))
}

// again starts this program anew in its own place. Whoever keeps it running sees no
// end of it, and has no reason to wait before the next start.
func again() error {
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("start anew: %w", err)
	}
	return fmt.Errorf("start anew: %w", syscall.Exec(program, os.Args, os.Environ()))
}

// ownNamespace returns the namespace in which the manager keeps what is its own.
func ownNamespace(given string) (string, error) {
	if given != "" {
		return given, nil
	}
	own, err := os.ReadFile(ownNamespaceFile)
	if errors.Is(err, fs.ErrNotExist) {
		return usualNamespace, nil // outside of a cluster
	}
	if err != nil {
		return "", fmt.Errorf("read the manager's own namespace: %w", err)
	}
	return strings.TrimSpace(string(own)), nil
}
