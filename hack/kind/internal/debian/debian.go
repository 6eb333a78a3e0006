// SPDX-License-Identifier: Apache-2.0

// Package debian installs Debian packages on this machine.
package debian

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"werkplek.dev/werkplek/hack/kind/internal/run"
)

// MayInstall says why packages cannot be installed here, if they cannot.
func MayInstall() error {
	if _, err := os.Stat("/etc/debian_version"); err != nil {
		return errors.New("this tool installs what is missing only on Debian")
	}
	if os.Geteuid() != 0 {
		return errors.New("this tool installs what is missing only as root")
	}
	return nil
}

// Install installs packages, without those that they only recommend. It asks
// for new lists only if those at hand do not do.
func Install(ctx context.Context, packages ...string) error {
	if err := MayInstall(); err != nil {
		return fmt.Errorf("install %s, or run this as root on Debian: %w", strings.Join(packages, " "), err)
	}
	apt := run.Command{Env: []string{"DEBIAN_FRONTEND=noninteractive"}}
	args := append([]string{"install", "-y", "-q", "--no-install-recommends"}, packages...)
	if apt.Run(ctx, "apt-get", args...) == nil {
		return nil
	}
	if err := apt.Run(ctx, "apt-get", "update", "-q"); err != nil {
		return err
	}
	return apt.Run(ctx, "apt-get", args...)
}
