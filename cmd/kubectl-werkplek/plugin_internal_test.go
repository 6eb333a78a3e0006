// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/version"
	"werkplek.dev/werkplek/internal/version/servers"
)

// plugin runs the plugin as somebody types it, against a cluster.
func plugin(t *testing.T, cluster client.Client, arguments ...string) (out, aside string, err error) {
	t.Helper()
	c := newConnection(today)
	c.rules.ExplicitPath = kubeconfig(t, `{clusters: [{name: a, cluster: {server: "https://cluster.example"}}], contexts: [{name: a, context: {cluster: a, user: a}}], users: [{name: a, user: {}}], current-context: a}`)
	c.dial = func() (client.Client, string, error) { return cluster, "https://cluster.example", nil }
	var stdout, stderr bytes.Buffer
	root := command(c)
	root.SetArgs(arguments)
	root.SetOut(&stdout)
	root.SetErr(&stderr)
	err = root.ExecuteContext(t.Context())
	return stdout.String(), stderr.String(), err
}

// golden compares what a command writes with what it wrote when somebody last
// looked at it; WERKPLEK_GOLDEN=write writes it anew.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name+".txt")
	if os.Getenv("WERKPLEK_GOLDEN") == "write" {
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(got), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got), which WERKPLEK_GOLDEN=write accepts:\n%s", path, diff)
	}
}

// TestGolden: what people and programs read, command by command.
func TestGolden(t *testing.T) {
	t.Parallel()
	objects := append(november(t), jansen(t)...)
	wished := wish("eva", func(r *v1alpha1.UserRequest) {
		r.UID, r.ManagedFields = "1", []metav1.ManagedFieldsEntry{{Manager: "portal", Operation: "Update", APIVersion: "werkplek.dev/v1alpha1", FieldsType: "FieldsV1"}}
	})
	cluster := clusterOf(t, append(objects, wished)...)
	for name, arguments := range map[string]string{
		"help":            "--help",
		"status":          "status jansen",
		"status-json":     "status jansen -o json",
		"requests":        "requests",
		"requests-yaml":   "requests -o yaml",
		"requests-name":   "requests -n tenant-jansen -o name",
		"requests-none":   "requests -n tenant-zonen",
		"requests-empty":  "requests -n tenant-zonen -o json",
		"report":          "report 2026-11",
		"report-name":     "report 2026-11..2026-12 -o name",
		"report-range":    "report 2026-01..2027-02 -o name",
		"forecast":        "forecast jansen --until 2026-12-31",
		"forecast-unpaid": "forecast jansen --until 2026-12-05 --if nothing_paid --if mail_dead_from_2026-12-01_to_2026-12-03",
		"preview":         "report preview -f testdata/correction.yaml",
		"completion":      "completion",
		"completer":       "completion plugin",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			words := strings.Fields(arguments)
			for i := range words {
				words[i] = strings.ReplaceAll(words[i], "_", " ")
			}
			out, aside, err := plugin(t, cluster, words...)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, name, aside+out)
		})
	}
}

// TestForms: what is written for programs can be read by them, and a form that a
// command does not have is refused before a cluster is asked.
func TestForms(t *testing.T) {
	t.Parallel()
	cluster := clusterOf(t, append(november(t), jansen(t)...)...)
	for _, arguments := range []string{
		"status jansen", "requests", "report 2026-11", "forecast jansen", "version", "version --client",
		"report preview -f testdata/correction.yaml", "terms check testdata/jansen.yaml", "hold", "restored",
	} {
		for form, read := range map[string]func([]byte, any) error{
			asJSON: json.Unmarshal, asYAML: func(data []byte, into any) error { return yaml.UnmarshalStrict(data, into) },
		} {
			out, aside, err := plugin(t, cluster, append(strings.Fields(arguments), "-o", form)...)
			var into any
			if err != nil || aside != "" || read([]byte(out), &into) != nil || into == nil {
				t.Errorf("%s -o %s: %v, %q aside, and it cannot be read or is empty:\n%s", arguments, form, err, aside, out)
			}
		}
		if _, _, err := plugin(t, nil, append(strings.Fields(arguments), "-o", "xml")...); err == nil || !strings.Contains(err.Error(), "there are table, json") {
			t.Errorf("%s -o xml: the error is %v, want one that says which forms there are", arguments, err)
		}
	}
}

// TestArguments: what is missing or too many is named, with the way to write it.
func TestArguments(t *testing.T) {
	t.Parallel()
	for arguments, want := range map[string]string{
		"status":                  "TENANT is missing: kubectl werkplek status TENANT",
		"status a b":              "b is one argument too many: kubectl werkplek status TENANT",
		"report":                  "MONTH is missing: kubectl werkplek report MONTH | FROM..UNTIL | NAME",
		"report verify":           "PACKAGE is missing",
		"report preview":          "name a file, with -f",
		"approve":                 "NAME is missing: kubectl werkplek approve NAME",
		"terms check":             "name a file or ServiceTerms: kubectl werkplek terms check",
		"forecast":                "say which tenant, or read one with -f FILE",
		"completion tcsh":         "tcsh is no shell of those there are",
		"approve eva":             "there is no UserRequest eva in namespace default; kubectl werkplek requests -A lists them",
		"deny eva -n x":           "tell the contact why, with --message",
		"report 2026-10":          "there is no LicenseReport 2026-10",
		"status nobody":           "there is no Tenant nobody; kubectl get tenants lists those there are",
		"report 2020-01..2020-12": "there is no LicenseReport from 2020-01 to 2020-12; there are those from 2026-11 to 2026-12",
	} {
		c := office(t, 0, november(t)...)
		if _, _, err := plugin(t, c, strings.Fields(arguments)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: the error is %v, want one with %q", arguments, err, want)
		}
	}
}

// TestCompletion: the tab key offers what is there.
func TestCompletion(t *testing.T) {
	t.Parallel()
	cluster := clusterOf(t, append(append(november(t), jansen(t)...), wish("eva"))...)
	for arguments, want := range map[string][]string{
		"status |":                   {"jansen\tBakkerij Jansen B.V."},
		"status jansen |":            nil,
		"forecast |":                 {"jansen\tBakkerij Jansen B.V."},
		"forecast jansen --if |":     {"notice on DATE", "nothing paid [from DATE]"},
		"report |":                   {"2026-11\tfinal since 2026-11-30T22:59:59Z", "2026-12\tDRAFT: the month is not over", "verify\tCheck an audit package, offline or against the cluster"},
		"report |2026-11..":          {"2026-11..2026-11", "2026-11..2026-12"},
		"report 2026-11 -o |":        {"table", "json", "yaml", "name", "csv", "detail", "xlsx"},
		"requests -o |":              {"name"},
		"requests -n |":              {"tenant-jansen\tBakkerij Jansen B.V."},
		"approve -n tenant-jansen |": {"eva\tAddUser by piet@jansen.example"},
		"approve -n tenant-zonen |":  nil,
		"terms check |":              {"hosted\tHosted desktop"},
		"completion |":               {"plugin", "bash"},
		"|":                          {"status\tShow what a tenant has and what comes next", "version\tSay which versions of this plugin and of Werkplek in the cluster run"},
	} {
		before, typed, _ := strings.Cut(arguments, "|")
		out, _, err := plugin(t, cluster, append(append([]string{cobra.ShellCompRequestCmd}, strings.Fields(before)...), typed)...)
		if err != nil {
			t.Fatal(arguments, err)
		}
		lines := strings.Split(out, "\n")
		for _, line := range want {
			if !containsLine(lines, line) {
				t.Errorf("%s: %q is not offered:\n%s", arguments, line, out)
			}
		}
		if want == nil && !strings.HasPrefix(out, ":") {
			t.Errorf("%s: nothing should be offered, and this is:\n%s", arguments, out)
		}
	}
}

func containsLine(lines []string, line string) bool {
	for _, l := range lines {
		if l == line {
			return true
		}
	}
	return false
}

// TestScripts: no shell's script takes the place of kubectl's own.
func TestScripts(t *testing.T) {
	t.Parallel()
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		out, _, err := plugin(t, nil, "completion", shell)
		if err != nil || !strings.Contains(out, "kubectl-werkplek") {
			t.Errorf("%s: it does not complete kubectl-werkplek (%v)", shell, err)
		}
		for line := range strings.Lines(out) {
			for _, registers := range []string{"complete -o default -F", "#compdef kubectl\n", "complete -c kubectl ", "-CommandName 'kubectl' "} {
				if strings.Contains(line, registers) && !strings.Contains(line, "kubectl-werkplek") {
					t.Errorf("%s: it completes another program: %s", shell, line)
				}
			}
		}
	}
}

// TestVersion: what runs, what is not known and why, and what does not go together.
func TestVersion(t *testing.T) {
	t.Parallel()
	since := metav1.NewTime(time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC))
	cluster := clusterOf(t)
	noted := servers.Server{Program: servers.Manager, Host: "manager-a", Since: &since, Info: version.Info{Version: "v0.3.1", Revision: "0123456789abcdef", GoVersion: "go1.26.0"}}
	if err := servers.Note(t.Context(), cluster, "werkplek-system", noted); err != nil {
		t.Fatal(err)
	}
	out, _, err := plugin(t, cluster, "version")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"kubectl-werkplek", "manager           v0.3.1", "0123456789ab", "2026-11-27T09:00:00Z", "manager-a",
		"unknown: portal: none of this or a later version has started in namespace werkplek-system",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
	if out, _, err := plugin(t, cluster, "version", "-n", "elsewhere"); err != nil || !strings.Contains(out, "manager: none of this") || !strings.Contains(out, "in namespace elsewhere") {
		t.Errorf("elsewhere nothing runs (%v):\n%s", err, out)
	}
	for own, warns := range map[string]bool{"v0.3.7": false, "v0.4.0": true, "v1.3.1": true, "(devel)": false, "v0.3.1-4-gabc": false} {
		if got := skew(own, noted); (got != "") != warns || warns && !strings.Contains(got, "use the plugin of release v0.3") {
			t.Errorf("plugin %s and manager v0.3.1: the warning is %q", own, got)
		}
	}
}

// TestAdvice: errors say what to do next.
func TestAdvice(t *testing.T) {
	t.Parallel()
	tenants := schema.GroupResource{Group: v1alpha1.GroupVersion.Group, Resource: "tenants"}
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"no such kind":   {&meta.NoKindMatchError{GroupKind: schema.GroupKind{Kind: "Tenant"}}, "does not have Werkplek's API"},
		"no such API":    {apierrors.NewGenericServerResponse(404, "get", tenants, "", "", 0, true), "does not have Werkplek's API"},
		"forbidden":      {apierrors.NewForbidden(tenants, "jansen", errors.New("no role")), "ask an administrator for the role"},
		"unknown person": {apierrors.NewUnauthorized("who is it"), "sign in again"},
		"too slow":       {context.DeadlineExceeded, "--request-timeout"},
		"nobody there":   {&url.Error{Op: "Get", Err: &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}}, "check that the cluster runs"},
		"anything else":  {errors.New("a pity"), "a pity"},
		"no such object": {apierrors.NewNotFound(tenants, "jansen"), `"jansen" not found`},
	} {
		if got := newConnection(today).explain(test.err); !errors.Is(got, test.err) || !strings.Contains(got.Error(), test.want) {
			t.Errorf("%s: it says %q, want %q", name, got, test.want)
		}
	}
	if got := newConnection(today).explain(apierrors.NewNotFound(tenants, "jansen")); strings.Contains(got.Error(), "API, or an older one") {
		t.Errorf("an object that is not there is taken for a kind: %v", got)
	}
}

// TestFind: a kubeconfig that does not say which cluster is refused with what to do.
func TestFind(t *testing.T) {
	t.Parallel()
	for want, set := range map[string]func(*connection){
		"no cluster is configured; set KUBECONFIG": func(*connection) {},
		"kubectl config get-contexts lists":        func(c *connection) { c.overrides.CurrentContext = "elsewhere" },
		"no such file or directory":                func(c *connection) { c.rules.ExplicitPath = "/nonexistent" },
	} {
		c := newConnection(today)
		c.rules.ExplicitPath = kubeconfig(t, "{}")
		set(c)
		if _, _, err := c.open(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want one with %q", err, want)
		}
	}
}

func kubeconfig(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestNoPackage: nothing is said to hold of a file that is no package.
func TestNoPackage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text, other := filepath.Join(dir, "text"), filepath.Join(dir, "other.zip")
	if err := os.WriteFile(text, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	writeZip(t, other, "readme.txt")
	for _, path := range []string{text, other} {
		out, _, err := plugin(t, nil, "report", "verify", path)
		if !errors.Is(err, errFindings) || strings.Contains(out, "ok  ") || !strings.Contains(out, "FAILED  the file is an audit package") || !strings.Contains(out, "This file is no audit package") {
			t.Errorf("%s: %v\n%s", path, err, out)
		}
	}
	if _, _, err := plugin(t, nil, "report", "verify", filepath.Join(dir, "nothing")); err == nil || errors.Is(err, errFindings) {
		t.Errorf("a file that is not there is no finding, and the error is %v", err)
	}
}

// TestUnsigned: a signature that is not there does not hold.
func TestUnsigned(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "audit.zip")
	if _, _, err := plugin(t, clusterOf(t, november(t)...), "report", "2026-11", "--package", file); err != nil {
		t.Fatal(err)
	}
	out, _, err := plugin(t, nil, "report", "verify", file)
	if err != nil || !strings.Contains(out, "-       the signature over the checksums: there is none") || strings.Contains(out, "ok      the sign") {
		t.Errorf("%v\n%s", err, out)
	}
}
