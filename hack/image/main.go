// SPDX-License-Identifier: Apache-2.0

// Image builds the container image of a program below cmd/ as a tar, without a Docker engine:
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
	program := flag.String("program", "manager", "program below cmd/ to put into the image")
	output := flag.String("output", "", "file to write; default: werkplek-<program>.tar")
	tag := flag.String("tag", "", "name of the image; default: registry.example.com/werkplek/<program>:latest")
	arch := flag.String("arch", runtime.GOARCH, "architecture to build for")
	flag.Parse()
	if *output == "" {
		*output = "werkplek-" + *program + ".tar"
	}
	if *tag == "" {
		*tag = "registry.example.com/werkplek/" + *program + ":latest"
	}
	if err := build(*root, *program, *output, *tag, *arch); err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
}

func build(root, program, output, tag, arch string) (err error) {
	ref, err := name.NewTag(tag)
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "werkplek-image-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()

	binary := filepath.Join(work, program)
	compile := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, "./cmd/"+program)
	compile.Dir, compile.Stderr = root, os.Stderr
	compile.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch)
	if err := compile.Run(); err != nil {
		return fmt.Errorf("compile %s: %w", program, err)
	}
	layer, err := layerOf(program, binary, firstExisting(bundles))
	if err != nil {
		return err
	}
	image, err := mutate.Config(empty.Image, v1.Config{Entrypoint: []string{"/" + program}, User: "65532:65532"})
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

// layerOf packs a program and the certificates of public authorities, without
// times or owners, so that the same binary gives the same image.
func layerOf(program, binary, certificates string) ([]byte, error) {
	var packed bytes.Buffer
	w := tar.NewWriter(&packed)
	for _, file := range []struct {
		place, source string
		mode          int64
	}{
		{"etc/ssl/certs/ca-certificates.crt", certificates, 0o644},
		{program, binary, 0o755},
	} {
		if file.source == "" {
			continue
		}
		data, err := os.ReadFile(file.source)
		if err != nil {
			return nil, err
		}
		if err := w.WriteHeader(&tar.Header{Name: file.place, Mode: file.mode, Size: int64(len(data))}); err != nil {
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
