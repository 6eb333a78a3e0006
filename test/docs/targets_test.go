// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	called  = regexp.MustCompile(`(?m)(?:^|[^\w-])make ((?:-s )?[a-z][a-z0-9]*(?:[ -][a-z][a-z0-9]*)*)`)
	rule    = regexp.MustCompile(`(?m)^([a-z][a-z0-9-]*):`)
	comment = regexp.MustCompile(`(?m)\s#.*$`)
)

// TestTargets: every make target that documentation, workflows and .ci/run name is there.
func TestTargets(t *testing.T) {
	t.Parallel()
	var targets []string
	for _, found := range rule.FindAllStringSubmatch(read(t, filepath.Join(root, "Makefile")), -1) {
		targets = append(targets, found[1])
	}
	texts := map[string]string{}
	for _, page := range pages(t) {
		texts[page] = strings.Join(code.FindAllString(read(t, page), -1), "\n")
	}
	workflows, err := filepath.Glob(filepath.Join(root, ".github", "workflows", "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(workflows, filepath.Join(root, ".github", "pull_request_template.md")) {
		texts[path] = read(t, path)
	}
	ci := filepath.Join(root, ".ci", "run")
	texts[ci] = regexp.MustCompile(`(?m)^part `).ReplaceAllString(read(t, ci), "make ")
	checked := 0
	for path, text := range texts {
		for _, found := range called.FindAllStringSubmatch(comment.ReplaceAllString(text, ""), -1) {
			for _, target := range strings.Fields(strings.TrimPrefix(found[1], "-s ")) {
				checked++
				if !slices.Contains(targets, target) {
					t.Errorf("%s names make %s, and there is no such target", path, target)
				}
			}
		}
	}
	if checked < 30 {
		t.Errorf("only %d calls of make were found: the pages were not understood", checked)
	}
}
