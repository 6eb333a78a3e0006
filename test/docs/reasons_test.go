// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestReasons: every condition and every reason of the API stands in the reference
// of conditions, where people look for what they read in an object.
func TestReasons(t *testing.T) {
	t.Parallel()
	reference := read(t, filepath.Join(root, "docs", "reference", "conditions.md"))
	words := constants(t)
	if len(words) < 100 {
		t.Fatalf("only %d reasons were found: the source was not understood", len(words))
	}
	for name, word := range words {
		if !strings.Contains(reference, "`"+word+"`") {
			t.Errorf("docs/reference/conditions.md does not explain `%s` (%s): add what it means and what to do", word, name)
		}
	}
}

// constants returns the API's constants of conditions, reasons and ends, by name.
func constants(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "api", "v1alpha1", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			literal, ok := spec.Values[0].(*ast.BasicLit)
			kind, _ := spec.Type.(*ast.Ident)
			name := spec.Names[0].Name
			if !ok || !strings.HasPrefix(name, "Reason") && !strings.HasPrefix(name, "Condition") &&
				(kind == nil || kind.Name != "EndReason") {
				return true
			}
			word, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}
			found[name] = word
			return true
		})
	}
	return found
}
