// SPDX-License-Identifier: Apache-2.0

// Package docs checks what the documentation points to.
package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	code    = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`")
	anchor  = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// TestLinks: every link of the documentation to a file, a picture or a heading
// of this repository leads there.
func TestLinks(t *testing.T) {
	t.Parallel()
	checked := 0
	headings := map[string][]string{} // of the pages that were linked to, by path
	for _, page := range pages(t) {
		for _, found := range link.FindAllStringSubmatch(prose(t, page), -1) {
			file, fragment, _ := strings.Cut(found[1], "#")
			if strings.Contains(file, "://") {
				continue
			}
			checked++
			target := page
			if file != "" {
				target = filepath.Join(filepath.Dir(page), file)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s, which is not there", page, found[1])
				continue
			}
			if fragment == "" {
				continue
			}
			if headings[target] == nil {
				headings[target] = anchors(t, target)
			}
			if !slices.Contains(headings[target], fragment) {
				t.Errorf("%s links to %s, and there is no such heading", page, found[1])
			}
		}
	}
	if checked < 50 {
		t.Errorf("only %d links were found: the pages were not understood", checked)
	}
}

// pages returns the paths of the documentation's pages.
func pages(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(root, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(filepath.Join(root, "docs"), func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".md") {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// prose returns a page without its code.
func prose(t *testing.T, page string) string {
	t.Helper()
	return code.ReplaceAllString(read(t, page), "")
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// anchors returns the anchors of a page's headings, as forges name them.
func anchors(t *testing.T, page string) []string {
	t.Helper()
	names := []string{}
	for _, found := range heading.FindAllStringSubmatch(prose(t, page), -1) {
		names = append(names, strings.ReplaceAll(anchor.ReplaceAllString(strings.ToLower(found[1]), ""), " ", "-"))
	}
	return names
}
