// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/yaml"

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
