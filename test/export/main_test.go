// SPDX-License-Identifier: Apache-2.0

// Package export watches the real operator, with the rights of its own role, hand
// data over and back homes up. Its nodes are simulated: the test says what the
// program that copies left behind, as a kubelet would.
package export

import (
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/operator"
	"werkplek.dev/werkplek/test/world"
)

const (
	soon    = 40 * time.Second
	image   = "registry.example.com/werkplek/export:test"
	contact = "t@example.com"
)

func TestMain(m *testing.M) { operator.Main(m) }

// TestExport runs every promise against one operator, side by side.
func TestExport(t *testing.T) {
	kubeconfig, err := operator.Kubeconfig(cluster.Shared(), t.TempDir())
	must(t, err)
	o, err := operator.Start(kubeconfig, "--export-image="+image, "--export-egress=10.9.0.0/16")
	must(t, err)
	t.Cleanup(func() {
		o.Stop()
		if t.Failed() {
			t.Logf("the end of the operator's log:\n%s", o.Log())
		}
	})
	withoutSnapshots(t, world.World{Client: cluster.Shared().Client, Name: "nosnapshots"})
	must(t, cluster.Shared().Install(t.Context(), snapshotCRDs(t)...))
	t.Run("promises", func(t *testing.T) {
		promises := map[string]func(*testing.T, world.World){}
		maps.Copy(promises, exportPromises)
		maps.Copy(promises, backupPromises)
		for name, promise := range promises {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				w := world.World{Client: cluster.Shared().Client, Name: strings.ToLower(name)}
				promise(t, w)
			})
		}
	})
	if restarts := o.Restarts(); restarts > 0 {
		t.Errorf("the operator died %d times", restarts)
	}
}

func must(t *testing.T, faults ...error) {
	t.Helper()
	if err := errors.Join(faults...); err != nil {
		t.Fatal(err)
	}
}
