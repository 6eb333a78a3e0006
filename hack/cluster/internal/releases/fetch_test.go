// SPDX-License-Identifier: Apache-2.0

package releases

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// program is what a publisher offers: long enough to break off in the middle.
var program = bytes.Repeat([]byte("#!/bin/sh\necho desktop\n"), 50_000)

const programPath = "/dl.example.com/v1/program"

func pinned(content []byte) Release {
	sum := sha256.Sum256(content)
	return Release{Name: "program", Version: "v1", Platform: "linux/amd64", SHA256: hex.EncodeToString(sum[:]), URL: "https://dl.example.com/v1/program"}
}

// mirror serves files by their paths, with ranges, and calls before first.
func mirror(t *testing.T, content []byte, before func(http.ResponseWriter, *http.Request) (done bool)) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if before != nil && before(w, r) {
			return
		}
		if r.URL.Path != programPath && r.URL.Path != programPath+".tar.gz" {
			http.NotFound(w, r)
			return
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	}))
	t.Cleanup(server.Close)
	return server
}

func fetch(t *testing.T, address string, release Release) (string, error) {
	t.Helper()
	fetcher := NewFetcher(address, func(int) {})
	fetcher.stall = 300 * time.Millisecond
	path := filepath.Join(t.TempDir(), "program")
	return path, fetcher.Fetch(t.Context(), release, path)
}

// requireProgram fails unless path is the program, executable and alone.
func requireProgram(t *testing.T, path string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, program) {
		t.Fatalf("%d bytes and error %v, want the %d of the program", len(got), err, len(program))
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o100 == 0 {
		t.Errorf("%v, error %v: cannot be executed", info.Mode(), err)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("%v is left, error %v; want the program alone", left, err)
	}
}

func TestFetchProgram(t *testing.T) {
	t.Parallel()
	path, err := fetch(t, mirror(t, program, nil).URL, pinned(program))
	if err != nil {
		t.Fatal(err)
	}
	requireProgram(t, path)
}

func TestFetchFromArchive(t *testing.T) {
	t.Parallel()
	archive := archiveOf(t, "program-v1/program", program)
	release := pinned(archive)
	release.URL += ".tar.gz"
	release.Member = "program-v1/program"
	path, err := fetch(t, mirror(t, archive, nil).URL, release)
	if err != nil {
		t.Fatal(err)
	}
	requireProgram(t, path)
}

func archiveOf(t *testing.T, name string, content []byte) []byte {
	t.Helper()
	var buffer bytes.Buffer
	zipped := gzip.NewWriter(&buffer)
	files := tar.NewWriter(zipped)
	err := files.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(content))})
	if err == nil {
		_, err = files.Write(content)
	}
	if err := errors.Join(err, files.Close(), zipped.Close()); err != nil {
		t.Fatal(err)
	}
	return buffer.Bytes()
}

func TestFetchRefusesAnotherProgram(t *testing.T) {
	t.Parallel()
	path, err := fetch(t, mirror(t, []byte("something else"), nil).URL, pinned(program))
	var refused *ChecksumError
	if !errors.As(err, &refused) {
		t.Fatalf("error %v, want a refusal", err)
	}
	for _, word := range []string{"refused", programPath, pinned(program).SHA256, refused.Got} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q does not say %q", err, word)
		}
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 0 {
		t.Errorf("%v is left of what was refused", left)
	}
}

// A connection that breaks off in the middle is taken up where it was.
func TestFetchResumes(t *testing.T) {
	t.Parallel()
	half := len(program) / 2
	var asked atomic.Int32
	var second atomic.Value
	server := mirror(t, program, func(w http.ResponseWriter, r *http.Request) bool {
		if asked.Add(1) > 1 {
			second.Store(r.Header.Get("Range"))
			return false
		}
		w.Header().Set("Content-Length", "1150000")
		_, _ = w.Write(program[:half])
		panic(http.ErrAbortHandler)
	})
	path, err := fetch(t, server.URL, pinned(program))
	if err != nil {
		t.Fatal(err)
	}
	requireProgram(t, path)
	if got, _ := second.Load().(string); !strings.HasPrefix(got, "bytes=") || got == "bytes=0-" {
		t.Errorf("the second request had the range %q, want the rest", got)
	}
}

// What stands still is given up, and what came of it is kept.
func TestFetchGivesUpWhatStandsStill(t *testing.T) {
	t.Parallel()
	server := mirror(t, program, func(w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("Content-Length", "1150000")
		_, _ = w.Write(program[:1000])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		return true
	})
	path, err := fetch(t, server.URL, pinned(program))
	var unreachable *UnreachableError
	if !errors.As(err, &unreachable) {
		t.Fatalf("error %v, want that the server cannot be reached", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("half a program is in its place: %v", err)
	}
}

func TestFetchSaysWhatCannotBeHad(t *testing.T) {
	t.Parallel()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := closed.Addr().String()
	closed.Close()
	tests := map[string]struct {
		mirror string
		want   string
	}{
		"nobody listens": {mirror: "http://" + nobody, want: nobody + " cannot be reached"},
		"no such file":   {mirror: mirror(t, program, nil).URL + "/elsewhere", want: "404 Not Found"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			_, err := fetch(t, tc.mirror, pinned(program))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want one with %q", err, tc.want)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("it took %s to find out", took)
			}
		})
	}
}

func TestAddress(t *testing.T) {
	t.Parallel()
	release := pinned(nil)
	for base, want := range map[string]string{
		"":                              release.URL,
		"https://mirror.example.org":    "https://mirror.example.org/dl.example.com/v1/program",
		"https://mirror.example.org/k/": "https://mirror.example.org/k/dl.example.com/v1/program",
	} {
		if got := NewFetcher(base, nil).Address(release); got != want {
			t.Errorf("by the mirror %q: %s, want %s", base, got, want)
		}
	}
}
