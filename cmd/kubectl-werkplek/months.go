// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/licensing"
)

// foundReports are the reports that an argument names, and what is said of those
// months of a range that have none.
type foundReports struct {
	reports []*v1alpha1.LicenseReport
	without []string
}

// findReports returns the reports that an argument names: a month, a range of
// months (2026-01..2026-12) with the corrections of each, or one by its name.
func findReports(ctx context.Context, c client.Reader, argument string) (foundReports, error) {
	from, until, isRange := strings.Cut(argument, "..")
	if !isRange {
		report, err := findReport(ctx, c, argument)
		return foundReports{reports: []*v1alpha1.LicenseReport{report}}, err
	}
	first, err := licensing.ParseMonth(v1alpha1.Month(from))
	if err != nil {
		return foundReports{}, err
	}
	last, err := licensing.ParseMonth(v1alpha1.Month(until))
	if err != nil {
		return foundReports{}, err
	}
	if last.Before(first) {
		return foundReports{}, fmt.Errorf("%s comes before %s; write the earlier month first", until, from)
	}
	shelf, err := readShelf(ctx, c)
	if err != nil {
		return foundReports{}, err
	}
	return shelf.between(first, last)
}

// shelf holds all reports: those of months, and the final corrections of each in order.
type shelf struct {
	months         map[licensing.Month]*v1alpha1.LicenseReport
	corrections    map[v1alpha1.Month][]*v1alpha1.LicenseReport
	oldest, newest licensing.Month
}

// between returns the reports of a range. A range may begin before the first
// report there is and end after the last; a month between them has one.
func (s *shelf) between(first, last licensing.Month) (foundReports, error) {
	var found foundReports
	if len(s.months) == 0 {
		return found, errors.New("there is no LicenseReport yet; the operator makes the first once there is a License")
	}
	if last.Before(s.oldest) || s.newest.Before(first) {
		return found, fmt.Errorf("there is no LicenseReport from %s to %s; there are those from %s to %s",
			first.Name(), last.Name(), s.oldest.Name(), s.newest.Name())
	}
	if first.Before(s.oldest) {
		found.without = append(found.without, noReport(first, s.oldest.Previous())+": the first is that of "+string(s.oldest.Name()))
		first = s.oldest
	}
	if s.newest.Before(last) {
		found.without = append(found.without, noReport(s.newest.Next(), last)+" yet: the last is that of "+string(s.newest.Name()))
		last = s.newest
	}
	for month := first; !last.Before(month); month = month.Next() {
		report := s.months[month]
		if report == nil {
			return foundReports{}, fmt.Errorf("the LicenseReport %s is missing between those before and after it; "+
				"if somebody deleted it, bring it back from a backup", month.Name())
		}
		found.reports = append(append(found.reports, report), s.corrections[month.Name()]...)
	}
	return found, nil
}

func noReport(first, last licensing.Month) string {
	if first == last {
		return fmt.Sprintf("The month %s has no report", first.Name())
	}
	return fmt.Sprintf("The months %s to %s have no report", first.Name(), last.Name())
}

// readShelf reads all reports.
func readShelf(ctx context.Context, c client.Reader) (*shelf, error) {
	s := &shelf{months: map[licensing.Month]*v1alpha1.LicenseReport{}, corrections: map[v1alpha1.Month][]*v1alpha1.LicenseReport{}}
	follows := map[string]*v1alpha1.LicenseReport{} // by what is corrected: one report has one correction
	var list v1alpha1.LicenseReportList
	err := pages(ctx, c, &list, func() error {
		for i := range list.Items {
			r := list.Items[i].DeepCopy()
			if month, err := licensing.ParseMonth(v1alpha1.Month(r.Name)); err == nil {
				s.put(month, r)
			} else if r.Spec.Corrects != nil && r.Status.FinalAt != nil {
				follows[string(r.Spec.Corrects.Name)] = r
			}
		}
		return nil
	})
	for month := range s.months {
		for next := follows[string(month.Name())]; next != nil; next = follows[next.Name] {
			s.corrections[month.Name()] = append(s.corrections[month.Name()], next)
		}
	}
	return s, err
}

func (s *shelf) put(month licensing.Month, report *v1alpha1.LicenseReport) {
	if len(s.months) == 0 || month.Before(s.oldest) {
		s.oldest = month
	}
	if len(s.months) == 0 || s.newest.Before(month) {
		s.newest = month
	}
	s.months[month] = report
}

func findReport(ctx context.Context, c client.Reader, name string) (*v1alpha1.LicenseReport, error) {
	report := &v1alpha1.LicenseReport{}
	if err := c.Get(ctx, client.ObjectKey{Name: name}, report); err != nil {
		if apierrors.IsNotFound(err) && !unknownKind(err) {
			return nil, fmt.Errorf("there is no LicenseReport %s; kubectl get licensereports lists those there are", name)
		}
		return nil, err
	}
	return report, nil
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
