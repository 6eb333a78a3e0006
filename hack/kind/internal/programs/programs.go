// SPDX-License-Identifier: Apache-2.0

// Package programs builds what a kind cluster is made of from Go modules, and
// keeps it: in a file whose name holds the version and a hash of the rest that
// decides what is in it. Files that are no longer wanted can be deleted.
package programs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"werkplek.dev/werkplek/hack/kind/internal/run"
)

// Builder builds programs into Dir.
type Builder struct {
	Hack string // the hack folder of the checkout
	Dir  string
	Say  func(format string, args ...any)
}

// goEnv keeps the caller's settings, which are for the caller's module, away
// from what is built here. What is built runs in a Linux container.
func goEnv(goos string) []string {
	env := []string{"CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off", "GOARCH="}
	if goos != "" {
		env = append(env, "GOOS="+goos)
	}
	return env
}

// A program is one executable and how it comes about.
type program struct {
	name    string
	version string
	inputs  []string // what else decides what is in it
	build   func(ctx context.Context, to string) error
}

// ensure returns the path of a program and builds it if it is not there yet.
func (b Builder) ensure(ctx context.Context, p program) (string, error) {
	toolchain, err := b.toolchain(ctx)
	if err != nil {
		return "", err
	}
	key := hash(append([]string{toolchain, p.name, p.version}, p.inputs...)...)
	path := filepath.Join(b.Dir, strings.Join([]string{p.name, p.version, key[:8]}, "_"))
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if err := os.MkdirAll(b.Dir, 0o755); err != nil {
		return "", err
	}
	b.Say("building %s %s", p.name, p.version)
	partial := filepath.Join(b.Dir, "."+p.name+".partial")
	defer os.Remove(partial) // there only when something failed
	if err := p.build(ctx, partial); err != nil {
		return "", fmt.Errorf("building %s: %w", p.name, err)
	}
	return path, os.Rename(partial, path)
}

func (b Builder) toolchain(ctx context.Context) (string, error) {
	return run.Command{Dir: b.Hack, Env: goEnv("")}.Output(ctx, "go", "env", "GOVERSION", "GOARCH")
}

// hash names a list of words, without mistaking one list for another.
func hash(words ...string) string {
	sum := sha256.New()
	for _, word := range words {
		fmt.Fprintf(sum, "%q\n", word)
	}
	return hex.EncodeToString(sum.Sum(nil))
}
