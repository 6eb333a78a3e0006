// SPDX-License-Identifier: Apache-2.0

// Package controlplane starts and stops a Kubernetes control plane with
// simulated nodes, as processes of this machine.
package controlplane

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"werkplek.dev/werkplek/hack/cluster/internal/apiclient"
	"werkplek.dev/werkplek/hack/cluster/internal/assets"
	"werkplek.dev/werkplek/hack/cluster/internal/clusterdir"
	"werkplek.dev/werkplek/hack/cluster/internal/process"
)

const (
	// startTimeout bounds a whole start; it takes some seconds.
	startTimeout = 2 * time.Minute
	// startAttempts bounds how often a start is repeated with other ports.
	startAttempts = 5
	// stopGrace is how long a component may take to end in peace. Nothing it
	// could still save would be read again.
	stopGrace = 3 * time.Second
	// pollInterval is how often a condition is looked at.
	pollInterval = 50 * time.Millisecond
)

// Options describe a cluster.
type Options struct {
	Dir    clusterdir.Dir // locked and prepared by the caller
	Assets assets.Assets
	Nodes  int  // simulated ones
	Kwok   bool // whether to simulate nodes at all
	Audit  bool // whether to write an audit log
	// Progress is told what is being done.
	Progress io.Writer
}

// Cluster is a control plane that has been started.
type Cluster struct {
	options Options
	ports   ports
	admin   *apiclient.Client
	etcd    *apiclient.Client

	processes []*process.Process
	ended     chan *process.Process
}

// Start starts a new, empty cluster and returns when it can be used. It leaves
// no process behind when it fails.
func Start(ctx context.Context, options Options) (*Cluster, error) {
	if !options.Kwok {
		options.Nodes = 0
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for attempt := 1; ; attempt++ {
		c := &Cluster{options: options, ended: make(chan *process.Process, 8)}
		err := c.start(ctx)
		if err == nil {
			return c, nil
		}
		c.Stop()
		var exit *process.ExitError
		if !errors.As(err, &exit) || !exit.PortTaken() || attempt == startAttempts {
			return nil, err
		}
		fmt.Fprintf(options.Progress, "%s: another program took its port first; trying again with other ports\n", exit.Name)
		if err := options.Dir.Prepare(); err != nil {
			return nil, err
		}
	}
}

// Wait returns nil when ctx ends, or an error when a component does.
func (c *Cluster) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case p := <-c.ended:
		return p.Failure()
	}
}

// Stop stops all components, the last started first, and returns when they
// are gone.
func (c *Cluster) Stop() {
	for _, p := range slices.Backward(c.processes) {
		if p.Name == apiserver && c.admin != nil {
			// By now nothing is left that would provision another volume.
			removeVolumes(context.Background(), c.admin)
		}
		p.Stop(stopGrace)
	}
	c.processes = nil
}

// Ready describes the cluster to those who want to use it.
func (c *Cluster) Ready() clusterdir.Ready {
	pids := make(map[string]int)
	for _, p := range c.processes {
		pids[p.Name] = p.PID()
	}
	return clusterdir.Ready{
		Server:     apiserverURL(c.ports),
		Kubeconfig: c.options.Dir.Kubeconfig(),
		Bin:        c.options.Assets.BinDir(),
		PID:        os.Getpid(),
		PIDs:       pids,
	}
}

func (c *Cluster) start(ctx context.Context) error {
	if err := c.prepare(); err != nil {
		return err
	}
	dir := c.options.Dir

	if err := c.launch(etcd, etcdArgs(dir, c.ports)); err != nil {
		return err
	}
	if err := c.waitUntil(ctx, "etcd is healthy", func(ctx context.Context) error {
		return c.etcd.Get(ctx, "/health", nil)
	}); err != nil {
		return err
	}

	if err := c.launch(apiserver, apiserverArgs(dir, c.ports, c.options.Audit)); err != nil {
		return err
	}
	if err := c.waitUntil(ctx, "the API server is ready", func(ctx context.Context) error {
		return c.admin.Get(ctx, "/readyz", nil)
	}); err != nil {
		return err
	}

	if err := c.launch(controllerManager, controllerManagerArgs(dir)); err != nil {
		return err
	}
	if err := c.launch(scheduler, schedulerArgs(dir)); err != nil {
		return err
	}
	if c.options.Kwok {
		if err := c.launch(kwok, kwokArgs(dir, c.options.Assets)); err != nil {
			return err
		}
	}
	if err := seed(ctx, c.admin, c.options.Nodes); err != nil {
		return err
	}
	return c.waitUntil(ctx, "nodes and the default service account are there", func(ctx context.Context) error {
		return usable(ctx, c.admin, c.options.Nodes)
	})
}

// prepare chooses ports and writes the files the components read.
func (c *Cluster) prepare() error {
	var err error
	if c.ports, err = freePorts(); err != nil {
		return err
	}
	dir := c.options.Dir
	secrets, err := writeCredentials(dir, apiserverURL(c.ports))
	if err != nil {
		return err
	}
	c.etcd = apiclient.New(etcdURL(c.ports), secrets.caPEM, "", secrets.etcdClient)
	c.admin = apiclient.New(apiserverURL(c.ports), secrets.caPEM, secrets.adminToken)
	return errors.Join(
		clusterdir.WriteFile(dir.InState(auditPolicyFile), []byte(auditPolicy)),
		clusterdir.WriteFile(dir.InState(kwokConfigFile), []byte(kwokConfig)),
	)
}

// launch starts a component and watches it from then on.
func (c *Cluster) launch(name string, args []string) error {
	p, err := process.Start(name, c.options.Dir.Log(name), c.options.Assets.Binary(name), args...)
	if err != nil {
		return err
	}
	c.processes = append(c.processes, p)
	go func() {
		<-p.Done()
		c.ended <- p
	}()
	return nil
}

// waitUntil returns when check succeeds, or with an error when a component
// ends or ctx does.
func (c *Cluster) waitUntil(ctx context.Context, what string, check func(context.Context) error) error {
	began := time.Now()
	for {
		err := check(ctx)
		if err == nil {
			fmt.Fprintf(c.options.Progress, "%s (%.1fs)\n", what, time.Since(began).Seconds())
			return nil
		}
		select {
		case p := <-c.ended:
			return p.Failure()
		case <-ctx.Done():
			return fmt.Errorf("%w while waiting until %s: %w", ctx.Err(), what, err)
		case <-time.After(pollInterval):
		}
	}
}
