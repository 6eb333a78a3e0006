// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/operator"
	"werkplek.dev/werkplek/test/world"
)

// gathers is longer than any controller gathers changes before it looks.
const gathers = 2500 * time.Millisecond

// lag is one way in which a controller's cache of its own kind falls behind.
type lag struct {
	controller string
	resource   string // whose watch is held
	// make brings a world to where it stays until its inputs change.
	make func(*testing.T, world.World)
	// there changes an input of the controller, and returns when that is seen.
	there func(*testing.T, world.World)
	// back makes the input what it was.
	back func(*testing.T, world.World)
	// gathers, when the controller does so for longer than others.
	gathers time.Duration
}

// TestEveryControllerWithItsWatchHeld holds back each controller's watch of its
// own kind while its inputs change, and change back. What a controller wrote last
// is then newer than what its cache says. Once the cache has caught up, all must
// be as if it had never been behind.
func TestEveryControllerWithItsWatchHeld(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes")
	}
	r := newRig(t, "--export-image=registry.example.com/export:1")
	inTime, late := map[string]world.World{}, map[string]world.World{}
	t.Run("undisturbed", func(t *testing.T) {
		for _, row := range lags {
			inTime[row.controller] = world.World{Client: r.Client, Name: "u-" + row.controller}
			late[row.controller] = world.World{Client: r.Client, Name: "h-" + row.controller}
			w, other := inTime[row.controller], late[row.controller]
			t.Run(row.controller, func(t *testing.T) {
				t.Parallel()
				row.make(t, w)
				row.make(t, other)
				row.there(t, w)
				row.back(t, w)
			})
		}
	})
	if t.Failed() {
		return
	}
	r.quietFor(t, 2*gathers, settle)
	for _, row := range lags {
		t.Run(row.controller, func(t *testing.T) {
			// What it has gathered before must be written: its cache is behind from then on.
			r.quietFor(t, row.gathers, settle)
			want, w := r.picture(t, inTime[row.controller], everything), late[row.controller]
			release := r.proxy.Hold(row.resource)
			defer release()
			row.there(t, w)
			row.back(t, w)
			r.quietFor(t, max(gathers, row.gathers), settle)
			if r.proxy.Holding(row.resource) == 0 {
				t.Fatalf("no watch of %s had anything to hold back: nothing was shown", row.resource)
			}
			release()
			reach(t, func() (bool, string) {
				got := r.picture(t, w, everything)
				return got == want, cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n"))
			}, "after the watch of %s was held: the end state (+) differs from the undisturbed one (-)", row.resource)
		})
	}
}

// TestEveryControllerHasItsWatchHeld fails when a controller comes that no row of
// the test above is about.
func TestEveryControllerHasItsWatchHeld(t *testing.T) {
	t.Parallel()
	kubeconfig, err := operator.Kubeconfig(cluster.Shared(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	// Asked for a controller that does not exist, the manager says which do.
	manager := exec.CommandContext(t.Context(), operator.Binary(),
		"--controllers=none", "--metrics-bind-address=0", "--health-probe-bind-address=0")
	manager.Env = append(manager.Environ(), "KUBECONFIG="+kubeconfig)
	output, err := manager.CombinedOutput()
	_, list, found := strings.Cut(string(output), "there are ")
	if err == nil || !found {
		t.Fatalf("the manager does not say which controllers there are: %v\n%s", err, output)
	}
	list, _, _ = strings.Cut(list, "\n")
	for name := range strings.FieldsFuncSeq(list, func(r rune) bool { return r < 'a' || r > 'z' }) {
		if !slices.ContainsFunc(lags, func(row lag) bool { return row.controller == name }) {
			t.Errorf("no watch is held back for the controller %s: give it a row in lags", name)
		}
	}
}

// seen waits until something is true, and returns a step that does so.
func seen(what string, check func(world.World) func(context.Context) error) func(*testing.T, world.World) {
	return func(t *testing.T, w world.World) {
		t.Helper()
		cluster.Eventually(t, settle, fmt.Sprintf("%s of %s", what, w.Name), check(w))
	}
}
