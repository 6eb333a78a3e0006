// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"strings"
	"testing"
)

func TestPorts(t *testing.T) {
	t.Parallel()
	tests := map[string]string{ // "" for an error
		"8080":       "8080:8080",
		"8080:30080": "8080:30080",
		"0":          "",
		"70000":      "",
		"80:":        "",
		"a:b":        "",
	}
	for text, want := range tests {
		var ports Ports
		if err := ports.Set(text); (err != nil) != (want == "") {
			t.Errorf("%q: error = %v", text, err)
		}
		if got := ports.String(); got != want {
			t.Errorf("%q gives %q, want %q", text, got, want)
		}
	}
}

func TestCheckPods(t *testing.T) {
	t.Parallel()
	for network, good := range map[string]bool{
		DefaultPods: true, "10.245.0.0/16": true, "10.245.1.0/16": false, "10.245.0.0/24": false, "fd00::/16": false, "": false,
	} {
		if err := CheckPods(network); (err == nil) != good {
			t.Errorf("%q: error = %v, want one: %v", network, err, !good)
		}
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	const patched, bare, mapped = "cgroupDriver: cgroupfs", "disableDefaultCNI: true", "{hostPort: 8080, containerPort: 30080, listenAddress: 127.0.0.1}"
	tests := map[string]struct {
		options Options
		want    map[string]bool
	}{
		"kind's own image": {Options{Pods: DefaultPods}, map[string]bool{patched: false, bare: false, mapped: false}},
		"image built here": {Options{Pods: DefaultPods, Own: true}, map[string]bool{patched: true, bare: true, mapped: false}},
		"with a port":      {Options{Pods: DefaultPods, Ports: Ports{{8080, 30080}}}, map[string]bool{bare: false, mapped: true}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := tc.options.config()
			if err != nil {
				t.Fatal(err)
			}
			for part, want := range tc.want {
				if strings.Contains(string(text), part) != want {
					t.Errorf("%q in the configuration: want %v\n%s", part, want, text)
				}
			}
		})
	}
}
