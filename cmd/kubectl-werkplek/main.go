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

// Exit codes: whoever runs the plugin in a script can tell "no" from "unknown".
const (
	exitFindings = 1 // what was looked at does not hold
	exitError    = 2 // it could not be looked at, or not be done
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	c := newConnection(clock.RealClock{})
	err := command(c).ExecuteContext(ctx)
	switch {
	case err == nil:
	case errors.Is(err, errFindings):
		os.Exit(exitFindings)
	default:
		fmt.Fprintln(os.Stderr, "kubectl werkplek:", c.explain(err))
		os.Exit(exitError)
	}
}

// command returns the plugin with all its commands.
func command(c *connection) *cobra.Command {
	root := &cobra.Command{
		Use:   "kubectl-werkplek",
		Short: "Licence reports, audit packages, forecasts and tenants of Werkplek",
		Long: `Licence reports, audit packages, forecasts and tenants of Werkplek.

The exit status is 0 when all is well, 1 when what was looked at does not hold
(an audit package, terms), and 2 when it could not be looked at or done.`,
		// As people call it: its usage lines say so, its completion must not.
		Annotations:       map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl werkplek"},
		SilenceUsage:      true,
		SilenceErrors:     true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	c.bind(root)
	root.AddCommand(
		reportCommand(c), statusCommand(c), forecastCommand(c), termsCommand(c), holdCommand(c), restoredCommand(c), versionCommand(c),
		completionCommand(),
	)
	root.AddCommand(requestCommands(c)...)
	return root
}
