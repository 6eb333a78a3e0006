// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/test/cluster"
)

// With a definition go all objects of its kind, and nobody asks a policy about
// those. So each of ours is kept, whoever asks and however, until somebody says on
// it what that means.
func TestDeleteDefinitions(t *testing.T) {
	t.Parallel()
	var all apiextensionsv1.CustomResourceDefinitionList
	if err := cluster.Shared().Client.List(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	ours := 0
	for i := range all.Items {
		crd := &all.Items[i]
		if crd.Spec.Group != "werkplek.dev" {
			continue
		}
		ours++
		t.Run(crd.Spec.Names.Kind, func(t *testing.T) {
			t.Parallel()
			want := []string{
				"CustomResourceDefinition " + crd.Name + " must not be deleted", "kubectl get " + crd.Spec.Names.Plural + " -A",
				"delete config/operator or the Helm release", "werkplek.dev/deletion=erases-all-records",
			}
			expect(t, person().Delete(t.Context(), crd.DeepCopy(), client.DryRunAll), want...)
			expect(t, operator().Delete(t.Context(), crd.DeepCopy(), client.DryRunAll), want...)
			one := client.MatchingFields{"metadata.name": crd.Name}
			expect(t, person().DeleteAllOf(t.Context(), &apiextensionsv1.CustomResourceDefinition{}, one, client.DryRunAll), want...)
			for _, meaning := range []string{`""`, `"true"`} {
				mark(t, crd, meaning)
				expect(t, person().Delete(t.Context(), crd.DeepCopy(), client.DryRunAll), want...)
			}
			mark(t, crd, `"erases-all-records"`)
			expect(t, person().Delete(t.Context(), crd.DeepCopy(), client.DryRunAll))
			mark(t, crd, "null")
		})
	}
	files, err := filepath.Glob(filepath.Join(cluster.Root(), "config/crd/bases/*.yaml"))
	if err != nil || ours != len(files) {
		t.Errorf("%d definitions were tried, and there are %d files (%v)", ours, len(files), err)
	}
}

// mark writes on a definition what its deletion means; null takes that away.
func mark(t *testing.T, crd *apiextensionsv1.CustomResourceDefinition, meaning string) {
	t.Helper()
	change := []byte(`{"metadata": {"annotations": {"werkplek.dev/deletion": ` + meaning + `}}}`)
	if err := person().Patch(t.Context(), crd.DeepCopy(), client.RawPatch(types.MergePatchType, change)); err != nil {
		t.Fatal(err)
	}
}

// The definitions of others are nobody's business here.
func TestDeleteDefinitionsOfOthers(t *testing.T) {
	t.Parallel()
	theirs := definition(unique("breads"), "example.com")
	create(t, theirs)
	expect(t, person().Delete(t.Context(), theirs, client.DryRunAll))
}

func definition(name, group string) *apiextensionsv1.CustomResourceDefinition {
	name = strings.ReplaceAll(name, "-", "")
	return &apiextensionsv1.CustomResourceDefinition{
		ObjectMeta: metav1.ObjectMeta{Name: name + "." + group},
		Spec: apiextensionsv1.CustomResourceDefinitionSpec{
			Group: group, Scope: apiextensionsv1.ClusterScoped,
			Names: apiextensionsv1.CustomResourceDefinitionNames{
				Kind: name, ListKind: name + "list", Plural: name, Singular: name,
			},
			Versions: []apiextensionsv1.CustomResourceDefinitionVersion{{
				Name: "v1", Served: true, Storage: true,
				Schema: &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: &apiextensionsv1.JSONSchemaProps{Type: "object"}},
			}},
		},
	}
}

// Nobody asks a policy about policies. Those that keep what is recorded stay in
// force while they are being deleted, as long as a finalizer keeps them.
func TestPoliciesThatKeepRecordsStay(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(cluster.Root(), "config/admission/*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	keeping, stays := map[string]bool{}, map[string]bool{}
	for _, file := range files {
		for _, document := range strings.Split(string(read(t, file)), "\n---\n") {
			data, err := yaml.ToJSON([]byte(document))
			if err != nil {
				t.Fatal(err)
			}
			var policy admissionv1.ValidatingAdmissionPolicy
			if err := json.Unmarshal(data, &policy); err != nil {
				t.Fatal(err)
			}
			if keepsRecords(&policy) {
				keeping[policy.Name] = true
			}
			if slices.Contains(policy.Finalizers, "werkplek.dev/records") {
				stays[policy.Kind+" "+policy.Name] = true
			}
		}
	}
	if len(keeping) < 5 {
		t.Errorf("only %d policies were found to refuse deletions: the files were not understood", len(keeping))
	}
	for name := range keeping {
		for _, kind := range []string{"ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"} {
			if !stays[kind+" "+name] {
				t.Errorf("%s %s refuses deletions, and needs the finalizer werkplek.dev/records", kind, name)
			}
		}
	}
}

// keepsRecords reports whether a policy refuses deletions of what holds records.
func keepsRecords(policy *admissionv1.ValidatingAdmissionPolicy) bool {
	if policy.Spec.MatchConstraints == nil {
		return false
	}
	for _, rule := range policy.Spec.MatchConstraints.ResourceRules {
		holds := slices.Contains(rule.APIGroups, "werkplek.dev") || slices.Contains(rule.Resources, "namespaces") ||
			slices.Contains(rule.Resources, "customresourcedefinitions")
		if holds && slices.Contains(rule.Operations, admissionv1.Delete) {
			return true
		}
	}
	return false
}
