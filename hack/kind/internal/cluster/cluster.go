// SPDX-License-Identifier: Apache-2.0

// Package cluster creates, finds and removes a kind cluster of one node.
package cluster

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"werkplek.dev/werkplek/hack/kind/internal/run"
)

// DefaultName is the name of the cluster that make runs.
const DefaultName = "werkplek"

// Cluster is one of kind's.
type Cluster struct {
	Name string
	Dir  string // for the kubeconfig
	Kind string // the program; not needed to look, load or remove
	Say  func(format string, args ...any)
}

// Node is the container that is the node.
func (c Cluster) Node() string { return c.Name + "-control-plane" }

// Kubeconfig is the administrator's; a cluster of another name has one of its own.
func (c Cluster) Kubeconfig() string {
	if c.Name == DefaultName {
		return filepath.Join(c.Dir, "kubeconfig")
	}
	return filepath.Join(c.Dir, "kubeconfig-"+c.Name)
}

// label is how kind marks the containers of a cluster.
const label = "io.x-k8s.kind.cluster"

// Exists reports whether there is a node, running or not.
func (c Cluster) Exists(ctx context.Context) (bool, error) {
	found, err := run.Command{}.Output(ctx, "docker", "ps", "-aq", "--filter", "label="+label+"="+c.Name, "--filter", "name=^"+c.Node()+"$")
	return found != "", err
}

// Create makes the cluster, and leaves nothing of it if it fails.
func (c Cluster) Create(ctx context.Context, o Options) error {
	config, err := o.config()
	if err != nil {
		return err
	}
	file := filepath.Join(c.Dir, "config-"+c.Name+".yaml")
	if err := os.WriteFile(file, config, 0o600); err != nil {
		return err
	}
	args := []string{"create", "cluster", "--retain", "--name", c.Name, "--image", o.Image, "--config", file, "--kubeconfig", c.Kubeconfig()}
	if err := (run.Command{}).Run(ctx, c.Kind, args...); err != nil {
		err = fmt.Errorf("%w\n%s", err, c.logs(ctx))
		if removal := c.Remove(context.WithoutCancel(ctx)); removal != nil {
			c.Say("what was made is not removed: %v", removal)
		}
		return err
	}
	return nil
}

// logs are the last words of what runs in the node, to find out what is wrong.
func (c Cluster) logs(ctx context.Context) string {
	const last = "tail -n 20 /var/log/containerd.log /var/log/kubelet.log 2>/dev/null || journalctl --no-pager -n 40"
	text, err := c.exec(ctx, "sh", "-c", last)
	if err != nil {
		return "the node tells nothing"
	}
	return text
}

// Start starts a node that was stopped, by the engine's or the machine's restart.
func (c Cluster) Start(ctx context.Context) error {
	return run.Command{}.Run(ctx, "docker", "start", c.Node())
}

// WriteKubeconfig writes the kubeconfig again: after a restart of the engine
// the API server is at another port.
func (c Cluster) WriteKubeconfig(ctx context.Context) error {
	return run.Command{}.Run(ctx, c.Kind, "export", "kubeconfig", "--name", c.Name, "--kubeconfig", c.Kubeconfig())
}

// Remove removes the node with all that is stored on it.
func (c Cluster) Remove(ctx context.Context) error {
	exists, err := c.Exists(ctx)
	if err != nil {
		return err
	}
	if exists {
		c.Say("removing the cluster %s", c.Name)
		c.unroute(ctx)
		if err := (run.Command{}).Run(ctx, "docker", "rm", "--force", "--volumes", c.Node()); err != nil {
			return err
		}
	}
	if err := os.Remove(c.Kubeconfig()); err != nil && !os.IsNotExist(err) {
		return err
	}
	return nil
}

// Load puts the images of a tar into the node: one of docker save or an OCI archive.
func (c Cluster) Load(ctx context.Context, tar string) error {
	file, err := os.Open(tar)
	if err != nil {
		return err
	}
	defer file.Close()
	docker := run.Command{Stdin: file}
	if err := docker.Run(ctx, "docker", "exec", "-i", c.Node(), "ctr", "-n", "k8s.io", "images", "import", "-"); err != nil {
		return fmt.Errorf("loading %s into the node (is the cluster %s up?): %w", tar, c.Name, err)
	}
	return nil
}

func (c Cluster) exec(ctx context.Context, args ...string) (string, error) {
	return run.Command{}.Output(ctx, "docker", append([]string{"exec", c.Node()}, args...)...)
}

// kubectl runs the node's own, which is always the right version.
func (c Cluster) kubectl(ctx context.Context, args ...string) (string, error) {
	return c.exec(ctx, append([]string{"kubectl", "--kubeconfig", "/etc/kubernetes/admin.conf"}, args...)...)
}
