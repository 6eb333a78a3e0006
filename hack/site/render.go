// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	_ "embed"
	"html/template"
	"path"
	"strings"

	"github.com/yuin/goldmark/ast"
)

//go:embed page.html
var layout string

var frame = template.Must(template.New("page").Parse(layout))

// render returns a page as HTML, and the pictures that it shows.
func (s *Site) render(p *Page) ([]byte, []string, error) {
	pictures := s.lead(p)
	var body, page bytes.Buffer
	if err := converter.Renderer().Render(&body, p.source, p.document); err != nil {
		return nil, nil, err
	}
	type link struct {
		Title, Address string
		Here           bool
	}
	type chapter struct {
		Title string
		Links []link
	}
	var chapters []chapter
	for _, c := range s.Chapters {
		shown := chapter{Title: c.Title}
		for _, l := range c.Links {
			shown.Links = append(shown.Links, link{l.Title, relative(p.Name, l.Page), l.Page == p.Name})
		}
		chapters = append(chapters, shown)
	}
	err := frame.Execute(&page, map[string]any{
		"Title": p.Title, "Body": template.HTML(body.String()), //nolint:gosec // our own Markdown
		"Chapters": chapters, "Home": relative(p.Name, "README.md"), "List": relative(p.Name, list),
	})
	return page.Bytes(), pictures, err
}

// lead makes the links of a page lead to pages of the site, or to the source tree.
func (s *Site) lead(p *Page) []string {
	var pictures []string
	var plain []*ast.Link
	_ = ast.Walk(p.document, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Image:
			pictures = append(pictures, path.Join(path.Dir(p.Name), string(n.Destination)))
		case *ast.Link:
			to, ok := s.target(p, string(n.Destination))
			n.Destination = []byte(to)
			if !ok {
				plain = append(plain, n)
			}
		}
		return ast.WalkContinue, nil
	})
	for _, n := range plain {
		for child := n.FirstChild(); child != nil; child = n.FirstChild() {
			n.Parent().InsertBefore(n.Parent(), n, child)
		}
		n.Parent().RemoveChild(n.Parent(), n)
	}
	return pictures
}

// target returns where a link leads in the site, and whether it leads anywhere.
func (s *Site) target(p *Page, to string) (string, bool) {
	file, fragment, _ := strings.Cut(to, "#")
	if file == "" || strings.Contains(to, ":") {
		return to, true
	}
	name := path.Join(path.Dir(p.Name), file)
	if s.Pages[name] != nil {
		address := relative(p.Name, name)
		if fragment != "" {
			address += "#" + fragment
		}
		return address, true
	}
	return s.source + name, s.source != ""
}
