// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

const changelog = "# Changelog\n\n## [Unreleased]\n\n- later\n\n## [0.1.0] - 2026-12-01\n\n- a plugin\n\n## [0.0.1]\n\n- nothing\n"

// made makes a release of a small plugin in a folder of its own.
func made(t *testing.T, platforms ...string) release {
	t.Helper()
	root := t.TempDir()
	manifest, err := os.ReadFile("../krew/werkplek.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for path, content := range map[string]string{
		"go.mod":                       "module werkplek.dev/werkplek\n\ngo 1.26.0\n",
		"LICENSE":                      "the licence",
		"CHANGELOG.md":                 changelog,
		"hack/krew/werkplek.yaml":      string(manifest),
		"internal/version/version.go":  "package version\n\nvar version, revision string\n\nfunc String() string { return version + \" of \" + revision }\n",
		"cmd/kubectl-werkplek/main.go": "package main\n\nimport \"werkplek.dev/werkplek/internal/version\"\n\nfunc main() { print(version.String()) }\n",
	} {
		full := filepath.Join(root, path)
		if err := errors.Join(os.MkdirAll(filepath.Dir(full), 0o755), os.WriteFile(full, []byte(content), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	r := release{root: root, version: "v0.1.0", revision: "abc", url: "https://example.com/releases", output: filepath.Join(root, "dist")}
	if err := r.make(t.Context(), platforms); err != nil {
		t.Fatal(err)
	}
	return r
}

func read(t *testing.T, r release, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(r.output, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestKrew: krew's own check takes the manifest for all platforms, and the checksums
// in it are those of the archives.
func TestKrew(t *testing.T) {
	t.Parallel()
	r := made(t, platforms...)
	manifest := read(t, r, "werkplek.yaml")
	check := exec.CommandContext(t.Context(), "go", "tool", "validate-krew-manifest", "-skip-install", "-manifest", filepath.Join(r.output, "werkplek.yaml"))
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("krew refuses the manifest: %v\n%s\n%s", err, out, manifest)
	}
	if broken := strings.Replace(string(manifest), "sha256: ", "sha256: x", 1); os.WriteFile(filepath.Join(r.output, "werkplek.yaml"), []byte(broken), 0o644) == nil {
		check := exec.CommandContext(t.Context(), "go", "tool", "validate-krew-manifest", "-skip-install", "-manifest", filepath.Join(r.output, "werkplek.yaml"))
		if out, err := check.CombinedOutput(); err == nil {
			t.Errorf("krew takes a checksum that is none, so the check checks nothing:\n%s", out)
		}
	}
	listed := string(read(t, r, sums))
	for _, platform := range platforms {
		system, arch, _ := strings.Cut(platform, "/")
		archive := "kubectl-werkplek-" + system + "-" + arch + ".tar.gz"
		if system == "windows" {
			archive = strings.Replace(archive, ".tar.gz", ".zip", 1)
		}
		sum := fmt.Sprintf("%x", sha256.Sum256(read(t, r, archive)))
		if !strings.Contains(string(manifest), "uri: https://example.com/releases/v0.1.0/"+archive+"\n      sha256: "+sum) {
			t.Errorf("the manifest does not have %s with %s:\n%s", archive, sum, manifest)
		}
		if !strings.Contains(listed, sum+"  "+archive+"\n") {
			t.Errorf("%s does not list %s:\n%s", sums, archive, listed)
		}
	}
	for _, name := range []string{"werkplek.yaml", "NOTES.md"} {
		if !strings.Contains(listed, "  "+name+"\n") {
			t.Errorf("%s does not list %s:\n%s", sums, name, listed)
		}
	}
}

// TestArchives: the plugin of this machine runs and says its version, and lies beside its licence.
func TestArchives(t *testing.T) {
	t.Parallel()
	host := runtime.GOOS + "/" + runtime.GOARCH
	r := made(t, host, "windows/arm64")
	squeezed, err := gzip.NewReader(bytes.NewReader(read(t, r, "kubectl-werkplek-"+strings.Replace(host, "/", "-", 1)+".tar.gz")))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for archive := tar.NewReader(squeezed); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if files[header.Name], err = io.ReadAll(archive); err != nil {
			t.Fatal(err)
		}
	}
	program := filepath.Join(t.TempDir(), "kubectl-werkplek")
	if err := os.WriteFile(program, files["kubectl-werkplek"], 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), program).CombinedOutput(); err != nil || string(out) != "v0.1.0 of abc" || string(files["LICENSE"]) != "the licence" {
		t.Errorf("it says %q (%v) beside the licence %q", out, err, files["LICENSE"])
	}
	data := read(t, r, "kubectl-werkplek-windows-arm64.zip")
	zipped, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil || len(zipped.File) != 2 || zipped.File[0].Name != "kubectl-werkplek.exe" || zipped.File[1].Name != "LICENSE" {
		t.Errorf("the archive for Windows is %+v (%v)", zipped, err)
	}
}

// TestReproducible: the same tree in another folder gives the same checksums.
func TestReproducible(t *testing.T) {
	t.Parallel()
	first, again := made(t, "linux/arm64", "windows/arm64"), made(t, "linux/arm64", "windows/arm64")
	if a, b := read(t, first, sums), read(t, again, sums); !bytes.Equal(a, b) {
		t.Errorf("the same tree in two folders gives\n%s\nand\n%s", a, b)
	}
}

func TestNotes(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{"0.1.0": "- a plugin\n", "0.0.1": "- nothing\n", "Unreleased": "- later\n", "9.9.9": ""} {
		if got := section(changelog, version); got != want {
			t.Errorf("of %s the notes are %q, want %q", version, got, want)
		}
	}
}

// TestWorkflows: what actionlint finds in the workflows.
func TestWorkflows(t *testing.T) {
	t.Parallel()
	workflows, err := filepath.Glob("../../.github/workflows/*.yaml")
	if err != nil || len(workflows) < 3 {
		t.Fatalf("only %v (%v) were found", workflows, err)
	}
	broken := filepath.Join(t.TempDir(), "broken.yaml")
	if err := os.WriteFile(broken, []byte("on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: 'echo ${{ github.nothing }}'}]}}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	lint := func(paths ...string) (string, error) {
		out, err := exec.CommandContext(t.Context(), "go", append([]string{"tool", "actionlint", "-shellcheck=", "-pyflakes="}, paths...)...).CombinedOutput()
		return string(out), err
	}
	if out, err := lint(workflows...); err != nil {
		t.Errorf("%v:\n%s", err, out)
	}
	if out, err := lint(broken); err == nil || !strings.Contains(out, "nothing") {
		t.Errorf("a mistake is not found (%v):\n%s", err, out)
	}
}
