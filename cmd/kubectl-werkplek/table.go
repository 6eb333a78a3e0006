// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/shopspring/decimal"
	"k8s.io/apimachinery/pkg/api/meta"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/terms/agreement"
)

// writeTables writes reports for people.
func writeTables(out io.Writer, reports []*v1alpha1.LicenseReport) error {
	for i, report := range reports {
		if i > 0 {
			_, _ = fmt.Fprintln(out)
		}
		if err := writeTable(out, report); err != nil {
			return err
		}
	}
	return nil
}

func writeTable(out io.Writer, report *v1alpha1.LicenseReport) error {
	s := &report.Status
	heading := "Licence report " + report.Name
	if report.Spec.Corrects != nil {
		heading += ", which corrects " + string(report.Spec.Corrects.Name)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, heading)
	_, _ = fmt.Fprintf(w, "  state\t%s\n", state(report))
	if s.DueOn != "" {
		_, _ = fmt.Fprintf(w, "  due on\t%s\n", s.DueOn)
	}
	_, _ = fmt.Fprintf(w, "  submitted\t%s\n", submission(report))
	if s.Digest != "" {
		_, _ = fmt.Fprintf(w, "  digest\t%s\n", s.Digest)
	}
	_, _ = fmt.Fprintln(w)
	if len(s.Lines) == 0 {
		_, _ = fmt.Fprintln(w, "Nothing was used that must be reported.")
	} else {
		_, _ = fmt.Fprintln(w, "LICENCE\tSKU\tTITLE\tMETRIC\tQUANTITY\tEXEMPT\tCUSTOMERS\tUNIT PRICE\tAMOUNT\tCURRENCY")
	}
	totals := map[v1alpha1.Currency]decimal.Decimal{}
	for _, line := range s.Lines {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%d\t%d\t%s\t%s\t%s\n", line.License, line.PartNumber, line.DisplayName, line.Metric,
			line.Quantity, line.Exempt, line.Tenants, line.UnitPrice, line.Amount, line.Currency)
		if amount, err := decimal.NewFromString(string(line.Amount)); err == nil {
			totals[line.Currency] = totals[line.Currency].Add(amount)
		}
	}
	var currencies []v1alpha1.Currency
	for currency := range totals {
		currencies = append(currencies, currency)
	}
	slices.Sort(currencies)
	for _, currency := range currencies {
		scale, err := agreement.MinorUnit(string(currency))
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(w, "TOTAL\t\t\t\t\t\t\t\t%s\t%s\n", totals[currency].StringFixed(scale), currency)
	}
	for _, line := range s.Tracked {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%d\t%d\towned by customers, not reported\n", line.License, line.PartNumber, line.DisplayName, line.Metric, line.Quantity, line.Exempt, line.Tenants)
	}
	return w.Flush()
}

func state(report *v1alpha1.LicenseReport) string {
	if at := report.Status.FinalAt; at != nil {
		return "final since " + at.UTC().Format(time.RFC3339)
	}
	if c := meta.FindStatusCondition(report.Status.Conditions, v1alpha1.ConditionFinal); c != nil {
		return "DRAFT: " + c.Message
	}
	return "DRAFT"
}

func submission(report *v1alpha1.LicenseReport) string {
	if sent := report.Spec.Submission; sent != nil {
		if sent.Reference != "" {
			return fmt.Sprintf("on %s (%s)", sent.Day(), sent.Reference)
		}
		return "on " + string(sent.Day())
	}
	if c := meta.FindStatusCondition(report.Status.Conditions, v1alpha1.ConditionSubmitted); c != nil && c.Reason == v1alpha1.ReasonOverdue {
		return "no, OVERDUE"
	}
	return "no"
}
