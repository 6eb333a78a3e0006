// SPDX-License-Identifier: Apache-2.0

// Package faults kills the real operator at every write it makes, lets its caches
// fall behind, and watches whether it is quiet when nothing happens.
package faults

import (
	"testing"

	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/operator"
	"werkplek.dev/werkplek/test/proxy"
)

func TestMain(m *testing.M) { operator.Main(m) }

// rig is the operator behind a proxy that the test controls.
type rig struct {
	*cluster.Cluster
	proxy    *proxy.Proxy
	operator *operator.Operator
}

func newRig(t *testing.T, arguments ...string) *rig {
	t.Helper()
	return rigOn(t, cluster.Shared(), arguments...)
}

// ownRig returns a rig on a cluster of its own, for tests side by side: an
// operator that dies must not be another test's.
func ownRig(t *testing.T) *rig {
	t.Helper()
	c, err := cluster.Start(t.Context(), cluster.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
	})
	if err := c.Install(t.Context(), cluster.Config...); err != nil {
		t.Fatal(err)
	}
	return rigOn(t, c)
}

func rigOn(t *testing.T, c *cluster.Cluster, arguments ...string) *rig {
	t.Helper()
	p, err := proxy.Start(c.ConfigAs(cluster.Manager))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	kubeconfig, err := p.Kubeconfig(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	o, err := operator.Start(kubeconfig, arguments...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.Stop)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the end of the operator's log:\n%s", o.Log())
		}
	})
	return &rig{c, p, o}
}
