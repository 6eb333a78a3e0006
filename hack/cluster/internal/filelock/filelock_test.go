// SPDX-License-Identifier: Apache-2.0

package filelock

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestOneHolderAtATime(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")

	if _, held, err := Owner(path); held || err != nil {
		t.Fatalf("Owner without a file = held %v, error %v", held, err)
	}
	lock, err := Try(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Try(path); !errors.Is(err, ErrHeld) {
		t.Errorf("second Try = %v, want ErrHeld", err)
	}
	if pid, held, err := Owner(path); pid != os.Getpid() || !held || err != nil {
		t.Errorf("Owner = %d, %v, %v; want this process", pid, held, err)
	}
	lock.Release()
	if _, held, err := Owner(path); held || err != nil {
		t.Errorf("Owner after Release = held %v, error %v", held, err)
	}
}

func TestAcquireWaits(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	first, err := Try(path)
	if err != nil {
		t.Fatal(err)
	}

	short, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := Acquire(short, path, nil); !errors.Is(err, ErrHeld) {
		t.Errorf("Acquire of a held lock = %v, want ErrHeld", err)
	}

	waiting := make(chan struct{})
	go func() {
		<-waiting
		_ = first.Remove()
	}()
	second, err := Acquire(t.Context(), path, func() { close(waiting) })
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Remove(); err != nil {
		t.Errorf("the lock taken after a removal has no file of its own: %v", err)
	}
}
