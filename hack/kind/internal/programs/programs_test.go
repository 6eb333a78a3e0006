// SPDX-License-Identifier: Apache-2.0

package programs

import (
	"context"
	"os"
	"path/filepath"
	"testing"
)

func TestEnsureBuildsOnce(t *testing.T) {
	t.Parallel()
	b := Builder{Hack: t.TempDir(), Dir: filepath.Join(t.TempDir(), "programs"), Say: t.Logf}
	builds := 0
	p := program{name: "x", version: "v1", build: func(_ context.Context, to string) error {
		builds++
		return os.WriteFile(to, []byte("x"), 0o755)
	}}
	first, err := b.ensure(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if second, err := b.ensure(t.Context(), p); err != nil || second != first || builds != 1 {
		t.Errorf("again: %s, %v after %d builds, want %s after one", second, err, builds, first)
	}
	p.inputs = []string{"another source"}
	if third, err := b.ensure(t.Context(), p); err != nil || third == first || builds != 2 {
		t.Errorf("with another source: %s, %v after %d builds", third, err, builds)
	}
}

func TestHashKeepsWordsApart(t *testing.T) {
	t.Parallel()
	if hash("ab", "c") == hash("a", "bc") {
		t.Error("two lists of words have the same hash")
	}
}
