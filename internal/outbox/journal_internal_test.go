// SPDX-License-Identifier: Apache-2.0

package outbox

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func opened(t *testing.T, dir string) *Journal {
	t.Helper()
	j, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func is(t *testing.T, j *Journal, id string, want bool) {
	t.Helper()
	if at, got := j.Delivered(id); got != want || got && !at.Equal(noon) {
		t.Errorf("%s: delivered is %t at %v, want %t", id, got, at, want)
	}
}

func TestJournalLasts(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "outbox")
	j := opened(t, dir)
	is(t, j, "<a@x>", false)
	must(t, j.Record("<a@x>", noon.Add(300*time.Millisecond)))
	must(t, j.Record("<b@x>", noon))
	is(t, j, "<a@x>", true)
	// The process dies: nothing is closed.
	j = opened(t, dir)
	is(t, j, "<a@x>", true)
	is(t, j, "<b@x>", true)
	must(t, j.Forget("<a@x>"))
	must(t, j.Forget("<c@x>"))
	is(t, j, "<a@x>", false)
	is(t, j, "<b@x>", true)
}

// A line cut short was never said to be on disk; the next one must be whole.
func TestTornLine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, fileName), []byte("2026-11-20T12:00:00Z <a@x>\n2026-11-20T12:00:00Z <b"), 0o600))
	j := opened(t, dir)
	is(t, j, "<a@x>", true)
	is(t, j, "<b", false)
	must(t, j.Record("<c@x>", noon))
	j = opened(t, dir)
	for id, want := range map[string]bool{"<a@x>": true, "<b": false, "<c@x>": true} {
		is(t, j, id, want)
	}
}

func TestForeignLine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, fileName), []byte("2026-11-20T12:00:00Z <a@x>\nhello\n"), 0o600))
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "delivered:2: ") || !strings.Contains(err.Error(), "hello") {
		t.Errorf("want an error that names the line, got %v", err)
	}
}

// The file does not grow for ever, and nothing that is needed is lost by that.
func TestForgottenEntriesGo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := opened(t, dir)
	must(t, j.Record("<kept@x>", noon))
	padding := strings.Repeat("x", 16<<10)
	for n := range 100 {
		id := fmt.Sprintf("<%d-%s@x>", n, padding)
		must(t, j.Record(id, noon))
		must(t, j.Forget(id))
	}
	info, err := os.Stat(filepath.Join(dir, fileName))
	must(t, err)
	if info.Size() > slack+32<<10 {
		t.Errorf("the file has %d bytes", info.Size())
	}
	must(t, j.Record("<last@x>", noon))
	j = opened(t, dir)
	is(t, j, "<kept@x>", true)
	is(t, j, "<last@x>", true)
}

// A full or broken disk must not let this process send twice.
func TestUnwritable(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := opened(t, dir)
	must(t, j.file.Close())
	must(t, os.RemoveAll(dir))
	if err := j.Record("<a@x>", noon); err == nil {
		t.Error("want an error")
	}
	is(t, j, "<a@x>", true)
}
