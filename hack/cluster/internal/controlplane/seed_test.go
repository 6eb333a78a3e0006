// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"net/netip"
	"testing"
)

func TestAddresses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		node    int
		podCIDR string
		nodeIP  string
	}{
		"first":            {0, "10.128.0.0/20", "10.64.0.1"},
		"second":           {1, "10.128.16.0/20", "10.64.0.2"},
		"next second byte": {16, "10.129.0.0/20", "10.64.0.17"},
		"next third byte":  {250, "10.143.160.0/20", "10.64.1.1"},
		"last":             {MaxNodes - 1, "10.255.240.0/20", "10.64.8.48"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := podCIDR(tc.node); got != tc.podCIDR {
				t.Errorf("podCIDR = %s, want %s", got, tc.podCIDR)
			}
			if got := nodeIP(tc.node); got != tc.nodeIP {
				t.Errorf("nodeIP = %s, want %s", got, tc.nodeIP)
			}
		})
	}
}

func TestAddressesDoNotOverlap(t *testing.T) {
	t.Parallel()
	services := netip.MustParsePrefix(serviceCIDR)
	seen := make(map[string]bool)
	for i := range MaxNodes {
		pods := netip.MustParsePrefix(podCIDR(i))
		if pods != pods.Masked() || seen[pods.String()] || pods.Overlaps(services) {
			t.Fatalf("node %d: pods %s clash", i, pods)
		}
		ip := netip.MustParseAddr(nodeIP(i))
		if seen[ip.String()] || services.Contains(ip) {
			t.Fatalf("node %d: address %s clashes", i, ip)
		}
		seen[pods.String()], seen[ip.String()] = true, true
	}
}
