// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"werkplek.dev/werkplek/hack/cluster/internal/clusterdir"
	"werkplek.dev/werkplek/hack/cluster/internal/controlplane"
	"werkplek.dev/werkplek/hack/cluster/internal/process"
)

// upPollInterval is how often up looks whether the cluster is ready.
const upPollInterval = 50 * time.Millisecond

// runUp starts a cluster in the background, unless there is one already.
func runUp(ctx context.Context, args []string) error {
	var cluster clusterFlags
	set := newFlagSet("up")
	path, hack := dirFlag(set), hackFlag(set)
	cluster.register(set)
	timeout := set.Duration("timeout", 2*time.Minute, "how long to wait for the cluster once its programs are built")
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
	// Here rather than in the background, so that it can be watched.
	if _, err := ensureAssets(ctx, *hack, false); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, *timeout)
	defer cancel()

	_, alive, err := dir.Owner()
	if err != nil {
		return err
	}
	if alive {
		fmt.Fprintf(os.Stderr, "a cluster runs in %s already\n", dir)
		err = waitReady(ctx, dir, func() error { return requireOwner(dir) })
	} else {
		err = startAndWait(ctx, dir, *hack, cluster)
	}
	if err != nil {
		return err
	}
	announce(dir)
	return nil
}

// startAndWait starts the cluster detached from this process and its terminal,
// and shows what it says until it is ready. It stops it again if it does not
// become ready.
func startAndWait(ctx context.Context, dir clusterdir.Dir, hack string, flags clusterFlags) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir.Logs(), 0o700); err != nil {
		return err
	}
	log, err := os.OpenFile(dir.Log("cluster"), os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	news, err := os.Open(log.Name())
	if err != nil {
		return err
	}
	defer news.Close()
	if _, err := news.Seek(0, io.SeekEnd); err != nil {
		return err
	}

	cmd := exec.Command(self, append([]string{"run", "-dir=" + string(dir), "-hack=" + hack}, flags.args()...)...)
	cmd.Stderr = log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()

	err = waitReady(ctx, dir, func() error {
		_, _ = io.Copy(os.Stderr, news)
		select {
		case <-ended:
			// Not a failure if another process was a moment faster.
			return requireOwner(dir)
		default:
			return nil
		}
	})
	if err != nil {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		<-ended
	}
	return err
}

// requireOwner fails when nobody runs a cluster in dir.
func requireOwner(dir clusterdir.Dir) error {
	_, alive, err := dir.Owner()
	if err == nil && !alive {
		err = fmt.Errorf("the cluster in %s ended before it could be used; see %s", dir, dir.Log("cluster"))
	}
	return err
}

// waitReady waits until the cluster in dir is ready and healthy. It calls
// check every now and then and gives up when that fails.
func waitReady(ctx context.Context, dir clusterdir.Dir, check func() error) error {
	for {
		if err := check(); err != nil {
			return err
		}
		err := healthy(ctx, dir)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the cluster in %s is not usable: %w\nThe last lines of its log:\n%s\nStop it with 'down', then try 'up' again.",
				dir, err, process.Tail(dir.Log("cluster"), 10))
		case <-time.After(upPollInterval):
		}
	}
}

// healthy returns nil when the cluster in dir can be used.
func healthy(ctx context.Context, dir clusterdir.Dir) error {
	ready, ok, err := dir.ReadReady()
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("it is not ready yet")
	}
	return controlplane.Healthy(ctx, dir, ready)
}
