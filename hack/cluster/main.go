// SPDX-License-Identifier: Apache-2.0

// Command cluster runs a real Kubernetes control plane with simulated nodes on
// this machine, for development and tests. It needs Go and the module proxy:
// no container engine, no registry, no root.
//
//	go run -C hack/cluster . up           start a cluster in the background
//	go run -C hack/cluster . kubeconfig   print the path of its kubeconfig
//	go run -C hack/cluster . status       say how it is
//	go run -C hack/cluster . down         stop it and remove its files
//	go run -C hack/cluster . run -dir D   run one in the foreground, for tests
//	go run -C hack/cluster . assets       only get the programs, print where
//
// The first start downloads etcd, Kubernetes and kwok, by the checksums in
// hack/releases.txt, and builds from their modules what has none there or
// cannot be had: that takes minutes. Later starts take seconds. WERKPLEK_MIRROR
// names another server to download from, or is "off"; WERKPLEK_KUBERNETES another
// minor version of Kubernetes, of those in hack/kubernetes-*.
//
// API server, controller-manager, scheduler and admission are the real ones;
// only the kubelets are simulated (by kwok): pods become ready without anything
// being executed.
//
// A cluster lives in one directory, keeps nothing when it stops, and any
// number of them can run side by side.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// command is one subcommand. It gets its arguments with the flags still in.
type command struct {
	name    string
	summary string
	run     func(ctx context.Context, args []string) error
}

var commands = []command{
	{"assets", "get the programs, print the directory they are in", runAssets},
	{"up", "start a cluster in the background, unless there is one", runUp},
	{"down", "stop the cluster and remove its files", runDown},
	{"kubeconfig", "print the path of the cluster's kubeconfig", runKubeconfig},
	{"status", "say how the cluster is", runStatus},
	{"run", "run a cluster in the foreground until told to stop", runRun},
}

// errUsage says that the usage has been printed already.
var errUsage = errors.New("usage")

func main() {
	ctx, restore := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal asks for an orderly end; a second one has its usual effect.
	context.AfterFunc(ctx, restore)

	switch err := dispatch(ctx, os.Args[1:]); {
	case err == nil || errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		os.Exit(2)
	default:
		fmt.Fprintln(os.Stderr, "cluster:", err)
		os.Exit(1)
	}
}

func dispatch(ctx context.Context, args []string) error {
	if len(args) > 0 {
		for _, c := range commands {
			if c.name == args[0] {
				return c.run(ctx, args[1:])
			}
		}
	}
	fmt.Fprintln(os.Stderr, "usage: cluster COMMAND [flags]    (cluster COMMAND -h shows the flags)")
	for _, c := range commands {
		fmt.Fprintf(os.Stderr, "  %-11s %s\n", c.name, c.summary)
	}
	return errUsage
}
