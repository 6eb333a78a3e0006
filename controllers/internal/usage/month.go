// SPDX-License-Identifier: Apache-2.0

package usage

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/licensing"
)

// pageSize is how many records are held at a time while a month is summed up.
const pageSize = 200

// EachTenant visits the records of a month tenant by tenant, in the order in
// which an API server lists them, a page at a time.
func EachTenant(ctx context.Context, c client.Reader, month licensing.Month, visit func(tenant string, records []v1alpha1.UsageRecord) error) error {
	var tenant string
	var held []v1alpha1.UsageRecord
	flush := func() error {
		if len(held) == 0 {
			return nil
		}
		err := visit(tenant, held)
		held = nil
		return err
	}
	for next := ""; ; {
		var page v1alpha1.UsageRecordList
		if err := c.List(ctx, &page, client.MatchingLabels{v1alpha1.LabelMonth: string(month.Name())}, client.Limit(pageSize), client.Continue(next)); err != nil {
			return fmt.Errorf("list the usage records of %s: %w", month.Name(), err)
		}
		for i := range page.Items {
			owner := strings.TrimPrefix(page.Items[i].Namespace, v1alpha1.NamespacePrefix)
			if owner != tenant {
				if err := flush(); err != nil {
					return err
				}
				tenant = owner
			}
			held = append(held, page.Items[i])
		}
		if next = page.Continue; next == "" {
			return flush()
		}
	}
}

// Count adds the records of a month that a list holds, in any order, to a tally.
func Count(tally *licensing.Tally, records []v1alpha1.UsageRecord) error {
	records = slices.Clone(records)
	slices.SortFunc(records, func(a, b v1alpha1.UsageRecord) int {
		return cmp.Compare(a.Namespace+"/"+a.Name, b.Namespace+"/"+b.Name)
	})
	for len(records) > 0 {
		n := slices.IndexFunc(records, func(r v1alpha1.UsageRecord) bool { return r.Namespace != records[0].Namespace })
		if n < 0 {
			n = len(records)
		}
		if err := Add(tally, records[:n]); err != nil {
			return err
		}
		records = records[n:]
	}
	return nil
}

// Add adds all parts of one tenant's record to a tally.
func Add(tally *licensing.Tally, records []v1alpha1.UsageRecord) error {
	parts := make([]licensing.Record, len(records))
	for i := range records {
		parts[i] = licensing.Record{Name: records[i].Name, Status: &records[i].Status}
	}
	return tally.Add(strings.TrimPrefix(records[0].Namespace, v1alpha1.NamespacePrefix), parts...)
}
