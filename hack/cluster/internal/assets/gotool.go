// SPDX-License-Identifier: Apache-2.0

package assets

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// goCommand is the go command, to be run in dir.
//
// The caller's GOFLAGS and workspace are for the caller's module (they may ask
// for a vendor directory, say) and must not change what is built here. The
// binaries run on this machine, whatever GOOS the caller builds for.
func goCommand(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(),
		"CGO_ENABLED=0",
		"GOFLAGS=-mod=readonly",
		"GOWORK=off",
		"GOOS="+runtime.GOOS,
		"GOARCH="+runtime.GOARCH,
	)
	return cmd
}

// goTool runs the go command in dir and returns its standard output.
func goTool(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := goCommand(ctx, dir, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("go %s (in %s): %w\n%s", strings.Join(args, " "), dir, err, stderr.Bytes())
	}
	return stdout.Bytes(), nil
}

// readToolchain asks which Go would build the module in dir.
func readToolchain(ctx context.Context, dir string) (toolchain, error) {
	var tc toolchain
	out, err := goTool(ctx, dir, "env", "-json", "GOVERSION", "GOOS", "GOARCH")
	if err != nil {
		return tc, err
	}
	return tc, json.Unmarshal(out, &tc)
}

// moduleVersion returns the version of a module that go.mod in dir asks for.
func moduleVersion(ctx context.Context, dir, module string) (string, error) {
	out, err := goTool(ctx, dir, "list", "-m", "-f", "{{.Version}}", module)
	return strings.TrimSpace(string(out)), err
}

// moduleDir returns where the source of a module lies, and downloads it first
// if need be.
func moduleDir(ctx context.Context, dir, module string) (string, error) {
	if _, err := goTool(ctx, dir, "mod", "download", module); err != nil {
		return "", err
	}
	out, err := goTool(ctx, dir, "list", "-m", "-f", "{{.Dir}}", module)
	return strings.TrimSpace(string(out)), err
}
