// SPDX-License-Identifier: Apache-2.0

// Package outbox remembers, across the death of the process, which messages a
// mail server has accepted.
package outbox

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

const (
	fileName = "delivered"
	// slack is how many bytes of forgotten entries the file may hold.
	slack = 256 << 10
)

// Journal is a file with a line for each delivery. An entry is on disk when
// Record returns.
type Journal struct {
	dir string

	mu      sync.Mutex
	file    *os.File
	entries map[string]time.Time
	size    int64 // of the file
	needed  int64 // of the entries in it
	torn    bool  // the file may end with a part of a line
}

// Open opens the journal in a folder, and makes both if need be. A line that was
// being written when the process died does not count.
func Open(dir string) (*Journal, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the outbox folder: %w", err)
	}
	path := filepath.Join(dir, fileName)
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the outbox: %w", err)
	}
	j := &Journal{dir: dir, entries: map[string]time.Time{}}
	data = data[:bytes.LastIndexByte(data, '\n')+1]
	for n, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
		if line == "" {
			continue
		}
		written, id, ok := strings.Cut(line, " ")
		at, err := time.Parse(time.RFC3339, written)
		if !ok || id == "" || err != nil {
			return nil, fmt.Errorf("%s:%d: %q is no delivery (a moment, a space, a message's id); correct or remove it (in a pod, delete the pod): a message whose line is lost may be sent twice", path, n+1, line)
		}
		j.entries[id] = at
	}
	// The remains of a torn line are cut off, so that the next one is whole.
	return j, j.rewrite()
}

// Delivered returns when a message was accepted, and whether it was.
func (j *Journal) Delivered(id string) (time.Time, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	at, ok := j.entries[id]
	return at, ok
}

// Record notes that a message was accepted. It counts for this process even if
// it cannot be written.
func (j *Journal) Record(id string, at time.Time) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	at = at.UTC().Truncate(time.Second)
	j.entries[id] = at
	text := line(id, at)
	j.needed += int64(len(text))
	if j.torn {
		return j.rewrite()
	}
	if _, err := j.file.WriteString(text); err != nil {
		j.torn = true
		return fmt.Errorf("write the outbox: %w", err)
	}
	j.size += int64(len(text))
	if err := j.file.Sync(); err != nil {
		return fmt.Errorf("write the outbox: %w", err)
	}
	return nil
}

// Forget drops a message whose delivery is known elsewhere.
func (j *Journal) Forget(id string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	at, ok := j.entries[id]
	if !ok {
		return nil
	}
	delete(j.entries, id)
	j.needed -= int64(len(line(id, at)))
	if j.size-j.needed < slack {
		return nil
	}
	return j.rewrite()
}

// Close closes the file.
func (j *Journal) Close() error { return j.file.Close() }

func line(id string, at time.Time) string { return at.Format(time.RFC3339) + " " + id + "\n" }

// rewrite puts the entries into a new file in the old one's place.
func (j *Journal) rewrite() error {
	var text bytes.Buffer
	for id, at := range j.entries {
		text.WriteString(line(id, at))
	}
	path := filepath.Join(j.dir, fileName)
	file, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("write the outbox: %w", err)
	}
	_, err = file.Write(text.Bytes())
	if err = errors.Join(err, file.Sync()); err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		return fmt.Errorf("write the outbox: %w", errors.Join(err, file.Close()))
	}
	if j.file != nil {
		_ = j.file.Close() // it has another file's place no more
	}
	j.file, j.size, j.needed, j.torn = file, int64(text.Len()), int64(text.Len()), false
	return syncFolder(j.dir)
}

// syncFolder makes the names in a folder last.
func syncFolder(dir string) error {
	folder, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("write the outbox: %w", err)
	}
	if err := errors.Join(folder.Sync(), folder.Close()); err != nil {
		return fmt.Errorf("write the outbox: %w", err)
	}
	return nil
}
