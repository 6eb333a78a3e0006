// SPDX-License-Identifier: Apache-2.0

package terms_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

// clauses are how many rules each provider's terms have.
var clauses = map[string]int{"TD": 25, "LS": 9, "EC": 13, "DF": 9, "LA": 12}

var (
	quoted = regexp.MustCompile("`([^`]+)`")
	field  = regexp.MustCompile(`^(?:([A-Z]\w+)\.)?((?:spec|status)(?:\.\w+)+)$`)
	kind   = regexp.MustCompile(`^[A-Z]\w+$`)
)

// TestClausesAreKept: the table has every clause once; each names fields and
// kinds that the API has, and tests that the source has, or the person who must
// see to it.
func TestClausesAreKept(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join(root, "docs/reference/clauses.md"))
	if err != nil {
		t.Fatal(err)
	}
	kinds := schemas(t)
	rows := map[string]bool{}
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 4 || !regexp.MustCompile(`^ [A-Z]{2}-\d+ $`).MatchString(cells[0]) {
			continue
		}
		id := strings.TrimSpace(cells[0])
		if rows[id] {
			t.Errorf("%s has two rows", id)
		}
		rows[id] = true
		for _, name := range quoted.FindAllStringSubmatch(cells[2], -1) {
			if err := known(kinds, name[1]); err != nil {
				t.Errorf("%s: %v", id, err)
			}
		}
		tests := quoted.FindAllStringSubmatch(cells[3], -1)
		for _, name := range tests {
			if err := inSource(name[1]); err != nil {
				t.Errorf("%s: %v", id, err)
			}
		}
		if len(tests) == 0 && !strings.Contains(cells[2], "A person: ") {
			t.Errorf("%s: neither a test nor a person", id)
		}
	}
	for provider, count := range clauses {
		for number := 1; number <= count; number++ {
			if id := fmt.Sprintf("%s-%d", provider, number); !rows[id] {
				t.Errorf("%s has no row", id)
			}
			delete(rows, fmt.Sprintf("%s-%d", provider, number))
		}
	}
	for id := range rows {
		t.Errorf("%s is no clause", id)
	}
}

// schemas returns what the API's kinds look like.
func schemas(t *testing.T) map[string]apiextensions.JSONSchemaProps {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "config/crd/bases/*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("files %v, error %v", files, err)
	}
	kinds := map[string]apiextensions.JSONSchemaProps{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var crd apiextensions.CustomResourceDefinition
		if err := yaml.Unmarshal(content, &crd); err != nil {
			t.Fatal(err)
		}
		kinds[crd.Spec.Names.Kind] = *crd.Spec.Versions[0].Schema.OpenAPIV3Schema
	}
	return kinds
}

// known says whether the API has a kind, or a field such as spec.plan.price of
// ServiceTerms or Tenant.spec.seats.
func known(kinds map[string]apiextensions.JSONSchemaProps, name string) error {
	if kind.MatchString(name) {
		if _, ok := kinds[name]; !ok {
			return fmt.Errorf("%s is no kind", name)
		}
		return nil
	}
	parts := field.FindStringSubmatch(name)
	if parts == nil {
		return fmt.Errorf("%s is neither a kind nor a field", name)
	}
	of := parts[1]
	if of == "" {
		of = "ServiceTerms"
	}
	schema, ok := kinds[of]
	if !ok {
		return fmt.Errorf("%s: %s is no kind", name, of)
	}
	for step := range strings.SplitSeq(parts[2], ".") {
		if schema.Items != nil {
			schema = *schema.Items.Schema
		}
		if schema, ok = schema.Properties[step]; !ok {
			return fmt.Errorf("%s has no field %s: no %s", of, parts[2], step)
		}
	}
	return nil
}

// inSource says whether the source has a test, such as "test/terms TestTotalDesk/TD-8":
// its function, and a part whose name has the word after the slash.
func inSource(name string) error {
	dir, test, _ := strings.Cut(name, " ")
	function, part, parted := strings.Cut(test, "/")
	files, err := filepath.Glob(filepath.Join(root, dir, "*_test.go"))
	if err != nil || len(files) == 0 {
		return fmt.Errorf("%s: no tests in %s", name, dir)
	}
	declared, named := false, !parted
	word := regexp.MustCompile(`"(?:[^"\n]* )?` + regexp.QuoteMeta(part) + `(?: [^"\n]*)?"`)
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		declared = declared || strings.Contains(string(source), "func "+function+"(t *testing.T)")
		named = named || filepath.Base(file) != "clauses_test.go" && word.Match(source)
	}
	if !declared || !named {
		return fmt.Errorf("%s is not in the source", name)
	}
	return nil
}
