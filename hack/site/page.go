// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// Page is one page.
type Page struct {
	Name, Title string

	source   []byte
	document ast.Node
}

var converter = goldmark.New(
	goldmark.WithExtensions(extension.Table, extension.Linkify),
	goldmark.WithParserOptions(parser.WithAutoHeadingID()),
)

func parse(name string, source []byte) *Page {
	context := parser.NewContext(parser.WithIDs(&anchors{taken: map[string]int{}}))
	p := &Page{Name: name, source: source}
	p.document = converter.Parser().Parse(text.NewReader(source), parser.WithContext(context))
	for n := p.document.FirstChild(); n != nil; n = n.NextSibling() {
		if h, ok := n.(*ast.Heading); ok && h.Level == 1 {
			p.Title = p.words(h)
			break
		}
	}
	return p
}

// words returns the plain text below a node.
func (p *Page) words(n ast.Node) string {
	var words strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if t, ok := n.(*ast.Text); ok && entering {
			words.Write(t.Segment.Value(p.source))
		}
		return ast.WalkContinue, nil
	})
	return words.String()
}

// chapters returns the links of a list of pages, by its headings.
func (p *Page) chapters() []Chapter {
	var chapters []Chapter
	for n := p.document.FirstChild(); n != nil; n = n.NextSibling() {
		if h, ok := n.(*ast.Heading); ok && h.Level == 2 {
			chapters = append(chapters, Chapter{Title: p.words(h)})
		}
		items, ok := n.(*ast.List)
		if !ok || len(chapters) == 0 {
			continue
		}
		chapter := &chapters[len(chapters)-1]
		for item := items.FirstChild(); item != nil; item = item.NextSibling() {
			first := item.FirstChild().FirstChild() // an item begins with what it is about
			if l, ok := first.(*ast.Link); ok {
				chapter.Links = append(chapter.Links, Link{p.words(l), path.Join(path.Dir(p.Name), string(l.Destination))})
			}
		}
	}
	return chapters
}

var unwanted = regexp.MustCompile(`[^\p{L}\p{N} _-]`)

// anchors names headings as forges do, so that a link works there and here.
type anchors struct{ taken map[string]int }

func (a *anchors) Generate(value []byte, _ ast.NodeKind) []byte {
	value = bytes.ReplaceAll(value, []byte("`"), nil)
	name := strings.ReplaceAll(unwanted.ReplaceAllString(strings.ToLower(string(bytes.TrimSpace(value))), ""), " ", "-")
	again := a.taken[name]
	a.taken[name]++
	if again > 0 {
		name += "-" + strconv.Itoa(again)
	}
	return []byte(name)
}

func (a *anchors) Put(value []byte) { a.taken[string(value)]++ }
