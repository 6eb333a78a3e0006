// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"k8s.io/utils/clock"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/prose"
)

// checkOptions are the flags of the terms check command.
type checkOptions struct {
	starts string
	quiet  bool
	out    io.Writer
	clock  clock.PassiveClock
}

func termsCommand(c *connection) *cobra.Command {
	command := &cobra.Command{Use: "terms", Short: "Read service terms"}
	command.AddCommand(checkCommand(c))
	return command
}

func checkCommand(c *connection) *cobra.Command {
	o := &checkOptions{clock: clock.RealClock{}}
	command := &cobra.Command{
		Use:   "check FILE... | NAME...",
		Short: "Explain service terms in sentences, and find what contradicts itself in them",
		Long: `Explain service terms in sentences, with dates worked out on an example, and
find what contradicts itself in them. Files are read together, so that plans
may refer to one another; what is no file is the name of ServiceTerms of the
cluster. The exit status is 1 if there is a contradiction.`,
		Example: `  kubectl werkplek terms check config/samples/terms/totaldesk.yaml
  kubectl werkplek terms check totaldesk-2016 --starts 2026-01-31`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			o.out = command.OutOrStdout()
			all, wanted, err := o.find(command.Context(), c, command.InOrStdin(), arguments)
			if err != nil {
				return err
			}
			return o.run(all, wanted)
		},
	}
	flags := command.Flags()
	flags.StringVar(&o.starts, "starts", "", "day on which the example's contract starts; default: today")
	flags.BoolVarP(&o.quiet, "quiet", "q", false, "show findings only")
	return command
}

// find returns the terms that can be referred to, and the names of those to check.
func (o *checkOptions) find(ctx context.Context, c *connection, stdin io.Reader, arguments []string) (map[string]*v1alpha1.ServiceTermsSpec, []string, error) {
	all := map[string]*v1alpha1.ServiceTermsSpec{}
	var files, names, wanted []string
	for _, argument := range arguments {
		if _, err := os.Stat(argument); argument == "-" || err == nil {
			files = append(files, argument)
		} else {
			names = append(names, argument)
		}
	}
	if len(names) > 0 {
		cluster, _, err := c.open()
		if err != nil {
			return nil, nil, fmt.Errorf("%s is no file, so the cluster is asked for it: %w", names[0], err)
		}
		var list v1alpha1.ServiceTermsList
		if err := cluster.List(ctx, &list); err != nil {
			return nil, nil, fmt.Errorf("%s is no file, so the cluster is asked for it: %w", names[0], err)
		}
		for i := range list.Items {
			all[list.Items[i].Name] = &list.Items[i].Spec
		}
		for _, name := range names {
			if all[name] == nil {
				return nil, nil, fmt.Errorf("%s is neither a file nor the name of ServiceTerms; kubectl get serviceterms lists those there are", name)
			}
		}
		wanted = names
	}
	objects, err := readObjects(stdin, files...)
	if err != nil {
		return nil, nil, err
	}
	for _, object := range objects {
		if found, ok := object.(*v1alpha1.ServiceTerms); ok {
			all[found.Name] = &found.Spec
			wanted = append(wanted, found.Name)
		}
	}
	if len(wanted) == 0 {
		return nil, nil, fmt.Errorf("there are no ServiceTerms in %v", files)
	}
	slices.Sort(wanted)
	return all, slices.Compact(wanted), nil
}

func (o *checkOptions) run(all map[string]*v1alpha1.ServiceTermsSpec, wanted []string) error {
	contradicts := false
	for i, name := range wanted {
		spec := all[name]
		if i > 0 {
			_, _ = fmt.Fprintln(o.out)
		}
		_, _ = fmt.Fprintf(o.out, "ServiceTerms %s\n", name)
		if !o.quiet {
			if err := o.explain(spec); err != nil {
				return err
			}
		}
		found := prose.Check(name, spec, func(name string) *v1alpha1.ServiceTermsSpec { return all[name] })
		contradicts = contradicts || prose.Contradicts(found)
		for _, finding := range found {
			word := "note"
			if finding.Contradiction {
				word = "CONTRADICTION"
			}
			_, _ = fmt.Fprintf(o.out, "%s: %s\n", word, finding)
		}
		if len(found) == 0 {
			_, _ = fmt.Fprintln(o.out, "Nothing contradicts anything.")
		}
	}
	if contradicts {
		return errFindings
	}
	return nil
}

// explain writes what the terms mean. Those that cannot be used are not
// explained: what is wrong with them is found.
func (o *checkOptions) explain(spec *v1alpha1.ServiceTermsSpec) error {
	starts, err := o.example()
	if err != nil {
		return err
	}
	passages, err := prose.Explain(spec, starts)
	if err != nil {
		return nil
	}
	_, _ = fmt.Fprintf(o.out, "\nThe example is a contract that starts on %s.\n\n", starts)
	w := tabwriter.NewWriter(o.out, 0, 0, 2, ' ', 0)
	for _, passage := range passages {
		_, _ = fmt.Fprintf(w, "%s\t%s\n", passage.Field, passage.Sentence)
	}
	_, _ = fmt.Fprintln(w)
	return w.Flush()
}

// example returns the day on which the example's contract starts.
func (o *checkOptions) example() (calendar.Date, error) {
	if o.starts == "" {
		now := o.clock.Now()
		return calendar.DateAt(now, now.Location()), nil
	}
	return calendar.ParseDate(o.starts)
}
