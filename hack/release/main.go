// SPDX-License-Identifier: Apache-2.0

// Release makes what a release consists of besides images and chart: the plugin for every
// platform, its krew manifest, the notes, and the checksums of all that lies in the folder.
// The same tree gives the same archives.
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"text/template"
)

// platforms are those for which the plugin is built.
var platforms = []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64", "windows/amd64", "windows/arm64"}

// release is what is made, and of what.
type release struct {
	root, version, revision, url, output string
}

// packed is the plugin for one platform.
type packed struct{ OS, Arch, Binary, Archive, SHA256 string }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var r release
	flag.StringVar(&r.root, "root", ".", "root of the source tree")
	flag.StringVar(&r.version, "version", "", "version, such as v0.1.0")
	flag.StringVar(&r.revision, "revision", "", "commit")
	flag.StringVar(&r.url, "url", "https://werkplek.dev/releases",
		"where releases are published, each in a folder of its version")
	flag.StringVar(&r.output, "output", "dist", "folder to write to")
	flag.Parse()
	if err := r.make(ctx, platforms); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func (r release) make(ctx context.Context, platforms []string) error {
	if r.version == "" {
		return errors.New("say which version: -version v0.1.0")
	}
	if err := os.MkdirAll(r.output, 0o755); err != nil {
		return err
	}
	var all []packed
	for _, platform := range platforms {
		p, err := r.plugin(ctx, platform)
		if err != nil {
			return err
		}
		all = append(all, p)
	}
	return errors.Join(r.krew(all), r.notes(), r.checksums())
}

// plugin compiles the plugin for a platform, and packs it with its licence.
func (r release) plugin(ctx context.Context, platform string) (packed, error) {
	system, arch, _ := strings.Cut(platform, "/")
	p := packed{OS: system, Arch: arch, Binary: "kubectl-werkplek"}
	p.Archive = fmt.Sprintf("kubectl-werkplek-%s-%s.tar.gz", system, arch)
	pack := tarball
	if system == "windows" {
		p.Binary, p.Archive, pack = p.Binary+".exe", strings.TrimSuffix(p.Archive, ".tar.gz")+".zip", zipball
	}
	binary, err := r.compile(ctx, system, arch)
	if err != nil {
		return p, err
	}
	license, err := os.ReadFile(filepath.Join(r.root, "LICENSE"))
	if err != nil {
		return p, err
	}
	files := []file{{p.Binary, binary, 0o755}, {"LICENSE", license, 0o644}}
	data, err := pack(files)
	if err != nil {
		return p, err
	}
	sum := sha256.Sum256(data)
	p.SHA256 = hex.EncodeToString(sum[:])
	return p, os.WriteFile(filepath.Join(r.output, p.Archive), data, 0o644)
}

// compile compiles the plugin so that neither the folder nor the machine shows.
func (r release) compile(ctx context.Context, system, arch string) ([]byte, error) {
	work, err := os.MkdirTemp("", "werkplek-release-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(work) }()
	const stamp = " -X werkplek.dev/werkplek/internal/version."
	flags := "-s -w -buildid=" + stamp + "version=" + r.version
	if r.revision != "" {
		flags += stamp + "revision=" + r.revision
	}
	binary := filepath.Join(work, "plugin")
	compile := exec.CommandContext(ctx,
		"go", "build", "-trimpath", "-buildvcs=false", "-ldflags", flags, "-o", binary, "./cmd/kubectl-werkplek")
	compile.Dir, compile.Stderr = r.root, os.Stderr
	compile.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOEXPERIMENT=", "GOAMD64=v1", "GOARM64=v8.0",
		"GOOS="+system, "GOARCH="+arch)
	if err := compile.Run(); err != nil {
		return nil, fmt.Errorf("compile the plugin for %s/%s: %w", system, arch, err)
	}
	return os.ReadFile(binary)
}

// krew fills in the manifest by which krew installs the plugin.
func (r release) krew(all []packed) error {
	path := filepath.Join(r.root, "hack", "krew", "werkplek.yaml")
	manifest, err := template.New("werkplek.yaml").Option("missingkey=error").ParseFiles(path)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	values := map[string]any{"Version": r.version, "URL": r.url + "/" + r.version, "Platforms": all}
	if err := manifest.Execute(&text, values); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.output, "werkplek.yaml"), text.Bytes(), 0o644)
}

// notes takes what the changelog says of the version; of one that it does not name
// yet, what is under Unreleased.
func (r release) notes() error {
	log, err := os.ReadFile(filepath.Join(r.root, "CHANGELOG.md"))
	if err != nil {
		return err
	}
	text := section(string(log), strings.TrimPrefix(r.version, "v"))
	if text == "" {
		text = section(string(log), "Unreleased")
	}
	if text == "" {
		return fmt.Errorf("CHANGELOG.md has neither a section of %s nor one of what is unreleased", r.version)
	}
	return os.WriteFile(filepath.Join(r.output, "NOTES.md"), []byte(text), 0o644)
}

// section returns what stands under the heading of a version, up to the next one.
func section(log, version string) string {
	_, after, found := strings.Cut(log, "\n## ["+version+"]")
	if !found {
		return ""
	}
	_, after, _ = strings.Cut(after, "\n")
	text, _, _ := strings.Cut(after, "\n## [")
	return strings.TrimSpace(text) + "\n"
}

// checksums writes the SHA-256 of every file of the folder, as sha256sum -c reads them.
func (r release) checksums() error {
	entries, err := os.ReadDir(r.output)
	if err != nil {
		return err
	}
	var text strings.Builder
	for _, entry := range entries {
		if entry.IsDir() || entry.Name() == sums {
			continue
		}
		data, err := os.ReadFile(filepath.Join(r.output, entry.Name()))
		if err != nil {
			return err
		}
		fmt.Fprintf(&text, "%x  %s\n", sha256.Sum256(data), entry.Name())
	}
	return os.WriteFile(filepath.Join(r.output, sums), []byte(text.String()), 0o644)
}

const sums = "SHA256SUMS"
