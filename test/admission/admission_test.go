// SPDX-License-Identifier: Apache-2.0

// Package admission tests, against a real API server, what is refused: by the
// schemas and rules of the CRDs, by the admission policies and by the roles.
// Every refusal must name the field or the thing, and the rule; and beside
// every refusal stands something much like it that is accepted.
package admission

import (
	"fmt"
	"maps"
	"strings"
	"sync/atomic"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/test/cluster"
)

func TestMain(m *testing.M) { cluster.Main(m) }

// operator returns a client to which only schemas and rules say no: it has all
// rights, and the name that the policies know. It refuses unknown fields, as
// kubectl does.
func operator() client.Client {
	return client.WithFieldValidation(cluster.Shared().As(cluster.Manager, "system:masters"), metav1.FieldValidationStrict)
}

// person returns a client of somebody with all rights who is not the operator.
func person() client.Client {
	return cluster.Shared().As("engineer@provider.example", "system:masters")
}

// expect fails the test unless err is nil where nothing is wanted, and says all
// that is wanted otherwise.
func expect(t *testing.T, err error, want ...string) {
	t.Helper()
	if len(want) == 0 {
		if err != nil {
			t.Fatalf("should be accepted: %v", err)
		}
		return
	}
	if err == nil {
		t.Fatalf("should be refused, and say %q", want)
	}
	for _, part := range want {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("should say %q, says: %v", part, err)
		}
	}
	if strings.Contains(err.Error(), "failed rule:") {
		t.Errorf("shows a rule's source instead of a message: %v", err)
	}
}

// unique returns a name that no other test uses.
func unique(prefix string) string { return prefix + "-" + rand.String(8) }

// months counts the months that tests have used.
var months atomic.Int64

// rename gives an object a name that no other test uses. A month's own report
// is named after a month: its tests are set in a distant future.
func rename(object *unstructured.Unstructured) {
	_, corrects, _ := unstructured.NestedMap(object.Object, "spec", "corrects")
	if object.GetKind() == "LicenseReport" && !corrects {
		month := months.Add(1)
		object.SetName(fmt.Sprintf("%04d-%02d", 3000+month/12, 1+month%12))
		return
	}
	object.SetName(unique(object.GetName()))
}

// tenantNamespace makes a namespace of a tenant, as the operator would.
func tenantNamespace(t *testing.T, tenant string) string {
	t.Helper()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
		Name:   unique("tenant"),
		Labels: map[string]string{v1alpha1.LabelTenant: tenant},
	}}
	create(t, namespace)
	return namespace.Name
}

// create makes an object that must be accepted.
func create(t *testing.T, object client.Object) {
	t.Helper()
	if err := operator().Create(t.Context(), object); err != nil {
		t.Fatal(err)
	}
}

// parse reads YAML.
func parse(t *testing.T, document string) map[string]any {
	t.Helper()
	var parsed map[string]any
	if err := yaml.Unmarshal([]byte(document), &parsed); err != nil {
		t.Fatalf("%v in:\n%s", err, document)
	}
	return parsed
}

// object reads an object, merges changes into it (RFC 7396) and gives it a
// namespace, which those of cluster scope do without.
func object(t *testing.T, document, changes, namespace string) *unstructured.Unstructured {
	t.Helper()
	read := &unstructured.Unstructured{Object: merge(parse(t, document), parse(t, changes))}
	switch read.GetKind() {
	case "Workplace", "Suspension", "Charge", "UsageRecord", "SupportSession", "Notice":
		read.SetNamespace(namespace)
	}
	return read
}

// merge returns what a JSON merge patch makes of an object.
func merge(into, patch map[string]any) map[string]any {
	merged := maps.Clone(into)
	if merged == nil {
		merged = map[string]any{}
	}
	for key, value := range patch {
		if value == nil {
			delete(merged, key)
		} else if inner, ok := value.(map[string]any); ok {
			old, _ := merged[key].(map[string]any)
			merged[key] = merge(old, inner)
		} else {
			merged[key] = value
		}
	}
	return merged
}
