// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// exactly takes one argument for each word, and says which is missing or too many.
func exactly(words ...string) cobra.PositionalArgs {
	return func(command *cobra.Command, arguments []string) error {
		if len(arguments) < len(words) {
			return fmt.Errorf("%s is missing: %s", words[len(arguments)], command.UseLine())
		}
		return atMost(words...)(command, arguments)
	}
}

// atMost takes an argument for each word, or none.
func atMost(words ...string) cobra.PositionalArgs {
	return func(command *cobra.Command, arguments []string) error {
		if len(arguments) > len(words) {
			return fmt.Errorf("%s is one argument too many: %s", strings.Join(arguments[len(words):], " "), command.UseLine())
		}
		return nil
	}
}

// group is a command that only holds others.
func group(command *cobra.Command, below ...*cobra.Command) *cobra.Command {
	command.AddCommand(below...)
	command.Args = cobra.NoArgs
	command.RunE = func(command *cobra.Command, _ []string) error { return command.Help() }
	return command
}
