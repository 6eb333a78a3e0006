// SPDX-License-Identifier: Apache-2.0

package notices

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template/parse"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// TestTemplatesSpeakOfFacts: every name in a template is that of a fact which
// notices of its type have: another would leave its sentence out of every mail.
func TestTemplatesSpeakOfFacts(t *testing.T) {
	t.Parallel()
	templates := loaded(t, nil)
	for _, kind := range Types() {
		facts := names(kind)
		for _, language := range Languages {
			file := fileOf(kind, language)
			spoken := map[string]bool{}
			for _, part := range templates.byName[file].Templates() {
				spokenOf(part.Root, spoken)
			}
			for name := range spoken {
				if !slices.Contains(facts, name) {
					t.Errorf("%s speaks of %q: notices of its type have %v", file, name, facts)
				}
			}
			for _, name := range facts {
				if !spoken[name] {
					t.Errorf("%s never speaks of %q", file, name)
				}
			}
		}
	}
}

func names(kind v1alpha1.NoticeType) []string {
	var list []string
	for _, fact := range Facts(kind) {
		list = append(list, fact.Name)
	}
	return list
}

// spokenOf collects the names of facts below a node of a template.
func spokenOf(node parse.Node, names map[string]bool) {
	switch n := node.(type) {
	case *parse.ListNode:
		if n == nil {
			return
		}
		for _, child := range n.Nodes {
			spokenOf(child, names)
		}
	case *parse.IfNode:
		spokenOf(n.Pipe, names)
		spokenOf(n.List, names)
		spokenOf(n.ElseList, names)
	case *parse.ActionNode:
		spokenOf(n.Pipe, names)
	case *parse.PipeNode:
		for _, command := range n.Cmds {
			spokenOf(command, names)
		}
	case *parse.CommandNode:
		word, ok := n.Args[0].(*parse.FieldNode)
		if !ok {
			return
		}
		arguments := n.Args[1:]
		if word.Ident[0] == "Is" {
			arguments = arguments[:1] // the second is a value
		}
		for _, argument := range arguments {
			names[argument.(*parse.StringNode).Text] = true
		}
	}
}

var (
	row    = regexp.MustCompile("^\\| `([A-Z]\\w+)` \\| (.*) \\|$")
	quoted = regexp.MustCompile("`(\\w+)`")
)

// TestReferenceNamesFacts: the reference of notices names for each type the facts
// that it has, and no other.
func TestReferenceNamesFacts(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/reference/notices.md")
	if err != nil {
		t.Fatal(err)
	}
	described := map[string][]string{}
	for line := range strings.Lines(string(page)) {
		if cells := row.FindStringSubmatch(strings.TrimSpace(line)); cells != nil {
			for _, name := range quoted.FindAllStringSubmatch(cells[2], -1) {
				described[cells[1]] = append(described[cells[1]], name[1])
			}
		}
	}
	for _, kind := range Types() {
		want := names(kind)[len(common):]
		got := described[string(kind)]
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("the reference says that %s has %v, and it has %v", kind, got, want)
		}
	}
}
