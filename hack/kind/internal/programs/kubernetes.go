// SPDX-License-Identifier: Apache-2.0

package programs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"werkplek.dev/werkplek/hack/kind/internal/run"
)

const kubernetesModule = "k8s.io/kubernetes"

var errNotLinux = errors.New("a node image is built on Linux only; elsewhere start a Docker engine that can pull kind's own")

// KubernetesVersion is the one that hack/kubernetes pins.
func (b Builder) KubernetesVersion(ctx context.Context) (string, error) {
	return b.kubernetesModule().Output(ctx, "go", "list", "-m", "-f", "{{.Version}}", kubernetesModule)
}

func (b Builder) kubernetesModule() run.Command {
	return run.Command{Dir: filepath.Join(b.Hack, "kubernetes"), Env: append(goEnv("linux"), "GOFLAGS=-mod=readonly")}
}

// kubernetes builds a component that hack/cluster does without.
func (b Builder) kubernetes(ctx context.Context, name string) (string, error) {
	version, err := b.KubernetesVersion(ctx)
	if err != nil {
		return "", err
	}
	sums, err := os.ReadFile(filepath.Join(b.Hack, "kubernetes", "go.sum"))
	if err != nil {
		return "", err
	}
	stamp, err := versionFlags(version)
	if err != nil {
		return "", err
	}
	return b.ensure(ctx, program{
		name: name, version: version, inputs: []string{string(sums)},
		build: func(ctx context.Context, to string) error {
			return b.kubernetesModule().Run(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w"+stamp, "-o", to, kubernetesModule+"/cmd/"+name)
		},
	})
}

// versionFlags tell a component of Kubernetes its version, as hack/cluster does:
// without, it says v0.0.0, and kubeadm and its peers refuse each other.
func versionFlags(version string) (string, error) {
	parts := strings.SplitN(strings.TrimPrefix(version, "v"), ".", 3)
	if len(parts) != 3 {
		return "", fmt.Errorf("version %q of %s is not of the form v1.2.3", version, kubernetesModule)
	}
	var flags strings.Builder
	for _, pkg := range []string{"k8s.io/component-base/version", "k8s.io/client-go/pkg/version"} {
		fmt.Fprintf(&flags, " -X %[1]s.gitVersion=%[2]s -X %[1]s.gitMajor=%[3]s -X %[1]s.gitMinor=%[4]s", pkg, version, parts[0], parts[1])
	}
	return flags.String(), nil
}
