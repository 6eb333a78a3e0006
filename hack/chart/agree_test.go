// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestOneSource: with config's namespace and accounts, CRDs, roles, accounts and
// policies of the chart are those of config, but for the release's labels.
func TestOneSource(t *testing.T) {
	t.Parallel()
	made := rendered(t, needed())
	compared := 0
	for _, folder := range []string{"crd/bases", "rbac", "admission"} {
		for _, want := range ofConfig(t, folder) {
			if want.kind() == "Namespace" {
				continue // helm makes it
			}
			compared++
			same(t, want, find(t, made, want.id()))
		}
	}
	if compared < 60 {
		t.Errorf("only %d objects of config were compared", compared)
	}
}

// same compares all that the first object says; the second may have further labels
// and annotations.
func same(t *testing.T, want, got object) {
	t.Helper()
	for _, part := range []string{"labels", "annotations"} {
		entries, _ := want.at("metadata", part).(map[string]any)
		for key, value := range entries {
			if got.at("metadata", part, key) != value {
				t.Errorf("%s: %s of %s is %v, want %v", got.id(), key, part, got.at("metadata", part, key), value)
			}
		}
		for _, o := range []object{want, got} {
			if metadata, is := o["metadata"].(map[string]any); is {
				delete(metadata, part)
			}
		}
	}
	if !reflect.DeepEqual(want, got) {
		t.Errorf("%s is not what config holds; run make generate\nconfig: %v\nchart: %v", got.id(), want, got)
	}
}

// TestDeploymentsAgree: what config says of the pods, their Service and their budget,
// the chart says too; flags that it has beside them are settings of its values.
func TestDeploymentsAgree(t *testing.T) {
	t.Parallel()
	made := rendered(t, needed())
	for _, folder := range []string{"manager", "portal"} {
		for _, want := range ofConfig(t, folder) {
			covers(t, want.id(), want["spec"], find(t, made, want.id())["spec"])
		}
	}
}

// covers fails where one value says other than a second of what the second says
// too, or says what the second does not.
func covers(t *testing.T, path string, want, got any) {
	t.Helper()
	switch want := want.(type) {
	case map[string]any:
		got, _ := got.(map[string]any)
		for key, value := range want {
			switch key {
			case "image": // of the release's registry
			case "args":
				flags(t, path+".args", value, got[key])
			case "envFrom": // its variables are flags in the chart
			default:
				covers(t, path+"."+key, value, got[key])
			}
		}
	case []any:
		got, _ := got.([]any)
		if len(got) < len(want) {
			t.Errorf("%s: %v, want at least %v", path, got, want)
			return
		}
		for i := range want {
			covers(t, fmt.Sprintf("%s[%d]", path, i), want[i], got[i])
		}
	default:
		if want != got {
			t.Errorf("%s: the chart says %v, config %v", path, got, want)
		}
	}
}

// flags compares flags by their names, and by their values where those are no
// variables.
func flags(t *testing.T, path string, want, got any) {
	t.Helper()
	has := map[string]string{}
	for _, flag := range got.([]any) {
		name, value, _ := strings.Cut(flag.(string), "=")
		has[name] = value
	}
	for _, flag := range want.([]any) {
		name, value, _ := strings.Cut(flag.(string), "=")
		found, is := has[name]
		if !is || !strings.HasPrefix(value, "$(") && found != value {
			t.Errorf("%s: the chart has %s=%q, config %s", path, name, found, flag)
		}
	}
}

// TestPoliciesFollowTheRelease: in another namespace and with other accounts, roles
// and policies know the operator and the gateway by those, and nothing has config's
// names.
func TestPoliciesFollowTheRelease(t *testing.T) {
	t.Parallel()
	values := with(t, "{manager: {serviceAccount: {name: operator}}, portal: {serviceAccount: {name: gateway}}}")
	objects, err := render(t, "desks", values)
	if err != nil {
		t.Fatal(err)
	}
	operator, gateway := 0, 0
	for _, o := range objects {
		text := fmt.Sprint(o)
		for _, left := range []string{namespace, "serviceaccount:desks:werkplek-"} {
			if strings.Contains(text, left) {
				t.Errorf("%s still says %s", o.id(), left)
			}
		}
		operator += strings.Count(text, "system:serviceaccount:desks:operator'")
		gateway += strings.Count(text, "system:serviceaccount:desks:gateway'")
		if subjects, is := o["subjects"].([]any); is {
			for _, subject := range subjects {
				name := subject.(map[string]any)["name"]
				if name != "operator" && name != "gateway" || subject.(map[string]any)["namespace"] != "desks" {
					t.Errorf("%s binds %v", o.id(), subject)
				}
			}
		}
	}
	if operator < 8 || gateway < 2 {
		t.Errorf("policies name the operator %d times and the gateway %d times", operator, gateway)
	}
	for id, flag := range map[string]string{"manager": "--gateway-namespace=desks", "portal": "--namespace=desks"} {
		pods := find(t, objects, "Deployment werkplek-"+id)
		if !strings.Contains(fmt.Sprint(pods.at("spec", "template", "spec", "containers", 0, "args")), flag) {
			t.Errorf("the %s has no %s", id, flag)
		}
	}
}

// TestSelectorsStay: the labels by which Deployments find their pods, and tenants'
// network policies the portal's, cannot change in an upgrade, and a pod has them
// whatever labels somebody adds.
func TestSelectorsStay(t *testing.T) {
	t.Parallel()
	added := "podLabels: {app.kubernetes.io/name: mine, team: w}"
	objects := rendered(t, with(t, "{manager: {"+added+"}, portal: {"+added+"}}"))
	for _, name := range []string{"werkplek-manager", "werkplek-portal"} {
		o := find(t, objects, "Deployment "+name)
		want := map[string]any{"app.kubernetes.io/name": name}
		if got := o.at("spec", "selector", "matchLabels"); !reflect.DeepEqual(got, want) {
			t.Errorf("%s selects %v", name, got)
		}
		if got := o.text("spec", "template", "metadata", "labels", "app.kubernetes.io/name"); got != name {
			t.Errorf("pods of %s are named %s", name, got)
		}
	}
}

// ofConfig reads the objects of a folder of config.
func ofConfig(t *testing.T, folder string) []object {
	t.Helper()
	var objects []object
	files, err := filepath.Glob(filepath.Join(root, "config", folder, "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if filepath.Base(file) == "kustomization.yaml" {
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found, err := parse(string(data))
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		objects = append(objects, found...)
	}
	return objects
}
