// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"regexp"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/internal/version"
	"werkplek.dev/werkplek/internal/version/servers"
)

// systemNamespace is where Werkplek is installed, unless somebody chose another.
const systemNamespace = "werkplek-system"

// versions are those of the plugin and of what runs in the cluster.
type versions struct {
	Client  version.Info     `json:"client"`
	Servers []servers.Server `json:"servers,omitempty"`
	// Unknown says of which servers nothing is known, and why.
	Unknown []string `json:"unknown,omitempty"`
	// Warnings say what does not go together.
	Warnings []string `json:"warnings,omitempty"`
}

func versionCommand(c *connection) *cobra.Command {
	var own bool
	command := &cobra.Command{
		Use:   "version",
		Short: "Say which versions of this plugin and of Werkplek in the cluster run",
		Long: `Say which versions of this plugin and of Werkplek in the cluster run. Manager
and portal note theirs when they start, in a Lease of the namespace in which
they are: ` + systemNamespace + `, or the one that -n names.`,
		Args: cobra.NoArgs,
	}
	o := outputFlag(command, asTable, asJSON, asYAML)
	command.Flags().BoolVar(&own, "client", false, "only this plugin's: no cluster is asked")
	command.RunE = func(command *cobra.Command, _ []string) error {
		v := versions{Client: version.Get()}
		var failed error
		if !own {
			cluster, _, err := c.open()
			if err != nil {
				failed = err
			} else {
				namespace := systemNamespace
				if chosen := c.overrides.Context.Namespace; chosen != "" {
					namespace = chosen
				}
				failed = v.ask(command.Context(), cluster, namespace)
			}
		}
		if err := o.write(command.OutOrStdout(), v, v.table); err != nil {
			return err
		}
		return failed
	}
	return command
}

// ask reads what the servers noted. The error is that of the first that could not be read.
func (v *versions) ask(ctx context.Context, c client.Reader, namespace string) error {
	for _, program := range servers.Programs {
		noted, err := servers.Noted(ctx, c, namespace, program)
		switch {
		case apierrors.IsForbidden(err):
			v.Unknown = append(v.Unknown, program+": "+err.Error())
		case err != nil:
			return err
		case noted == nil:
			v.Unknown = append(v.Unknown, fmt.Sprintf("%s: none of this or a later version has started in namespace %s", program, namespace))
		default:
			v.Servers = append(v.Servers, *noted)
			if warning := skew(v.Client.Version, *noted); warning != "" {
				v.Warnings = append(v.Warnings, warning)
			}
		}
	}
	return nil
}

// release is what matters of a version: before 1.0 each minor may change the API.
var release = regexp.MustCompile(`^v(\d+\.\d+)\.\d+`)

// skew says that plugin and server are of different releases.
func skew(own string, s servers.Server) string {
	mine, theirs := release.FindStringSubmatch(own), release.FindStringSubmatch(s.Version)
	if mine == nil || theirs == nil || mine[1] == theirs[1] {
		return ""
	}
	return fmt.Sprintf("this plugin is %s and the %s is %s: what one of them knows the other may not; use the plugin of release v%s",
		own, s.Program, s.Version, theirs[1])
}

func (v *versions) table(out io.Writer) error {
	err := columns(out, "PROGRAM|VERSION|REVISION|GO|SINCE|ON", func(row func(...any)) {
		row("kubectl-werkplek", v.Client.Version, dash(v.Client.Short()), v.Client.GoVersion, "-", v.Client.Platform)
		for _, s := range v.Servers {
			row(s.Program, s.Version, dash(s.Short()), s.GoVersion, moment(s.Since), dash(s.Host))
		}
	})
	for _, line := range v.Unknown {
		_, _ = fmt.Fprintln(out, "unknown:", line)
	}
	for _, line := range v.Warnings {
		_, _ = fmt.Fprintln(out, "warning:", line)
	}
	return err
}

// dash stands for what is not there.
func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
