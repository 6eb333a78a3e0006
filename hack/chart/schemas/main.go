// SPDX-License-Identifier: Apache-2.0

// Schemas takes from Go modules what the tests hold the rendered chart against: the
// OpenAPI of the three newest minor versions of Kubernetes, and the definitions of
// kinds that others define; of both, only the kinds that the chart makes. What it
// writes is in testdata/schemas. Run it to follow Kubernetes:
//
//	go run ./schemas
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// kubernetes are the versions, and groups the files of each, with the kinds taken.
var (
	kubernetes = []string{"v1.35.4", "v1.36.3", "v1.37.2"}
	groups     = map[string][]string{
		"api__v1": {"v1/ConfigMap", "v1/Pod", "v1/Service", "v1/ServiceAccount"},
		"apis__admissionregistration.k8s.io__v1": {
			"admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy",
			"admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding",
		},
		"apis__apiextensions.k8s.io__v1": {"apiextensions.k8s.io/v1/CustomResourceDefinition"},
		"apis__apps__v1":                 {"apps/v1/Deployment"},
		"apis__autoscaling__v2":          {"autoscaling/v2/HorizontalPodAutoscaler"},
		"apis__networking.k8s.io__v1":    {"networking.k8s.io/v1/Ingress", "networking.k8s.io/v1/NetworkPolicy"},
		"apis__policy__v1":               {"policy/v1/PodDisruptionBudget"},
		"apis__rbac.authorization.k8s.io__v1": {
			"rbac.authorization.k8s.io/v1/ClusterRole", "rbac.authorization.k8s.io/v1/ClusterRoleBinding",
			"rbac.authorization.k8s.io/v1/Role", "rbac.authorization.k8s.io/v1/RoleBinding",
		},
		"apis__scheduling.k8s.io__v1": {"scheduling.k8s.io/v1/PriorityClass"},
	}
)

// definitions of others: module, file in it, and the version taken.
var definitions = []struct{ module, file, version string }{
	{
		"github.com/prometheus-operator/prometheus-operator@v0.85.0",
		"example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml", "v1",
	},
	{
		"github.com/prometheus-operator/prometheus-operator@v0.85.0",
		"example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml", "v1",
	},
	{"github.com/cert-manager/cert-manager@v1.21.2", "deploy/crds/cert-manager.io_certificates.yaml", "v1"},
	{"sigs.k8s.io/gateway-api@v1.6.3", "config/crd/standard/gateway.networking.k8s.io_httproutes.yaml", "v1"},
}

const folder = "testdata/schemas"

func main() {
	if err := take(); err != nil {
		fmt.Fprintln(os.Stderr, "schemas:", err)
		os.Exit(1)
	}
}

func take() error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for _, version := range kubernetes {
		dir, err := download("k8s.io/kubernetes@" + version)
		if err != nil {
			return err
		}
		taken := newCollection()
		for file, kinds := range groups {
			if err := taken.openAPI(filepath.Join(dir, "api/openapi-spec/v3", file+"_openapi.json"), kinds); err != nil {
				return err
			}
		}
		if err := taken.write("kubernetes-" + version + ".json"); err != nil {
			return err
		}
	}
	others := newCollection()
	for _, d := range definitions {
		dir, err := download(d.module)
		if err != nil {
			return err
		}
		if err := others.definition(filepath.Join(dir, d.file), d.version); err != nil {
			return err
		}
	}
	return others.write("others.json")
}

// download returns the folder of a module.
func download(module string) (string, error) {
	out, err := exec.Command("go", "mod", "download", "-json", module).Output()
	var found struct{ Dir, Error string }
	if broken := json.Unmarshal(out, &found); broken != nil {
		return "", errors.Join(err, broken)
	}
	if found.Error != "" {
		return "", fmt.Errorf("%s: %s", module, found.Error)
	}
	return found.Dir, err
}

// collection is a JSON schema of parts, and which part is whose.
type collection struct {
	Kinds map[string]string `json:"kinds"`
	Parts map[string]any    `json:"$defs"`
}

func newCollection() *collection {
	return &collection{Kinds: map[string]string{}, Parts: map[string]any{}}
}

func (c *collection) write(name string) error {
	data, err := json.MarshalIndent(c, "", "")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, name), append(data, '\n'), 0o644)
}

// strict is a schema without what only people and API servers read, and with no
// room for properties that are not named.
func strict(schema any) any {
	switch schema := schema.(type) {
	case []any:
		for i := range schema {
			schema[i] = strict(schema[i])
		}
	case map[string]any:
		return strictObject(schema)
	}
	return schema
}

func strictObject(schema map[string]any) map[string]any {
	open := schema["x-kubernetes-preserve-unknown-fields"] == true
	for key, value := range schema {
		_, text := value.(string)
		switch {
		case key == "properties" || key == "$defs":
			for name, property := range value.(map[string]any) {
				value.(map[string]any)[name] = strict(property)
			}
		case key == "description" && text, key == "default", key == "example", strings.HasPrefix(key, "x-kubernetes-"):
			delete(schema, key)
		case key == "$ref" && text:
			schema[key] = strings.Replace(value.(string), "#/components/schemas/", "#/$defs/", 1)
		default:
			schema[key] = strict(value)
		}
	}
	if schema["properties"] != nil && schema["additionalProperties"] == nil && !open {
		schema["additionalProperties"] = false
	}
	return schema
}
