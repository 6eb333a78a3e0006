// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"bytes"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

const commit = "0123456789abcdef0123456789abcdef01234567"

// tree returns a source tree in a folder of its own, with a program that says its version.
func tree(t *testing.T) source {
	t.Helper()
	root := t.TempDir()
	for path, content := range map[string]string{
		"go.mod":                      "module werkplek.dev/werkplek\n\ngo 1.26.0\n",
		"LICENSE":                     "the licence",
		"internal/version/version.go": "package version\n\nvar version, revision string\n\nfunc String() string { return version + revision }\n",
		"cmd/tiny/main.go":            "package main\n\nimport \"werkplek.dev/werkplek/internal/version\"\n\nfunc main() { println(version.String()) }\n",
	} {
		full := filepath.Join(root, path)
		if err := errors.Join(os.MkdirAll(filepath.Dir(full), 0o755), os.WriteFile(full, []byte(content), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	return source{root: root, program: "tiny", version: "v0.1.0", revision: commit, created: time.Unix(1795780000, 0).UTC()}
}

func build(t *testing.T, s source, platforms ...string) []built {
	t.Helper()
	all, err := s.build(t.Context(), platforms...)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func digest(t *testing.T, of interface{ Digest() (v1.Hash, error) }) string {
	t.Helper()
	found, err := of.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return found.String()
}

// TestReproducible: the same tree in another folder gives the same digests and SBOM;
// another version, revision or time gives others.
func TestReproducible(t *testing.T) {
	t.Parallel()
	first, again := build(t, tree(t), "linux/arm64")[0], build(t, tree(t), "linux/arm64")[0]
	if a, b := digest(t, first.image), digest(t, again.image); a != b || !bytes.Equal(first.sbom, again.sbom) {
		t.Errorf("the same tree in two folders gives %s and %s", a, b)
	}
	for name, change := range map[string]func(*source){
		"version": func(s *source) { s.version = "v0.1.1" }, "revision": func(s *source) { s.revision = strings.Repeat("f", 40) },
		"time": func(s *source) { s.created = s.created.Add(time.Second) },
	} {
		other := tree(t)
		change(&other)
		if digest(t, build(t, other, "linux/arm64")[0].image) == digest(t, first.image) {
			t.Errorf("another %s gives the same digest: it is not in the image", name)
		}
	}
}

// TestImage: what is in an image, as whom it runs, and what it says of itself.
func TestImage(t *testing.T) {
	t.Parallel()
	s := tree(t)
	b := build(t, s, "linux/arm64")[0]
	config, err := b.image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if config.OS != "linux" || config.Architecture != "arm64" || config.Config.User != "65532:65532" || !slices.Equal(config.Config.Entrypoint, []string{"/tiny"}) {
		t.Errorf("it is for %s/%s and runs %v as %s", config.OS, config.Architecture, config.Config.Entrypoint, config.Config.User)
	}
	manifest, err := b.image.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	for label, want := range map[string]string{"version": "v0.1.0", "revision": commit, "licenses": "Apache-2.0", "created": "2026-11-27T11:46:40Z"} {
		key := "org.opencontainers.image." + label
		if config.Config.Labels[key] != want || manifest.Annotations[key] != want {
			t.Errorf("%s is %q as a label and %q as an annotation, want %q", key, config.Config.Labels[key], manifest.Annotations[key], want)
		}
	}
	layers, err := b.image.Layers()
	if err != nil || len(layers) != 1 {
		t.Fatalf("%d layers (%v), want 1", len(layers), err)
	}
	content, err := layers[0].Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for r := tar.NewReader(content); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if files[header.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.HasPrefix(files["tiny"], []byte("\x7fELF")) || !bytes.Contains(files["tiny"], []byte("v0.1.0")) || bytes.Contains(files["tiny"], []byte(s.root)) {
		t.Error("the program is no ELF binary, is not stamped, or names the folder that it was built in")
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(files["etc/ssl/certs/ca-certificates.crt"]) || string(files["LICENSE"]) != "the licence" || len(files) != 3 {
		t.Errorf("the certificates or the licence are missing, or more is in it: %d files", len(files))
	}
}

// TestSBOM: the real export's says what is linked into it.
func TestSBOM(t *testing.T) {
	t.Parallel()
	b := build(t, source{root: "../..", program: "export", version: "v0.1.0"}, "linux/amd64")[0]
	var doc document
	if err := json.Unmarshal(b.sbom, &doc); err != nil {
		t.Fatal(err)
	}
	locators := map[string]bool{}
	for _, part := range doc.Packages {
		locators[strings.Split(part.ExternalRefs[0].Locator, "@")[0]] = true
		if part.VersionInfo == "" || part.SPDXID == "" {
			t.Errorf("a part without version or identity: %+v", part)
		}
	}
	for _, want := range []string{"pkg:golang/stdlib", "pkg:golang/github.com/minio/minio-go/v7", "pkg:golang/werkplek.dev/werkplek"} {
		if !locators[want] {
			t.Errorf("%s is not in it", want)
		}
	}
	if doc.SPDXVersion != "SPDX-2.3" || doc.Packages[0].VersionInfo != "v0.1.0" || len(doc.Packages[0].Checksums[0].Value) != 64 ||
		len(doc.Relationships) != len(doc.Packages) || locators["pkg:golang/k8s.io/client-go"] {
		t.Errorf("the document is %+v", doc.Packages[0])
	}
}

// TestPush: a registry holds what the layout holds, under the same digest, for both
// platforms, and the SBOM of each beside it.
func TestPush(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(registry.New(registry.WithReferrersSupport(true)))
	defer server.Close()
	s := tree(t)
	folder := filepath.Join(t.TempDir(), "images", "tiny")
	target := strings.TrimPrefix(server.URL, "http://") + "/werkplek/tiny:v0.1.0"
	if err := run(t.Context(), []string{
		"-root", s.root, "-program", "tiny", "-version", "v0.1.0", "-platforms", "linux/amd64,linux/arm64", "-layout", folder, "-push", target,
	}, "1795780000"); err != nil {
		t.Fatal(err)
	}
	ref, err := name.ParseReference(target)
	if err != nil {
		t.Fatal(err)
	}
	index, err := remote.Index(ref)
	if err != nil {
		t.Fatal(err)
	}
	path, err := layout.FromPath(folder)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := path.ImageIndex()
	if err != nil {
		t.Fatal(err)
	}
	outer, err := kept.IndexManifest()
	if err != nil || len(outer.Manifests) != 1 || outer.Manifests[0].Digest.String() != digest(t, index) {
		t.Errorf("the layout holds %+v (%v), and the registry %s", outer, err, digest(t, index))
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	var platforms []string
	for _, image := range manifest.Manifests {
		platforms = append(platforms, image.Platform.String())
		attached, err := remote.Referrers(ref.Context().Digest(image.Digest.String()))
		if err != nil {
			t.Fatal(err)
		}
		found, err := attached.IndexManifest()
		if err != nil || len(found.Manifests) != 1 {
			t.Errorf("%s has %+v attached (%v), want its SBOM", image.Platform, found, err)
		}
	}
	if !slices.Equal(platforms, []string{"linux/amd64", "linux/arm64"}) || manifest.Annotations["org.opencontainers.image.version"] != "v0.1.0" {
		t.Errorf("the index holds %v with %v", platforms, manifest.Annotations)
	}
	for _, platform := range []string{"amd64", "arm64"} {
		if data, err := os.ReadFile(filepath.Join(filepath.Dir(folder), "werkplek-tiny-linux-"+platform+".spdx.json")); err != nil || !json.Valid(data) {
			t.Errorf("the SBOM for %s: %v", platform, err)
		}
	}
}

// TestTar: what docker load takes has the name that was asked for.
func TestTar(t *testing.T) {
	t.Parallel()
	s, path := tree(t), filepath.Join(t.TempDir(), "tiny.tar")
	if err := run(t.Context(), []string{"-root", s.root, "-program", "tiny", "-tag", "example.com/tiny:1", "-output", path}, ""); err != nil {
		t.Fatal(err)
	}
	tag, err := name.NewTag("example.com/tiny:1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tarball.ImageFromPath(path, &tag); err != nil {
		t.Error(err)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	s := tree(t)
	for name, test := range map[string]struct {
		arguments []string
		epoch     string
		want      string
	}{
		"no time":     {nil, "yesterday", "no number of seconds"},
		"no platform": {[]string{"-root", s.root, "-platforms", "arm64"}, "", "write one such as linux/arm64"},
		"no program":  {[]string{"-root", s.root, "-program", "nothing"}, "", "compile nothing for linux/"},
	} {
		if err := run(t.Context(), test.arguments, test.epoch); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: the error is %v, want one with %q", name, err, test.want)
		}
	}
}
