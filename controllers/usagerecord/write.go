// SPDX-License-Identifier: Apache-2.0

package usagerecord

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/children"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/controllers/internal/trail"
	"werkplek.dev/werkplek/internal/licensing"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/usage"
)

// write writes the parts of a book that differ from before, one write each, and
// returns them all. A part that somebody has changed since is a conflict: a list
// must not be written over one that was not seen.
func (v *visit) write(ctx context.Context, before []usage.Part, book *licensing.Book) ([]usage.Part, error) {
	var parts []usage.Part
	for n, content := range book.Parts {
		if n < len(before) {
			written, err := v.patch(ctx, before[n].Object, content)
			if err != nil {
				return nil, err
			}
			parts = append(parts, usage.Part{Number: n, Object: written})
			continue
		}
		record := &v1alpha1.UsageRecord{
			ObjectMeta: metav1.ObjectMeta{
				Name:      book.Month.Part(n),
				Namespace: v.tenant.Status.Namespace,
				Labels: map[string]string{
					v1alpha1.LabelManagedBy: v1alpha1.ManagedBy,
					v1alpha1.LabelTenant:    v.tenant.Name,
					v1alpha1.LabelMonth:     string(book.Month.Name()),
				},
			},
			Status: *content,
		}
		v.describe(&record.Status)
		if err := children.Create(ctx, v.Client, record, "a month begins, or its record has outgrown its parts"); err != nil {
			return nil, fmt.Errorf("create usage record %s: %w", record.Name, err)
		}
		v.records.Note(record)
		parts = append(parts, usage.Part{Number: n, Object: record})
	}
	return parts, nil
}

func (v *visit) patch(ctx context.Context, before *v1alpha1.UsageRecord, content *v1alpha1.UsageRecordStatus) (*v1alpha1.UsageRecord, error) {
	after := before.DeepCopy()
	after.Status = *content
	v.describe(&after.Status)
	if equality.Semantic.DeepEqual(before.Status, after.Status) {
		return before, nil
	}
	if after.Status.ClosedAt != nil {
		// Nobody writes to it any more: what the API server keeps to tell whose
		// entry is whose would double its size for years.
		after.ManagedFields = []metav1.ManagedFieldsEntry{{}}
	}
	err := v.Client.Patch(ctx, after, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
	if err != nil {
		if !apierrors.IsConflict(err) {
			reconciling.CountFailure("UsageRecord", err)
		}
		return nil, fmt.Errorf("write usage record %s: %w", before.Name, err)
	}
	if after.Status.ClosedAt != nil {
		v.records.Forget(client.ObjectKeyFromObject(after)) // it leaves the cache
		trail.Leave(ctx, "closed", after, "its month is over")
	} else {
		v.records.Note(after)
		trail.Leave(ctx, "recorded", after, "who can reach what has changed")
	}
	return after, nil
}

// describe sets the conditions of a part.
func (v *visit) describe(s *v1alpha1.UsageRecordStatus) {
	conditions := reconciling.Conditions{List: &s.Conditions, Now: v.now}
	if s.ClosedAt != nil {
		conditions.Summarize(outcome.Ready(v1alpha1.ReasonClosed, "the record is closed and never changes again"))
	} else {
		conditions.Summarize(outcome.Ready(v1alpha1.ReasonOpen, "the record grows until the month is over"))
	}
}
