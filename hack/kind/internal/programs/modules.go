// SPDX-License-Identifier: Apache-2.0

package programs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"

	"werkplek.dev/werkplek/hack/kind/internal/run"
)

// The versions of what is not part of Kubernetes. CoreDNS is the one that
// kubeadm of our Kubernetes asks for.
const (
	KindVersion = "v0.33.0"
	CoreDNS     = "v1.14.2"

	kindModule        = "sigs.k8s.io/kind"
	containerdVersion = "v2.4.2"
	containerdModule  = "github.com/containerd/containerd/v2/cmd/"
	localPathVersion  = "v0.0.30"
)

// withoutC leaves out what containerd would need C libraries for.
var withoutC = []string{"-tags", "no_btrfs no_devmapper no_zfs"}

// Kind is kind itself, for this machine.
func (b Builder) Kind(ctx context.Context) (string, error) {
	return b.module(ctx, "kind", kindModule, KindVersion, "")
}

// KindImage is the node image that our version of kind takes by itself.
func (b Builder) KindImage(ctx context.Context) (string, error) {
	dir, err := run.Command{Dir: os.TempDir(), Env: append(goEnv(""), "GO111MODULE=on")}.
		Output(ctx, "go", "mod", "download", "-json", kindModule+"@"+KindVersion)
	if err != nil {
		return "", err
	}
	found := regexp.MustCompile(`"Dir": "([^"]+)"`).FindStringSubmatch(dir)
	if found == nil {
		return "", errors.New("go mod download does not say where kind's source is")
	}
	source, err := os.ReadFile(filepath.Join(found[1], "pkg", "apis", "config", "defaults", "image.go"))
	if err != nil {
		return "", err
	}
	image := regexp.MustCompile(`(?m)^const Image = "(.+)"`).FindSubmatch(source)
	if image == nil {
		return "", fmt.Errorf("kind %s names its node image elsewhere than in pkg/apis/config/defaults", KindVersion)
	}
	return string(image[1]), nil
}

// moduleProgram is a program of the node that is not part of Kubernetes.
type moduleProgram struct {
	pkg, version string
	flags        []string
}

var moduleProgramsOfNode = []moduleProgram{
	{containerdModule + "containerd", containerdVersion, withoutC},
	{containerdModule + "containerd-shim-runc-v2", containerdVersion, withoutC},
	{containerdModule + "ctr", containerdVersion, withoutC},
	{"github.com/rancher/local-path-provisioner", localPathVersion, nil},
	{"github.com/coredns/coredns", CoreDNS, nil},
}

// module builds a program just as its authors pinned it: by its own go.mod.
func (b Builder) module(ctx context.Context, name, pkg, version, goos string, flags ...string) (string, error) {
	return b.ensure(ctx, program{
		name: name, version: version, inputs: append([]string{pkg}, flags...),
		build: func(ctx context.Context, to string) error {
			bin, err := os.MkdirTemp(b.Dir, ".bin-")
			if err != nil {
				return err
			}
			defer os.RemoveAll(bin)
			args := append([]string{"install", "-trimpath", "-ldflags", "-s -w"}, flags...)
			install := run.Command{Dir: bin, Env: append(goEnv(goos), "GOBIN="+bin)}
			if err := install.Run(ctx, "go", append(args, pkg+"@"+version)...); err != nil {
				return err
			}
			return os.Rename(filepath.Join(bin, path.Base(pkg)), to)
		},
	})
}
