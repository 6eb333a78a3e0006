// SPDX-License-Identifier: Apache-2.0

// Package lock keeps two of these tools from doing the same work at once.
package lock

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// A Lock is held until Release, or until the process ends.
type Lock struct{ file *os.File }

// Acquire takes the lock at path. It calls waiting once if somebody else has it.
func Acquire(path string, waiting func()) (*Lock, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		waiting()
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), file.Close())
	}
	return &Lock{file: file}, nil
}

// Release lets the next one go on.
func (l *Lock) Release() { _ = l.file.Close() } // closing unlocks
