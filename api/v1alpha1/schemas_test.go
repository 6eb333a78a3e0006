// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"os"
	"path/filepath"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

// visit is told of a schema, and of the path at which it stands.
type visit func(path string, schema *apiextensionsv1.JSONSchemaProps)

// schemas visits every schema of every kind, and fails if it finds only few.
func schemas(t *testing.T, each visit) {
	t.Helper()
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
