// SPDX-License-Identifier: Apache-2.0

package page

import (
	"strings"
	"testing"
)

func TestSteps(t *testing.T) {
	t.Parallel()
	const text = "# A page\n\n<!-- walk: fresh -->\n\n" +
		"```sh\nmake up\n```\n\n```text\nready in 3 s\n```\n\n" +
		"1. In a list:\n\n   ```sh\n   kubectl apply -f - <<'YAML'\n   kind: Tenant\n   YAML\n   ```\n\n" +
		"```sh no-test=\"needs a registry\"\nmake push\n```\n\n```yaml\nkind: Tenant\n```\n\n" +
		"```console\n$ kubectl get tenants \\\n  -o wide\nNAME\njansen\n$ kubectl get charges\n```\n"
	page, err := Parse("page.md", text)
	if err != nil {
		t.Fatal(err)
	}
	if !page.Fresh {
		t.Error("the page is not taken to begin on an empty cluster")
	}
	want := []Step{
		{Line: 5, Commands: "make up", Output: []string{"ready in 3 s"}},
		{Line: 15, Commands: "kubectl apply -f - <<'YAML'\nkind: Tenant\nYAML"},
		{Line: 30, Commands: "kubectl get tenants \\\n  -o wide", Output: []string{"NAME", "jansen"}},
		{Line: 34, Commands: "kubectl get charges"},
	}
	steps := page.Steps()
	if len(steps) != len(want) {
		t.Fatalf("%d steps, want %d: %+v", len(steps), len(want), steps)
	}
	for i, step := range steps {
		if step.Line != want[i].Line || step.Commands != want[i].Commands ||
			strings.Join(step.Output, "\n") != strings.Join(want[i].Output, "\n") {
			t.Errorf("step %d is\n%+v, want\n%+v", i, step, want[i])
		}
	}
	list := Untested([]Page{page})
	if len(list) != 1 || list[0] != "page.md:21: needs a registry" {
		t.Errorf("not run: %q", list)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"no reason":           "```sh no-test\nmake push\n```\n",
		"an empty reason":     "```sh no-test=\"\"\nmake push\n```\n",
		"an unknown word":     "```sh skip=\"why\"\nmake push\n```\n",
		"a prompt in sh":      "```sh\n$ make push\n```\n",
		"no prompt":           "```console\nmake push\n```\n",
		"commands as text":    "```text\nkubectl get tenants\n```\n",
		"commands as nothing": "```\nmake up\n```\n",
		"never run anyway":    "```yaml no-test=\"why\"\nkind: Tenant\n```\n",
		"no end":              "```sh\nmake up\n",
		"an unknown state":    "<!-- walk: later -->\n",
		"a page without why":  "<!-- walk: no-test=\"\" -->\n",
	} {
		if _, err := Parse("page.md", text); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func TestShows(t *testing.T) {
	t.Parallel()
	const printed = "NAME     STATE       SINCE\njansen   Active      3m12s\npartner  Suspended   2026-11-27\n" +
		"due: EUR 100.00 (4 users)\n  (7.4 s)\n"
	for _, row := range []struct {
		name  string
		shown []string
		ok    bool
	}{
		{"as printed", strings.Split(printed, "\n"), true},
		{"another day, other columns", []string{"NAME STATE SINCE", "partner   Suspended  2027-01-02", "(0.1 s)"}, true},
		{"something left out", []string{"jansen Active 3s", "...", "due: EUR 100.00 ..."}, true},
		{"another sum", []string{"due: EUR 125.00 (4 users)"}, false},
		{"another order", []string{"partner Suspended 2026-11-27", "jansen Active 3m"}, false},
		{"another state", []string{"jansen Suspended 3m12s"}, false},
	} {
		if err := Shows(row.shown, printed); (err == nil) != row.ok {
			t.Errorf("%s: %v", row.name, err)
		}
	}
}
