// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	writes = regexp.MustCompile(
		`\b(Client|Live|c)\.(Create|Update|Patch|Delete|DeleteAllOf|Apply|Status|SubResource)\(|\bEventf\(`)
	setups = regexp.MustCompile(`func \(r \*Reconciler\) SetupWithManager\(`)
)

// TestDoors: what a controller writes goes through package children, which leaves
// a line in the log, or through package reconciling, which also remembers it. There
// is one exception: usage records are written whole, with a lock, and noted by hand.
func TestDoors(t *testing.T) {
	t.Parallel()
	looked, controllers := 0, 0
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && path == "internal" {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		looked++
		for n, line := range strings.Split(string(source), "\n") {
			if writes.MatchString(line) && path != filepath.Join("usagerecord", "write.go") {
				t.Errorf("%s:%d writes past the doors; use children or reconciling: %s", path, n+1, strings.TrimSpace(line))
			}
		}
		if setups.Match(source) {
			controllers++
			if !strings.Contains(string(source), "WithOptions(reconciling.Options(") {
				t.Errorf("%s: set the options that all controllers have: WithOptions(reconciling.Options(1))", path)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if looked < 30 || controllers < 13 {
		t.Errorf("looked at %d files and %d controllers; there are more", looked, controllers)
	}
}

// TestOneSummary: how an object as a whole stands is said in one way, from which
// tools that know nothing of the kind tell progress, rest and what waits for a person.
func TestOneSummary(t *testing.T) {
	t.Parallel()
	said := regexp.MustCompile(`\.(Set|True|False|Unknown|Holds|Report|Remove)\(v1alpha1\.Condition(Ready|Reconciling|Stalled)\b`)
	summaries := 0
	err := filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") ||
			strings.HasPrefix(path, filepath.Join("internal", "reconciling")) {
			return err
		}
		source, err := os.ReadFile(path)
		if found := said.Find(source); found != nil {
			t.Errorf("%s: %s: use Conditions.Summarize", path, found)
		}
		summaries += strings.Count(string(source), ".Summarize(")
		return err
	})
	if err != nil || summaries < 13 {
		t.Errorf("found %d summaries, fewer than there are kinds: %v", summaries, err)
	}
}
