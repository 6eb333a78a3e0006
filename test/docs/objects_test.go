// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"regexp"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/test/docs/page"
)

var heredoc = regexp.MustCompile(`(?s)<<'?YAML'?\n(.*?)\nYAML(?:\n|$)`)

// TestObjects: what pages show of Werkplek's objects has only fields that there are.
func TestObjects(t *testing.T) {
	t.Parallel()
	all, err := page.All(root)
	if err != nil {
		t.Fatal(err)
	}
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	checked := 0
	for i := range all {
		for _, block := range all[i].Blocks {
			for _, text := range objects(block) {
				var whole any
				if err := yaml.Unmarshal([]byte(text), &whole); err != nil {
					t.Errorf("%s:%d: %v", all[i].Name, block.Line, err)
				}
				fields, _ := whole.(map[string]any)
				kind, _ := fields["kind"].(string)
				object, err := scheme.New(v1alpha1.GroupVersion.WithKind(kind))
				if err != nil {
					continue // another API's, or a part that names no kind
				}
				checked++
				if err := yaml.UnmarshalStrict([]byte(text), object); err != nil {
					t.Errorf("%s:%d: %v", all[i].Name, block.Line, err)
				}
			}
		}
	}
	if checked < 10 {
		t.Errorf("only %d objects were found: the pages were not understood", checked)
	}
}

// objects returns the YAML documents of a block, those that its commands apply among them.
func objects(block page.Block) []string {
	text := strings.Join(block.Lines, "\n")
	if block.Language == "yaml" {
		return strings.Split(text, "\n---\n")
	}
	var found []string
	if block.Commands() {
		for _, doc := range heredoc.FindAllStringSubmatch(text, -1) {
			found = append(found, strings.Split(doc[1], "\n---\n")...)
		}
	}
	return found
}
