// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"helm.sh/helm/v4/pkg/chart/common"
	commonutil "helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/engine"
)

const root = "../.."

// object is one that the chart makes.
type object map[string]any

func (o object) kind() string { return o["kind"].(string) }
func (o object) id() string   { return o.kind() + " " + o.text("metadata", "name") }

// at returns what stands below keys and indices; nil where nothing does.
func (o object) at(path ...any) any {
	var found any = map[string]any(o)
	for _, step := range path {
		switch step := step.(type) {
		case string:
			in, _ := found.(map[string]any)
			found = in[step]
		case int:
			in, _ := found.([]any)
			if step >= len(in) {
				return nil
			}
			found = in[step]
		}
	}
	return found
}

func (o object) text(path ...any) string {
	text, _ := o.at(path...).(string)
	return text
}

// needed are the values without which nothing is installed.
func needed() map[string]any {
	return map[string]any{
		"image":       map[string]any{"registry": "registry.example.com/werkplek"},
		"desksDomain": "desks.example.com",
		"portal": map[string]any{
			"url": "https://portal.example.com", "oidc": map[string]any{"issuer": "https://id.example.com"},
		},
	}
}

// with adds to the needed values those of a YAML text.
func with(t *testing.T, text string) map[string]any {
	t.Helper()
	added := map[string]any{}
	if err := yaml.Unmarshal([]byte(text), &added); err != nil {
		t.Fatal(err)
	}
	return commonutil.MergeTables(added, needed())
}

// combinations are values that somebody may have, by what they are for.
func combinations(t *testing.T) map[string]map[string]any {
	t.Helper()
	data, err := os.ReadFile("testdata/combinations.yaml")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]map[string]any{}
	if err := yaml.Unmarshal(data, &found); err != nil {
		t.Fatal(err)
	}
	for name, values := range found {
		found[name] = commonutil.MergeTables(values, needed())
	}
	return found
}

// render renders the chart as helm template does, in a namespace.
func render(t *testing.T, namespace string, values map[string]any) ([]object, error) {
	t.Helper()
	loaded, err := loader.Load(filepath.Join(root, chart))
	if err != nil {
		t.Fatal(err)
	}
	options := common.ReleaseOptions{Name: "werkplek", Namespace: namespace, Revision: 1, IsInstall: true}
	all, err := commonutil.ToRenderValuesWithSchemaValidation(loaded, values, options, common.DefaultCapabilities, false)
	if err != nil {
		return nil, err
	}
	files, err := engine.Render(loaded, all)
	if err != nil {
		return nil, err
	}
	var objects []object
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if filepath.Ext(name) != ".yaml" {
			continue
		}
		found, err := parse(files[name])
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, files[name])
		}
		objects = append(objects, found...)
	}
	return objects, nil
}

func rendered(t *testing.T, values map[string]any) []object {
	t.Helper()
	objects, err := render(t, namespace, values)
	if err != nil {
		t.Fatal(err)
	}
	return objects
}

func parse(text string) ([]object, error) {
	var objects []object
	decoder := yaml.NewDecoder(strings.NewReader(text))
	for {
		var found map[string]any // not an object: what is within would be objects too
		if err := decoder.Decode(&found); errors.Is(err, io.EOF) {
			return objects, nil
		} else if err != nil {
			return nil, err
		}
		if len(found) > 0 {
			objects = append(objects, found)
		}
	}
}

func find(t *testing.T, objects []object, id string) object {
	t.Helper()
	for _, o := range objects {
		if o.id() == id {
			return o
		}
	}
	t.Fatalf("there is no %s", id)
	return nil
}
