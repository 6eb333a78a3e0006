// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"go.yaml.in/yaml/v3"
)

// documents makes values.yaml, its schema and its reference from the values of this
// folder, by their paths from the root.
func documents(file string) (map[string]string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	schema := document.Content[0]
	values, err := valuesFile(schema)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	reference, err := reference(schema)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	strict, err := json.MarshalIndent(closed(schema), "", " ")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return map[string]string{
		chart + "/values.yaml":        values,
		chart + "/values.schema.json": string(strict) + "\n",
		"docs/reference/chart.md":     reference,
	}, nil
}

// property of a schema, in the order in which they were written.
type property struct {
	name   string
	schema *yaml.Node
}

func properties(schema *yaml.Node) []property {
	var found []property
	node := field(schema, "properties")
	for i := 0; node != nil && i < len(node.Content); i += 2 {
		found = append(found, property{node.Content[i].Value, node.Content[i+1]})
	}
	return found
}

// branch says whether a property is written as its own properties are, each with a
// default of its own.
func (p property) branch() bool {
	return field(p.schema, "properties") != nil
}

func (p property) description() (string, error) {
	if node := field(p.schema, "description"); node != nil {
		return node.Value, nil
	}
	return "", fmt.Errorf("line %d: %s has no description", p.schema.Line, p.name)
}

// value is the default, on one line.
func (p property) value() (string, error) {
	node := field(p.schema, "default")
	if node == nil {
		return "", fmt.Errorf("line %d: %s has no default", p.schema.Line, p.name)
	}
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	inline := *node
	inline.Style |= yaml.FlowStyle
	if node.Kind == yaml.ScalarNode {
		inline.Style = node.Style
	}
	err := encoder.Encode(&inline)
	return strings.Join(strings.Fields(out.String()), " "), err
}

func field(node *yaml.Node, name string) *yaml.Node {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == name {
			return node.Content[i+1]
		}
	}
	return nil
}

// closed is a schema as Helm reads it: an object has the properties that are named,
// and no others.
func closed(node *yaml.Node) any {
	switch node.Kind {
	case yaml.MappingNode:
		made := map[string]any{}
		for i := 0; i+1 < len(node.Content); i += 2 {
			made[node.Content[i].Value] = closed(node.Content[i+1])
		}
		if named, is := made["properties"].(map[string]any); is && named["$ref"] == nil {
			made["type"], made["additionalProperties"] = "object", false
		}
		if reference, is := made["$ref"].(string); is && len(made) > 1 {
			delete(made, "$ref") // beside it, the draft reads nothing else
			made["allOf"] = []any{map[string]any{"$ref": reference}}
		}
		if _, root := made["$defs"]; root {
			made["$schema"] = "http://json-schema.org/draft-07/schema#"
		}
		return made
	case yaml.SequenceNode:
		made := make([]any, 0, len(node.Content))
		for _, item := range node.Content {
			made = append(made, closed(item))
		}
		return made
	default:
		var value any
		if err := node.Decode(&value); err != nil {
			return node.Value
		}
		return value
	}
}

// valuesFile writes the defaults, each below its description.
func valuesFile(schema *yaml.Node) (string, error) {
	var out strings.Builder
	out.WriteString("# SPDX-License-Identifier: Apache-2.0\n" +
		"# Written by make generate from hack/chart/values.yaml. docs/reference/chart.md is its reference.\n")
	err := writeValues(&out, schema, 0)
	return out.String(), err
}

func writeValues(out *strings.Builder, schema *yaml.Node, depth int) error {
	indent := strings.Repeat("  ", depth)
	for _, p := range properties(schema) {
		description, err := p.description()
		if err != nil {
			return err
		}
		if depth == 0 {
			out.WriteString("\n")
		}
		for _, line := range wrap(description, 116-len(indent)) {
			fmt.Fprintf(out, "%s# %s\n", indent, line)
		}
		if p.branch() && field(p.schema, "default") == nil {
			fmt.Fprintf(out, "%s%s:\n", indent, p.name)
			if err := writeValues(out, p.schema, depth+1); err != nil {
				return err
			}
			continue
		}
		value, err := p.value()
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s%s: %s\n", indent, p.name, value)
	}
	return nil
}

func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	return append(lines, line)
}

// reference writes a table of values for each of the top.
func reference(schema *yaml.Node) (string, error) {
	var out, top strings.Builder
	for _, p := range properties(schema) {
		if p.branch() && field(p.schema, "default") == nil {
			description, err := p.description()
			if err != nil {
				return "", err
			}
			fmt.Fprintf(&out, "\n## %s\n\n%s\n\n%s", p.name, description, head)
			if err := writeRows(&out, p.schema, p.name); err != nil {
				return "", err
			}
		} else if err := writeRow(&top, p, p.name); err != nil {
			return "", err
		}
	}
	return "# Values of the Helm chart\n\n" +
		"Written by `make generate` from `hack/chart/values.yaml`, as are the chart's `values.yaml` and its schema, which\n" +
		"refuses a value that is not listed here. [Install](../how-to/install.md) says what to set first.\n\n" +
		head + top.String() + out.String(), nil
}

const head = "| value | default | |\n|---|---|---|\n"

func writeRows(out *strings.Builder, schema *yaml.Node, prefix string) error {
	for _, p := range properties(schema) {
		path := prefix + "." + p.name
		if p.branch() && field(p.schema, "default") == nil {
			if err := writeRows(out, p.schema, path); err != nil {
				return err
			}
		} else if err := writeRow(out, p, path); err != nil {
			return err
		}
	}
	return nil
}

func writeRow(out *strings.Builder, p property, path string) error {
	description, err := p.description()
	if err != nil {
		return err
	}
	value, err := p.value()
	if err != nil {
		return err
	}
	if allowed := field(p.schema, "enum"); allowed != nil {
		var names []string
		for _, name := range allowed.Content {
			names = append(names, "`"+name.Value+"`")
		}
		last := len(names) - 1
		description += " " + strings.Join(names[:last], ", ") + " or " + names[last] + "."
	}
	_, err = fmt.Fprintf(out, "| `%s` | `%s` | %s |\n", path, value, strings.ReplaceAll(description, "|", "\\|"))
	return err
}
