// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/internal/installation"
)

// holdOptions are the flags of the hold command.
type holdOptions struct {
	form      *output
	namespace string
	on        string
	off       bool
}

func holdCommand(c *connection) *cobra.Command {
	o := holdOptions{}
	command := &cobra.Command{
		Use:   "hold [--on REASON | --off]",
		Short: "Say whether the operator is held, and what it does once it may act",
		Long: `Say whether the operator is held, and what it does once it may act.

An operator that is held watches and does nothing: it suspends and lifts nothing,
charges nothing, sends nothing, answers nothing, starts and stops no desktop and
erases nothing. It is held by --hold, by --on, and by itself where it finds that
its objects come from a backup or from another cluster.`,
		Example: `  kubectl werkplek hold
  kubectl werkplek hold --on "the mail server is being moved"
  kubectl werkplek hold --off`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			cluster, _, err := c.open()
			if err != nil {
				return err
			}
			return o.run(command.Context(), c, cluster, command.OutOrStdout())
		},
	}
	o.form = outputFlag(command, asTable, asJSON, asYAML)
	flags := command.Flags()
	flags.StringVar(&o.namespace, "operator-namespace", "werkplek-system", "namespace of the operator")
	flags.StringVar(&o.on, "on", "", "hold the operator, for this reason")
	flags.BoolVar(&o.off, "off", false, "let the operator act")
	return command
}

func (o holdOptions) run(ctx context.Context, conn *connection, c client.Client, out io.Writer) error {
	store := installation.Store{Live: c, Client: c, Namespace: o.namespace}
	switch {
	case o.on != "" && o.off:
		return errors.New("--on and --off exclude each other")
	case o.on != "":
		if err := store.Set(ctx, o.on); err != nil {
			return err
		}
		_, err := fmt.Fprintln(out, "The operator is held: it stops acting within 10 seconds.")
		return err
	case o.off:
		if err := store.Set(ctx, ""); err != nil {
			return err
		}
		_, err := fmt.Fprintln(out, "The operator acts again within 2 seconds.")
		return err
	}
	record, err := store.Read(ctx)
	if err != nil {
		return err
	}
	deeds, err := deedsOf(ctx, c, conn.clock.Now())
	if err != nil {
		return err
	}
	held := heldSeen{Known: record != nil, Due: deeds}
	if record != nil {
		held.Reason = record.Hold
		held.Held = record.Hold != ""
	}
	return o.form.write(out, held, func(out io.Writer) error {
		if err := sayHeld(record, out); err != nil {
			return err
		}
		return writeDeeds(out, deeds)
	})
}

// heldSeen is whether the operator is held, for programs.
type heldSeen struct {
	// Known is false where the operator has not run yet.
	Known  bool   `json:"known"`
	Held   bool   `json:"held"`
	Reason string `json:"reason,omitempty"`
	// Due is what it does as soon as it may act.
	Due []deed `json:"due"`
}

func sayHeld(record *installation.Record, out io.Writer) error {
	words := "The operator is not held."
	switch {
	case record == nil:
		words = "Whether the operator is held is not known: it has not run in this namespace yet."
	case record.Hold != "":
		words = "HELD: " + record.Hold + ".\nLet it act with kubectl werkplek hold --off."
	}
	_, err := fmt.Fprintln(out, words)
	return err
}
