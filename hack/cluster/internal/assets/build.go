// SPDX-License-Identifier: Apache-2.0

package assets

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// progressInterval is how often a long build or download says how far it is.
const progressInterval = 15 * time.Second

// build builds the programs of each module at once: what they share is compiled
// once, and one is linked while the next is still being compiled.
func (a Assets) build(ctx context.Context, options Options, missing []binary) error {
	for _, dir := range []string{kubernetesDir, kwokDir} {
		var wanted []binary
		for _, b := range missing {
			if b.dir == dir {
				wanted = append(wanted, b)
			}
		}
		if len(wanted) == 0 {
			continue
		}
		if err := a.buildModule(ctx, options, dir, wanted); err != nil {
			return fmt.Errorf("building %s: %w", names(wanted), err)
		}
	}
	return nil
}

func (a Assets) buildModule(ctx context.Context, options Options, dir string, wanted []binary) error {
	flags, err := linkerFlags(ctx, options.source(dir), dir)
	if err != nil {
		return err
	}
	// On the same file system as where they end up: to be moved there as a whole.
	partial, err := os.MkdirTemp(a.dir, "build-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(partial) }()

	began := time.Now()
	fmt.Fprintf(options.Progress, "building %s from Go modules, for minutes the first time\n", names(wanted))
	args := []string{"build", "-v", "-trimpath", "-ldflags", flags, "-o", partial + string(filepath.Separator)}
	for _, b := range wanted {
		args = append(args, b.pkg)
	}
	compiled := &compilation{progress: options.Progress, began: began}
	stop := every(progressInterval, compiled.tell)
	err = goToolTelling(ctx, options.source(dir), compiled, args...)
	stop()
	if err != nil {
		return err
	}
	for _, b := range wanted {
		if err := os.Rename(filepath.Join(partial, b.built()), a.Binary(b.name)); err != nil {
			return err
		}
	}
	fmt.Fprintf(options.Progress, "built %s in %.0fs\n", names(wanted), time.Since(began).Seconds())
	return nil
}

// linkerFlags tell the components of Kubernetes their version. Without it they
// say that they are v0.0.0, and their clients misbehave.
func linkerFlags(ctx context.Context, source, dir string) (string, error) {
	const bare = "-s -w"
	if dir != kubernetesDir {
		return bare, nil
	}
	version, err := moduleVersion(ctx, source, kubernetesModule)
	if err != nil {
		return "", err
	}
	stamp, err := versionFlags(version)
	return bare + stamp, err
}

// compilation counts the packages that the go command names as it compiles them.
type compilation struct {
	progress io.Writer
	began    time.Time

	mu       sync.Mutex
	packages int
	last     bytes.Buffer // what it said last, in case it is why it failed
}

func (c *compilation) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.packages += bytes.Count(p, []byte("\n"))
	const enough = 1 << 14
	if c.last.Len() > enough {
		c.last.Next(c.last.Len() - enough)
	}
	return c.last.Write(p)
}

func (c *compilation) tell() {
	c.mu.Lock()
	defer c.mu.Unlock()
	fmt.Fprintf(c.progress, "  %.0fs: %d packages compiled or downloaded\n", time.Since(c.began).Seconds(), c.packages)
}

func (c *compilation) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last.String()
}

// every calls tell again and again until the function that it returns is called.
func every(interval time.Duration, tell func()) (stop func()) {
	ticker, done, ended := time.NewTicker(interval), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-ticker.C:
				tell()
			case <-done:
				return
			}
		}
	}()
	return sync.OnceFunc(func() {
		ticker.Stop()
		close(done)
		<-ended
	})
}

func names(list []binary) string {
	var all []string
	for _, b := range list {
		all = append(all, b.name)
	}
	return strings.Join(all, ", ")
}

// goToolTelling runs the go command and tells its standard error as it comes.
func goToolTelling(ctx context.Context, dir string, stderr *compilation, args ...string) error {
	cmd := goCommand(ctx, dir, args...)
	cmd.Stderr = stderr
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return errors.Join(fmt.Errorf("go %s (in %s): %w", args[0], dir, err), errors.New(tail(stderr.String(), 20)))
	}
	return nil
}

func tail(text string, lines int) string {
	all := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
