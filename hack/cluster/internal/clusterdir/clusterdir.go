// SPDX-License-Identifier: Apache-2.0

// Package clusterdir knows what a cluster keeps where on disk, and whether it
// is alive.
package clusterdir

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"werkplek.dev/werkplek/hack/cluster/internal/filelock"
)

// Dir is the directory of one cluster, as an absolute path.
type Dir string

// Open returns the directory at path; where path is empty, the default one in
// the user's cache. It does not create it.
func Open(path string) (Dir, error) {
	if path == "" {
		cache, err := Cache()
		if err != nil {
			return "", err
		}
		path = filepath.Join(cache, "local")
	}
	abs, err := filepath.Abs(path)
	return Dir(abs), err
}

// Cache is the directory for everything that can be made again.
func Cache() (string, error) {
	base := os.Getenv("XDG_CACHE_HOME")
	if base == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", err
		}
		base = filepath.Join(home, ".cache")
	}
	return filepath.Abs(filepath.Join(base, "werkplek"))
}

// Kubeconfig is the administrator's.
func (d Dir) Kubeconfig() string { return d.path("kubeconfig") }

// AuditLog is there when the cluster was asked to write one.
func (d Dir) AuditLog() string { return d.path("audit.log") }

// Logs holds one file per component.
func (d Dir) Logs() string { return d.path("logs") }

// Log is the log of one component.
func (d Dir) Log(component string) string { return filepath.Join(d.Logs(), component+".log") }

// State holds data, keys and tokens of the running cluster.
func (d Dir) State() string { return d.path("state") }

// InState is a file or directory below State.
func (d Dir) InState(name string) string { return filepath.Join(d.State(), name) }

func (d Dir) readyFile() string { return d.path("ready") }
func (d Dir) lockFile() string  { return d.path("lock") }

func (d Dir) path(name string) string { return filepath.Join(string(d), name) }

// lockPatience covers others that look at the lock at the same instant.
const lockPatience = time.Second

// Lock makes this process the one that runs the cluster in d, or the one that
// removes what is left of it. While it is held, the cluster counts as alive.
func (d Dir) Lock() (*filelock.Lock, error) {
	if err := os.MkdirAll(string(d), 0o700); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), lockPatience)
	defer cancel()
	lock, err := filelock.Acquire(ctx, d.lockFile(), nil)
	if errors.Is(err, filelock.ErrHeld) {
		return nil, fmt.Errorf("a cluster runs in %s already: stop it with 'down', or use another -dir", d)
	}
	return lock, err
}

// Owner returns the process that runs the cluster, and whether there is one.
func (d Dir) Owner() (pid int, alive bool, err error) {
	return filelock.Owner(d.lockFile())
}

// Prepare throws away what a previous cluster left and makes the directories
// for a new one. The caller holds the lock.
func (d Dir) Prepare() error {
	if err := d.Forget(); err != nil {
		return err
	}
	if err := os.RemoveAll(d.AuditLog()); err != nil {
		return err
	}
	for _, dir := range []string{d.State(), d.Logs()} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	return nil
}

// Forget removes everything that is of no use once the cluster is stopped, and
// keeps the logs. The caller holds the lock.
func (d Dir) Forget() error {
	return removeAll(d.readyFile(), d.Kubeconfig(), d.State())
}

// Remove removes everything a cluster ever wrote into d, and d itself unless
// it holds something else. It fails when a cluster is alive there.
func (d Dir) Remove() error {
	if _, err := os.Stat(string(d)); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	lock, err := d.Lock()
	if err != nil {
		return err
	}
	if err := errors.Join(d.Forget(), removeAll(d.Logs(), d.AuditLog()), lock.Remove()); err != nil {
		return err
	}
	_ = os.Remove(string(d)) // fails when the user keeps other files there
	return nil
}

// Ready is what a cluster says about itself as soon as it can be used.
type Ready struct {
	Server     string         `json:"server"`     // URL of the API server
	Kubeconfig string         `json:"kubeconfig"` // the administrator's
	Bin        string         `json:"bin"`        // directory with kubectl and the rest
	PID        int            `json:"pid"`        // the process that runs the cluster
	PIDs       map[string]int `json:"pids"`       // by component
}

// WriteReady announces that the cluster can be used.
func (d Dir) WriteReady(ready Ready) error {
	content, err := json.MarshalIndent(ready, "", "  ")
	if err != nil {
		return err
	}
	return WriteFile(d.readyFile(), append(content, '\n'))
}

// ReadReady returns what the cluster that is alive in d announced, and false
// when there is none or it cannot be used yet.
func (d Dir) ReadReady() (Ready, bool, error) {
	var ready Ready
	pid, alive, err := d.Owner()
	if err != nil || !alive {
		return ready, false, err
	}
	content, err := os.ReadFile(d.readyFile())
	if errors.Is(err, os.ErrNotExist) {
		return ready, false, nil
	}
	if err != nil {
		return ready, false, err
	}
	if err := json.Unmarshal(content, &ready); err != nil {
		return ready, false, fmt.Errorf("reading %s: %w", d.readyFile(), err)
	}
	// A file of a predecessor that was killed is no news about this one.
	return ready, ready.PID == pid, nil
}

// WriteFile writes a private file that is complete or not there at all.
func WriteFile(path string, content []byte) error {
	partial := path + ".partial"
	if err := os.WriteFile(partial, content, 0o600); err != nil {
		return err
	}
	return os.Rename(partial, path)
}

func removeAll(paths ...string) error {
	var errs []error
	for _, path := range paths {
		errs = append(errs, os.RemoveAll(path))
	}
	return errors.Join(errs...)
}
