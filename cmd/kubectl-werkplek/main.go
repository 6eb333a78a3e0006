// SPDX-License-Identifier: Apache-2.0

// The program kubectl-werkplek is a kubectl plugin, "kubectl werkplek": licence
// reports and audit packages, a tenant's status at a glance and its future, and
// what terms mean.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"k8s.io/utils/clock"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command().ExecuteContext(ctx); err != nil {
		if !errors.Is(err, errFindings) {
			fmt.Fprintln(os.Stderr, "kubectl werkplek:", err)
		}
		os.Exit(1)
	}
}

// command returns the plugin with all its commands.
func command() *cobra.Command {
	c := &connection{clock: clock.RealClock{}}
	root := &cobra.Command{
		Use:           "kubectl werkplek",
		Short:         "Licence reports, audit packages, forecasts and tenants of Werkplek",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.PersistentFlags().StringVar(&c.kubeconfig, "kubeconfig", "", "path of the kubeconfig; default: as kubectl")
	root.PersistentFlags().StringVar(&c.context, "context", "", "context of the kubeconfig; default: its current one")
	root.AddCommand(reportCommand(c), statusCommand(c), forecastCommand(c), termsCommand(c), holdCommand(c), restoredCommand(c))
	root.AddCommand(requestCommands(c)...)
	return root
}
