// SPDX-License-Identifier: Apache-2.0

// Package docs checks what the documentation points to.
package docs

import (
	"io/fs"
	"net/url"
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
	picture = regexp.MustCompile(`!\[([^\]]*)\]\(([^)\s]+)\)`)
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
			if strings.Contains(found[1], ":") {
				if to, err := url.Parse(found[1]); err != nil || to.Scheme != "https" || !strings.Contains(to.Host, ".") {
					t.Errorf("%s links to %s, which is no address of the form https://host/path", page, found[1])
				}
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

// TestOrphans: every page and every picture is reached by links from README.
func TestOrphans(t *testing.T) {
	t.Parallel()
	readme := filepath.Join(root, "README.md")
	reached, left := map[string]bool{readme: true}, []string{readme}
	for len(left) > 0 {
		page := left[0]
		left = left[1:]
		if filepath.Ext(page) != ".md" {
			continue
		}
		for _, found := range link.FindAllStringSubmatch(prose(t, page), -1) {
			file, _, _ := strings.Cut(found[1], "#")
			target := filepath.Join(filepath.Dir(page), file)
			if file == "" || strings.Contains(file, ":") || reached[target] {
				continue
			}
			reached[target] = true
			left = append(left, target)
		}
	}
	pictures, err := filepath.Glob(filepath.Join(root, "docs", "images", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(pages(t), pictures...) {
		if !reached[path] {
			t.Errorf("no link leads to %s: link it from a page, docs/README.md for one", path)
		}
	}
}

// TestPictures: who cannot see a picture reads what it shows.
func TestPictures(t *testing.T) {
	t.Parallel()
	for _, page := range pages(t) {
		for _, found := range picture.FindAllStringSubmatch(prose(t, page), -1) {
			if len(strings.Fields(found[1])) < 2 {
				t.Errorf("%s: say in words what %s shows", page, found[2])
			}
		}
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
