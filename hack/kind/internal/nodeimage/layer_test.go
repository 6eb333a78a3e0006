// SPDX-License-Identifier: Apache-2.0

package nodeimage

import (
	"archive/tar"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestCleaned(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"./": "", "./dev/null": "", "./dev/": "dev/", "./usr/bin/ip": "usr/bin/ip", "./device": "device"} {
		got := cleaned(&tar.Header{Name: name, ModTime: time.Now()})
		if want == "" {
			if got != nil {
				t.Errorf("%s stays", name)
			}
			continue
		}
		if got == nil || got.Name != want || got.ModTime.Unix() != 0 {
			t.Errorf("%s becomes %+v", name, got)
		}
	}
}

func TestSameFilesSameLayer(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "entrypoint"), []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	digest := func() string {
		l, err := newLayer(filepath.Join(t.TempDir(), "layer.tar.gz"))
		if err != nil {
			t.Fatal(err)
		}
		if err := l.addTree(root); err != nil {
			t.Fatal(err)
		}
		made, err := l.finish()
		if err != nil {
			t.Fatal(err)
		}
		hash, err := made.DiffID()
		if err != nil {
			t.Fatal(err)
		}
		return hash.String()
	}
	first := digest()
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(filepath.Join(root, "entrypoint"), later, later); err != nil {
		t.Fatal(err)
	}
	if second := digest(); second != first {
		t.Errorf("a file's time changes the layer: %s, then %s", first, second)
	}
}
