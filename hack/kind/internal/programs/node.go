// SPDX-License-Identifier: Apache-2.0

package programs

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"runtime"

	"werkplek.dev/werkplek/hack/kind/internal/run"
)

// Node has the path of every program of a node, by name.
func (b Builder) Node(ctx context.Context) (map[string]string, error) {
	paths := map[string]string{}
	for _, m := range moduleProgramsOfNode {
		name := path.Base(m.pkg)
		built, err := b.module(ctx, name, m.pkg, m.version, "linux", m.flags...)
		if err != nil {
			return nil, err
		}
		paths[name] = built
	}
	for _, name := range []string{"pause", "runtime"} {
		built, err := b.own(ctx, name)
		if err != nil {
			return nil, err
		}
		paths[name] = built
	}
	return paths, b.addKubernetes(ctx, paths)
}

// Runtime is what stands in front of runc where root lacks a capability.
func (b Builder) Runtime(ctx context.Context) (string, error) { return b.own(ctx, "runtime") }

// own builds a program of this checkout: a folder with one file, main.go.
func (b Builder) own(ctx context.Context, name string) (string, error) {
	source := filepath.Join(b.Hack, "kind")
	content, err := os.ReadFile(filepath.Join(source, name, "main.go"))
	if err != nil {
		return "", err
	}
	return b.ensure(ctx, program{
		name: name, version: "own", inputs: []string{string(content)},
		build: func(ctx context.Context, to string) error {
			return run.Command{Dir: source, Env: goEnv("linux")}.
				Run(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", to, "./"+name)
		},
	})
}

// addKubernetes adds Kubernetes and etcd: those programs that the local cluster
// without nodes needs too come from there.
func (b Builder) addKubernetes(ctx context.Context, paths map[string]string) error {
	bin, err := b.clusterAssets(ctx)
	if err != nil {
		return err
	}
	for _, name := range []string{"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl"} {
		paths[name] = filepath.Join(bin, name)
	}
	for _, name := range []string{"kubelet", "kubeadm", "kube-proxy"} {
		if paths[name], err = b.kubernetes(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// clusterAssets has hack/cluster build its programs, or say where they are.
func (b Builder) clusterAssets(ctx context.Context) (string, error) {
	tool := filepath.Join(b.Dir, "cluster")
	if runtime.GOOS != "linux" {
		return "", errNotLinux
	}
	if err := os.MkdirAll(b.Dir, 0o755); err != nil {
		return "", err
	}
	goCommand := run.Command{Dir: filepath.Join(b.Hack, "cluster"), Env: goEnv("")}
	if err := goCommand.Run(ctx, "go", "build", "-o", tool, "."); err != nil {
		return "", err
	}
	b.Say("building the control plane, unless it is there")
	return run.Command{Progress: os.Stderr}.Output(ctx, tool, "assets", "-hack", b.Hack)
}
