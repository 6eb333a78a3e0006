// SPDX-License-Identifier: Apache-2.0

package nodeimage

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"

	"werkplek.dev/werkplek/hack/kind/internal/debian"
	"werkplek.dev/werkplek/hack/kind/internal/run"
)

// debian makes a small Debian as a tar.
func (b Builder) debian(ctx context.Context, to string) error {
	if os.Geteuid() != 0 {
		return errors.New("making a Debian needs root; or start a Docker engine that can pull kind's node image")
	}
	if _, err := exec.LookPath("mmdebstrap"); err != nil {
		b.Say("installing mmdebstrap")
		if err := debian.Install(ctx, "mmdebstrap"); err != nil {
			return err
		}
	}
	b.Say("gathering Debian packages")
	args := []string{"--quiet", "--mode=root", "--variant=minbase", "--include=" + strings.Join(packages, ",")}
	for _, unread := range []string{"doc", "man", "locale", "info"} {
		args = append(args, "--dpkgopt=path-exclude=/usr/share/"+unread+"/*")
	}
	return run.Command{}.Run(ctx, "mmdebstrap", append(args, suite, to)...)
}

// extract copies one program out of a Debian's tar.
func extract(archive, name, to string) error {
	in, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer in.Close()
	for r := tar.NewReader(in); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("%s is not in the Debian that was made", name)
		}
		if err != nil {
			return err
		}
		if header.Typeflag == tar.TypeReg && path.Base(header.Name) == name && strings.HasSuffix(path.Dir(header.Name), "bin") {
			return writeProgram(to, r)
		}
	}
}

func writeProgram(to string, content io.Reader) (err error) {
	out, err := os.OpenFile(filepath.Clean(to), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o755)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	_, err = io.Copy(out, content)
	return err
}
