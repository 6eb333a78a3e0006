// SPDX-License-Identifier: Apache-2.0

// Package cluster gives tests a real Kubernetes API: it starts the local
// cluster of hack/cluster, installs what this repository's config holds, and
// stops it again when the test binary ends, however it ends.
//
// A package that needs one cluster for all of its tests has:
//
//	func TestMain(m *testing.M) { cluster.Main(m) }
//
// and asks for it with [Shared]. A test that wants a cluster of its own, to do
// harm to it, uses [Start].
package cluster

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Options describe a cluster to start.
type Options struct {
	// Nodes is the number of simulated nodes; 0 means 1.
	Nodes int
	// Audit writes AuditLog: who did what to which object.
	Audit bool
	// Progress gets what the cluster says while it starts and runs. Nil:
	// nobody does, and a failure to start quotes the end of it.
	Progress io.Writer
}

// Cluster is a running cluster.
type Cluster struct {
	// Config is a cluster administrator's. Its requests are not throttled.
	Config *rest.Config
	// Client reads from the API server, not from a cache. It knows the kinds
	// of Kubernetes, of Werkplek, and CustomResourceDefinition.
	Client client.Client
	// Kubeconfig is the path of a cluster administrator's kubeconfig.
	Kubeconfig string
	// Dir holds the cluster's files. It goes when the cluster stops.
	Dir string

	process *process
}

// Start starts an empty cluster; [Cluster.Install] puts something in it. The
// context bounds the start only. The cluster runs until [Cluster.Stop] or the
// end of this process.
func Start(ctx context.Context, options Options) (*Cluster, error) {
	binary, err := binary(ctx)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "werkplek-cluster-")
	if err != nil {
		return nil, err
	}
	args := []string{
		"run", "-stop-on-eof",
		"-dir", filepath.Join(dir, "cluster"),
		"-hack", filepath.Join(Root(), "hack"),
		fmt.Sprintf("-nodes=%d", max(options.Nodes, 1)),
		fmt.Sprintf("-audit=%t", options.Audit),
	}
	c := &Cluster{Dir: dir, process: newProcess(exec.Command(binary, args...), options.Progress)}
	if err := c.start(ctx); err != nil {
		_ = c.Stop()
		return nil, fmt.Errorf("start a cluster: %w", err)
	}
	return c, nil
}

func (c *Cluster) start(ctx context.Context) error {
	kubeconfig, err := c.process.start(ctx)
	if err != nil {
		return err
	}
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	config.QPS = -1
	client, err := client.New(config, client.Options{Scheme: Scheme()})
	if err != nil {
		return err
	}
	c.Kubeconfig, c.Config, c.Client = kubeconfig, config, client
	return nil
}

// Stop stops the cluster and removes its files. Stopping twice is fine.
func (c *Cluster) Stop() error {
	err := c.process.stop()
	if removed := os.RemoveAll(c.Dir); err == nil {
		err = removed
	}
	return err
}

// AuditLog is the path of the audit log of a cluster with [Options.Audit]: a
// JSON object of kind Event, audit.k8s.io/v1, on each line.
func (c *Cluster) AuditLog() string { return filepath.Join(c.Dir, "cluster", "audit.log") }
