// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/licensing"
	"werkplek.dev/werkplek/internal/usage"
)

func correctionCommand(c *connection) *cobra.Command {
	var files []string
	command := &cobra.Command{
		Use:   "preview -f FILE",
		Short: "Show what a correction would come to, without making it",
		Long: `Show what a correction would come to, without making it. A correction is final
as soon as the operator has seen it, and stays.`,
		Example: `  kubectl werkplek report preview -f correction.yaml && kubectl create -f correction.yaml`,
		Args:    cobra.NoArgs,
	}
	command.Flags().StringArrayVarP(&files, "filename", "f", nil, "file with the LicenseReport that corrects; - for standard input")
	o := outputFlag(command, asTable, asJSON, asYAML)
	command.RunE = func(command *cobra.Command, _ []string) error {
		correction, err := correctionIn(command.InOrStdin(), files)
		if err != nil {
			return err
		}
		cluster, _, err := c.open()
		if err != nil {
			return err
		}
		changes, err := previewCorrection(command.Context(), cluster, correction)
		if err != nil {
			return err
		}
		return o.write(command.OutOrStdout(), changes, func(out io.Writer) error { return writeChanges(out, correction, changes) })
	}
	return command
}

// correctionIn reads the one correction that files hold.
func correctionIn(stdin io.Reader, files []string) (*v1alpha1.LicenseReport, error) {
	read, err := readObjects(stdin, files...)
	if err != nil {
		return nil, err
	}
	found := ofKind[v1alpha1.LicenseReport](read, "")
	if len(found) != 1 || found[0].Spec.Corrects == nil {
		return nil, fmt.Errorf("name a file, with -f, that holds one LicenseReport with spec.corrects; %d were read", len(found))
	}
	return &found[0], nil
}

// change is what a correction does to a line.
type change struct {
	License  v1alpha1.LicenseName `json:"license"`
	Before   int64                `json:"before"`
	After    int64                `json:"after"`
	Amount   v1alpha1.Amount      `json:"amount,omitempty"`
	Currency v1alpha1.Currency    `json:"currency,omitempty"`
}

// previewCorrection applies a correction by the rules that the operator follows.
func previewCorrection(ctx context.Context, c client.Reader, correction *v1alpha1.LicenseReport) ([]change, error) {
	original, err := findReport(ctx, c, string(correction.Spec.Corrects.Name))
	if err != nil {
		return nil, err
	}
	if original.Status.FinalAt == nil {
		return nil, fmt.Errorf("report %s is not final: what it lacks can still be recorded", original.Name)
	}
	if err := notCorrected(ctx, c, original.Name, correction.Name); err != nil {
		return nil, err
	}
	fault, err := usage.CheckAdjustments(ctx, c, original, correction.Spec.Adjustments)
	if err == nil {
		err = fault
	}
	if err != nil {
		return nil, err
	}
	month, err := licensing.ParseMonth(original.Status.Month)
	if err != nil {
		return nil, err
	}
	var catalogue v1alpha1.LicenseList
	if err := c.List(ctx, &catalogue); err != nil {
		return nil, err
	}
	lines, err := licensing.Correct(original.Status.Lines, correction.Spec.Adjustments, licensing.RulesOf(month, catalogue.Items))
	if err != nil {
		return nil, err
	}
	before := map[v1alpha1.LicenseName]int64{}
	for _, line := range original.Status.Lines {
		before[line.License] = line.Quantity
	}
	changes := []change{}
	for _, line := range lines {
		changes = append(changes, change{line.License, before[line.License], line.Quantity, line.Amount, line.Currency})
	}
	return changes, nil
}

// notCorrected refuses a second correction of one report.
func notCorrected(ctx context.Context, c client.Reader, name, by string) error {
	var list v1alpha1.LicenseReportList
	return pages(ctx, c, &list, func() error {
		for i := range list.Items {
			other := &list.Items[i]
			if ref := other.Spec.Corrects; ref != nil && string(ref.Name) == name && other.Name != by {
				return fmt.Errorf("report %s is corrected by %s; name that one in spec.corrects", name, other.Name)
			}
		}
		return nil
	})
}

func writeChanges(out io.Writer, correction *v1alpha1.LicenseReport, changes []change) error {
	_, _ = fmt.Fprintf(out, "%s would correct %s to:\n\n", correction.Name, correction.Spec.Corrects.Name)
	err := columns(out, "LICENCE|BEFORE|AFTER|AMOUNT|CURRENCY", func(row func(...any)) {
		for _, c := range changes {
			row(c.License, c.Before, c.After, dash(string(c.Amount)), dash(string(c.Currency)))
		}
	})
	_, _ = fmt.Fprintln(out, "\nNothing was written. A correction is final as soon as the operator has seen it.")
	return err
}
