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
// which an API server lists them, a page at a time. The parts of a tenant's
// record come in the order of their names.
func EachTenant(ctx context.Context, c client.Reader, month v1alpha1.Month, visit func(tenant string, records ...licensing.Record) error) error {
	var tenant string
	var held []licensing.Record
	flush := func() error {
		if len(held) == 0 {
			return nil
		}
		err := visit(tenant, held...)
		held = nil
		return err
	}
	for next := ""; ; {
		var page v1alpha1.UsageRecordList
		if err := c.List(ctx, &page, client.MatchingLabels{v1alpha1.LabelMonth: string(month)}, client.Limit(pageSize), client.Continue(next)); err != nil {
			return fmt.Errorf("list the usage records of %s: %w", month, err)
		}
		for i := range page.Items {
			record := &page.Items[i]
			if owner := owner(record); owner != tenant {
				if err := flush(); err != nil {
					return err
				}
				tenant = owner
			}
			held = append(held, licensing.Record{Name: record.Name, Status: &record.Status})
		}
		if next = page.Continue; next == "" {
			return flush()
		}
	}
}

func owner(record *v1alpha1.UsageRecord) string {
	return strings.TrimPrefix(record.Namespace, v1alpha1.NamespacePrefix)
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
		parts := make([]licensing.Record, n)
		for i := range parts {
			parts[i] = licensing.Record{Name: records[i].Name, Status: &records[i].Status}
		}
		if err := tally.Add(owner(&records[0]), parts...); err != nil {
			return err
		}
		records = records[n:]
	}
	return nil
}
