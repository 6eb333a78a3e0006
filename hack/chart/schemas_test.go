// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestSchemas: whatever values somebody has, the three newest minor versions of
// Kubernetes know every object and every field, and so do those who define the
// kinds that are not Kubernetes' own.
func TestSchemas(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/schemas/kubernetes-*.json")
	if err != nil || len(files) != 3 {
		t.Fatalf("schemas of %d versions of Kubernetes, want 3: %v", len(files), err)
	}
	others := schemas(t, "testdata/schemas/others.json")
	versions := map[string]map[string]*jsonschema.Schema{}
	for _, file := range files {
		versions[filepath.Base(file)] = schemas(t, file)
	}
	for name, values := range combinations(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, o := range rendered(t, values) {
				for version, known := range versions {
					valid(t, version, o, known, others)
				}
			}
		})
	}
}

// TestSchemasAreStrict: a field that is not known is found, and so is one of
// another type.
func TestSchemasAreStrict(t *testing.T) {
	t.Parallel()
	known := schemas(t, "testdata/schemas/kubernetes-v1.36.3.json")
	for name, spoil := range map[string]func(spec map[string]any){
		"a field that is not known": func(spec map[string]any) { spec["replica"] = 2 },
		"another type":              func(spec map[string]any) { spec["replicas"] = "2" },
		"a field of a pod": func(spec map[string]any) {
			spec["template"].(map[string]any)["spec"].(map[string]any)["containers"].([]any)[0].(map[string]any)["arg"] = "x"
		},
	} {
		o := find(t, rendered(t, needed()), "Deployment werkplek-manager")
		spoil(o["spec"].(map[string]any))
		if err := known[o.schema()].Validate(plain(t, o)); err == nil {
			t.Errorf("%s was not found", name)
		}
	}
}

// schema names the schema of an object.
func (o object) schema() string { return o["apiVersion"].(string) + "/" + o.kind() }

func valid(t *testing.T, version string, o object, known ...map[string]*jsonschema.Schema) {
	t.Helper()
	for _, of := range known {
		if schema := of[o.schema()]; schema != nil {
			if err := schema.Validate(plain(t, o)); err != nil {
				t.Errorf("%s: %s: %v", version, o.id(), err)
			}
			return
		}
	}
	t.Errorf("%s has no schema of %s; name it in hack/chart/schemas", version, o.schema())
}

// plain is an object as JSON has it.
func plain(t *testing.T, o object) any {
	t.Helper()
	data, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// schemas reads the schemas of a file, by apiVersion and kind.
func schemas(t *testing.T, file string) map[string]*jsonschema.Schema {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var index struct{ Kinds map[string]string }
	if err := json.Unmarshal(data, &index); err != nil {
		t.Fatal(err)
	}
	whole, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("file:///schemas.json", whole); err != nil {
		t.Fatal(err)
	}
	found := map[string]*jsonschema.Schema{}
	for kind, part := range index.Kinds {
		schema, err := compiler.Compile("file:///schemas.json#/$defs/" + strings.ReplaceAll(part, "/", "~1"))
		if err != nil {
			t.Fatal(err)
		}
		found[kind] = schema
	}
	return found
}
