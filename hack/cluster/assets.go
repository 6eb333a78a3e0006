// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"

	"werkplek.dev/werkplek/hack/cluster/internal/assets"
)

// runAssets builds the programs that are missing and prints their directory.
func runAssets(ctx context.Context, args []string) error {
	set := newFlagSet("assets")
	hack := hackFlag(set)
	if err := parse(set, args); err != nil {
		return err
	}
	built, err := ensureAssets(ctx, *hack)
	if err != nil {
		return err
	}
	fmt.Println(built.BinDir())
	return nil
}

func ensureAssets(ctx context.Context, hackFlag string) (assets.Assets, error) {
	hack, err := assets.FindHack(hackFlag)
	if err != nil {
		return assets.Assets{}, err
	}
	return assets.Ensure(ctx, hack, os.Stderr)
}
