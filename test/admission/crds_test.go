// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"encoding/json"
	"slices"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// applySize is what an annotation holds at most, and so what a client-side
// kubectl apply takes.
const applySize = 256 << 10

func TestCRDs(t *testing.T) {
	t.Parallel()
	var list apiextensionsv1.CustomResourceDefinitionList
	if err := operator().List(t.Context(), &list); err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, crd := range list.Items {
		if crd.Spec.Group != v1alpha1.GroupVersion.Group {
			continue
		}
		checked++
		t.Run(crd.Spec.Names.Kind, func(t *testing.T) {
			t.Parallel()
			if !slices.Contains(crd.Spec.Names.Categories, "werkplek") {
				t.Error("is not in the category werkplek")
			}
			for _, version := range crd.Spec.Versions {
				describe(t, version.Name, *version.Schema.OpenAPIV3Schema)
				// A usage record is made and filled in one write.
				apart := version.Subresources != nil && version.Subresources.Status != nil
				if apart == (crd.Spec.Names.Kind == "UsageRecord") {
					t.Errorf("%s has a status subresource: %t", version.Name, apart)
				}
			}
			for _, condition := range crd.Status.Conditions {
				if condition.Type == apiextensionsv1.NonStructuralSchema && condition.Status == apiextensionsv1.ConditionTrue {
					t.Error(condition.Message)
				}
			}
			encoded, err := json.Marshal(crd.Spec)
			if err != nil {
				t.Fatal(err)
			}
			if len(encoded) > applySize {
				t.Errorf("has %d bytes: more than the %d that kubectl apply takes", len(encoded), applySize)
			}
		})
	}
	if checked == 0 {
		t.Error("there are no CRDs")
	}
}

// describe checks that every field has a description.
func describe(t *testing.T, path string, schema apiextensionsv1.JSONSchemaProps) {
	t.Helper()
	for name, field := range schema.Properties {
		inner := path + "." + name
		if field.Description == "" && name != "metadata" {
			t.Errorf("%s has no description", inner)
		}
		describe(t, inner, field)
	}
	if schema.Items != nil && schema.Items.Schema != nil {
		describe(t, path+"[]", *schema.Items.Schema)
	}
	if schema.AdditionalProperties != nil && schema.AdditionalProperties.Schema != nil {
		describe(t, path+"{}", *schema.AdditionalProperties.Schema)
	}
}
