// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"
	"strings"
	"testing"
)

// TestCheck: each rule of the house lets through what it should, and names what it should not.
func TestCheck(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		packages []pkg
		want     string // part of the one line that is expected; empty: nothing is wrong
	}{
		"the API on its own": {packages: []pkg{ours("api/v1alpha1", "k8s.io/api/core/v1")}},
		"the API on the engine": {
			packages: []pkg{ours("api/v1alpha1", module+"/internal/terms/facts")},
			want:     "no arrow from api to internal/terms/facts",
		},
		"a floor of the engine on a lower one": {
			packages: []pkg{ours("internal/terms/facts", module+"/internal/terms/dues")},
		},
		"a floor of the engine on a higher one": {
			packages: []pkg{ours("internal/terms/dues", module+"/internal/terms/facts")},
			want:     "no arrow from internal/terms/dues to internal/terms/facts",
		},
		"a floor of the engine on the top one": {
			packages: []pkg{ours("internal/terms/charging", module+"/internal/terms/prose")},
			want:     "no arrow from internal/terms/charging to internal/terms/prose",
		},
		"a client, imported": {
			packages: []pkg{ours("internal/access", "k8s.io/client-go/kubernetes")},
			want:     "internal/access reaches a client of a cluster: internal/access -> k8s.io/client-go/kubernetes",
		},
		"a client behind another module": {
			packages: []pkg{
				ours("internal/access", "example.com/helper"),
				{ImportPath: "example.com/helper", Imports: []string{"example.com/deep"}},
				{ImportPath: "example.com/deep", Imports: []string{"sigs.k8s.io/controller-runtime"}},
			},
			want: "internal/access -> example.com/helper -> example.com/deep -> sigs.k8s.io/controller-runtime",
		},
		"a name that only begins like a client's": {
			packages: []pkg{ours("internal/access", "k8s.io/client-go-not/kubernetes")},
		},
		"a decision that opens files": {
			packages: []pkg{ours("internal/agenda", "os")},
			want:     "internal/agenda imports os: internal/agenda knows values only",
		},
		"a sender that opens files": {packages: []pkg{ours("internal/smtp", "os", "net")}},
		"a controller on what all share": {
			packages: []pkg{ours("controllers/tenant/contract", module+"/controllers/internal/reconciling")},
		},
		"a controller on a part of its own": {
			packages: []pkg{ours("controllers/tenant", module+"/controllers/tenant/furnish")},
		},
		"a controller on another": {
			packages: []pkg{ours("controllers/workplace", module+"/controllers/tenant")},
			want:     "no arrow from controllers/workplace to controllers/tenant",
		},
		"a controller on a part of another": {
			packages: []pkg{ours("controllers/workplace", module+"/controllers/tenant/furnish")},
			want:     "no arrow from controllers/workplace to controllers/tenant",
		},
		"what all share on a controller": {
			packages: []pkg{ours("controllers/internal/reconciling", module+"/controllers/license")},
			want:     "no arrow from controllers/internal to controllers/license",
		},
		"the portal on a controller": {
			packages: []pkg{ours("internal/portal/web", module+"/controllers/userrequest")},
			want:     "no arrow from internal/portal to controllers/userrequest",
		},
		"the portal on what controllers share": {
			packages: []pkg{ours("internal/portal/access", module+"/controllers/internal/family")},
			want:     "no arrow from internal/portal to controllers/internal",
		},
		"the product on a tool": {
			packages: []pkg{ours("controllers", module+"/hack/demo")},
			want:     "no arrow from controllers to hack",
		},
		"a tool on the product": {
			packages: []pkg{ours("hack/demo", module+"/internal/forecast")},
			want:     "no arrow from hack to internal/forecast",
		},
		"flags in a program":    {packages: []pkg{ours("cmd/manager", "flag")}},
		"flags in a controller": {packages: []pkg{ours("controllers/notice", "flag")}, want: "flags are read in cmd only"},
		"a new room below internal": {
			packages: []pkg{ours("internal/ledger")},
			want:     "internal/ledger lies in no room",
		},
		"a new room below the engine": {
			packages: []pkg{ours("internal/terms/refunds")},
			want:     "internal/terms/refunds lies in no room",
		},
		"a new controller whose name begins like what all share": {
			packages: []pkg{ours("controllers/internals")},
			want:     "controllers/internals lies in no room",
		},
		"a new program": {packages: []pkg{ours("cmd/agent")}, want: "cmd/agent lies in no room"},
		"a unit test that starts a cluster": {
			packages: []pkg{
				{ImportPath: module + "/controllers/tenant", XTestImports: []string{module + "/test/operator"}},
				ours("test/operator", cluster),
			},
			want: "the tests of controllers/tenant need a cluster",
		},
		"a unit test that needs no cluster": {
			packages: []pkg{{ImportPath: module + "/internal/smtp", TestImports: []string{module + "/test/mailserver"}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := check(house, c.packages)
			if c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || !strings.Contains(got[0], c.want)) {
				t.Errorf("want one line with %q (none when empty), got:\n%s", c.want, strings.Join(got, "\n"))
			}
		})
	}
}

// TestHouse: every arrow leads from a room to another that exists and stands
// before it, so that there is no circle, and those who know values only meet
// nobody who knows more.
func TestHouse(t *testing.T) {
	t.Parallel()
	at := map[string]int{}
	for i, r := range house {
		if _, twice := at[r.path]; twice {
			t.Errorf("%s is named twice", r.path)
		}
		at[r.path] = i
	}
	for i, r := range house {
		for _, path := range r.imports {
			to, found := at[path]
			if !found {
				t.Errorf("%s may import %s, which is no room", r.path, path)
				continue
			}
			if to > i && !sameFloor(r.path, path) {
				t.Errorf("%s may import %s, which stands above it", r.path, path)
			}
			if house[to].touch > r.touch {
				t.Errorf("%s may import %s, which touches more than it may itself", r.path, path)
			}
		}
	}
}

func sameFloor(a, b string) bool {
	return slices.ContainsFunc(floors, func(floor []string) bool {
		return slices.Contains(floor, a) && slices.Contains(floor, b)
	})
}

func ours(path string, imports ...string) pkg {
	return pkg{ImportPath: module + "/" + path, Imports: imports}
}
