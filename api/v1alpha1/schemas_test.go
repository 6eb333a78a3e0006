// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

// visit is told of a schema, and of the path at which it stands.
type visit func(path string, schema *apiextensionsv1.JSONSchemaProps)

// definitions are those of all kinds.
func definitions(t *testing.T) []*apiextensionsv1.CustomResourceDefinition {
	t.Helper()
	var all []*apiextensionsv1.CustomResourceDefinition
	files, err := filepath.Glob(filepath.Join("..", "..", "config", "crd", "bases", "*.yaml"))
	if err != nil || len(files) < 14 {
		t.Fatalf("found %d CRDs: %v", len(files), err)
	}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		crd := &apiextensionsv1.CustomResourceDefinition{}
		if err := yaml.UnmarshalStrict(source, crd); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all = append(all, crd)
	}
	return all
}

// schemas visits every schema of every kind.
func schemas(t *testing.T, each visit) {
	t.Helper()
	for _, crd := range definitions(t) {
		for i := range crd.Spec.Versions {
			walk(crd.Spec.Names.Kind, crd.Spec.Versions[i].Schema.OpenAPIV3Schema, each)
		}
	}
}

func walk(path string, schema *apiextensionsv1.JSONSchemaProps, each visit) {
	each(path, schema)
	for name := range schema.Properties {
		property := schema.Properties[name]
		walk(path+"."+name, &property, each)
	}
	if schema.Items != nil && schema.Items.Schema != nil {
		walk(path+"[]", schema.Items.Schema, each)
	}
	if schema.AdditionalProperties != nil && schema.AdditionalProperties.Schema != nil {
		walk(path+"{}", schema.AdditionalProperties.Schema, each)
	}
}

// TestRulesNameFields: who breaks a rule reads at which field, not that some object,
// or "<nil>", is invalid. A rule that forbids every change has the object as its field.
func TestRulesNameFields(t *testing.T) {
	t.Parallel()
	rules := 0
	schemas(t, func(path string, schema *apiextensionsv1.JSONSchemaProps) {
		for _, rule := range schema.XValidations {
			rules++
			if schema.Type == "object" && rule.FieldPath == "" && (rule.Rule != "self == oldSelf" || schema.Properties["metadata"].Type != "") {
				t.Errorf("%s: the rule %q has no fieldPath", path, rule.Rule)
			}
		}
	})
	if rules < 100 {
		t.Errorf("looked at %d rules; there are more", rules)
	}
}

// mistaken are the plain words that YAML 1.1 takes for something else than text: for
// a boolean, nothing, or a number, sexagesimal ones such as 12:30 included.
var mistaken = regexp.MustCompile(`^(?i:y|yes|n|no|on|off|true|false|null|~|` +
	`[-+]?[0-9][0-9_]*(:[0-5]?[0-9])*|[-+]?0x[0-9a-f_]+|[-+]?0b[01_]+|` +
	`[-+]?([0-9][0-9_]*)?\.[0-9_]*(e[-+]?[0-9]+)?|[-+]?\.inf|\.nan|` +
	`[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*)$`)

// inQuotes are the names and values that must be written in quotes, and why they are.
var inQuotes = map[string]string{
	"LicenseReport.spec.submission.on": "the older name of submittedOn",
	"Charge.spec.on":                   "what billing systems read; written by the operator",
	"Charge.spec.group.on":             "written by the operator only",
	"ServiceTerms.spec.support.officeHours.holidayCalendar=NO": "an older name of NOR",
}

// TestNoYAML11Mistakes: no name of a field and no value of an enumeration is anything
// but text to a reader of YAML 1.1, as kubectl's is one; so is no value with a form of
// its own, such as a date or a time of day, that the schema would take for text all the
// same: a field is either text, and refuses what was mistaken, or takes numbers too.
func TestNoYAML11Mistakes(t *testing.T) {
	t.Parallel()
	names, used := 0, map[string]bool{}
	check := func(at, word string) {
		names++
		text, quoted := map[string]any{}, inQuotes[at] != ""
		used[at] = used[at] || quoted
		err := yaml.Unmarshal([]byte(word+": "+word), &text)
		if plain := err == nil && text[word] == word && !mistaken.MatchString(word); plain == quoted {
			t.Errorf("%s: %q is plain text to YAML 1.1: %t; rename it, keep the older name and list that in inQuotes", at, word, plain)
		}
	}
	schemas(t, func(path string, schema *apiextensionsv1.JSONSchemaProps) {
		for name := range schema.Properties {
			check(path+"."+name, name)
		}
		for _, value := range schema.Enum {
			var word string
			// The status of a condition is text as in every kind of Kubernetes.
			if json.Unmarshal(value.Raw, &word) == nil && !strings.HasSuffix(path, ".conditions[].status") {
				check(path+"="+word, word)
			}
		}
		if (schema.Format != "" || schema.Pattern != "") && schema.Type != "string" && schema.Type != "integer" && !schema.XIntOrString {
			t.Errorf("%s has the form %s%s and is of type %q", path, schema.Format, schema.Pattern, schema.Type)
		}
	})
	if names < 800 {
		t.Errorf("looked at %d names; there are more", names)
	}
	for at := range inQuotes {
		if !used[at] {
			t.Errorf("%s is not there any more", at)
		}
	}
}

// TestMistaken: what the test above takes for a mistake.
func TestMistaken(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]bool{
		"on": true, "Off": true, "Y": true, "no": true, "NO": true, "null": true, "~": true, "08": true, "12:30": true, "1_000": true,
		"1.5": true, ".inf": true, "0x1F": true, "2026-12-08": true, "1e3": false, "NOR": false, "one": false, "yesterday": false,
		"P1M": false, "TLS": false, "only": false,
	} {
		if got := mistaken.MatchString(word); got != want {
			t.Errorf("%q: %t, want %t", word, got, want)
		}
	}
}

// conditionIn is a condition that a column of kubectl get looks at.
var conditionIn = regexp.MustCompile(`^\.status\.conditions\[\?\(@\.type=="([A-Za-z]+)"\)\]\.(status|reason|message)$`)

// TestColumns: every column of kubectl get shows something that is there, and a kind
// that can fail says so, and why.
func TestColumns(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("conditions.go")
	if err != nil {
		t.Fatal(err)
	}
	columns := 0
	for _, crd := range definitions(t) {
		version := crd.Spec.Versions[0]
		conditions := map[string]string{}
		for _, column := range version.AdditionalPrinterColumns {
			columns++
			if found := conditionIn.FindStringSubmatch(column.JSONPath); found != nil {
				conditions[found[2]] += found[1] + " "
				if !strings.Contains(string(source), `= "`+found[1]+`"`) {
					t.Errorf("%s: column %s speaks of no condition: %s", crd.Spec.Names.Kind, column.Name, column.JSONPath)
				}
			} else if !leads(version.Schema.OpenAPIV3Schema, column.JSONPath) {
				t.Errorf("%s: column %s leads nowhere: %s", crd.Spec.Names.Kind, column.Name, column.JSONPath)
			}
		}
		if _, has := version.Schema.OpenAPIV3Schema.Properties["status"].Properties["conditions"]; has && len(conditions) == 0 {
			t.Errorf("%s: no column shows a condition", crd.Spec.Names.Kind)
		}
	}
	if columns < 100 {
		t.Errorf("looked at %d columns; there are more", columns)
	}
}

// leads reports whether a path names a field of a schema.
func leads(schema *apiextensionsv1.JSONSchemaProps, path string) bool {
	for _, step := range strings.Split(strings.TrimPrefix(path, "."), ".") {
		name, index, _ := strings.Cut(step, "[")
		if name == "metadata" {
			return true
		}
		next, ok := schema.Properties[name]
		if !ok {
			return false
		}
		if schema = &next; index != "" {
			schema = schema.Items.Schema
		}
	}
	return true
}
