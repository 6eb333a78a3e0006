// SPDX-License-Identifier: Apache-2.0

// Command kind runs a real Kubernetes node on this machine with kind
// (sigs.k8s.io/kind), for everything that must really run: desktops, storage,
// the network between them.
//
//	kindtool up            start a cluster, unless there is one
//	kindtool load TAR...   put container images into its node
//	kindtool kubeconfig    print the path of its kubeconfig
//	kindtool down          remove it
//
// With a Docker engine that can pull kind's node image, that image is used. As
// root on Debian it needs neither: it installs and starts an engine, and builds
// a node image from Debian packages and Go modules.
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
	{"up", "start a cluster, unless there is one, and wait until it can be used", runUp},
	{"load", "put images, as tars, into the node: load TAR...", runLoad},
	{"kubeconfig", "print the path of the cluster's kubeconfig", runKubeconfig},
	{"down", "remove the cluster, and stop the Docker engine if up started it", runDown},
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
		fmt.Fprintln(os.Stderr, "kind:", err)
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
	fmt.Fprintln(os.Stderr, "usage: kindtool COMMAND [flags]    (kindtool COMMAND -h shows the flags)")
	for _, c := range commands {
		fmt.Fprintf(os.Stderr, "  %-11s %s\n", c.name, c.summary)
	}
	return errUsage
}
