// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"time"

	"werkplek.dev/werkplek/hack/cluster/internal/clusterdir"
)

const (
	// downGrace is how long a cluster may take to stop: longer than all its
	// components together may.
	downGrace = 45 * time.Second
	// killGrace is how long the kernel may take to end a killed process.
	killGrace = 5 * time.Second
)

// runDown stops the cluster, if there is one, and removes its files.
func runDown(ctx context.Context, args []string) error {
	dir, err := parseDir("down", args)
	if err != nil {
		return err
	}
	pid, alive, err := dir.Owner()
	if err != nil {
		return err
	}
	if alive {
		if err := stop(ctx, dir, pid); err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "stopped the cluster in %s\n", dir)
	} else {
		fmt.Fprintf(os.Stderr, "no cluster runs in %s\n", dir)
	}
	return dir.Remove()
}

// stop ends the process that runs the cluster in dir.
func stop(ctx context.Context, dir clusterdir.Dir, pid int) error {
	for _, step := range []struct {
		signal syscall.Signal
		grace  time.Duration
	}{
		{syscall.SIGTERM, downGrace},
		{syscall.SIGKILL, killGrace}, // the kernel kills the components with it
	} {
		if pid <= 0 {
			return fmt.Errorf("the cluster in %s is being started or stopped at this moment: try again", dir)
		}
		if err := syscall.Kill(pid, step.signal); err != nil && err != syscall.ESRCH {
			return fmt.Errorf("stopping process %d: %w", pid, err)
		}
		gone, err := waitGone(ctx, dir, step.grace)
		if gone || err != nil {
			return err
		}
	}
	return fmt.Errorf("process %d, which runs the cluster in %s, does not end", pid, dir)
}

// waitGone waits until no cluster is alive in dir, and says whether that came
// about within grace.
func waitGone(ctx context.Context, dir clusterdir.Dir, grace time.Duration) (bool, error) {
	deadline := time.Now().Add(grace)
	for time.Now().Before(deadline) {
		_, alive, err := dir.Owner()
		if err != nil || !alive {
			return !alive, err
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-time.After(upPollInterval):
		}
	}
	return false, nil
}
