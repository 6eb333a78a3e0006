// SPDX-License-Identifier: Apache-2.0

package kubeconfig

import (
	"strings"
	"testing"
)

func TestRender(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		config Config
		lines  []string
	}{
		"plain": {
			config: Config{Server: "https://127.0.0.1:6443", CAPEM: []byte("ca"), Token: "abc"},
			lines: []string{
				"current-context: werkplek-local",
				`    server: "https://127.0.0.1:6443"`,
				"    certificate-authority-data: Y2E=",
				`    token: "abc"`,
			},
		},
		"a token that YAML would take for something else": {
			config: Config{Server: "https://[::1]:1", Token: `1e3: "#`},
			lines: []string{
				`    server: "https://[::1]:1"`,
				`    token: "1e3: \"#"`,
			},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := string(tc.config.Render())
			for _, line := range tc.lines {
				if !strings.Contains(got, line+"\n") {
					t.Errorf("no line %q in\n%s", line, got)
				}
			}
		})
	}
}
