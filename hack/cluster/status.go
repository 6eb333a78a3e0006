// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"werkplek.dev/werkplek/hack/cluster/internal/controlplane"
)

// runKubeconfig prints the path of the kubeconfig and nothing else.
func runKubeconfig(_ context.Context, args []string) error {
	dir, err := parseDir("kubeconfig", args)
	if err != nil {
		return err
	}
	ready, ok, err := dir.ReadReady()
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("no cluster is ready in %s: start one with 'up'", dir)
	}
	fmt.Println(ready.Kubeconfig)
	return nil
}

// runStatus says how the cluster is, and fails unless it can be used.
func runStatus(ctx context.Context, args []string) error {
	dir, err := parseDir("status", args)
	if err != nil {
		return err
	}
	pid, alive, err := dir.Owner()
	if err != nil {
		return err
	}
	if !alive {
		return fmt.Errorf("no cluster runs in %s: start one with 'up'", dir)
	}
	ready, ok, err := dir.ReadReady()
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("the cluster in %s (process %d) is starting or stopping; its logs are in %s", dir, pid, dir.Logs())
	}
	fmt.Printf("directory   %s\nserver      %s\nkubeconfig  %s\nprograms    %s\nlogs        %s\n", dir, ready.Server, ready.Kubeconfig, ready.Bin, dir.Logs())
	for _, name := range slices.Sorted(maps.Keys(ready.PIDs)) {
		fmt.Printf("  %-24s process %d\n", name, ready.PIDs[name])
	}
	if err := controlplane.Healthy(ctx, dir, ready); err != nil {
		return fmt.Errorf("the API server is not ready: %w", err)
	}
	fmt.Println("ready")
	return nil
}
