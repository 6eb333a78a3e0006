// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/test/cluster"
)

// The tests install folders, people install kustomizations: both must hold the
// same files.
func TestKustomizationsListTheirFolders(t *testing.T) {
	t.Parallel()
	for kustomization, folder := range map[string]string{
		"config/crd":       "config/crd/bases",
		"config/rbac":      "config/rbac",
		"config/admission": "config/admission",
	} {
		t.Run(kustomization, func(t *testing.T) {
			t.Parallel()
			base := filepath.Join(cluster.Root(), kustomization)
			var listed struct {
				Resources []string `json:"resources"`
			}
			if err := yaml.Unmarshal(read(t, filepath.Join(base, "kustomization.yaml")), &listed); err != nil {
				t.Fatal(err)
			}
			there, err := filepath.Glob(filepath.Join(cluster.Root(), folder, "*.yaml"))
			if err != nil {
				t.Fatal(err)
			}
			for i := range listed.Resources {
				listed.Resources[i] = filepath.Join(base, listed.Resources[i])
			}
			for _, file := range there {
				if filepath.Base(file) != "kustomization.yaml" && !slices.Contains(listed.Resources, file) {
					t.Errorf("%s/kustomization.yaml does not list %s", kustomization, filepath.Base(file))
				}
			}
			for _, file := range listed.Resources {
				if !slices.Contains(there, file) {
					t.Errorf("%s/kustomization.yaml lists %s, which is not there", kustomization, filepath.Base(file))
				}
			}
		})
	}
}

// The operator's username is different where it is installed under another
// name: then each policy has one place to change it in.
func TestPoliciesNameTheOperatorOnce(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(cluster.Root(), "config/admission/*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("files %v, error %v", files, err)
	}
	for _, file := range files {
		for _, document := range strings.Split(string(read(t, file)), "\n---\n") {
			if count := strings.Count(document, cluster.Manager); count > 1 {
				t.Errorf("%s names %s %d times in one document; give it a variable", filepath.Base(file), cluster.Manager, count)
			}
		}
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// The samples are what people begin with: each is accepted, and applied with
// the others unless it needs the namespace of a tenant.
func TestSamplesAreAccepted(t *testing.T) {
	t.Parallel()
	base := filepath.Join(cluster.Root(), "config/samples")
	var listed struct {
		Resources []string `json:"resources"`
	}
	if err := yaml.Unmarshal(read(t, filepath.Join(base, "kustomization.yaml")), &listed); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(base, "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	deeper, err := filepath.Glob(filepath.Join(base, "*/*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	namespace := tenantNamespace(t, "sample")
	licenses, named := map[string]bool{}, []string{}
	for _, path := range append(files, deeper...) {
		file, err := filepath.Rel(base, path)
		if err != nil {
			t.Fatal(err)
		}
		if file == "kustomization.yaml" {
			continue
		}
		namespaced := false
		for i, document := range strings.Split(string(read(t, path)), "\n---\n") {
			sample := object(t, document, "", namespace)
			if sample.GetNamespace() != "" {
				namespaced = true
				sample.SetNamespace(namespace)
			}
			if sample.GetKind() == "License" {
				licenses[sample.GetName()] = true
			}
			needed, _, err := unstructured.NestedStringSlice(sample.Object, "spec", "licenses")
			if err != nil {
				t.Errorf("%s: %v", file, err)
			}
			named = append(named, needed...)
			t.Run(fmt.Sprintf("%s#%d", file, i), func(t *testing.T) {
				t.Parallel()
				expect(t, person().Create(t.Context(), sample, client.DryRunAll))
				expect(t, operator().Create(t.Context(), sample, client.DryRunAll))
			})
		}
		if namespaced == slices.Contains(listed.Resources, file) {
			t.Errorf("config/samples/kustomization.yaml lists %s: %t", file, namespaced)
		}
	}
	for _, name := range named {
		if !licenses[name] {
			t.Errorf("a sample needs the License %s, which is not among the samples", name)
		}
	}
}
