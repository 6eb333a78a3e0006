// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestMonitoring: each file of rules becomes a PrometheusRule of the chart that says
// the same, and each dashboard a ConfigMap.
func TestMonitoring(t *testing.T) {
	t.Parallel()
	made := rendered(t, combinations(t)["monitoring"])
	rules := paths(t, "rules/*.yaml")
	for _, path := range rules {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var want map[string]any
		if err := yaml.Unmarshal(data, &want); err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(path), ".yaml")
		if got := find(t, made, "PrometheusRule werkplek-"+name)["spec"]; !reflect.DeepEqual(got, want) {
			t.Errorf("%s is not in the chart as it is; run make generate", path)
		}
	}
	dashboards := paths(t, "dashboards/*.json")
	for _, path := range dashboards {
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Base(path)
		got := find(t, made, "ConfigMap werkplek-dashboard-"+strings.TrimSuffix(file, ".json")).text("data", file)
		if strings.TrimSpace(got) != strings.TrimSpace(string(want)) {
			t.Errorf("%s is not in the chart as it is; run make generate", path)
		}
	}
	counts := map[string]int{}
	for _, o := range made {
		counts[o.kind()]++
	}
	if counts["PrometheusRule"] != len(rules) || counts["ConfigMap"] != len(dashboards) || counts["ServiceMonitor"] != 2 {
		t.Errorf("%d rules and %d dashboards became %v", len(rules), len(dashboards), counts)
	}
}

func paths(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(root, "config", "monitoring", pattern))
	if err != nil {
		t.Fatal(err)
	}
	return found
}
