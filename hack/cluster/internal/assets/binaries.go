// SPDX-License-Identifier: Apache-2.0

package assets

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// The modules, as directories below hack/, that pin what is built.
const (
	kubernetesDir = "kubernetes"
	kwokDir       = "kwok"
)

// The modules whose versions and files are looked up.
const (
	kubernetesModule = "k8s.io/kubernetes"
	kwokModule       = "sigs.k8s.io/kwok"
)

// A binary is one program of the cluster.
type binary struct {
	name string
	dir  string // below hack/
	pkg  string // package to build
	// firstBuild is roughly how long it takes on 2 cores with an empty build
	// cache, in this order: later ones find much of their work done.
	firstBuild string
	// isKubernetes asks for the version of Kubernetes to be linked in. Without
	// it a component says it is v0.0.0 and its clients misbehave.
	isKubernetes bool
}

// binaries in the order in which they are built.
var binaries = []binary{
	{name: "etcd", dir: kubernetesDir, pkg: "go.etcd.io/etcd/server/v3", firstBuild: "1 minute"},
	{name: "kube-apiserver", dir: kubernetesDir, pkg: kubernetesModule + "/cmd/kube-apiserver", firstBuild: "4 minutes", isKubernetes: true},
	{name: "kube-controller-manager", dir: kubernetesDir, pkg: kubernetesModule + "/cmd/kube-controller-manager", firstBuild: "1 minute", isKubernetes: true},
	{name: "kube-scheduler", dir: kubernetesDir, pkg: kubernetesModule + "/cmd/kube-scheduler", firstBuild: "10 seconds", isKubernetes: true},
	{name: "kubectl", dir: kubernetesDir, pkg: kubernetesModule + "/cmd/kubectl", firstBuild: "30 seconds", isKubernetes: true},
	{name: "kwok", dir: kwokDir, pkg: kwokModule + "/cmd/kwok", firstBuild: "1 minute"},
}

// build puts the binary into binDir. It is complete or not there at all.
func (b binary) build(ctx context.Context, hack, binDir string) error {
	dir := filepath.Join(hack, b.dir)
	ldflags := "-s -w"
	if b.isKubernetes {
		version, err := moduleVersion(ctx, dir, kubernetesModule)
		if err != nil {
			return err
		}
		stamp, err := versionFlags(version)
		if err != nil {
			return err
		}
		ldflags += stamp
	}
	partial := filepath.Join(binDir, "."+b.name+".partial")
	defer func() { _ = os.Remove(partial) }() // there only when something failed
	if _, err := goTool(ctx, dir, "build", "-trimpath", "-ldflags", ldflags, "-o", partial, b.pkg); err != nil {
		return err
	}
	return os.Rename(partial, filepath.Join(binDir, b.name))
}

// versionFlags returns the linker flags that tell a component of Kubernetes
// its version.
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
