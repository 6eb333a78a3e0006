// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// TestSite makes the site of this source tree, and reads it as a browser does: every
// page has a title and a language, no heading has the name of another, and every link
// leads to a page, a heading or a picture that is there.
func TestSite(t *testing.T) {
	t.Parallel()
	output := t.TempDir()
	site, err := Read("../..", "")
	if err != nil {
		t.Fatal(err)
	}
	if err := site.Write(output); err != nil {
		t.Fatal(err)
	}
	if len(site.Pages) < 50 || len(site.Chapters) < 5 {
		t.Fatalf("%d pages in %d chapters: the documentation was not understood", len(site.Pages), len(site.Chapters))
	}
	pages := map[string]*view{}
	for name := range site.Pages {
		pages[address(name)] = look(t, filepath.Join(output, address(name)))
	}
	links := 0
	for at, page := range pages {
		if page.title == "" || page.language != "en" || page.mains != 1 {
			t.Errorf("%s: title %q, language %q, %d main parts", at, page.title, page.language, page.mains)
		}
		for _, to := range page.links {
			if strings.Contains(to, ":") {
				continue
			}
			links++
			file, fragment, _ := strings.Cut(to, "#")
			target := at
			if file != "" {
				target = path.Join(path.Dir(at), file)
			}
			if found := pages[target]; found == nil {
				if _, err := os.Stat(filepath.Join(output, target)); err != nil {
					t.Errorf("%s links to %s, which is not in the site", at, to)
				}
			} else if fragment != "" && found.ids[fragment] == 0 {
				t.Errorf("%s links to %s, and there is no such heading", at, to)
			}
		}
		for id, n := range page.ids {
			if n > 1 {
				t.Errorf("%s has %d elements of the name %s", at, n, id)
			}
		}
	}
	if links < 1000 {
		t.Errorf("only %d links were followed", links)
	}
}

// view is what a browser makes of a page.
type view struct {
	title, language string
	mains           int
	links           []string
	ids             map[string]int
}

func look(t *testing.T, path string) *view {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	root, err := html.Parse(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	v := &view{ids: map[string]int{}}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "html":
			v.language = attribute(n, "lang")
		case "title":
			v.title = n.FirstChild.Data
		case "main":
			v.mains++
		case "a":
			v.links = append(v.links, attribute(n, "href"))
		case "img":
			v.links = append(v.links, attribute(n, "src"))
		}
		if id := attribute(n, "id"); id != "" {
			v.ids[id]++
		}
	}
	return v
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// TestSource: with an address of the source tree, links to sources lead there.
func TestSource(t *testing.T) {
	t.Parallel()
	s := &Site{Pages: map[string]*Page{"docs/how-to/a.md": {}}, source: "https://forge.example/main/"}
	from := &Page{Name: "docs/README.md"}
	for to, want := range map[string]string{
		"how-to/a.md#b":     "../docs/how-to/a.html#b",
		"../config/samples": "https://forge.example/main/config/samples",
		"#here":             "#here",
		"https://kind.io":   "https://kind.io",
	} {
		if got, ok := s.target(from, to); got != want || !ok {
			t.Errorf("%s leads to %s (%v), want %s", to, got, ok, want)
		}
	}
}
