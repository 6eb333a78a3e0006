// SPDX-License-Identifier: Apache-2.0

// Package engine finds a Docker engine, or installs and starts one.
package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"werkplek.dev/werkplek/hack/kind/internal/debian"
	"werkplek.dev/werkplek/hack/kind/internal/programs"
	"werkplek.dev/werkplek/hack/kind/internal/run"
)

// Engine is the machine's Docker engine.
type Engine struct {
	Dir     string // for the log and the process number of one that we start
	Builder programs.Builder
	Say     func(format string, args ...any)
}

// Answers reports whether there is an engine that we may use.
func (e Engine) Answers(ctx context.Context) bool {
	version, err := run.Command{}.Output(ctx, "docker", "version", "--format", "{{.Server.Version}}")
	return err == nil && version != ""
}

// Ensure has an engine answer when it returns.
func (e Engine) Ensure(ctx context.Context) error {
	if e.Answers(ctx) {
		return nil
	}
	if err := debian.MayInstall(); err != nil {
		return fmt.Errorf("no Docker engine answers: start one and see that docker version shows its server (%w)", err)
	}
	if err := e.install(ctx); err != nil {
		return err
	}
	// With systemd, the package has started it already.
	if e.Answers(ctx) {
		return nil
	}
	return e.start(ctx)
}

func (e Engine) install(ctx context.Context) error {
	_, daemon := exec.LookPath("dockerd")
	_, client := exec.LookPath("docker")
	_, iptables := exec.LookPath("iptables")
	if errors.Join(daemon, client, iptables) == nil {
		return nil
	}
	e.Say("installing a Docker engine")
	return debian.Install(ctx, "docker.io", "iptables")
}

func (e Engine) log() string { return filepath.Join(e.Dir, "dockerd.log") }
func (e Engine) pid() string { return filepath.Join(e.Dir, "dockerd.pid") }

// prepare makes the folder in which the engine is started. It holds no
// programs: Debian's containerd takes its shim from where it stands.
func (e Engine) prepare() (*os.File, error) {
	if err := os.MkdirAll(filepath.Join(e.Dir, "empty"), 0o755); err != nil {
		return nil, err
	}
	return os.Create(e.log())
}
