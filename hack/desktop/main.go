// SPDX-License-Identifier: Apache-2.0

// Desktop builds the image of the reference desktop as a tar, without a
// container engine: a Debian made by mmdebstrap, on which install.sh does what it
// does in the Dockerfile. It must run as root on a Debian. Load the tar with
// docker load, ctr images import or kind load image-archive.
package main

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// suite of Debian that the desktop is made of; the Dockerfile names the same one.
const suite = "bookworm"

// inputs are what the image is made of, besides Debian.
var inputs = []string{"packages.txt", "install.sh", "rootfs"}

// config says how the image starts; the Dockerfile says the same.
var config = v1.Config{
	Entrypoint:   []string{"/usr/local/bin/werkplek-desktop"},
	Env:          []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/home/user", "LANG=C.UTF-8", "DISPLAY=:1"},
	User:         "1000:1000",
	WorkingDir:   "/home/user",
	ExposedPorts: map[string]struct{}{"6080/tcp": {}},
}

func main() {
	source := flag.String("source", ".", "folder of packages.txt, install.sh and rootfs")
	output := flag.String("output", "werkplek-desktop.tar", "file to write")
	tag := flag.String("tag", "werkplek-desktop:dev", "name of the image")
	cache := flag.String("cache", "", "folder that keeps what was built (default: werkplek/desktop in the user's cache)")
	mirror := flag.String("mirror", "", "Debian mirror to install from (default: mmdebstrap's)")
	fresh := flag.Bool("fresh", false, "build again although nothing changed here: Debian may have")
	flag.Parse()
	if err := run(*source, *output, *tag, *cache, *mirror, *fresh); err != nil {
		fmt.Fprintln(os.Stderr, "desktop:", err)
		os.Exit(1)
	}
}

func run(source, output, tag, cache, mirror string, fresh bool) error {
	ref, err := name.NewTag(tag)
	if err != nil {
		return err
	}
	if cache == "" {
		dir, err := os.UserCacheDir()
		if err != nil {
			return err
		}
		cache = filepath.Join(dir, "werkplek", "desktop")
	}
	key, err := keyOf(source, tag)
	if err != nil {
		return err
	}
	kept := filepath.Join(cache, key+".tar")
	if _, err := os.Stat(kept); fresh || errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(cache, 0o755); err != nil {
			return err
		}
		if err := build(source, kept, mirror, ref); err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	if err := copyFile(kept, output); err != nil {
		return err
	}
	image, err := tarball.ImageFromPath(output, &ref)
	if err != nil {
		return err
	}
	digest, err := image.Digest()
	if err != nil {
		return err
	}
	info, err := os.Stat(output)
	if err != nil {
		return err
	}
	fmt.Printf("%s %s, %d MB in %s\n", tag, digest, info.Size()>>20, output)
	return nil
}

// keyOf identifies what an image is made of.
func keyOf(source, tag string) (string, error) {
	sum := sha256.New()
	fmt.Fprintf(sum, "1\n%s\n%s\n%s\n%+v\n", suite, runtime.GOARCH, tag, config)
	for _, input := range inputs {
		err := filepath.WalkDir(filepath.Join(source, input), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() {
				return err
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			place, err := filepath.Rel(source, path)
			if err != nil {
				return err
			}
			fmt.Fprintf(sum, "%s %x\n", filepath.ToSlash(place), sha256.Sum256(data))
			return nil
		})
		if err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(sum.Sum(nil)[:8]), nil
}

// build makes a Debian with the desktop on it and writes it as an image.
func build(source, kept, mirror string, ref name.Tag) (err error) {
	if err := needMmdebstrap(); err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "werkplek-desktop-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()

	debian, layer := filepath.Join(work, "debian.tar"), filepath.Join(work, "layer.tar")
	args := []string{"--mode=root", "--variant=minbase", `--customize-hook=mkdir "$1/build"`}
	for _, input := range inputs {
		path, err := filepath.Abs(filepath.Join(source, input))
		if err != nil {
			return err
		}
		args = append(args, "--customize-hook=cp -R "+quote(path)+` "$1/build/"`)
	}
	args = append(args, `--customize-hook=chroot "$1" sh /build/install.sh /build`, `--customize-hook=rm -rf "$1/build"`, suite, debian)
	if mirror != "" {
		args = append(args, mirror)
	}
	if err := command("mmdebstrap", args...); err != nil {
		return fmt.Errorf("make a Debian with the desktop on it: %w", err)
	}
	if err := repack(debian, layer); err != nil {
		return fmt.Errorf("make a layer of it: %w", err)
	}
	image, err := imageOf(layer)
	if err != nil {
		return err
	}
	unfinished := kept + ".new"
	if err := tarball.WriteToFile(unfinished, ref, image); err != nil {
		return errors.Join(err, os.Remove(unfinished))
	}
	return os.Rename(unfinished, kept)
}

// needMmdebstrap installs mmdebstrap where it is missing and that is possible.
func needMmdebstrap() error {
	if os.Getuid() != 0 {
		return errors.New("building a Debian needs root; or build the Dockerfile with a container engine")
	}
	if _, err := exec.LookPath("mmdebstrap"); err == nil {
		return nil
	}
	if _, err := exec.LookPath("apt-get"); err != nil {
		return errors.New("mmdebstrap is not installed; or build the Dockerfile with a container engine")
	}
	if err := command("apt-get", "update", "-q"); err != nil {
		return fmt.Errorf("install mmdebstrap: %w", err)
	}
	if err := command("apt-get", "install", "-q", "-y", "--no-install-recommends", "mmdebstrap"); err != nil {
		return fmt.Errorf("install mmdebstrap: %w", err)
	}
	return nil
}

// repack leaves out the devices, which container engines add themselves, and
// every time, so that the same files give the same layer.
func repack(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	r, w := tar.NewReader(in), tar.NewWriter(out)
	for {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return w.Close()
		}
		if err != nil {
			return err
		}
		header.Name = strings.TrimPrefix(header.Name, "./")
		if header.Name == "" || (strings.HasPrefix(header.Name, "dev/") && header.Name != "dev/") {
			continue
		}
		if header.Typeflag == tar.TypeLink {
			header.Linkname = strings.TrimPrefix(header.Linkname, "./")
		}
		header.ModTime, header.AccessTime, header.ChangeTime = time.Unix(0, 0), time.Time{}, time.Time{}
		for _, record := range []string{"mtime", "atime", "ctime"} {
			delete(header.PAXRecords, record)
		}
		if err := w.WriteHeader(header); err != nil {
			return err
		}
		if _, err := io.Copy(w, r); err != nil {
			return err
		}
	}
}

func imageOf(layer string) (v1.Image, error) {
	contents, err := tarball.LayerFromFile(layer)
	if err != nil {
		return nil, err
	}
	image, err := mutate.AppendLayers(empty.Image, contents)
	if err != nil {
		return nil, err
	}
	file, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	file = file.DeepCopy()
	file.OS, file.Architecture, file.Config = "linux", runtime.GOARCH, config
	return mutate.ConfigFile(image, file)
}

// copyFile replaces a file at once, so that nobody reads half of it.
func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.CreateTemp(filepath.Dir(to), ".desktop-*")
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Chmod(0o644), out.Close()); err == nil {
		err = os.Rename(out.Name(), to)
	}
	if err != nil {
		return errors.Join(err, os.Remove(out.Name()))
	}
	return nil
}

// command runs a program, whose words are shown as they come.
func command(program string, args ...string) error {
	c := exec.Command(program, args...)
	c.Stdout, c.Stderr = os.Stderr, os.Stderr
	return c.Run()
}

// quote makes one word of a path for a shell.
func quote(path string) string {
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
