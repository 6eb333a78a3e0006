// SPDX-License-Identifier: Apache-2.0

// Package filelock holds a file locked for as long as a process lives.
//
// The kernel drops the lock when the holder dies, however it dies, so a held
// lock is proof of life that no stale pid file can give.
package filelock

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ErrHeld says that another process holds the lock.
var ErrHeld = errors.New("locked by another process")

// pollInterval is how often Acquire looks whether the lock became free.
const pollInterval = 50 * time.Millisecond

// Lock is a lock held by this process.
type Lock struct {
	file *os.File
}

// Try takes the lock at path, or returns ErrHeld at once. The file holds the
// pid of the holder, for Owner.
func Try(path string) (*Lock, error) {
	for {
		file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return nil, err
		}
		if err := flock(file, syscall.LOCK_EX); err != nil {
			file.Close()
			return nil, err
		}
		if !isFileAt(file, path) {
			// The previous holder removed the file between our open and our lock.
			file.Close()
			continue
		}
		lock := &Lock{file: file}
		if err := lock.writePID(); err != nil {
			lock.Release()
			return nil, err
		}
		return lock, nil
	}
}

// Acquire takes the lock at path, waiting for another holder until ctx ends.
// It calls onWait, when not nil, once before it starts to wait.
func Acquire(ctx context.Context, path string, onWait func()) (*Lock, error) {
	for {
		lock, err := Try(path)
		if !errors.Is(err, ErrHeld) {
			return lock, err
		}
		if onWait != nil {
			onWait()
			onWait = nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("waiting for %s: %w", path, errors.Join(ErrHeld, ctx.Err()))
		case <-time.After(pollInterval):
		}
	}
}

// Owner returns the pid of the process that holds the lock at path, and
// whether there is one. The pid is 0 in the instant before the holder wrote it.
func Owner(path string) (pid int, held bool, err error) {
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	defer file.Close()
	err = flock(file, syscall.LOCK_SH)
	if err == nil {
		return 0, false, nil
	}
	if !errors.Is(err, ErrHeld) {
		return 0, false, err
	}
	content, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return 0, true, err
	}
	pid, _ = strconv.Atoi(strings.TrimSpace(string(content)))
	return pid, true, nil
}

// Release gives the lock up and leaves the file in place.
func (l *Lock) Release() {
	l.file.Close()
}

// Remove deletes the lock file, then gives the lock up.
func (l *Lock) Remove() error {
	defer l.Release()
	return os.Remove(l.file.Name())
}

func (l *Lock) writePID() error {
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err := l.file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// flock applies how without blocking.
func flock(file *os.File, how int) error {
	for {
		err := syscall.Flock(int(file.Fd()), how|syscall.LOCK_NB)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EWOULDBLOCK):
			return ErrHeld
		case err != nil:
			return fmt.Errorf("locking %s: %w", file.Name(), err)
		}
		return nil
	}
}

// isFileAt says whether path still names the open file.
func isFileAt(file *os.File, path string) bool {
	ours, err := file.Stat()
	if err != nil {
		return false
	}
	current, err := os.Stat(path)
	return err == nil && os.SameFile(ours, current)
}
