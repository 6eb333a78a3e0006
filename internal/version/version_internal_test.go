// SPDX-License-Identifier: Apache-2.0

package version

import (
	"runtime"
	"runtime/debug"
	"testing"
)

func TestOf(t *testing.T) {
	t.Parallel()
	const commit = "0123456789abcdef0123456789abcdef01234567"
	built := func(version string, settings ...debug.BuildSetting) *debug.BuildInfo {
		return &debug.BuildInfo{Main: debug.Module{Version: version}, Settings: settings}
	}
	clean, changed := debug.BuildSetting{Key: "vcs.revision", Value: commit}, debug.BuildSetting{Key: "vcs.modified", Value: "true"}
	on := ", " + runtime.Version() + ", " + runtime.GOOS + "/" + runtime.GOARCH + ")"
	for name, test := range map[string]struct {
		version, revision string
		built             *debug.BuildInfo
		want              string
	}{
		"stamped":            {"v1.2.3", commit, built("v9.9.9", clean, changed), "v1.2.3 (0123456789ab" + on},
		"stamped in part":    {"v1.2.3", "", built("", clean), "v1.2.3 (0123456789ab" + on},
		"noted":              {"", "", built("v0.1.0", clean), "v0.1.0 (0123456789ab" + on},
		"noted, and changed": {"", "", built("v0.1.0+dirty", changed, clean), "v0.1.0+dirty (0123456789ab-dirty" + on},
		"stamped as changed": {"v1-dirty", commit + "-dirty", nil, "v1-dirty (0123456789ab-dirty" + on},
		"no history":         {"", "", built("", changed), "(devel) (" + on[2:]},
		"nothing noted":      {"", "", nil, "(devel) (" + on[2:]},
	} {
		if got := of(test.version, test.revision, test.built).String(); got != test.want {
			t.Errorf("%s: it calls itself %q, want %q", name, got, test.want)
		}
	}
}

func TestUserAgent(t *testing.T) {
	t.Parallel()
	info := Info{Version: "v1.2.3", Revision: "0123456789abcdef", Platform: "linux/arm64"}
	if got, want := info.UserAgent("werkplek-manager"), "werkplek-manager/v1.2.3 (linux/arm64) 0123456789ab"; got != want {
		t.Errorf("the user agent is %q, want %q", got, want)
	}
	info.Revision = ""
	if got, want := info.UserAgent("werkplek-manager"), "werkplek-manager/v1.2.3 (linux/arm64)"; got != want {
		t.Errorf("without a revision it is %q, want %q", got, want)
	}
}
