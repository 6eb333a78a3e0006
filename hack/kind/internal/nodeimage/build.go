// SPDX-License-Identifier: Apache-2.0

package nodeimage

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// build makes a node image and keeps it, complete or not at all.
func (b Builder) build(ctx context.Context, r recipe, tag string) (err error) {
	b.Say("building the node image %s: some minutes, this once", tag)
	paths, err := b.Programs.Node(ctx)
	if err != nil {
		return err
	}
	file := b.file(r)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	work, err := os.MkdirTemp(b.Dir, ".work-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()

	layers, err := b.layers(ctx, work, r, paths)
	if err != nil {
		return err
	}
	image, err := imageOf(v1.Config{
		Entrypoint: []string{"/usr/local/bin/entrypoint"},
		Env:        []string{searchPath},
		// containerd's overlays cannot lie on the engine's.
		Volumes: map[string]struct{}{"/var/lib/containerd": {}},
	}, layers...)
	if err != nil {
		return err
	}
	ref, err := name.NewTag(tag)
	if err != nil {
		return err
	}
	unfinished := file + ".partial"
	if err := tarball.WriteToFile(unfinished, ref, image); err != nil {
		return errors.Join(err, os.Remove(unfinished))
	}
	return os.Rename(unfinished, file)
}

// layers of a node: Debian, and on it the programs, the files of node/ and the
// images that Kubernetes itself runs.
func (b Builder) layers(ctx context.Context, work string, r recipe, paths map[string]string) ([]v1.Layer, error) {
	system := filepath.Join(work, "debian.tar")
	if err := b.debian(ctx, system); err != nil {
		return nil, err
	}
	b.Say("assembling images")
	paths["busybox"] = filepath.Join(work, "busybox")
	if err := extract(system, "busybox", paths["busybox"]); err != nil {
		return nil, err
	}
	base, err := debianLayer(work, system)
	if err != nil {
		return nil, err
	}
	images := filepath.Join(work, "images.tar")
	if err := archive(work, images, r.kubernetes, paths, base); err != nil {
		return nil, err
	}
	node, err := b.nodeLayer(work, images, r, paths)
	return []v1.Layer{base, node}, err
}

func debianLayer(work, system string) (v1.Layer, error) {
	l, err := newLayer(filepath.Join(work, "debian.tar.gz"))
	if err != nil {
		return nil, err
	}
	if err := l.addArchive(system); err != nil {
		return nil, err
	}
	return l.finish()
}

func (b Builder) nodeLayer(work, images string, r recipe, paths map[string]string) (v1.Layer, error) {
	l, err := newLayer(filepath.Join(work, "node.tar.gz"))
	if err != nil {
		return nil, err
	}
	for _, program := range []string{"containerd", "containerd-shim-runc-v2", "ctr", "kubeadm", "kubectl", "kubelet"} {
		if err := l.add("usr/local/bin/"+program, paths[program], 0o755); err != nil {
			return nil, err
		}
	}
	if err := errors.Join(
		l.add("usr/local/bin/werkplek-runtime", paths["runtime"], 0o755),
		l.add("kind/images/images.tar", images, 0o644),
		l.addText("kind/version", r.kubernetes+"\n"),
		l.addTree(filepath.Join(b.Programs.Hack, "kind", "node")),
	); err != nil {
		return nil, err
	}
	return l.finish()
}
