// SPDX-License-Identifier: Apache-2.0

package assets

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"werkplek.dev/werkplek/hack/cluster/internal/releases"
)

// Whoever raises a version finds out here that its checksums are wanted too;
// without them the next person waits for minutes while it is built.
func TestPinnedVersionsCanBeDownloaded(t *testing.T) {
	t.Parallel()
	hack := checkout(t)
	pinned, err := releases.Read(filepath.Join(hack, ReleasesFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range binaries {
		version, err := moduleVersion(t.Context(), filepath.Join(hack, b.dir), b.module)
		if err != nil {
			t.Fatal(err)
		}
		for _, platform := range []string{"linux/amd64", "linux/arm64"} {
			release, ok := pinned.Find(b.name, version, platform)
			if !ok {
				t.Errorf("%s has no line for %s %s on %s", ReleasesFile, b.name, version, platform)
			}
			if ok && !strings.Contains(release.URL, version) {
				t.Errorf("%s %s on %s is said to be at %s", b.name, version, platform, release.URL)
			}
		}
	}
}

// TestMinors: the other minors that are kept are what their folders say.
func TestMinors(t *testing.T) {
	t.Parallel()
	dirs, err := filepath.Glob(filepath.Join(checkout(t), kubernetesDir+"-*"))
	if err != nil || len(dirs) != 2 {
		t.Fatalf("there are %v, error %v; want two beside the one that all else is tested on", dirs, err)
	}
	for _, dir := range dirs {
		options := Options{Hack: filepath.Dir(dir), Minor: strings.TrimPrefix(filepath.Base(dir), kubernetesDir+"-")}
		version, err := moduleVersion(t.Context(), options.source(kubernetesDir), kubernetesModule)
		if err != nil || !strings.HasPrefix(version, "v"+options.Minor+".") {
			t.Errorf("%s pins %s, error %v", dir, version, err)
		}
	}
	if _, err := locate(t.Context(), Options{Hack: checkout(t), Minor: "1.2"}); err == nil {
		t.Error("a minor that is not kept is taken")
	}
}

// From a mirror that has everything, nothing is built; and a program that is
// not the one that was pinned does not get in.
func TestEnsureFromMirror(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	files := make(map[string][]byte)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		content, ok := files[strings.TrimPrefix(r.URL.Path, "/example.com/")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(content)
	}))
	defer server.Close()
	hack := hackWith(t, func(name, version string) (string, []byte) {
		files[name] = fmt.Appendf(nil, "#!/bin/sh\necho %s %s\n", name, version)
		return "https://example.com/" + name, files[name]
	})

	var told bytes.Buffer
	options := Options{Hack: hack, Mirror: server.URL, Progress: &told}
	got, err := Ensure(t.Context(), options)
	if err != nil {
		t.Fatalf("%v\n%s", err, told.String())
	}
	for _, name := range []string{"etcd", "kube-apiserver", "kwok"} {
		if content, err := os.ReadFile(got.Binary(name)); err != nil || !bytes.Equal(content, files[name]) {
			t.Errorf("%s is %q, error %v", name, content, err)
		}
	}
	if exists(got.Binary("kubelet")) {
		t.Error("the kubelet is there, which nobody asked for")
	}
	if strings.Contains(told.String(), "building") {
		t.Errorf("something was built:\n%s", told.String())
	}

	if err := os.Remove(got.Binary("kwok")); err != nil {
		t.Fatal(err)
	}
	files["kwok"] = []byte("another program")
	if err := got.download(t.Context(), options, got.missing(options)); err != nil {
		t.Fatal(err)
	}
	if exists(got.Binary("kwok")) || !strings.Contains(told.String(), "kwok is built instead: refused") {
		t.Errorf("a program with another checksum got in, or is not told of:\n%s", told.String())
	}
}

// hackWith is a hack directory with the modules of this one and releases of its
// own: offer says where a program is to be had, and what it is.
func hackWith(t *testing.T, offer func(name, version string) (string, []byte)) string {
	t.Helper()
	hack := t.TempDir()
	for _, dir := range []string{kubernetesDir, kwokDir} {
		if err := os.CopyFS(filepath.Join(hack, dir), os.DirFS(filepath.Join(checkout(t), dir))); err != nil {
			t.Fatal(err)
		}
	}
	var list strings.Builder
	for _, b := range binaries {
		version, err := moduleVersion(t.Context(), filepath.Join(hack, b.dir), b.module)
		if err != nil {
			t.Fatal(err)
		}
		address, content := offer(b.name, version)
		fmt.Fprintf(&list, "%s %s %s/%s %x %s\n", b.name, version, runtime.GOOS, runtime.GOARCH, sha256.Sum256(content), address)
	}
	if err := os.WriteFile(filepath.Join(hack, ReleasesFile), []byte(list.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return hack
}

func checkout(t *testing.T) string {
	t.Helper()
	hack, err := FindHack("")
	if err != nil {
		t.Fatal(err)
	}
	return hack
}

func TestBuiltName(t *testing.T) {
	t.Parallel()
	for pkg, want := range map[string]string{
		"go.etcd.io/etcd/server/v3":         "server",
		"k8s.io/kubernetes/cmd/kube-proxy":  "kube-proxy",
		"example.com/vendor/v3beta/program": "program",
	} {
		if got := (binary{pkg: pkg}).built(); got != want {
			t.Errorf("%s becomes %s, want %s", pkg, got, want)
		}
	}
}
