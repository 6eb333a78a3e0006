// SPDX-License-Identifier: Apache-2.0

package assets

import (
	"strings"
	"testing"
)

func TestVersionFlags(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		version string
		want    []string // nil for an error
	}{
		"release": {"v1.36.3", []string{
			"-X k8s.io/component-base/version.gitVersion=v1.36.3",
			"-X k8s.io/component-base/version.gitMajor=1",
			"-X k8s.io/client-go/pkg/version.gitMinor=36",
		}},
		"pre-release": {"v1.37.0-rc.1", []string{
			"-X k8s.io/client-go/pkg/version.gitVersion=v1.37.0-rc.1",
			"-X k8s.io/component-base/version.gitMinor=37",
		}},
		"none":      {"", nil},
		"too short": {"v1.36", nil},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := versionFlags(tc.version)
			if (err != nil) != (tc.want == nil) {
				t.Fatalf("error = %v, want one: %v", err, tc.want == nil)
			}
			for _, flag := range tc.want {
				if !strings.Contains(got+" ", " "+flag+" ") {
					t.Errorf("no %q in %q", flag, got)
				}
			}
		})
	}
}
