// SPDX-License-Identifier: Apache-2.0

package assets

import (
	"fmt"
	"path"
	"regexp"
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
	etcdModule       = "go.etcd.io/etcd/server/v3"
	kwokModule       = "sigs.k8s.io/kwok"
)

// A binary is one program of the cluster.
type binary struct {
	name   string
	dir    string // below hack/
	module string // whose version it has
	pkg    string // package to build
	// onNodes says that only real nodes want it; simulated ones do without.
	onNodes bool
}

// binaries are all programs.
var binaries = []binary{
	{name: "etcd", dir: kubernetesDir, module: etcdModule, pkg: etcdModule},
	kubernetes("kube-apiserver"),
	kubernetes("kube-controller-manager"),
	kubernetes("kube-scheduler"),
	kubernetes("kubectl"),
	{name: "kwok", dir: kwokDir, module: kwokModule, pkg: kwokModule + "/cmd/kwok"},
	onNodes(kubernetes("kubelet")),
	onNodes(kubernetes("kubeadm")),
	onNodes(kubernetes("kube-proxy")),
}

func kubernetes(name string) binary {
	return binary{name: name, dir: kubernetesDir, module: kubernetesModule, pkg: kubernetesModule + "/cmd/" + name}
}

func onNodes(b binary) binary {
	b.onNodes = true
	return b
}

// built is the name that the go command gives the program: that of the
// package's folder, but for the one of a major version.
func (b binary) built() string {
	if majorVersion.MatchString(path.Base(b.pkg)) {
		return path.Base(path.Dir(b.pkg))
	}
	return path.Base(b.pkg)
}

var majorVersion = regexp.MustCompile(`^v[0-9]+$`)

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
