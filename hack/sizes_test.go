// SPDX-License-Identifier: Apache-2.0

package hack_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestSizes: a file of 1 MB may be tracked, and one byte more may not.
func TestSizes(t *testing.T) {
	t.Parallel()
	script, err := filepath.Abs("sizes.sh")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		size   int
		staged bool
		names  bool
	}{
		"just small enough":         {size: 1_000_000, staged: true},
		"too large":                 {size: 1_000_001, staged: true, names: true},
		"too large and not tracked": {size: 1_000_001},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			run(t, dir, "git", "init", "--quiet")
			file := "a program"
			if err := os.WriteFile(filepath.Join(dir, file), bytes.Repeat([]byte{'x'}, c.size), 0o600); err != nil {
				t.Fatal(err)
			}
			if c.staged {
				run(t, dir, "git", "add", file)
			}
			check := exec.CommandContext(t.Context(), script)
			check.Dir = dir
			said, err := check.CombinedOutput()
			if failed := err != nil; failed != c.names || strings.Contains(string(said), file) != c.names {
				t.Errorf("want failure %t, got %v and:\n%s", c.names, err, said)
			}
		})
	}
}

func run(t *testing.T, dir, program string, args ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), program, args...)
	command.Dir = dir
	if said, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", program, args, err, said)
	}
}
