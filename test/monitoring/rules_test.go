// SPDX-License-Identifier: Apache-2.0

package monitoring

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v3"
)

const root = "../.."

// rules are the alerts, as far as these tests look at them.
type rules struct {
	Groups []struct {
		Name  string
		Rules []alert
	}
}

type alert struct {
	Alert, Expr         string
	Labels, Annotations map[string]string
}

// alerts returns the alerts of the source.
func alerts(t *testing.T) []alert {
	t.Helper()
	var found []alert
	for _, path := range files(t, filepath.Join(root, "config", "monitoring", "rules")) {
		var source rules
		decode(t, path, &source)
		for _, group := range source.Groups {
			found = append(found, group.Rules...)
		}
	}
	if len(found) < 20 {
		t.Fatalf("only %d alerts were found: the file was not understood", len(found))
	}
	return found
}

func decode(t *testing.T, path string, into any) {
	t.Helper()
	data := read(t, path)
	if err := yaml.Unmarshal([]byte(data), into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestRules has promtool check the alerts, and try each where it must fire and
// where it must not.
func TestRules(t *testing.T) {
	t.Parallel()
	promtool := filepath.Join(t.TempDir(), "promtool")
	// What discovers targets in clouds is most of promtool, and tries no rules.
	run(t, "go", "build", "-tags", "remove_all_sd", "-o", promtool, "github.com/prometheus/prometheus/cmd/promtool")
	sources := files(t, filepath.Join(root, "config", "monitoring", "rules"))
	run(t, promtool, append([]string{"check", "rules", "--lint=all", "--lint-fatal"}, sources...)...)
	run(t, promtool, append([]string{"test", "rules"}, files(t, "rules")...)...)
}

func run(t *testing.T, program string, arguments ...string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, err := exec.CommandContext(ctx, program, arguments...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", filepath.Base(program), strings.Join(arguments, " "), err, out)
	}
}

// files returns the YAML files of a folder.
func files(t *testing.T, folder string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil || len(found) == 0 {
		t.Fatalf("no files were found in %s: %v", folder, err)
	}
	return found
}

// TestEveryAlertIsTried: each has a test in which it fires, and one in which it
// does not.
func TestEveryAlertIsTried(t *testing.T) {
	t.Parallel()
	fires, rests := map[string]bool{}, map[string]bool{}
	for _, path := range files(t, "rules") {
		var file struct {
			Tests []struct {
				Cases []struct {
					Name  string `yaml:"alertname"`
					Fires []any  `yaml:"exp_alerts"`
				} `yaml:"alert_rule_test"`
			}
		}
		decode(t, path, &file)
		for _, test := range file.Tests {
			for _, c := range test.Cases {
				fires[c.Name] = fires[c.Name] || len(c.Fires) > 0
				rests[c.Name] = rests[c.Name] || len(c.Fires) == 0
			}
		}
	}
	for _, a := range alerts(t) {
		if !fires[a.Alert] || !rests[a.Alert] {
			t.Errorf("%s: tried where it fires: %t, where it does not: %t; want both", a.Alert, fires[a.Alert], rests[a.Alert])
		}
	}
}

// TestRunbooks: each alert says how bad it is and what to do, and leads to a page
// that says what it means, what it does to people, how to find out and how to mend
// it. There is no page without its alert.
func TestRunbooks(t *testing.T) {
	t.Parallel()
	const base = "https://werkplek.dev/docs/runbooks/"
	pages := filepath.Join(root, "docs", "runbooks")
	list := read(t, filepath.Join(pages, "README.md"))
	wanted := []string{"README.md"}
	for _, a := range alerts(t) {
		if !slices.Contains([]string{"critical", "warning", "info"}, a.Labels["severity"]) {
			t.Errorf("%s: its severity is %q", a.Alert, a.Labels["severity"])
		}
		if a.Annotations["summary"] == "" || a.Annotations["description"] == "" {
			t.Errorf("%s: it does not say what is wrong, or not what to do", a.Alert)
		}
		page := a.Alert + ".md"
		wanted = append(wanted, page)
		if a.Annotations["runbook_url"] != base+page {
			t.Errorf("%s: its runbook is %q, want %q", a.Alert, a.Annotations["runbook_url"], base+page)
		}
		if !strings.Contains(list, "("+page+")") {
			t.Errorf("docs/runbooks/README.md does not list %s", page)
		}
		text := read(t, filepath.Join(pages, page))
		at := 0
		for _, heading := range []string{"# " + a.Alert + "\n", "\n## Meaning\n", "\n## Impact\n", "\n## Diagnosis\n", "\n```sh", "\n## Remedy\n"} {
			found := strings.Index(text[at:], heading)
			if found < 0 {
				t.Errorf("docs/runbooks/%s has no %q where it belongs", page, strings.TrimSpace(heading))
				break
			}
			at += found
		}
		if !strings.Contains(text, "Severity: "+a.Labels["severity"]+"\n") {
			t.Errorf("docs/runbooks/%s does not say Severity: %s", page, a.Labels["severity"])
		}
	}
	there, err := os.ReadDir(pages)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range there {
		if !slices.Contains(wanted, file.Name()) {
			t.Errorf("docs/runbooks/%s belongs to no alert", file.Name())
		}
	}
}

// TestRulesAreServed: alerts speak of metrics that are served, with labels that they have.
func TestRulesAreServed(t *testing.T) {
	t.Parallel()
	known := served(t)
	for _, a := range alerts(t) {
		known.check(t, a.Alert, a.Expr)
	}
}

// metrics are the labels of all metrics that the reference lists, by name.
type metrics map[string][]string

var (
	row    = regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| (.*?)\\| (.+) \\|$")
	quoted = regexp.MustCompile("`([a-z_]+)`")
)

// served reads the reference; that it is right, the tests of the docs see to.
func served(t *testing.T) metrics {
	t.Helper()
	known := metrics{}
	for _, found := range row.FindAllStringSubmatch(read(t, filepath.Join(root, "docs", "reference", "metrics.md")), -1) {
		labels := []string{"job", "instance", "namespace", "pod"}
		for _, label := range quoted.FindAllStringSubmatch(found[2], -1) {
			labels = append(labels, label[1])
		}
		known[found[1]] = labels
		if strings.Contains(found[3], "histogram") {
			known[found[1]+"_bucket"], known[found[1]+"_sum"], known[found[1]+"_count"] = append(labels, "le"), labels, labels
		}
	}
	if len(known) < 20 {
		t.Fatalf("only %d metrics were found: the reference was not understood", len(known))
	}
	return known
}

// check reports what an expression asks for that is not served.
func (m metrics) check(t *testing.T, where, expression string) {
	t.Helper()
	parsed, err := parser.NewParser(parser.Options{}).ParseExpr(expression)
	if err != nil {
		t.Errorf("%s: %v", where, err)
		return
	}
	for _, selectors := range parser.ExtractSelectors(parsed) {
		name, labels := "", []string{}
		for _, matcher := range selectors {
			if matcher.Name == "__name__" {
				name = matcher.Value
			} else {
				labels = append(labels, matcher.Name)
			}
		}
		has, ok := m[name]
		if !ok {
			t.Errorf("%s: %s is not in docs/reference/metrics.md", where, name)
			continue
		}
		for _, label := range labels {
			if !slices.Contains(has, label) {
				t.Errorf("%s: %s has no label %s", where, name, label)
			}
		}
	}
	m.grouped(t, where, parsed)
}

// grouped reports a label by which something is summed up that no metric below has.
func (m metrics) grouped(t *testing.T, where string, parsed parser.Expr) {
	t.Helper()
	parser.Inspect(parsed, func(node parser.Node, _ []parser.Node) error {
		sum, ok := node.(*parser.AggregateExpr)
		if !ok || sum.Without {
			return nil
		}
		for _, label := range sum.Grouping {
			found := false
			for _, selectors := range parser.ExtractSelectors(sum.Expr) {
				for _, matcher := range selectors {
					found = found || matcher.Name == "__name__" && slices.Contains(m[matcher.Value], label)
				}
			}
			if !found {
				t.Errorf("%s: nothing in %q has the label %s", where, sum, label)
			}
		}
		return nil
	})
}

// TestGenerated: what the Prometheus operator takes is made of the same rules.
func TestGenerated(t *testing.T) {
	t.Parallel()
	resources := map[string]any{}
	decoder := yaml.NewDecoder(strings.NewReader(read(t, filepath.Join(root, "config", "monitoring", "prometheusrule.yaml"))))
	for {
		var resource struct {
			Kind     string
			Metadata struct{ Name string }
			Spec     any
		}
		err := decoder.Decode(&resource)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || resource.Kind != "PrometheusRule" {
			t.Fatalf("kind %q: %v", resource.Kind, err)
		}
		resources[resource.Metadata.Name] = resource.Spec
	}
	sources := files(t, filepath.Join(root, "config", "monitoring", "rules"))
	for _, path := range sources {
		var source any
		decode(t, path, &source)
		name := "werkplek-" + strings.TrimSuffix(filepath.Base(path), ".yaml")
		if !reflect.DeepEqual(source, resources[name]) {
			t.Errorf("%s of prometheusrule.yaml differs from %s: run make generate", name, path)
		}
	}
	if len(resources) != len(sources) {
		t.Errorf("prometheusrule.yaml has %d resources, of %d files", len(resources), len(sources))
	}
}
