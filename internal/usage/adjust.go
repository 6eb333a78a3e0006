// SPDX-License-Identifier: Apache-2.0

package usage

import (
	"context"
	"fmt"
	"slices"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/licensing"
)

// correctionsAtMost bounds a chain of corrections, whose end somebody may have tied to its start.
const correctionsAtMost = 1000

// CheckAdjustments says what of the adjustments to a final report cannot be, in the
// first error: whom they take away it must count. The second error is that of reading.
func CheckAdjustments(
	ctx context.Context, c client.Reader, corrects *v1alpha1.LicenseReport, adjustments []v1alpha1.ReportAdjustment,
) (fault, err error) {
	if !slices.ContainsFunc(adjustments, func(a v1alpha1.ReportAdjustment) bool { return a.Username != "" }) {
		return nil, nil // then no record has to be read
	}
	roll := licensing.NewRoll()
	if err := EachTenant(ctx, c, corrects.Status.Month, roll.Add); err != nil {
		return nil, err
	}
	for report, n := corrects, 0; report.Spec.Corrects != nil; n++ {
		if n == correctionsAtMost {
			return nil, fmt.Errorf("the corrections before %s do not come to an end", corrects.Name)
		}
		roll.Adjusted(report.Spec.Adjustments)
		before := &v1alpha1.LicenseReport{}
		if err := c.Get(ctx, client.ObjectKey{Name: string(report.Spec.Corrects.Name)}, before); err != nil {
			return nil, fmt.Errorf("read what %s corrects: %w", report.Name, err)
		}
		report = before
	}
	return roll.Check(adjustments), nil
}
