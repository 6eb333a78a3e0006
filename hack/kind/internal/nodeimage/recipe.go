// SPDX-License-Identifier: Apache-2.0

package nodeimage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// suite of Debian that nodes are made of.
const suite = "bookworm"

// packages are what a node needs of Debian: kubelet, kubeadm and kube-proxy call
// the tools, containerd calls runc and the network plugins, and the pods that
// make storage folders run busybox.
var packages = []string{
	"busybox-static", "ca-certificates", "conntrack", "containernetworking-plugins", "ethtool", "iproute2", "iptables",
	"kmod", "libseccomp2", "mount", "procps", "runc", "socat",
}

// The tags that kubeadm of our Kubernetes asks for, beside its own version.
const (
	etcdTag  = "3.6.8-0"
	pauseTag = "3.10.2"
)

// generation is a number to raise when a change to this package must give new
// images although nothing else has changed.
const generation = "1"

// recipe is what decides the content of a node image.
type recipe struct {
	key        string
	kubernetes string // version
}

// recipe reads what a node image would be made of, and builds nothing for it.
// New packages of Debian do not make a new image: remove it to get them.
func (b Builder) recipe(ctx context.Context) (recipe, error) {
	kubernetes, err := b.Programs.KubernetesVersion(ctx)
	if err != nil {
		return recipe{}, err
	}
	inputs, err := b.Programs.Inputs(ctx)
	if err != nil {
		return recipe{}, err
	}
	sum := sha256.New()
	fmt.Fprintf(sum, "%q\n", []string{generation, runtime.GOARCH, suite, strings.Join(packages, " "), etcdTag, pauseTag, inputs})
	for _, folder := range []string{"node", "pause", "runtime"} {
		if err := addFiles(sum, filepath.Join(b.Programs.Hack, "kind"), folder); err != nil {
			return recipe{}, err
		}
	}
	return recipe{key: hex.EncodeToString(sum.Sum(nil)[:8]), kubernetes: kubernetes}, nil
}

// addFiles adds all files of a folder, with their names.
func addFiles(sum io.Writer, root, folder string) error {
	return filepath.WalkDir(filepath.Join(root, folder), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		place, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(sum, "%q %x\n", filepath.ToSlash(place), sha256.Sum256(content))
		return err
	})
}
