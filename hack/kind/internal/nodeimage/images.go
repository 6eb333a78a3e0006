// SPDX-License-Identifier: Apache-2.0

package nodeimage

import (
	"path/filepath"
	"runtime"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"werkplek.dev/werkplek/hack/kind/internal/programs"
)

const searchPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// A system image is one that the node holds from the start.
type systemImage struct {
	program string
	name    string
	// onDebian is for a program that calls others.
	onDebian bool
}

// systemImages are what kubeadm asks for, and the storage of the node's folders.
func systemImages(kubernetes string) []systemImage {
	const registry = "registry.k8s.io/"
	return []systemImage{
		{"kube-apiserver", registry + "kube-apiserver:" + kubernetes, false},
		{"kube-controller-manager", registry + "kube-controller-manager:" + kubernetes, false},
		{"kube-scheduler", registry + "kube-scheduler:" + kubernetes, false},
		{"kube-proxy", registry + "kube-proxy:" + kubernetes, true},
		{"etcd", registry + "etcd:" + etcdTag, false},
		{"coredns", registry + "coredns/coredns:" + programs.CoreDNS, false},
		{"pause", registry + "pause:" + pauseTag, false},
		{"local-path-provisioner", "docker.io/werkplek/local-path-provisioner:kind", false},
	}
}

// archive writes the system images into one tar.
func archive(work, to, kubernetes string, paths map[string]string, base v1.Layer) error {
	images := map[name.Tag]v1.Image{}
	for _, s := range systemImages(kubernetes) {
		image, err := programImage(work, s, paths[s.program], base)
		if err != nil {
			return err
		}
		if err := put(images, s.name, image); err != nil {
			return err
		}
	}
	image, err := busyboxImage(work, paths["busybox"])
	if err != nil {
		return err
	}
	if err := put(images, "docker.io/werkplek/busybox:kind", image); err != nil {
		return err
	}
	return tarball.MultiWriteToFile(to, images)
}

func put(images map[name.Tag]v1.Image, tag string, image v1.Image) error {
	ref, err := name.NewTag(tag)
	images[ref] = image
	return err
}

func programImage(work string, s systemImage, path string, base v1.Layer) (v1.Image, error) {
	l, err := newLayer(filepath.Join(work, s.program+".tar.gz"))
	if err != nil {
		return nil, err
	}
	place := "usr/local/bin/" + s.program
	if err := l.add(place, path, 0o755); err != nil {
		return nil, err
	}
	own, err := l.finish()
	if err != nil {
		return nil, err
	}
	layers := []v1.Layer{own}
	if s.onDebian {
		layers = []v1.Layer{base, own}
	}
	return imageOf(v1.Config{Entrypoint: []string{"/" + place}, Env: []string{searchPath}}, layers...)
}

// busyboxImage is where storage folders are made and removed.
func busyboxImage(work, busybox string) (v1.Image, error) {
	l, err := newLayer(filepath.Join(work, "busybox.tar.gz"))
	if err != nil {
		return nil, err
	}
	if err := l.add("bin/busybox", busybox, 0o755); err != nil {
		return nil, err
	}
	for _, tool := range []string{"sh", "mkdir", "rm", "chmod", "chown", "ls", "cat", "mv", "cp", "sleep"} {
		if err := l.addLink("bin/"+tool, "busybox"); err != nil {
			return nil, err
		}
	}
	contents, err := l.finish()
	if err != nil {
		return nil, err
	}
	return imageOf(v1.Config{Cmd: []string{"/bin/sh"}, Env: []string{"PATH=/bin"}}, contents)
}

func imageOf(config v1.Config, layers ...v1.Layer) (v1.Image, error) {
	image, err := mutate.AppendLayers(empty.Image, layers...)
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
