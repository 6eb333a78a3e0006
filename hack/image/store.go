// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// spdx is the media type of an SBOM.
const spdx = types.MediaType("application/spdx+json")

// save writes one platform's image as a tar for docker load.
func (b built) save(path, tag string) error {
	ref, err := name.NewTag(tag)
	if err != nil {
		return err
	}
	if err := tarball.WriteToFile(path, ref, b.image); err != nil {
		return err
	}
	digest, err := b.image.Digest()
	if err != nil {
		return err
	}
	fmt.Printf("%s %s in %s\n", tag, digest, path)
	return nil
}

// indexOf joins the platforms' images under one digest.
func indexOf(all []built) (v1.ImageIndex, error) {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, b := range all {
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: b.image, Descriptor: v1.Descriptor{Platform: &b.platform}})
	}
	first, err := all[0].image.Manifest()
	if err != nil {
		return nil, err
	}
	return mutate.Annotations(index, first.Annotations).(v1.ImageIndex), nil
}

// attachment is an SBOM as registries keep one: it names the image as its subject.
func (b built) attachment() (v1.Image, error) {
	digest, err := b.image.Digest()
	if err != nil {
		return nil, err
	}
	size, err := b.image.Size()
	if err != nil {
		return nil, err
	}
	// Registries tell what is attached by the type of its configuration.
	image := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), spdx)
	if image, err = mutate.AppendLayers(image, static.NewLayer(b.sbom, spdx)); err != nil {
		return nil, err
	}
	subject := v1.Descriptor{MediaType: types.OCIManifestSchema1, Digest: digest, Size: size}
	return mutate.Subject(image, subject).(v1.Image), nil
}

// saveLayout writes every platform as an OCI layout, and the SBOMs as files beside it.
func saveLayout(folder, program string, all []built) error {
	index, err := indexOf(all)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	outer := mutate.AppendManifests(mutate.IndexMediaType(empty.Index, types.OCIImageIndex), mutate.IndexAddendum{Add: index})
	if _, err := layout.Write(folder, outer); err != nil {
		return err
	}
	for _, b := range all {
		path := filepath.Join(filepath.Dir(folder), "werkplek-"+program+"-"+b.dashed()+".spdx.json")
		if err := os.WriteFile(path, b.sbom, 0o644); err != nil {
			return err
		}
	}
	digest, err := index.Digest()
	if err != nil {
		return err
	}
	fmt.Printf("werkplek-%s %s in %s\n", program, digest, folder)
	return nil
}

// pushAll pushes every platform under one name, and the SBOM of each, and says the digest.
func pushAll(ref name.Reference, all []built, options ...remote.Option) error {
	index, err := indexOf(all)
	if err != nil {
		return err
	}
	if err := remote.WriteIndex(ref, index, options...); err != nil {
		return fmt.Errorf("push %s: %w", ref, err)
	}
	for _, b := range all {
		sbom, err := b.attachment()
		if err != nil {
			return err
		}
		digest, err := sbom.Digest()
		if err != nil {
			return err
		}
		if err := remote.Write(ref.Context().Digest(digest.String()), sbom, options...); err != nil {
			return fmt.Errorf("push the SBOM of %s for %s: %w", ref, b.platform, err)
		}
	}
	digest, err := index.Digest()
	if err != nil {
		return err
	}
	fmt.Println(ref.Context().Digest(digest.String()))
	return nil
}
