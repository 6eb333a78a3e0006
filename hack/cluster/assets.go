// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"

	"werkplek.dev/werkplek/hack/cluster/internal/assets"
)

const (
	// mirrorVariable names a server to download programs from, or "off".
	mirrorVariable = "WERKPLEK_MIRROR"
	// minorVariable names another minor version of Kubernetes than the usual one.
	minorVariable = "WERKPLEK_KUBERNETES"
)

// runAssets gets the programs that are missing and prints their directory.
func runAssets(ctx context.Context, args []string) error {
	set := newFlagSet("assets")
	hack := hackFlag(set)
	node := set.Bool("node", false, "get the programs of a real node too: kubelet, kubeadm, kube-proxy")
	if err := parse(set, args); err != nil {
		return err
	}
	built, err := ensureAssets(ctx, *hack, *node)
	if err != nil {
		return err
	}
	fmt.Println(built.BinDir())
	return nil
}

func ensureAssets(ctx context.Context, hackFlag string, node bool) (assets.Assets, error) {
	hack, err := assets.FindHack(hackFlag)
	if err != nil {
		return assets.Assets{}, err
	}
	return assets.Ensure(ctx, assets.Options{
		Hack: hack, Minor: os.Getenv(minorVariable), Node: node, Mirror: os.Getenv(mirrorVariable), Progress: os.Stderr,
	})
}
