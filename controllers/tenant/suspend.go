// SPDX-License-Identifier: Apache-2.0

package tenant

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/children"
)

// suspend makes the suspension that the calendar asks for (TD-8, LA-1). Its name
// follows from the date, so that a second attempt finds the first.
func (v *visit) suspend(ctx context.Context) error {
	if v.standing.Suspend == nil || v.namespace == "" {
		return nil
	}
	due := v.standing.Suspend
	since := metav1.NewTime(due.Since.UTC())
	suspension := &v1alpha1.Suspension{
		ObjectMeta: v.meta(due.Name),
		Spec: v1alpha1.SuspensionSpec{
			Cause:  due.Cause,
			Reason: due.Reason,
			Since:  &since,
		},
	}
	if err := children.Create(ctx, v.Client, suspension, due.Reason); err != nil {
		if apierrors.IsAlreadyExists(err) {
			return nil // made before the cache knew; its arrival brings us back
		}
		return fmt.Errorf("create suspension %s: %w", due.Name, err)
	}
	return nil
}
