// SPDX-License-Identifier: Apache-2.0

// Package assets gets the programs of the cluster and keeps them in the user's
// cache: it downloads those whose checksums are pinned, and builds the others,
// and those that cannot be had, from their Go modules.
//
// Every combination of pinned versions and Go toolchain has a directory of its
// own, so that checkouts with different pins live side by side. A directory
// that is no longer wanted can be deleted at any time.
package assets

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"werkplek.dev/werkplek/hack/cluster/internal/clusterdir"
	"werkplek.dev/werkplek/hack/cluster/internal/filelock"
)

// Assets is a directory with everything a cluster is started from.
type Assets struct {
	dir string
}

// BinDir holds the programs.
func (a Assets) BinDir() string { return filepath.Join(a.dir, "bin") }

// Binary is the path of one program.
func (a Assets) Binary(name string) string { return filepath.Join(a.BinDir(), name) }

// Stages is the path of the rules by which kwok plays the kubelet.
func (a Assets) Stages() string { return filepath.Join(a.dir, "stages.yaml") }

// Options say which programs are wanted, and where they come from.
type Options struct {
	Hack string // the hack directory of the checkout
	// Minor is the minor version of Kubernetes, such as 1.35; empty: the one that
	// all else is tested on.
	Minor string
	// Node asks for the programs of a real node too, such as the kubelet.
	Node bool
	// Mirror is where programs are downloaded from, instead of from their
	// publishers; NoDownload has them all built.
	Mirror string
	// Progress is told what is being done.
	Progress io.Writer
}

// source is the directory of the module that a program is built from.
func (o Options) source(dir string) string {
	if dir == kubernetesDir && o.Minor != "" {
		dir += "-" + o.Minor
	}
	return filepath.Join(o.Hack, dir)
}

// NoDownload as the mirror stands for none, nor the publishers.
const NoDownload = "off"

// Ensure gets whatever is not there yet and tells progress about it. Several
// processes may call it at once: one works, the others wait.
func Ensure(ctx context.Context, options Options) (Assets, error) {
	assets, err := locate(ctx, options)
	if err != nil {
		return Assets{}, err
	}
	if assets.complete(options) {
		return assets, nil
	}
	if err := os.MkdirAll(assets.BinDir(), 0o755); err != nil {
		return Assets{}, err
	}
	lock, err := filelock.Acquire(ctx, filepath.Join(assets.dir, "lock"), func() {
		fmt.Fprintln(options.Progress, "another process is getting the same programs; waiting for it...")
	})
	if err != nil {
		return Assets{}, err
	}
	defer lock.Release()
	return assets, assets.getMissing(ctx, options)
}

// locate finds out where the assets for the versions pinned in hack belong.
func locate(ctx context.Context, options Options) (Assets, error) {
	if !exists(options.source(kubernetesDir)) {
		return Assets{}, fmt.Errorf("there is no %s: %s names no minor version that is kept", options.source(kubernetesDir), options.Minor)
	}
	inputs, err := readInputs(options)
	if err != nil {
		return Assets{}, err
	}
	tc, err := readToolchain(ctx, options.source(kubernetesDir))
	if err != nil {
		return Assets{}, err
	}
	cache, err := clusterdir.Cache()
	if err != nil {
		return Assets{}, err
	}
	return Assets{dir: filepath.Join(cache, "assets", key(tc, inputs))}, nil
}

func (a Assets) complete(options Options) bool {
	return len(a.missing(options)) == 0 && exists(a.Stages())
}

// missing are the programs that are wanted and not there.
func (a Assets) missing(options Options) []binary {
	return slices.DeleteFunc(slices.Clone(binaries), func(b binary) bool {
		return b.onNodes && !options.Node || exists(a.Binary(b.name))
	})
}

func (a Assets) getMissing(ctx context.Context, options Options) error {
	if options.Mirror != NoDownload {
		if err := a.download(ctx, options, a.missing(options)); err != nil {
			return err
		}
	}
	if err := a.build(ctx, options, a.missing(options)); err != nil {
		return err
	}
	if exists(a.Stages()) {
		return nil
	}
	return writeStages(ctx, options.Hack, a.Stages())
}

// FindHack returns the absolute path of the hack directory: the given one, or
// that of the checkout around the working directory, or that of the checkout
// this program was built from.
func FindHack(given string) (string, error) {
	if given != "" {
		abs, err := filepath.Abs(given)
		if err == nil && !isHack(abs) {
			err = fmt.Errorf("%s is not the hack directory of a checkout: it has no %s/go.mod", abs, kubernetesDir)
		}
		return abs, err
	}
	wd, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := wd; ; dir = filepath.Dir(dir) {
		if hack := filepath.Join(dir, "hack"); isHack(hack) {
			return hack, nil
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	if _, source, _, ok := runtime.Caller(0); ok {
		// source is hack/cluster/internal/assets/assets.go
		hack := filepath.Join(filepath.Dir(source), "..", "..", "..")
		if isHack(hack) {
			return hack, nil
		}
	}
	return "", fmt.Errorf("no checkout of Werkplek around %s: say where its hack directory is with -hack", wd)
}

func isHack(dir string) bool {
	return exists(filepath.Join(dir, kubernetesDir, "go.mod")) && exists(filepath.Join(dir, kwokDir, "go.mod"))
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
