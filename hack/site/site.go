// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// list is the page that lists all others, in the order in which they are read.
const list = "docs/README.md"

// Site is the documentation as pages and the pictures that they show.
type Site struct {
	// Pages by their paths in the source tree, with slashes.
	Pages    map[string]*Page
	Pictures []string
	Chapters []Chapter

	root, source string
}

// Chapter is a part of the list of pages.
type Chapter struct {
	Title string
	Links []Link
}

// Link leads to a page.
type Link struct{ Title, Page string }

// Read reads the documentation of a source tree.
func Read(root, source string) (*Site, error) {
	s := &Site{Pages: map[string]*Page{}, root: root, source: source}
	names, err := markdown(root)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return nil, err
		}
		s.Pages[name] = parse(name, text)
		if s.Pages[name].Title == "" {
			return nil, fmt.Errorf("%s has no title: begin it with # and a line", name)
		}
	}
	if s.Pages[list] == nil {
		return nil, fmt.Errorf("%s is not there", list)
	}
	s.Chapters = s.Pages[list].chapters()
	return s, nil
}

// markdown returns the paths of all pages.
func markdown(root string) ([]string, error) {
	names, err := filepath.Glob(filepath.Join(root, "*.md"))
	if err != nil {
		return nil, err
	}
	err = filepath.WalkDir(filepath.Join(root, "docs"), func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".md") {
			names = append(names, path)
		}
		return err
	})
	for i, name := range names {
		name, err := filepath.Rel(root, name)
		if err != nil {
			return nil, err
		}
		names[i] = filepath.ToSlash(name)
	}
	return names, err
}

// address returns where a page is in the site: README is what a folder shows.
func address(name string) string {
	dir, file := path.Split(name)
	if file == "README.md" {
		return dir + "index.html"
	}
	return dir + strings.TrimSuffix(file, ".md") + ".html"
}

// relative returns the address of one page as seen from another.
func relative(from, to string) string {
	up := strings.Repeat("../", strings.Count(address(from), "/"))
	return up + address(to)
}

// Write writes the site.
func (s *Site) Write(output string) error {
	for name, page := range s.Pages {
		html, pictures, err := s.render(page)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		s.Pictures = append(s.Pictures, pictures...)
		if err := write(filepath.Join(output, address(name)), html); err != nil {
			return err
		}
	}
	slices.Sort(s.Pictures)
	for _, name := range slices.Compact(s.Pictures) {
		data, err := os.ReadFile(filepath.Join(s.root, name))
		if err != nil {
			return err
		}
		if err := write(filepath.Join(output, name), data); err != nil {
			return err
		}
	}
	return nil
}

func write(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}
