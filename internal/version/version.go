// SPDX-License-Identifier: Apache-2.0

// Package version says which version a program is: what the build stamped into it,
// or else what the Go toolchain noted of the tree that it was built from.
package version

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

// Stamped by the build, with -ldflags "-X werkplek.dev/werkplek/internal/version.version=v1.2.3".
var version, revision string

// Unknown is the version of a program that was built from a tree without a history.
const Unknown = "(devel)"

// Info is what is known of a program's build.
type Info struct {
	// Version such as v1.2.3, or what git describe says of a commit after it.
	Version string `json:"version"`
	// Revision is the commit, in full; empty where nobody noted it. One that ends
	// in -dirty was changed and not committed.
	Revision string `json:"revision,omitempty"`
	// GoVersion of the toolchain, such as go1.26.0.
	GoVersion string `json:"goVersion"`
	// Platform is the operating system and the architecture, such as linux/amd64.
	Platform string `json:"platform,omitempty"`
}

// Get returns what is known of this program's build.
func Get() Info {
	built, _ := debug.ReadBuildInfo()
	return of(version, revision, built)
}

// of prefers what was stamped, and reads the rest from what the toolchain noted.
func of(version, revision string, built *debug.BuildInfo) Info {
	info := Info{Version: version, Revision: revision, GoVersion: runtime.Version()}
	info.Platform = runtime.GOOS + "/" + runtime.GOARCH
	if built != nil {
		if info.Version == "" {
			info.Version = built.Main.Version
		}
		if info.Revision == "" {
			info.Revision = noted(built.Settings)
		}
	}
	if info.Version == "" {
		info.Version = Unknown
	}
	return info
}

// noted returns the commit that the toolchain noted.
func noted(settings []debug.BuildSetting) string {
	var commit, dirty string
	for _, setting := range settings {
		switch {
		case setting.Key == "vcs.revision":
			commit = setting.Value
		case setting.Key == "vcs.modified" && setting.Value == "true":
			dirty = "-dirty"
		}
	}
	if commit == "" {
		return ""
	}
	return commit + dirty
}

// Short is the revision as people write it: twelve digits of it.
func (i Info) Short() string {
	commit, dirty := strings.CutSuffix(i.Revision, "-dirty")
	if len(commit) > 12 {
		commit = commit[:12]
	}
	if dirty {
		commit += "-dirty"
	}
	return commit
}

// String is a line for people: v1.2.3 (a1b2c3d4e5f6, go1.26.0, linux/amd64).
func (i Info) String() string {
	var known []string
	for _, part := range []string{i.Short(), i.GoVersion, i.Platform} {
		if part != "" {
			known = append(known, part)
		}
	}
	return fmt.Sprintf("%s (%s)", i.Version, strings.Join(known, ", "))
}

// UserAgent is how a program calls itself to the API server, whose audit log and
// metrics name it so.
func (i Info) UserAgent(program string) string {
	agent := fmt.Sprintf("%s/%s (%s)", program, i.Version, i.Platform)
	if short := i.Short(); short != "" {
		agent += " " + short
	}
	return agent
}
