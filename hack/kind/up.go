// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"werkplek.dev/werkplek/hack/kind/internal/cluster"
	"werkplek.dev/werkplek/hack/kind/internal/engine"
	"werkplek.dev/werkplek/hack/kind/internal/lock"
	"werkplek.dev/werkplek/hack/kind/internal/nodeimage"
	"werkplek.dev/werkplek/hack/kind/internal/programs"
)

// upFlags are what only up wants to know.
type upFlags struct {
	settings
	hack  string
	pods  string
	build bool
	ports cluster.Ports
}

func (f *upFlags) register(set *flag.FlagSet) {
	f.settings.register(set)
	set.StringVar(&f.hack, "hack", "", "the hack folder of the checkout")
	set.StringVar(&f.pods, "pods", cluster.DefaultPods, "network of the pods, a /16; another one for each cluster on this machine")
	set.BoolVar(&f.build, "build", false, "build the node image although kind's own could be pulled")
	set.Var(&f.ports, "port", "port of the node to open on 127.0.0.1, as PORT or HOSTPORT:NODEPORT; may be repeated")
}

func runUp(ctx context.Context, args []string) error {
	var f upFlags
	set := newFlagSet("up")
	f.register(set)
	if err := parse(set, &f.settings, args, false); err != nil {
		return err
	}
	hack, err := hackDir(f.hack)
	if err != nil {
		return err
	}
	if err := cluster.CheckPods(f.pods); err != nil {
		return err
	}
	held, err := lock.Acquire(filepath.Join(f.dir(), "lock"), func() { say("another kindtool is at work; waiting for it") })
	if err != nil {
		return err
	}
	defer held.Release()
	return up(ctx, &f, programs.Builder{Hack: hack, Dir: filepath.Join(f.dir(), "programs"), Say: say})
}

func up(ctx context.Context, f *upFlags, builder programs.Builder) error {
	docker := engine.Engine{Dir: filepath.Join(f.dir(), "engine"), Builder: builder, Say: say}
	if err := docker.Ensure(ctx); err != nil {
		return err
	}
	kind, err := builder.Kind(ctx)
	if err != nil {
		return err
	}
	c := f.cluster()
	c.Kind, c.Say = kind, say
	exists, err := c.Exists(ctx)
	if err != nil {
		return err
	}
	if exists {
		say("the cluster %s is there", c.Name)
		if err := c.CheckPorts(ctx, f.ports); err != nil {
			return err
		}
		if err := c.Start(ctx); err != nil {
			return err
		}
	} else if err := create(ctx, f, c, builder); err != nil {
		return err
	}
	return finish(ctx, c)
}

func create(ctx context.Context, f *upFlags, c cluster.Cluster, builder programs.Builder) error {
	images := nodeimage.Builder{Programs: builder, Dir: f.dir(), Say: say}
	image, err := images.Ensure(ctx, f.build)
	if err != nil {
		return err
	}
	say("creating the cluster %s with %s", c.Name, image.Name)
	return c.Create(ctx, cluster.Options{Image: image.Name, Own: image.Built, Pods: f.pods, Ports: f.ports})
}

// finish waits until the cluster can be used, and says how.
func finish(ctx context.Context, c cluster.Cluster) error {
	if err := c.WriteKubeconfig(ctx); err != nil {
		return err
	}
	say("waiting until the node and what runs on it is ready")
	if err := c.Wait(ctx); err != nil {
		return err
	}
	if err := c.Route(ctx); err != nil {
		return err
	}
	say("ready; kubeconfig: %s", c.Kubeconfig())
	return nil
}

// hackDir checks the folder that what is built comes from.
func hackDir(given string) (string, error) {
	if given == "" {
		given = "hack"
	}
	dir, err := filepath.Abs(given)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(filepath.Join(dir, "kubernetes", "go.mod")); err != nil {
		return "", fmt.Errorf("%s is not the hack folder of a checkout; name that one with -hack", dir)
	}
	return dir, nil
}
