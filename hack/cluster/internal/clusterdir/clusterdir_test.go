// SPDX-License-Identifier: Apache-2.0

package clusterdir

import (
	"os"
	"path/filepath"
	"testing"
)

func TestReadyNeedsALivingOwner(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		locked bool
		pid    int
		want   bool
	}{
		"alive and announced":      {locked: true, pid: os.Getpid(), want: true},
		"announced by predecessor": {locked: true, pid: os.Getpid() + 1, want: false},
		"announced, then killed":   {locked: false, pid: os.Getpid(), want: false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := Dir(t.TempDir())
			if tc.locked {
				lock, err := dir.Lock()
				if err != nil {
					t.Fatal(err)
				}
				defer lock.Release()
			}
			if err := dir.WriteReady(Ready{PID: tc.pid, Server: "https://x"}); err != nil {
				t.Fatal(err)
			}
			_, got, err := dir.ReadReady()
			if err != nil || got != tc.want {
				t.Errorf("ReadReady = %v, %v; want %v", got, err, tc.want)
			}
		})
	}
}

func TestRemoveKeepsForeignFiles(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		foreign string
		remains bool
	}{
		"only a cluster":      {"", false},
		"something else, too": {"notes.txt", true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := Dir(filepath.Join(t.TempDir(), "cluster"))
			lock, err := dir.Lock()
			if err != nil {
				t.Fatal(err)
			}
			if err := dir.Prepare(); err != nil {
				t.Fatal(err)
			}
			if err := dir.Remove(); err == nil {
				t.Error("Remove of a living cluster's directory succeeded")
			}
			lock.Release()
			if tc.foreign != "" {
				if err := os.WriteFile(dir.path(tc.foreign), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := dir.Remove(); err != nil {
				t.Fatal(err)
			}
			entries, err := os.ReadDir(string(dir))
			if (err == nil) != tc.remains {
				t.Errorf("directory remains: %v, want %v", err == nil, tc.remains)
			}
			if tc.remains && len(entries) != 1 {
				t.Errorf("%d entries remain, want only %s", len(entries), tc.foreign)
			}
		})
	}
}
