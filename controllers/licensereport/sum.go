// SPDX-License-Identifier: Apache-2.0

package licensereport

import (
	"context"
	"fmt"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/licensing"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/reading"
	"werkplek.dev/werkplek/internal/usage"
)

// draft sums up what the month has come to so far.
func (v *visit) draft(ctx context.Context) error {
	var records v1alpha1.UsageRecordList
	month := client.MatchingLabels{v1alpha1.LabelMonth: string(v.month.Name())}
	if err := v.Client.List(ctx, &records, month, client.UnsafeDisableDeepCopy); err != nil {
		return err
	}
	tally, err := v.tally(ctx)
	if err != nil {
		return err
	}
	if err := usage.Count(tally, records.Items); err != nil {
		return err
	}
	result, err := tally.Result()
	if err != nil {
		return err
	}
	v.fill(result)
	return outcome.Resting(v1alpha1.ReasonMonthOpen, "the month is not over; quantities may still grow").Err()
}

// finish makes the report final, once nothing can be added to its month any
// more. It counts what the API server itself holds.
func (v *visit) finish(ctx context.Context) error {
	previous, err := v.previous(ctx)
	if err != nil {
		return err
	}
	if err := v.recordsClosed(ctx); err != nil {
		return err
	}
	tally, err := v.tally(ctx)
	if err != nil {
		return err
	}
	err = usage.EachTenant(ctx, v.Live, v.month.Name(), func(tenant string, records ...licensing.Record) error {
		for _, record := range records {
			if record.Status.ClosedAt == nil {
				v.Recheck(v.Now.Add(time.Second))
				return recordsOpen()
			}
		}
		return tally.Add(tenant, records...)
	})
	if err != nil {
		return err
	}
	result, err := tally.Result()
	if err != nil {
		return err
	}
	if len(result.Missing) > 0 {
		return outcome.Stalled(v1alpha1.ReasonLicenseNotFound, fmt.Sprintf(
			"usage is recorded of licences that do not exist any more: %s; create them again", strings.Join(result.Missing, ", "))).Err()
	}
	if len(result.Unpriced) > 0 {
		return outcome.Stalled(v1alpha1.ReasonPriceNotFound, fmt.Sprintf(
			"no price holds on %s for %s; add one to spec.costs of the License",
			v.month.First(), strings.Join(result.Unpriced, ", "))).Err()
	}
	v.fill(result)
	v.report.Status.PreviousDigest = previous
	return v.seal(result.Detail)
}

// tally returns a tally under the rules that the catalogue sets now.
func (v *visit) tally(ctx context.Context) (*licensing.Tally, error) {
	rules, err := v.rules(ctx, v.month)
	if err != nil {
		return nil, err
	}
	return licensing.NewTally(v.month, rules, nil)
}

func (v *visit) rules(ctx context.Context, month licensing.Month) (licensing.Rules, error) {
	var catalogue v1alpha1.LicenseList
	if err := v.Client.List(ctx, &catalogue, client.UnsafeDisableDeepCopy); err != nil {
		return nil, err
	}
	return licensing.RulesOf(month, catalogue.Items), nil
}

// fill writes down what was counted.
func (v *visit) fill(result licensing.Result) {
	s := &v.report.Status
	s.Lines, s.Tracked, s.Exemptions, s.Rows = result.Lines, result.Tracked, result.Exemptions, result.Rows
	s.ZeroUsage = ptr.To(zero(result.Lines))
}

func zero(lines []v1alpha1.ReportLine) bool {
	for _, line := range lines {
		if line.Quantity != 0 {
			return false
		}
	}
	return true
}

// seal makes the report final.
func (v *visit) seal(detail string) error {
	s := &v.report.Status
	manifest, err := licensing.ManifestOf(v.report, detail)
	if err != nil {
		return err
	}
	s.Digest = manifest.Digest()
	at := metav1.NewTime(v.Now.UTC().Truncate(time.Second))
	s.FinalAt = &at
	return nil
}

// previous returns the digest of the report of the month before, which must be
// final; the first report follows none.
func (v *visit) previous(ctx context.Context) (string, error) {
	name := string(v.month.Previous().Name())
	previous, err := reading.Maybe(ctx, v.Client, client.ObjectKey{Name: name}, &v1alpha1.LicenseReport{})
	if err != nil || previous == nil {
		return "", err
	}
	if previous.Status.FinalAt == nil {
		return "", outcome.Waiting(v1alpha1.ReasonPreviousNotFinal, fmt.Sprintf("report %s must be final first", name)).Err()
	}
	return previous.Status.Digest, nil
}

// recordsClosed waits until no record of the month, or of one before it, is open.
func (v *visit) recordsClosed(ctx context.Context) error {
	var open v1alpha1.UsageRecordList
	if err := v.Client.List(ctx, &open, client.UnsafeDisableDeepCopy); err != nil {
		return err
	}
	for i := range open.Items {
		// Months of this form are in the order of their text.
		if open.Items[i].Status.Month <= v.month.Name() {
			return recordsOpen()
		}
	}
	return nil
}

func recordsOpen() error {
	return outcome.Waiting(v1alpha1.ReasonRecordsOpen, "usage records of the month are not closed yet").Err()
}

// correct fills in a correction: what the corrected report says, adjusted.
func (v *visit) correct(ctx context.Context) error {
	if v.report.Status.FinalAt != nil {
		return nil
	}
	name := string(v.report.Spec.Corrects.Name)
	original, err := reading.Maybe(ctx, v.Client, client.ObjectKey{Name: name}, &v1alpha1.LicenseReport{})
	if err != nil {
		return err
	}
	if original == nil {
		return outcome.Stalled(v1alpha1.ReasonReportNotFound, fmt.Sprintf(
			"the LicenseReport %s that spec.corrects names does not exist", name)).Err()
	}
	if original.Status.FinalAt == nil {
		return outcome.Waiting(v1alpha1.ReasonPreviousNotFinal, fmt.Sprintf(
			"report %s is not final: what it lacks can still be recorded", name)).Err()
	}
	if other, err := v.correctedBy(ctx, name); err != nil {
		return err
	} else if other != "" {
		return outcome.Stalled(v1alpha1.ReasonAlreadyCorrected, fmt.Sprintf(
			"report %s is corrected by %s; name that one in spec.corrects of a new correction", name, other)).Err()
	}
	if v.month, err = licensing.ParseMonth(original.Status.Month); err != nil {
		return err
	}
	if err := v.judgeAdjustments(ctx, original); err != nil {
		return err
	}
	rules, err := v.rules(ctx, v.month)
	if err != nil {
		return err
	}
	lines, err := licensing.Correct(original.Status.Lines, v.report.Spec.Adjustments, rules)
	if err != nil {
		return outcome.Stalled(v1alpha1.ReasonLicenseInvalid, err.Error()).Err()
	}
	s := &v.report.Status
	s.Month, s.Lines, s.Tracked, s.Exemptions = original.Status.Month, lines, original.Status.Tracked, original.Status.Exemptions
	s.ZeroUsage, s.PreviousDigest = ptr.To(zero(lines)), original.Status.Digest
	return v.seal(licensing.EmptyDetail())
}

// judgeAdjustments holds a correction, which is final for good, against what the
// API server says now of the users whom it names.
func (v *visit) judgeAdjustments(ctx context.Context, original *v1alpha1.LicenseReport) error {
	fault, err := usage.CheckAdjustments(ctx, v.Live, original, v.report.Spec.Adjustments)
	if err != nil || fault == nil {
		return err
	}
	return outcome.Stalled(v1alpha1.ReasonAdjustmentInvalid, fmt.Sprintf(
		"%s; adjustments are immutable, so delete this correction and make another", fault)).Err()
}

// correctedBy returns the name of another correction of a report, which came first.
func (v *visit) correctedBy(ctx context.Context, name string) (string, error) {
	var reports v1alpha1.LicenseReportList
	if err := v.Live.List(ctx, &reports); err != nil {
		return "", err
	}
	for i := range reports.Items {
		other := &reports.Items[i]
		if other.Name == v.report.Name || other.Spec.Corrects == nil || string(other.Spec.Corrects.Name) != name {
			continue
		}
		earlier := other.CreationTimestamp.Before(&v.report.CreationTimestamp) ||
			other.CreationTimestamp.Equal(&v.report.CreationTimestamp) && other.Name < v.report.Name
		if other.Status.FinalAt != nil || earlier {
			return other.Name, nil
		}
	}
	return "", nil
}
