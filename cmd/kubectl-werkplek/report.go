// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/licensing"
	"werkplek.dev/werkplek/internal/usage"
)

// reportOptions are the flags of the report command.
type reportOptions struct {
	form     *output
	file     string
	bundle   string
	key      string
	force    bool
	quiet    bool
	out, err io.Writer
	clock    clock.PassiveClock
}

// The forms that reports have besides those of every list.
const (
	asCSV    = "csv"
	asDetail = "detail"
	asXLSX   = "xlsx"
)

func reportCommand(c *connection) *cobra.Command {
	o := &reportOptions{clock: c.clock}
	command := &cobra.Command{
		Use:   "report MONTH | FROM..UNTIL | NAME",
		Short: "Show or export licence reports",
		Long: `Show or export licence reports: that of a month, those of a range of months
with their corrections, or one by its name. -o csv writes the summary, detail
every row that counts, and xlsx both as a workbook.`,
		Example: `  kubectl werkplek report 2026-11
  kubectl werkplek report 2026-11 -o xlsx -f november.xlsx
  kubectl werkplek report 2026-01..2026-12 --package audit-2026.zip --sign-with key.pem`,
		Args:              exactly("MONTH"),
		ValidArgsFunction: argument(c.reports),
		RunE: func(command *cobra.Command, arguments []string) error {
			cluster, address, err := c.open()
			if err != nil {
				return err
			}
			o.out, o.err = command.OutOrStdout(), command.ErrOrStderr()
			return o.run(command.Context(), cluster, address, arguments[0])
		},
	}
	o.form = outputFlag(command, reportForms...)
	flags := command.Flags()
	flags.StringVarP(&o.file, "file", "f", "", "file to write to; xlsx needs one")
	flags.StringVar(&o.bundle, "package", "", "audit package to write: a ZIP file")
	flags.StringVar(&o.key, "sign-with", "", "Ed25519 private key (PKCS#8, PEM) that signs the package")
	flags.BoolVar(&o.force, "force", false, "write over a file that exists")
	flags.BoolVarP(&o.quiet, "quiet", "q", false, "show no progress")
	command.AddCommand(verifyCommand(c), correctionCommand(c))
	return command
}

var reportForms = []string{asTable, asJSON, asYAML, asName, asCSV, asDetail, asXLSX}

func (o *reportOptions) run(ctx context.Context, c client.Reader, address, argument string) error {
	switch {
	case o.key != "" && o.bundle == "":
		return errors.New("--sign-with signs audit packages; say where to write one with --package")
	case o.form.form == asXLSX && o.file == "" && o.bundle == "":
		return errors.New("-o xlsx needs a file: add -f FILE")
	}
	found, err := findReports(ctx, c, argument)
	if err != nil {
		return err
	}
	for _, sentence := range found.without {
		_, _ = fmt.Fprintln(o.err, sentence)
	}
	switch {
	case o.bundle != "":
		return o.writePackage(ctx, c, address, found.reports)
	case o.file != "":
		return o.create(o.file, func(out io.Writer) error { return o.write(ctx, c, found.reports, out) })
	}
	return o.write(ctx, c, found.reports, o.out)
}

// write writes reports in the form that was asked for.
func (o *reportOptions) write(ctx context.Context, c client.Reader, reports []*v1alpha1.LicenseReport, out io.Writer) error {
	switch o.form.form {
	case asCSV:
		return o.summary(reports, out)
	case asDetail:
		return o.detail(ctx, c, reports, out)
	case asXLSX:
		return o.workbook(ctx, c, reports, out)
	}
	return writeObjects(o.form, out, reports, func(out io.Writer) error { return writeTables(out, reports) })
}

// create writes a file under a temporary name, which becomes its own only when
// all of it is there.
func (o *reportOptions) create(path string, write func(io.Writer) error) error {
	if _, err := os.Stat(path); err == nil && !o.force {
		return fmt.Errorf("%s exists; write elsewhere, or over it with --force", path)
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), ".kubectl-werkplek-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temporary.Name()) }()
	if err := errors.Join(write(temporary), temporary.Sync(), temporary.Close()); err != nil {
		return err
	}
	if err := os.Chmod(temporary.Name(), 0o600); err != nil { // it names people
		return err
	}
	return os.Rename(temporary.Name(), path)
}

func (o *reportOptions) summary(reports []*v1alpha1.LicenseReport, out io.Writer) error {
	for _, report := range reports {
		o.warnOfDraft(report)
		if err := licensing.WriteSummary(out, &report.Status); err != nil {
			return err
		}
	}
	return nil
}

func (o *reportOptions) detail(ctx context.Context, c client.Reader, reports []*v1alpha1.LicenseReport, out io.Writer) error {
	for _, report := range reports {
		o.warnOfDraft(report)
		if err := o.countInto(ctx, c, report, out); err != nil {
			return fmt.Errorf("report %s: %w", report.Name, err)
		}
	}
	return nil
}

// countInto writes the detail of a report.
func (o *reportOptions) countInto(ctx context.Context, c client.Reader, report *v1alpha1.LicenseReport, out io.Writer) error {
	month, err := licensing.ParseMonth(report.Status.Month)
	if err != nil {
		return err
	}
	rules, err := rulesOf(ctx, c, report)
	if err != nil {
		return err
	}
	tally, err := licensing.NewTally(month, rules, out)
	if err != nil {
		return err
	}
	if report.Spec.Corrects == nil {
		progress := o.progress()
		rows := int64(0)
		tally.OnRow = func(string, string, bool) {
			if rows++; rows%1000 == 0 {
				progress.show(report.Name, rows, report.Status.Rows)
			}
		}
		if err := usage.EachTenant(ctx, c, report.Status.Month, tally.Add); err != nil {
			return err
		}
		progress.done()
	}
	_, err = tally.Result()
	return err
}

func (o *reportOptions) warnOfDraft(report *v1alpha1.LicenseReport) {
	if report.Status.FinalAt == nil {
		_, _ = fmt.Fprintf(o.err, "DRAFT: report %s is not final; its quantities may still grow\n", report.Name)
	}
}
