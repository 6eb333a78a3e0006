// SPDX-License-Identifier: Apache-2.0

// Package export watches the real operator, with the rights of its own role, hand
// data over and back homes up. Its nodes are simulated: the test says what the
// program that copies left behind, as a kubelet would.
package export

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
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

// binary is the manager under test.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "werkplek-export-")
	if err == nil {
		binary, err = operator.Build(context.Background(), dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	cluster.Main(m)
}

// TestExport runs every promise against one operator, side by side.
func TestExport(t *testing.T) {
	kubeconfig, err := operator.Kubeconfig(cluster.Shared(), t.TempDir())
	must(t, err)
	o, err := operator.Start(binary, kubeconfig, "--export-image="+image, "--export-egress=10.9.0.0/16")
	must(t, err)
	t.Cleanup(func() {
		o.Stop()
		if t.Failed() {
			t.Logf("the end of the operator's log:\n%s", o.Log())
		}
	})
	t.Run("promises", func(t *testing.T) {
		promises := map[string]func(*testing.T, world.World){}
		maps.Copy(promises, exportPromises)
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
