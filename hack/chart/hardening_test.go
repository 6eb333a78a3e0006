// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	psapi "k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	sigsyaml "sigs.k8s.io/yaml"
)

// TestRestricted: every pod passes the restricted level of the Pod Security
// Standards, asked of the code that enforces it in the API server.
func TestRestricted(t *testing.T) {
	t.Parallel()
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	level := psapi.LevelVersion{Level: psapi.LevelRestricted, Version: psapi.LatestVersion()}
	sources := map[string][]object{"config": slices.Concat(ofConfig(t, "manager"), ofConfig(t, "portal"))}
	for name, values := range combinations(t) {
		sources[name] = rendered(t, values)
	}
	for name, objects := range sources {
		found := 0
		for _, o := range objects {
			pod, is := podOf(t, o)
			if !is {
				continue
			}
			found++
			for _, result := range evaluator.EvaluatePod(level, &pod.ObjectMeta, &pod.Spec) {
				if !result.Allowed {
					t.Errorf("%s: %s: %s: %s", name, o.id(), result.ForbiddenReason, result.ForbiddenDetail)
				}
			}
			for _, container := range pod.Spec.Containers {
				if root := container.SecurityContext.ReadOnlyRootFilesystem; root == nil || !*root {
					t.Errorf("%s: %s: container %s may write to its root", name, o.id(), container.Name)
				}
			}
		}
		if found < 2 {
			t.Errorf("%s: only %d pods were found", name, found)
		}
	}
}

// podOf returns the pod that an object is, or makes.
func podOf(t *testing.T, o object) (*corev1.PodTemplateSpec, bool) {
	t.Helper()
	data, err := yaml.Marshal(map[string]any(o))
	if err != nil {
		t.Fatal(err)
	}
	switch o.kind() {
	case "Pod":
		pod := corev1.PodTemplateSpec{}
		err = sigsyaml.Unmarshal(data, &pod)
		if err != nil {
			t.Fatal(err)
		}
		return &pod, true
	case "Deployment":
		deployment := appsv1.Deployment{}
		if err := sigsyaml.UnmarshalStrict(data, &deployment); err != nil {
			t.Fatal(err)
		}
		return &deployment.Spec.Template, true
	}
	return nil, false
}

// TestScore: the rules of kube-score find nothing critical, whatever is turned on. One
// is met by a value and not by its default: with pullPolicy Always nothing could start
// while the registry is away, and the tag of a version does not move.
func TestScore(t *testing.T) {
	t.Parallel()
	tool := filepath.Join(t.TempDir(), "kube-score")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", tool, "github.com/zegl/kube-score/cmd/kube-score")
	build.Dir = "../score"
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build kube-score: %v\n%s", err, out)
	}
	for name, values := range combinations(t) {
		if name == "nothing optional" || name == "one of each" || name == "no portal" {
			continue // these turn off what the rules ask for
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var all bytes.Buffer
			encoder := yaml.NewEncoder(&all)
			values["image"].(map[string]any)["pullPolicy"] = "Always"
			for _, o := range rendered(t, values) {
				if err := encoder.Encode(map[string]any(o)); err != nil {
					t.Fatal(err)
				}
			}
			score(t, tool, &all)
		})
	}
}

func score(t *testing.T, tool string, manifests *bytes.Buffer) {
	t.Helper()
	const critical = 1
	run := exec.CommandContext(t.Context(), tool, "score", "--output-format", "json", "--kubernetes-version", "v1.36", "-")
	run.Stdin = manifests
	out, _ := run.Output() // it fails where it finds something
	var found []struct {
		Name   string `json:"object_name"`
		Checks []struct {
			Check    struct{ Name string }
			Grade    int
			Skipped  bool
			Comments []struct{ Path, Summary, Description string }
		}
	}
	if err := json.Unmarshal(out, &found); err != nil || len(found) < 5 {
		t.Fatalf("kube-score looked at %d objects: %v\n%s", len(found), err, out)
	}
	for _, o := range found {
		for _, check := range o.Checks {
			if check.Grade <= critical && !check.Skipped {
				var said []string
				for _, c := range check.Comments {
					said = append(said, c.Path+": "+c.Summary+"; "+c.Description)
				}
				t.Errorf("%s: %s: %s", o.Name, check.Check.Name, strings.Join(said, "\n"))
			}
		}
	}
}
