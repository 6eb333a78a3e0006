// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"werkplek.dev/werkplek/hack/cluster/internal/clusterdir"
	"werkplek.dev/werkplek/hack/cluster/internal/controlplane"
	"werkplek.dev/werkplek/hack/cluster/internal/process"
)

// runRun runs a cluster in the foreground until it is told to stop.
func runRun(ctx context.Context, args []string) error {
	var cluster clusterFlags
	set := newFlagSet("run")
	path, hack := dirFlag(set), hackFlag(set)
	cluster.register(set)
	stopOnEOF := set.Bool("stop-on-eof", false, "stop, too, when standard input ends: it does when the process that holds its other end dies")
	if err := parse(set, args); err != nil {
		return err
	}
	if err := cluster.validate(); err != nil {
		return err
	}
	dir, err := clusterdir.Open(*path)
	if err != nil {
		return err
	}
	if *stopOnEOF {
		ctx = withCancelOnEOF(ctx, os.Stdin)
	}
	err = runCluster(ctx, dir, *hack, cluster)
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil // told to stop while it was still starting
	}
	var exit *process.ExitError
	if errors.As(err, &exit) {
		return fmt.Errorf("%w\nThe cluster is stopped. The whole log is in %s; when the cause is dealt with, start it again.", err, exit.LogPath)
	}
	return err
}

// runCluster holds the lock on dir for as long as the cluster runs.
func runCluster(ctx context.Context, dir clusterdir.Dir, hack string, flags clusterFlags) error {
	built, err := ensureAssets(ctx, hack, false)
	if err != nil {
		return err
	}
	lock, err := dir.Lock()
	if err != nil {
		return err
	}
	defer lock.Release()
	if err := dir.Prepare(); err != nil {
		return err
	}
	defer func() { _ = dir.Forget() }() // what is left is removed at the next start

	cluster, err := controlplane.Start(ctx, controlplane.Options{
		Dir:      dir,
		Assets:   built,
		Nodes:    flags.nodes,
		Kwok:     flags.kwok,
		Audit:    flags.audit,
		Progress: os.Stderr,
	})
	if err != nil {
		return err
	}
	defer cluster.Stop()
	if err := dir.WriteReady(cluster.Ready()); err != nil {
		return err
	}
	announce(dir)
	return cluster.Wait(ctx)
}

// announce prints the line that says a cluster can be used.
func announce(dir clusterdir.Dir) {
	fmt.Println("ready", dir.Kubeconfig())
}

// withCancelOnEOF returns a context that ends when reader does.
func withCancelOnEOF(ctx context.Context, reader io.Reader) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		_, _ = io.Copy(io.Discard, reader)
		cancel()
	}()
	return ctx
}
