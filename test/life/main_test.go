// SPDX-License-Identifier: Apache-2.0

// Package life takes an installation through its life: what may be removed of it
// and what stays, and what a change of version does to what is there.
package life

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/docs/page"
	"werkplek.dev/werkplek/test/operator"
)

const (
	soon = 30 * time.Second
	// patience is how long one command of kubectl may take.
	patience = 90 * time.Second
)

func TestMain(m *testing.M) {
	cluster.Config = nil // the tests install it, as people do
	operator.Main(m)
}

// site is a cluster with an operator, and the kubectl of somebody who has all rights.
type site struct {
	*cluster.Cluster
	kubectl string
}

func newSite(t *testing.T, c *cluster.Cluster) *site {
	t.Helper()
	kubectl, err := cluster.Kubectl(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return &site{Cluster: c, kubectl: kubectl}
}

// env is the environment of somebody who uses the cluster. What kubectl remembers of
// a cluster must not be that of another one, whose address is the same.
func (s *site) env() []string {
	return append(os.Environ(), "KUBECONFIG="+s.Kubeconfig, "KUBECACHEDIR="+filepath.Join(s.Dir, "kubectl"),
		"PATH="+filepath.Dir(s.kubectl)+":"+os.Getenv("PATH"))
}

// run runs kubectl at the root of the sources, and returns all it said.
func (s *site) run(ctx context.Context, arguments ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	command := exec.CommandContext(ctx, s.kubectl, arguments...)
	command.Dir = cluster.Root()
	command.Env = s.env()
	out, err := command.CombinedOutput()
	if ctx.Err() != nil {
		err = fmt.Errorf("it did not end within %s", patience)
	}
	return string(out), err
}

// do runs kubectl, which must succeed.
func (s *site) do(t *testing.T, arguments ...string) string {
	t.Helper()
	out, err := s.run(t.Context(), arguments...)
	if err != nil {
		t.Fatalf("kubectl %q: %v\n%s", arguments, err, out)
	}
	return out
}

// guide returns those commands of docs/how-to/upgrade.md that hold some words.
func guide(t *testing.T, words string) string {
	t.Helper()
	const name = "docs/how-to/upgrade.md"
	text, err := os.ReadFile(filepath.Join(cluster.Root(), name))
	must(t, err)
	upgrade, err := page.Parse(name, string(text))
	must(t, err)
	for _, step := range upgrade.Steps() {
		if strings.Contains(step.Commands, words) {
			return step.Commands
		}
	}
	t.Fatalf("%s has no commands with %q", name, words)
	return ""
}

// follow does in a folder what a page says.
func (s *site) follow(t *testing.T, folder, commands string) {
	t.Helper()
	shell := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", commands)
	shell.Dir = folder
	shell.Env = s.env()
	if out, err := shell.CombinedOutput(); err != nil {
		t.Fatalf("in %s: %v\n%s\nsays\n%s", folder, err, commands, out)
	}
}

// operate runs the manager that is built from these sources until the test ends.
func (s *site) operate(t *testing.T) *operator.Operator {
	t.Helper()
	kubeconfig, err := operator.Kubeconfig(s.Cluster, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	o, err := operator.Start(kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		o.Stop()
		if t.Failed() {
			t.Logf("the end of the operator's log:\n%s", o.Log())
		}
	})
	return o
}

func must(t *testing.T, faults ...error) {
	t.Helper()
	for _, err := range faults {
		if err != nil {
			t.Fatal(err)
		}
	}
}
