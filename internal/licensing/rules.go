// SPDX-License-Identifier: Apache-2.0

package licensing

import (
	"slices"
	"strings"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// Rule is what a report applies to one product.
type Rule struct {
	// Line with everything but what is counted.
	Line v1alpha1.ReportLine
	// Agreement under which the product is used.
	Agreement v1alpha1.LicenseAgreement
	// Exemptions by name, with nobody counted yet.
	Exemptions map[string]v1alpha1.AppliedExemption
	// Priced is false while prices exist and none holds in the month.
	Priced bool
}

// Rules are what a report applies, by licence.
type Rules map[string]Rule

// RulesOf returns the rules that a catalogue sets for a month.
func RulesOf(month Month, catalogue []v1alpha1.License) Rules {
	rules := Rules{}
	for i := range catalogue {
		license := &catalogue[i]
		spec := &license.Spec
		rule := Rule{
			Agreement: spec.Agreement,
			Line: v1alpha1.ReportLine{
				License: v1alpha1.LicenseName(license.Name), DisplayName: spec.DisplayName, Enrollment: spec.Enrollment,
				PartNumber: spec.PartNumber, Metric: spec.Metric, LicenseGeneration: license.Generation,
			},
			Exemptions: map[string]v1alpha1.AppliedExemption{},
			Priced:     true,
		}
		if spec.Metric == v1alpha1.MetricCore {
			rule.Line.PackSize = 1
			if spec.Cores != nil {
				rule.Line.PackSize = max(spec.Cores.PackSize, 1)
			}
		}
		if spec.Agreement != v1alpha1.AgreementCustomerOwned {
			if price := PriceOn(spec.Owed(), month.First()); price != nil {
				rule.Line.UnitPrice, rule.Line.PriceFrom, rule.Line.Currency = price.Amount, price.From, price.Currency
			} else {
				rule.Priced = len(spec.Owed()) == 0
			}
		}
		for j := range spec.Exemptions {
			e := &spec.Exemptions[j]
			rule.Exemptions[e.Name] = v1alpha1.AppliedExemption{
				License: rule.Line.License, Name: e.Name, Reason: e.Reason, MaximumUsers: e.MaximumUsers,
			}
		}
		rules[license.Name] = rule
	}
	return rules
}

// RulesApplied returns the rules that a final report applied.
func RulesApplied(status *v1alpha1.LicenseReportStatus) Rules {
	rules := Rules{}
	add := func(lines []v1alpha1.ReportLine, agreement v1alpha1.LicenseAgreement) {
		for _, line := range lines {
			name := string(line.License)
			line.Quantity, line.Exempt, line.Tenants, line.Amount = 0, 0, 0, ""
			rules[name] = Rule{Line: line, Agreement: agreement, Exemptions: map[string]v1alpha1.AppliedExemption{}, Priced: true}
		}
	}
	add(status.Lines, v1alpha1.AgreementSPLA)
	add(status.Tracked, v1alpha1.AgreementCustomerOwned)
	for _, e := range status.Exemptions {
		if rule, ok := rules[string(e.License)]; ok {
			e.Users = 0
			rule.Exemptions[e.Name] = e
		}
	}
	return rules
}

func byLicense(a, b v1alpha1.ReportLine) int {
	return strings.Compare(string(a.License), string(b.License))
}

func byExemption(a, b v1alpha1.AppliedExemption) int {
	if c := strings.Compare(string(a.License), string(b.License)); c != 0 {
		return c
	}
	return strings.Compare(a.Name, b.Name)
}

func sorted[T any](items []T, compare func(a, b T) int) []T {
	slices.SortFunc(items, compare)
	return items
}
