// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/licensing"
)

// findReports returns the reports that an argument names: a month, a range of
// months (2026-01..2026-12) with the corrections of each, or one by its name.
func findReports(ctx context.Context, c client.Reader, argument string) ([]*v1alpha1.LicenseReport, error) {
	from, until, isRange := strings.Cut(argument, "..")
	if !isRange {
		report, err := findReport(ctx, c, argument)
		if err != nil {
			return nil, err
		}
		return []*v1alpha1.LicenseReport{report}, nil
	}
	first, err := licensing.ParseMonth(v1alpha1.Month(from))
	if err != nil {
		return nil, err
	}
	last, err := licensing.ParseMonth(v1alpha1.Month(until))
	if err != nil {
		return nil, err
	}
	if last.Before(first) {
		return nil, fmt.Errorf("%s comes before %s; write the earlier month first", until, from)
	}
	corrections, err := findCorrections(ctx, c)
	if err != nil {
		return nil, err
	}
	var found []*v1alpha1.LicenseReport
	for month := first; !last.Before(month); month = month.Next() {
		report, err := findReport(ctx, c, string(month.Name()))
		if err != nil {
			return nil, err
		}
		found = append(append(found, report), corrections[month.Name()]...)
	}
	return found, nil
}

func findReport(ctx context.Context, c client.Reader, name string) (*v1alpha1.LicenseReport, error) {
	report := &v1alpha1.LicenseReport{}
	if err := c.Get(ctx, client.ObjectKey{Name: name}, report); err != nil {
		if apierrors.IsNotFound(err) {
			return nil, fmt.Errorf("there is no LicenseReport %s; kubectl get licensereports lists those there are", name)
		}
		return nil, err
	}
	return report, nil
}

// findCorrections returns the final corrections by month, each chain in its order.
func findCorrections(ctx context.Context, c client.Reader) (map[v1alpha1.Month][]*v1alpha1.LicenseReport, error) {
	follows := map[string]*v1alpha1.LicenseReport{} // by what is corrected: one report has one correction
	var list v1alpha1.LicenseReportList
	err := pages(ctx, c, &list, func() error {
		for i := range list.Items {
			if r := list.Items[i].DeepCopy(); r.Spec.Corrects != nil && r.Status.FinalAt != nil {
				follows[string(r.Spec.Corrects.Name)] = r
			}
		}
		return nil
	})
	found := map[v1alpha1.Month][]*v1alpha1.LicenseReport{}
	for name := range follows {
		if _, err := licensing.ParseMonth(v1alpha1.Month(name)); err != nil {
			continue // a correction of a correction: its chain begins at the month's own report
		}
		for next := follows[name]; next != nil; next = follows[next.Name] {
			found[next.Status.Month] = append(found[next.Status.Month], next)
		}
	}
	return found, err
}

// rulesOf returns the rules by which a report counts: its own once it is final,
// the catalogue's before.
func rulesOf(ctx context.Context, c client.Reader, report *v1alpha1.LicenseReport) (licensing.Rules, error) {
	if report.Status.FinalAt != nil {
		return licensing.RulesApplied(&report.Status), nil
	}
	month, err := licensing.ParseMonth(report.Status.Month)
	if err != nil {
		return nil, err
	}
	var catalogue v1alpha1.LicenseList
	if err := c.List(ctx, &catalogue); err != nil {
		return nil, err
	}
	return licensing.RulesOf(month, catalogue.Items), nil
}
