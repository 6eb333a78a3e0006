// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"go.yaml.in/yaml/v3"
)

// openAPI takes kinds from a file of Kubernetes' OpenAPI, with all that they refer to.
func (c *collection) openAPI(path string, kinds []string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var document struct {
		Components struct {
			Schemas map[string]map[string]any `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(data, &document); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	owners := map[string]string{}
	for name, schema := range document.Components.Schemas {
		kinds, _ := schema["x-kubernetes-group-version-kind"].([]any)
		for _, kind := range kinds {
			kind := kind.(map[string]any)
			owners[strings.TrimPrefix(fmt.Sprintf("%s/%s/%s", kind["group"], kind["version"], kind["kind"]), "/")] = name
		}
	}
	for _, kind := range kinds {
		name, found := owners[kind]
		if !found {
			return fmt.Errorf("%s has no %s", path, kind)
		}
		c.Kinds[kind] = name
		c.add(document.Components.Schemas, name)
	}
	return nil
}

func (c *collection) add(all map[string]map[string]any, name string) {
	if _, has := c.Parts[name]; has {
		return
	}
	part := strict(all[name])
	c.Parts[name] = part
	for _, other := range references(part) {
		c.add(all, strings.TrimPrefix(other, "#/$defs/"))
	}
}

func references(schema any) []string {
	var found []string
	switch schema := schema.(type) {
	case []any:
		for _, item := range schema {
			found = append(found, references(item)...)
		}
	case map[string]any:
		if to, is := schema["$ref"].(string); is {
			found = append(found, to)
		}
		for _, value := range schema {
			found = append(found, references(value)...)
		}
	}
	return found
}

// definition takes a version of a CustomResourceDefinition.
func (c *collection) definition(path, version string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var definition struct {
		Spec struct {
			Group    string
			Names    struct{ Kind string }
			Versions []struct {
				Name   string
				Schema struct {
					OpenAPIV3Schema map[string]any `yaml:"openAPIV3Schema"`
				}
			}
		}
	}
	if err := yaml.Unmarshal(data, &definition); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for _, offered := range definition.Spec.Versions {
		if offered.Name == version {
			kind := definition.Spec.Group + "/" + version + "/" + definition.Spec.Names.Kind
			c.Kinds[kind] = definition.Spec.Names.Kind
			c.Parts[definition.Spec.Names.Kind] = strict(offered.Schema.OpenAPIV3Schema)
			return nil
		}
	}
	return fmt.Errorf("%s offers no %s", path, version)
}
