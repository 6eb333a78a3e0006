// SPDX-License-Identifier: Apache-2.0

// Image builds the manager's container image as a tar, without a Docker engine:
// one static binary and the certificates of public authorities. Load it with
// docker load, ctr images import or kind load image-archive.
package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// bundles are where systems keep the certificates of public authorities.
var bundles = []string{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"}

func main() {
	root := flag.String("root", ".", "root of the source tree")
	output := flag.String("output", "werkplek-manager.tar", "file to write")
	tag := flag.String("tag", "registry.example.com/werkplek/manager:latest", "name of the image")
	arch := flag.String("arch", runtime.GOARCH, "architecture to build for")
	flag.Parse()
	if err := build(*root, *output, *tag, *arch); err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
}

func build(root, output, tag, arch string) (err error) {
	ref, err := name.NewTag(tag)
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "werkplek-image-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()

	binary := filepath.Join(work, "manager")
	compile := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, "./cmd/manager")
	compile.Dir, compile.Stderr = root, os.Stderr
	compile.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch)
	if err := compile.Run(); err != nil {
		return fmt.Errorf("compile the manager: %w", err)
	}
	layer, err := layerOf(map[string]string{"manager": binary, "etc/ssl/certs/ca-certificates.crt": firstExisting(bundles)})
	if err != nil {
		return err
	}
	image, err := mutate.Config(empty.Image, v1.Config{Entrypoint: []string{"/manager"}, User: "65532:65532"})
	if err != nil {
		return err
	}
	file, err := image.ConfigFile()
	if err != nil {
		return err
	}
	file.OS, file.Architecture = "linux", arch
	if image, err = mutate.ConfigFile(image, file); err != nil {
		return err
	}
	contents, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(layer)), nil })
	if err != nil {
		return err
	}
	if image, err = mutate.AppendLayers(image, contents); err != nil {
		return err
	}
	if err := tarball.WriteToFile(output, ref, image); err != nil {
		return err
	}
	digest, err := image.Digest()
	if err != nil {
		return err
	}
	fmt.Printf("%s %s in %s\n", tag, digest, output)
	return nil
}

// layerOf packs files, by their place in the image, without times or owners, so
// that the same binary gives the same image.
func layerOf(files map[string]string) ([]byte, error) {
	var packed bytes.Buffer
	w := tar.NewWriter(&packed)
	for _, place := range []string{"etc/ssl/certs/ca-certificates.crt", "manager"} {
		if files[place] == "" {
			continue
		}
		data, err := os.ReadFile(files[place])
		if err != nil {
			return nil, err
		}
		mode := int64(0o644)
		if place == "manager" {
			mode = 0o755
		}
		if err := w.WriteHeader(&tar.Header{Name: place, Mode: mode, Size: int64(len(data))}); err != nil {
			return nil, err
		}
		if _, err := w.Write(data); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}

func firstExisting(paths []string) string {
	for _, path := range paths {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	return ""
}
