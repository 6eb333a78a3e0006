// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/prose"
)

// checkOptions are the flags of the terms check command.
type checkOptions struct {
	starts string
	quiet  bool
}

// checked is what was found of some terms.
type checked struct {
	Terms string `json:"terms"`
	// StartsOn is the day on which the example's contract starts.
	StartsOn string          `json:"startsOn,omitempty"`
	Passages []prose.Passage `json:"passages,omitempty"`
	Findings []prose.Finding `json:"findings"`
}

func termsCommand(c *connection) *cobra.Command {
	return group(&cobra.Command{Use: "terms", Short: "Read service terms"}, checkCommand(c))
}

func checkCommand(c *connection) *cobra.Command {
	o := &checkOptions{}
	command := &cobra.Command{
		Use:   "check FILE... | NAME...",
		Short: "Explain service terms in sentences, and find what contradicts itself in them",
		Long: `Explain service terms in sentences, with dates worked out on an example, and
find what contradicts itself in them. Files are read together, so that plans
may refer to one another; what is no file is the name of ServiceTerms of the
cluster. The exit status is 1 if there is a contradiction.`,
		Example: `  kubectl werkplek terms check config/samples/terms/totaldesk.yaml
  kubectl werkplek terms check totaldesk-2016 --starts 2026-01-31`,
		Args: func(command *cobra.Command, arguments []string) error {
			if len(arguments) == 0 {
				return fmt.Errorf("name a file or ServiceTerms: %s", command.UseLine())
			}
			return nil
		},
		ValidArgsFunction: func(command *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
			return c.terms(command, typed), cobra.ShellCompDirectiveDefault // and files
		},
	}
	flags := command.Flags()
	flags.StringVar(&o.starts, "starts", "", "day on which the example's contract starts; default: today")
	flags.BoolVarP(&o.quiet, "quiet", "q", false, "show findings only")
	form := outputFlag(command, asTable, asJSON, asYAML)
	command.RunE = func(command *cobra.Command, arguments []string) error {
		all, wanted, err := o.find(command.Context(), c, command.InOrStdin(), arguments)
		if err != nil {
			return err
		}
		starts, err := o.example(c.clock.Now())
		if err != nil {
			return err
		}
		return o.run(form, command.OutOrStdout(), starts, all, wanted)
	}
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

func (o *checkOptions) run(
	form *output, out io.Writer, starts calendar.Date, all map[string]*v1alpha1.ServiceTermsSpec, wanted []string,
) error {
	contradicts := false
	results := []checked{}
	for _, name := range wanted {
		result := checked{Terms: name, Findings: []prose.Finding{}}
		if !o.quiet {
			// Terms that cannot be used are not explained: what is wrong with them is found.
			if passages, err := prose.Explain(all[name], starts); err == nil {
				result.Passages, result.StartsOn = passages, starts.String()
			}
		}
		found := prose.Check(name, all[name], func(name string) *v1alpha1.ServiceTermsSpec { return all[name] })
		contradicts = contradicts || prose.Contradicts(found)
		result.Findings = append(result.Findings, found...)
		results = append(results, result)
	}
	if err := form.write(out, results, func(out io.Writer) error { return writeChecked(out, results) }); err != nil {
		return err
	}
	if contradicts {
		return errFindings
	}
	return nil
}

func writeChecked(out io.Writer, results []checked) error {
	for i, result := range results {
		if i > 0 {
			_, _ = fmt.Fprintln(out)
		}
		_, _ = fmt.Fprintf(out, "ServiceTerms %s\n", result.Terms)
		if len(result.Passages) > 0 {
			_, _ = fmt.Fprintf(out, "\nThe example is a contract that starts on %s.\n\n", result.StartsOn)
			w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
			for _, passage := range result.Passages {
				_, _ = fmt.Fprintf(w, "%s\t%s\n", passage.Field, passage.Sentence)
			}
			_, _ = fmt.Fprintln(w)
			if err := w.Flush(); err != nil {
				return err
			}
		}
		for _, f := range result.Findings {
			word := "note"
			if f.Contradiction {
				word = "CONTRADICTION"
			}
			_, _ = fmt.Fprintf(out, "%s: %s\n", word, f)
		}
		if len(result.Findings) == 0 {
			_, _ = fmt.Fprintln(out, "Nothing contradicts anything.")
		}
	}
	return nil
}

// example returns the day on which the example's contract starts.
func (o *checkOptions) example(now time.Time) (calendar.Date, error) {
	if o.starts == "" {
		return calendar.DateAt(now, now.Location()), nil
	}
	return calendar.ParseDate(o.starts)
}
