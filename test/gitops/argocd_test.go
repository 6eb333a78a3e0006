// SPDX-License-Identifier: Apache-2.0

package gitops

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	lua "github.com/yuin/gopher-lua"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/test/cluster"
)

const argocd = "config/gitops/argocd"

// healths are Argo CD's words for the verdicts of kstatus.
var healths = map[status.Status]string{current: "Healthy", inProgress: "Progressing", failed: "Degraded"}

// health is what a check returns.
type health struct {
	Status  string `json:"status"`
	Message string `json:"message"`
}

// healthOf runs a check as Argo CD does: the object is the global obj, there are the
// basic functions and those for tables, a second of time, and a table comes back.
func healthOf(check string, object *unstructured.Unstructured) (health, error) {
	state := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer state.Close()
	for name, open := range map[string]lua.LGFunction{lua.BaseLibName: lua.OpenBase, lua.TabLibName: lua.OpenTable} {
		if err := state.CallByParam(lua.P{Fn: state.NewFunction(open), Protect: true}, lua.LString(name)); err != nil {
			return health{}, err
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	state.SetContext(ctx)
	state.SetGlobal("obj", valueOf(state, object.Object))
	if err := state.DoString(check); err != nil {
		return health{}, err
	}
	result, ok := state.Get(-1).(*lua.LTable)
	if !ok {
		return health{}, fmt.Errorf("the check returns a %s", state.Get(-1).Type())
	}
	found := health{Status: lua.LVAsString(result.RawGetString("status")), Message: lua.LVAsString(result.RawGetString("message"))}
	return found, nil
}

// valueOf turns a value of JSON into one of Lua.
func valueOf(state *lua.LState, value any) lua.LValue {
	switch v := value.(type) {
	case bool:
		return lua.LBool(v)
	case int64:
		return lua.LNumber(v)
	case float64:
		return lua.LNumber(v)
	case string:
		return lua.LString(v)
	case []any:
		list := state.CreateTable(len(v), 0)
		for _, item := range v {
			list.Append(valueOf(state, item))
		}
		return list
	case map[string]any:
		table := state.CreateTable(0, len(v))
		for key, item := range v {
			table.RawSetString(key, valueOf(state, item))
		}
		return table
	}
	return lua.LNil
}

func healthCheck() (string, error) {
	source, err := os.ReadFile(filepath.Join(cluster.Root(), argocd, "health.lua"))
	return string(source), err
}

// TestArgoCDSettings: the settings have the check for each kind, and as it stands in
// its own file.
func TestArgoCDSettings(t *testing.T) {
	t.Parallel()
	check, err := healthCheck()
	must(t, err)
	source, err := os.ReadFile(filepath.Join(cluster.Root(), argocd, "argocd-cm.yaml"))
	must(t, err)
	settings := &corev1.ConfigMap{}
	must(t, yaml.UnmarshalStrict(source, settings))
	kinds := 0
	for kind := range cluster.Scheme().KnownTypes(v1alpha1.GroupVersion) {
		if !ours(kind) {
			continue
		}
		kinds++
		if key := "resource.customizations.health.werkplek.dev_" + kind; settings.Data[key] != check {
			t.Errorf("%s in argocd-cm.yaml is not what health.lua says", key)
		}
	}
	if kinds < 14 {
		t.Errorf("looked at %d kinds", kinds)
	}
	for key, value := range settings.Data {
		var parsed any
		if err := yaml.Unmarshal([]byte(value), &parsed); err != nil && !json.Valid([]byte(value)) && value != check {
			t.Errorf("%s is no YAML: %v", key, err)
		}
	}
}

// TestArgoCDHealth: what the check says of states that pass too fast to be watched.
func TestArgoCDHealth(t *testing.T) {
	t.Parallel()
	check, err := healthCheck()
	must(t, err)
	for name, row := range map[string]struct{ object, want string }{
		"no status":     {`{"metadata":{"generation":1}}`, "Healthy"},
		"not looked at": {`{"metadata":{"generation":1},"status":{"observedGeneration":-1}}`, "Progressing"},
		"changed since": {`{"metadata":{"generation":2},"status":{"observedGeneration":1,"conditions":[{"type":"Ready","status":"True","reason":"Ready"}]}}`, "Progressing"},
		"unknown":       {`{"metadata":{},"status":{"conditions":[{"type":"Ready","status":"Unknown","reason":"NotRead"}]}}`, "Progressing"},
		"going":         {`{"metadata":{"deletionTimestamp":"2026-11-27T12:00:00Z"},"status":{}}`, "Progressing"},
		"at rest":       {`{"metadata":{},"status":{"conditions":[{"type":"Ready","status":"True","reason":"Idle","message":"m"}]}}`, "Healthy"},
	} {
		object := &unstructured.Unstructured{}
		must(t, json.Unmarshal([]byte(row.object), &object.Object))
		if found, err := healthOf(check, object); err != nil || found.Status != row.want {
			t.Errorf("%s: %+v, %v; want %s", name, found, err, row.want)
		}
	}
}
