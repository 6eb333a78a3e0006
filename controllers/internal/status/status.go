// SPDX-License-Identifier: Apache-2.0

// Package status is what package reconciling was before it had steps. It is there
// for those who have not moved yet.
package status

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/equality"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/controllers/internal/reconciling"
)

// Conditions are those of package reconciling.
type Conditions = reconciling.Conditions

// Patch writes the status of after if it differs from that of before, in one
// merge patch of what changed. An object that is gone needs no status.
func Patch(ctx context.Context, c client.Client, before, after client.Object) error {
	if equality.Semantic.DeepEqual(before, after) {
		return nil
	}
	if err := c.Status().Patch(ctx, after, client.MergeFrom(before)); client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("write status: %w", err)
	}
	return nil
}
