// SPDX-License-Identifier: Apache-2.0

package terms_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/prose"
)

// root is the repository's, seen from here.
const root = "../.."

// samples reads the terms that are shipped, strictly, by name.
func samples(t *testing.T) map[string]*v1alpha1.ServiceTerms {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "config/samples/terms/*.yaml"))
	if err != nil || len(files) != 5 {
		t.Fatalf("files %v (%v), want those of five providers", files, err)
	}
	all := map[string]*v1alpha1.ServiceTerms{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for document := range strings.SplitSeq(string(content), "\n---\n") {
			object := &v1alpha1.ServiceTerms{}
			if err := yaml.UnmarshalStrict([]byte(document), object); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			if all[object.Name] != nil {
				t.Fatalf("%s: %s is there twice", file, object.Name)
			}
			all[object.Name] = object
		}
	}
	return all
}

// shipped compiles all shipped terms, those of a story with what its customer
// agreed differently.
func shipped(t *testing.T, s story) (map[string]*agreement.Terms, *time.Location) {
	t.Helper()
	book := map[string]*agreement.Terms{}
	for name, object := range samples(t) {
		if name == s.terms && s.edit != nil {
			s.edit(&object.Spec)
		}
		compiled, err := agreement.Compile(&object.Spec)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		book[name] = compiled
	}
	for name, shipped := range s.also {
		book[name] = book[shipped]
	}
	if book[s.terms] == nil {
		t.Fatalf("no shipped terms are called %s", s.terms)
	}
	return book, book[s.terms].Zone
}

// TestShippedTermsCompile: each says what it is, refers to terms that are there,
// and names the clause, or whose choice it is, wherever it sets something.
func TestShippedTermsCompile(t *testing.T) {
	t.Parallel()
	all := samples(t)
	for name, object := range all {
		if object.APIVersion != "werkplek.dev/v1alpha1" || object.Kind != "ServiceTerms" || object.Spec.DisplayName == "" {
			t.Errorf("%s: %s %s %q", name, object.APIVersion, object.Kind, object.Spec.DisplayName)
		}
		compiled, err := agreement.Compile(&object.Spec)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if after := compiled.AfterEnd(); after != "" && all[after] == nil {
			t.Errorf("%s: its plan is followed by %s, which is not there", name, after)
		}
		for _, finding := range prose.Check(name, &object.Spec, func(other string) *v1alpha1.ServiceTermsSpec {
			if found := all[other]; found != nil {
				return &found.Spec
			}
			return nil
		}) {
			if finding.Contradiction {
				t.Errorf("%s: %s", name, finding)
			}
		}
	}
}

// TestShippedTermsAreCommented: every value names its clause, or says that the
// clauses leave it open.
func TestShippedTermsAreCommented(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(root, "config/samples/terms/*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	plain := []string{"apiVersion:", "kind:", "metadata:", "name:", "spec:", "displayName:", "timeZone:", "currency:", "language:"}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var above []string // the comments of the mappings that a line is in, by depth
		var depths []int
		carried := ""
		for number, line := range strings.Split(string(content), "\n") {
			text := strings.TrimSpace(line)
			depth := len(line) - len(strings.TrimLeft(line, " "))
			if text == "" || text == "---" {
				continue
			}
			if strings.HasPrefix(text, "#") {
				carried += text
				continue
			}
			for len(depths) > 0 && depths[len(depths)-1] >= depth {
				depths, above = depths[:len(depths)-1], above[:len(above)-1]
			}
			key, comment, _ := strings.Cut(text, " # ")
			explained := reason(comment) || reason(carried) || slices.ContainsFunc(above, reason)
			carried = ""
			if strings.HasSuffix(key, ":") {
				depths, above = append(depths, depth), append(above, comment)
				continue
			}
			if !explained && !slices.ContainsFunc(plain, func(p string) bool { return strings.HasPrefix(key, p) }) {
				t.Errorf("%s:%d: %q names no clause, nor whose choice it is", file, number+1, text)
			}
		}
	}
}

// reason reports whether a comment names a clause or says whose choice a value is.
func reason(comment string) bool {
	for _, id := range []string{"TD-", "LS-", "EC-", "DF-", "LA-", "the provider's to set"} {
		if strings.Contains(comment, id) {
			return true
		}
	}
	return false
}
