// SPDX-License-Identifier: Apache-2.0

package dataexport

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/children"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/controllers/internal/standing"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/terms/charging"
)

// finish makes the charges of an export whose homes are all in the bucket, each
// once, and only then calls it complete (TD-20).
func (v *visit) finish(ctx context.Context) error {
	s := &v.export.Status
	if v.waits() || s.Total == 0 || s.Done < s.Total {
		return nil
	}
	compiled, wrong, err := standing.Terms(ctx, v.Client, v.tenant)
	if err != nil {
		return err
	}
	if wrong != nil {
		v.hinder(outcome.Stalled(wrong.Reason, "it cannot be told what the hand-over costs: "+wrong.Message))
		return nil
	}
	object := &v1alpha1.ServiceTerms{}
	key := client.ObjectKey{Name: string(v.tenant.Spec.TermsRef.Name)}
	if err := v.Client.Get(ctx, key, object, client.UnsafeDisableDeepCopy); err != nil {
		return err
	}
	today := calendar.DateAt(v.Now, compiled.Zone)
	due, err := charging.HandoverCharges(compiled, object.Spec.Handover, v.export.Name, int(s.Total), s.Bytes, today)
	if err != nil {
		v.hinder(outcome.Stalled(v1alpha1.ReasonTermsInvalid, err.Error()))
		return nil
	}
	var made []v1alpha1.Reference
	for _, charge := range due {
		err := v.ensure(ctx, charge)
		if foreign, ok := children.InTheWay(err); ok {
			v.hinder(foreign)
			return nil
		}
		if err != nil {
			return err
		}
		made = append(made, v1alpha1.Reference{Name: v1alpha1.ObjectName(charge.Name)})
	}
	s.Charges, s.CompletedAt = made, moment(v.Now)
	return nil
}

// ensure makes one charge unless it exists.
func (v *visit) ensure(ctx context.Context, due charging.NamedCharge) error {
	_, err := children.Ensure(ctx, v.Client, v.Live, children.Child[*v1alpha1.Charge]{
		Kind: "charge",
		Why:  "data export " + v.export.Name + " is complete",
		Desired: &v1alpha1.Charge{
			ObjectMeta: metav1.ObjectMeta{
				Name:      due.Name,
				Namespace: v.export.Namespace,
				Labels:    map[string]string{v1alpha1.LabelManagedBy: v1alpha1.ManagedBy, v1alpha1.LabelTenant: v.tenant.Name},
			},
			Spec: due.Spec,
		},
		Own: func(existing *v1alpha1.Charge) bool {
			source := existing.Spec.SourceRef
			return existing.Spec.Type == due.Spec.Type && source != nil && *source == *due.Spec.SourceRef
		},
		Made: func(made *v1alpha1.Charge) {
			v.Tell(ctx, reconciling.Said{
				Object: v.tenant, Related: made, Reason: "ChargeDue", Action: "Charge",
				Message: fmt.Sprintf("%s %s is due for data export %s", made.Spec.Currency, made.Spec.Amount, v.export.Name),
			})
		},
	})
	return err
}
