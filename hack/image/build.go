// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// source is what an image is made of. Nothing else of the machine reaches it but
// the Go toolchain, whose version the SBOM names.
type source struct {
	root, program, version, revision string
	created                          time.Time
}

// built is the image of one platform.
type built struct {
	platform v1.Platform
	image    v1.Image
	sbom     []byte
}

// build builds the image of each platform, such as linux/arm64.
func (s source) build(ctx context.Context, platforms ...string) ([]built, error) {
	work, err := os.MkdirTemp("", "werkplek-image-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(work) }()
	license, err := os.ReadFile(filepath.Join(s.root, "LICENSE"))
	if err != nil {
		return nil, err
	}
	var all []built
	for _, name := range platforms {
		platform, err := v1.ParsePlatform(name)
		if err != nil || platform.OS == "" || platform.Architecture == "" {
			return nil, fmt.Errorf("%q is no platform; write one such as linux/arm64", name)
		}
		binary := filepath.Join(work, s.program+"-"+platform.Architecture)
		if err := s.compile(ctx, *platform, binary); err != nil {
			return nil, err
		}
		b := built{platform: *platform}
		if b.sbom, err = s.sbom(binary); err != nil {
			return nil, err
		}
		program, err := os.ReadFile(binary)
		if err != nil {
			return nil, err
		}
		if b.image, err = s.assemble(*platform, program, license); err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	return all, nil
}

// compile compiles the program so that neither the folder nor the machine shows.
func (s source) compile(ctx context.Context, platform v1.Platform, binary string) error {
	const stamp = " -X werkplek.dev/werkplek/internal/version."
	flags := "-s -w -buildid="
	if s.version != "" {
		flags += stamp + "version=" + s.version
	}
	if s.revision != "" {
		flags += stamp + "revision=" + s.revision
	}
	compile := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", flags, "-o", binary, "./cmd/"+s.program)
	compile.Dir, compile.Stderr = s.root, os.Stderr
	compile.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOEXPERIMENT=", "GOAMD64=v1", "GOARM64=v8.0",
		"GOOS="+platform.OS, "GOARCH="+platform.Architecture)
	if err := compile.Run(); err != nil {
		return fmt.Errorf("compile %s for %s: %w", s.program, platform, err)
	}
	return nil
}

// labels say what the image is, in the words of the OCI.
func (s source) labels() map[string]string {
	labels := map[string]string{
		"org.opencontainers.image.title":       "werkplek-" + s.program,
		"org.opencontainers.image.description": "The " + s.program + " of Werkplek, an operator for hosted desktops",
		"org.opencontainers.image.source":      "https://werkplek.dev/werkplek",
		"org.opencontainers.image.licenses":    "Apache-2.0",
		"org.opencontainers.image.created":     s.created.Format(time.RFC3339),
	}
	if s.version != "" {
		labels["org.opencontainers.image.version"] = s.version
	}
	if s.revision != "" {
		labels["org.opencontainers.image.revision"] = s.revision
	}
	return labels
}

func (s source) assemble(platform v1.Platform, program, license []byte) (v1.Image, error) {
	layer, err := pack([]file{
		{"etc/ssl/certs/ca-certificates.crt", authorities(), 0o644}, {"LICENSE", license, 0o644}, {s.program, program, 0o755},
	})
	if err != nil {
		return nil, err
	}
	contents, err := tarball.LayerFromOpener(
		func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(layer)), nil }, tarball.WithMediaType(types.OCILayer))
	if err != nil {
		return nil, err
	}
	image := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	if image, err = mutate.AppendLayers(image, contents); err != nil {
		return nil, err
	}
	config, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	config.OS, config.Architecture, config.Variant = platform.OS, platform.Architecture, platform.Variant
	config.Created = v1.Time{Time: s.created}
	config.History = []v1.History{{Created: v1.Time{Time: s.created}, CreatedBy: "hack/image"}}
	config.Config = v1.Config{Entrypoint: []string{"/" + s.program}, User: "65532:65532", Labels: s.labels()}
	if image, err = mutate.ConfigFile(image, config); err != nil {
		return nil, err
	}
	return mutate.Annotations(image, s.labels()).(v1.Image), nil
}

type file struct {
	place string
	data  []byte
	mode  int64
}

// pack packs files without times or owners, so that the same files give the same layer.
func pack(files []file) ([]byte, error) {
	var packed bytes.Buffer
	w := tar.NewWriter(&packed)
	for _, f := range files {
		if err := w.WriteHeader(&tar.Header{Name: f.place, Mode: f.mode, Size: int64(len(f.data))}); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.data); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return packed.Bytes(), err
}

// authorities are the certificates of public authorities, of a module whose version is
// pinned: those of the machine would make each machine's image another. A root that
// browsers trust under a condition is left out, as a file cannot say the condition.
func authorities() []byte {
	var text bytes.Buffer
	for root := range bundle.Roots() {
		if root.Constraint == nil {
			_ = pem.Encode(&text, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate})
		}
	}
	return text.Bytes()
}

// dashed is a platform as part of a file's name.
func (b built) dashed() string { return strings.ReplaceAll(b.platform.String(), "/", "-") }
