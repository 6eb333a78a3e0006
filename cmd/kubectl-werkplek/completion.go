// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// completer is the program that kubectl asks for what comes next. It finds it on
// the PATH, beside the plugin, under the name kubectl_complete-werkplek.
const completer = `#!/bin/sh
# kubectl runs this as kubectl_complete-werkplek, to complete "kubectl werkplek".
exec kubectl-werkplek __complete "$@"
`

const completionHelp = `kubectl completes "kubectl werkplek" if it finds a program of the name
kubectl_complete-werkplek. Put one on your PATH, beside the plugin:

  dir=$(dirname "$(command -v kubectl-werkplek)")
  kubectl werkplek completion plugin > "$dir/kubectl_complete-werkplek"
  chmod +x "$dir/kubectl_complete-werkplek"

The completion of kubectl itself must be on: see kubectl completion --help.

For those who call it as kubectl-werkplek there are scripts for bash, zsh, fish
and powershell, such as:

  source <(kubectl werkplek completion bash)
`

func completionCommand() *cobra.Command {
	shells := []string{"plugin", "bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:       "completion [plugin | bash | zsh | fish | powershell]",
		Short:     "Say how to complete this plugin's commands with the tab key",
		Long:      completionHelp,
		ValidArgs: shells,
		Args:      atMost("SHELL"),
		RunE: func(command *cobra.Command, arguments []string) error {
			out, root := command.OutOrStdout(), command.Root()
			switch strings.Join(arguments, "") {
			case "":
				_, err := fmt.Fprint(out, completionHelp)
				return err
			case "plugin":
				_, err := fmt.Fprint(out, completer)
				return err
			case "bash":
				return root.GenBashCompletionV2(out, true)
			case "zsh":
				return root.GenZshCompletion(out)
			case "fish":
				return root.GenFishCompletion(out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(out)
			}
			return fmt.Errorf("%s is no shell of those there are: %s", arguments[0], listed(shells, "and"))
		},
	}
}

// patience is how long somebody who pressed the tab key waits for the cluster.
const patience = 3 * time.Second

// complete completes a flag.
func complete(command *cobra.Command, flag string, find func(*cobra.Command, string) []string) {
	err := command.RegisterFlagCompletionFunc(flag, func(command *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		return find(command, typed), cobra.ShellCompDirectiveNoFileComp
	})
	if err != nil {
		panic(err) // a flag that is not there: a mistake in this program
	}
}

// argument completes the first argument, and no second.
func argument(find func(*cobra.Command, string) []string) cobra.CompletionFunc {
	return func(command *cobra.Command, arguments []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(arguments) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return find(command, typed), cobra.ShellCompDirectiveNoFileComp
	}
}

// names returns how objects of the cluster are called, each with a word about it.
// What cannot be read completes to nothing: the command itself will say why.
func (c *connection) names(ctx context.Context, list client.ObjectList, each func() []string, options ...client.ListOption) []string {
	cluster, _, err := c.open()
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var found []string
	if err := pages(ctx, cluster, list, func() error { found = append(found, each()...); return nil }, options...); err != nil {
		return nil
	}
	slices.Sort(found)
	return found
}

// with describes a name, for shells that show it.
func with(name, about string) string {
	if about == "" {
		return name
	}
	return cobra.CompletionWithDesc(name, about)
}

func (c *connection) tenants(command *cobra.Command, _ string) []string {
	var list v1alpha1.TenantList
	return c.names(command.Context(), &list, func() (found []string) {
		for i := range list.Items {
			found = append(found, with(list.Items[i].Name, list.Items[i].Spec.DisplayName))
		}
		return found
	})
}

// namespaces are those of the tenants.
func (c *connection) namespaces(command *cobra.Command, _ string) []string {
	var list v1alpha1.TenantList
	return c.names(command.Context(), &list, func() (found []string) {
		for i := range list.Items {
			found = append(found, with(v1alpha1.NamespaceFor(list.Items[i].Name), list.Items[i].Spec.DisplayName))
		}
		return found
	})
}

func (c *connection) contexts(*cobra.Command, string) []string {
	raw, err := c.config().RawConfig()
	if err != nil {
		return nil
	}
	return slices.Sorted(maps.Keys(raw.Contexts))
}

// reports are the months and corrections there are; behind FROM.. the months.
func (c *connection) reports(command *cobra.Command, typed string) []string {
	from, _, isRange := strings.Cut(typed, "..")
	var list v1alpha1.LicenseReportList
	return c.names(command.Context(), &list, func() (found []string) {
		for i := range list.Items {
			r := &list.Items[i]
			switch {
			case !isRange:
				found = append(found, with(r.Name, state(r)))
			case r.Spec.Corrects == nil && r.Name >= from:
				found = append(found, from+".."+r.Name)
			}
		}
		return found
	})
}

func (c *connection) terms(command *cobra.Command, _ string) []string {
	var list v1alpha1.ServiceTermsList
	return c.names(command.Context(), &list, func() (found []string) {
		for i := range list.Items {
			found = append(found, with(list.Items[i].Name, list.Items[i].Spec.DisplayName))
		}
		return found
	})
}

// requests are those of the namespace that have no answer.
func (c *connection) requests(command *cobra.Command, _ string) []string {
	namespace, err := c.namespace()
	if err != nil {
		return nil
	}
	var list v1alpha1.UserRequestList
	return c.names(command.Context(), &list, func() (found []string) {
		for i := range list.Items {
			if r := &list.Items[i]; r.Status.AnsweredAt == nil {
				found = append(found, with(r.Name, string(r.Spec.Type)+" by "+string(r.Spec.RequestedBy)))
			}
		}
		return found
	}, client.InNamespace(namespace))
}
