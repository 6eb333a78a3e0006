// SPDX-License-Identifier: Apache-2.0

// Package nodeimage finds an image for a kind node: kind's own where it can be
// pulled, and one built from Debian packages and Go modules where it cannot.
package nodeimage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"werkplek.dev/werkplek/hack/kind/internal/programs"
	"werkplek.dev/werkplek/hack/kind/internal/run"
)

// Builder finds and builds node images, and keeps those built in Dir.
type Builder struct {
	Programs programs.Builder
	Dir      string
	Say      func(format string, args ...any)
}

// Image is one that the engine has.
type Image struct {
	Name string
	// Built says that it is not kind's own, and is set up differently.
	Built bool
}

// pullPatience is for slow lines; where there is no registry, pulling fails at once.
const pullPatience = 10 * time.Minute

// Ensure has the engine hold a node image. What is there is used before
// anything is pulled, so that the answer does not change from run to run.
func (b Builder) Ensure(ctx context.Context, build bool) (Image, error) {
	pulled, err := b.Programs.KindImage(ctx)
	if err != nil {
		return Image{}, err
	}
	if !build && has(ctx, pulled) {
		return Image{Name: pulled}, nil
	}
	recipe, err := b.recipe(ctx)
	if err != nil {
		return Image{}, err
	}
	built := Image{Name: repository + ":" + recipe.key, Built: true}
	if has(ctx, built.Name) {
		return built, nil
	}
	if _, err := os.Stat(b.file(recipe)); err != nil {
		if !build && b.pull(ctx, pulled) {
			return Image{Name: pulled}, nil
		}
		if err := b.build(ctx, recipe, built.Name); err != nil {
			return Image{}, fmt.Errorf("building a node image: %w", err)
		}
	}
	b.Say("loading the node image into the engine")
	return built, run.Command{}.Run(ctx, "docker", "load", "-q", "-i", b.file(recipe))
}

// repository names the images that are built here.
const repository = "werkplek-node"

func (b Builder) file(r recipe) string {
	return filepath.Join(b.Dir, "images", r.key+".tar")
}

func has(ctx context.Context, image string) bool {
	return run.Command{}.Run(ctx, "docker", "image", "inspect", image) == nil
}

func (b Builder) pull(ctx context.Context, image string) bool {
	name, _, _ := strings.Cut(image, "@")
	b.Say("pulling %s", name)
	limited, cancel := context.WithTimeout(ctx, pullPatience)
	defer cancel()
	err := run.Command{}.Run(limited, "docker", "pull", "-q", image)
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("not done after %s", pullPatience)
	}
	if err != nil {
		lines := strings.Split(err.Error(), "\n")
		b.Say("cannot pull it, so one is built here (%s)", lines[len(lines)-1])
	}
	return err == nil
}
