// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var (
	row    = regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| (.*?)\\| (.+) \\|$")
	quoted = regexp.MustCompile("`([a-z_]+)`")
)

// TestMetrics: the reference lists every metric that the source makes, with its
// labels, and none beside those and the libraries'.
func TestMetrics(t *testing.T) {
	t.Parallel()
	written := map[string][]string{}
	for _, found := range row.FindAllStringSubmatch(read(t, filepath.Join(root, "docs", "reference", "metrics.md")), -1) {
		labels := []string{}
		for _, label := range quoted.FindAllStringSubmatch(found[2], -1) {
			labels = append(labels, label[1])
		}
		slices.Sort(labels)
		written[found[1]] = labels
	}
	served := map[string][]string{}
	for _, folder := range []string{"cmd", "controllers", "internal"} {
		maps.Copy(served, made(t, filepath.Join(root, folder)))
	}
	if len(served) < 20 {
		t.Errorf("only %d metrics were found in the source: it was not understood", len(served))
	}
	for name, labels := range served {
		if listed, ok := written[name]; !ok {
			t.Errorf("docs/reference/metrics.md does not list %s", name)
		} else if !slices.Equal(listed, labels) {
			t.Errorf("docs/reference/metrics.md gives %s the labels %q; it has %q", name, listed, labels)
		}
	}
	for name := range written {
		if _, ok := served[name]; !ok && strings.HasPrefix(name, "werkplek_") {
			t.Errorf("docs/reference/metrics.md lists %s, which nobody serves", name)
		}
	}
}

// made returns the metrics that the source in a folder makes, with their labels.
func made(t *testing.T, folder string) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(node ast.Node) bool {
			if call, ok := node.(*ast.CallExpr); ok {
				if name, labels := metric(call); name != "" {
					found[name] = labels
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// metric returns the name and the labels of the metric that a call makes, if it
// makes one: prometheus.NewDesc, or one with options that name it.
func metric(call *ast.CallExpr) (name string, labels []string) {
	of, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || len(call.Args) == 0 {
		return "", nil
	}
	if room, ok := of.X.(*ast.Ident); !ok || room.Name != "prometheus" {
		return "", nil
	}
	labels = []string{}
	for _, argument := range call.Args {
		switch part := argument.(type) {
		case *ast.BasicLit:
			if name == "" { // the first; the second is its help
				name = unquoted(part)
			}
		case *ast.CompositeLit:
			for _, element := range part.Elts {
				switch e := element.(type) {
				case *ast.BasicLit:
					labels = append(labels, unquoted(e))
				case *ast.KeyValueExpr:
					switch key, _ := e.Key.(*ast.Ident); {
					case key == nil:
					case key.Name == "Name":
						name = unquoted(e.Value)
					case key.Name == "ConstLabels":
						labels = append(labels, keys(e.Value)...)
					}
				}
			}
		}
	}
	if !strings.HasPrefix(name, "werkplek_") {
		return "", nil
	}
	slices.Sort(labels)
	return name, labels
}

// unquoted returns what a literal says; empty if it is none.
func unquoted(expression ast.Expr) string {
	literal, ok := expression.(*ast.BasicLit)
	if !ok {
		return ""
	}
	text, _ := strconv.Unquote(literal.Value)
	return text
}

// keys returns the keys of a map that is written out.
func keys(expression ast.Expr) (found []string) {
	if written, ok := expression.(*ast.CompositeLit); ok {
		for _, element := range written.Elts {
			if pair, ok := element.(*ast.KeyValueExpr); ok {
				found = append(found, unquoted(pair.Key))
			}
		}
	}
	return found
}
