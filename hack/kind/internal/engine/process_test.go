// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"os"
	"testing"
)

func TestHasCapability(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status      string
		want, fails bool
	}{
		"everything":       {"CapEff:\t0\nCapBnd:\t000001ffffffffff\n", true, false},
		"all but this one": {"CapBnd:\t000001fffeffffff\n", false, false},
		"not told":         {"Name:\tx\n", false, true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := hasCapability(tc.status, sysResource)
			if got != tc.want || (err != nil) != tc.fails {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

func TestStopLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	e := Engine{Dir: t.TempDir(), Say: t.Logf}
	if err := e.Stop(t.Context()); err != nil {
		t.Fatalf("without an engine of ours: %v", err)
	}
	// A number that now belongs to another process, namely this one's parent.
	if isDaemon(os.Getppid()) {
		t.Fatal("the test's parent counts as a Docker engine")
	}
}
