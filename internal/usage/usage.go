// SPDX-License-Identifier: Apache-2.0

// Package usage reads usage records from a cluster, for the operator and for the plugin.
package usage

import (
	"context"
	"fmt"
	"slices"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/licensing"
)

// Part is one part of a month's record, as the API holds it.
type Part struct {
	Number int
	Object *v1alpha1.UsageRecord
}

// Month is a tenant's record of one month.
type Month struct {
	licensing.Month
	Parts []Part // in their order
}

// Open returns a book of the record. It shares the objects.
func (m Month) Open() *licensing.Book {
	statuses := make([]*v1alpha1.UsageRecordStatus, len(m.Parts))
	for i := range m.Parts {
		statuses[i] = &m.Parts[i].Object.Status
	}
	return licensing.Open(m.Month, statuses...)
}

// Months returns the records of a namespace by month, the oldest first. Through
// the manager's cache these are the records that are not closed.
func Months(ctx context.Context, c client.Reader, namespace string, options ...client.ListOption) ([]Month, error) {
	var list v1alpha1.UsageRecordList
	if err := c.List(ctx, &list, append(options, client.InNamespace(namespace))...); err != nil {
		return nil, fmt.Errorf("list usage records: %w", err)
	}
	byMonth := map[licensing.Month][]Part{}
	for i := range list.Items {
		month, number, err := licensing.PartOf(list.Items[i].Name)
		if err != nil {
			continue // not of our making: the API server lets nobody else make any
		}
		byMonth[month] = append(byMonth[month], Part{number, &list.Items[i]})
	}
	months := make([]Month, 0, len(byMonth))
	for month, parts := range byMonth {
		slices.SortFunc(parts, func(a, b Part) int { return a.Number - b.Number })
		months = append(months, Month{month, parts})
	}
	slices.SortFunc(months, func(a, b Month) int { return a.First().Compare(b.First()) })
	return months, nil
}

// DeepCopy returns a copy that shares nothing with the record.
func (m Month) DeepCopy() Month {
	parts := make([]Part, len(m.Parts))
	for i, part := range m.Parts {
		parts[i] = Part{part.Number, part.Object.DeepCopy()}
	}
	return Month{m.Month, parts}
}
