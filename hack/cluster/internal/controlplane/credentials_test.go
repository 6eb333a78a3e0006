// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"net/netip"
	"slices"
	"testing"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		users []user
		want  string
	}{
		"nobody":     {nil, ""},
		"no group":   {[]user{{name: "a", token: "t"}}, "t,a,a,\"\"\n"},
		"one group":  {[]user{{name: "a", groups: []string{"g"}, token: "t"}}, "t,a,a,\"g\"\n"},
		"two groups": {[]user{{name: "a", groups: []string{"g", "h"}, token: "t"}}, "t,a,a,\"g,h\"\n"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := string(tokens(tc.users)); got != tc.want {
				t.Errorf("tokens = %q, want %q", got, tc.want)
			}
		})
	}
}

func TestTokensAreDifferent(t *testing.T) {
	t.Parallel()
	if first, second := newUser("a", ""), newUser("a", ""); first.token == second.token {
		t.Error("two users got the same token")
	}
}

func TestServiceAddressIsCertified(t *testing.T) {
	t.Parallel()
	first := netip.MustParsePrefix(serviceCIDR).Addr().Next().String()
	if !slices.Contains(apiserverHosts, first) {
		t.Errorf("%s, the kubernetes service, is not among %v", first, apiserverHosts)
	}
}
