// SPDX-License-Identifier: Apache-2.0

package dataexport

import (
	"context"
	"errors"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/children"
	"werkplek.dev/werkplek/controllers/internal/standing"
	"werkplek.dev/werkplek/internal/terms"
)

// finish makes the charges of an export whose homes are all in the bucket, each
// once, and only then calls it complete (TD-20).
func (v *visit) finish(ctx context.Context) error {
	s := &v.export.Status
	if v.blocked != nil || v.problem != nil || s.Total == 0 || s.Done < s.Total {
		return nil
	}
	compiled, wrong, err := standing.Terms(ctx, v.Client, v.tenant)
	if err != nil {
		return err
	}
	if wrong != nil {
		v.hinder(wrong.Reason, "it cannot be told what the hand-over costs: "+wrong.Message)
		return nil
	}
	object := &v1alpha1.ServiceTerms{}
	if err := v.Client.Get(ctx, client.ObjectKey{Name: string(v.tenant.Spec.TermsRef.Name)}, object, client.UnsafeDisableDeepCopy); err != nil {
		return err
	}
	due, err := terms.HandoverCharges(compiled, object.Spec.Handover, v.export.Name, int(s.Total), s.Bytes, terms.DateAt(v.now, compiled.Zone))
	if err != nil {
		v.hinder(v1alpha1.ReasonTermsInvalid, err.Error())
		return nil
	}
	var made []v1alpha1.Reference
	for _, charge := range due {
		err := v.ensure(ctx, charge)
		var foreign *children.ForeignError
		if errors.As(err, &foreign) {
			v.hinder(v1alpha1.ReasonForeignObject, foreign.Error())
			return nil
		}
		if err != nil {
			return err
		}
		made = append(made, v1alpha1.Reference{Name: v1alpha1.ObjectName(charge.Name)})
	}
	s.Charges, s.CompletedAt = made, moment(v.now)
	return nil
}

// ensure makes one charge unless it exists.
func (v *visit) ensure(ctx context.Context, due terms.HandoverCharge) error {
	made, err := children.Ensure(ctx, v.Client, v.Live, children.Child[*v1alpha1.Charge]{
		Kind: "charge",
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
	})
	if err != nil {
		return err
	}
	v.Events.Eventf(v.tenant, made, corev1.EventTypeNormal, "ChargeDue", "Charge",
		"%s %s is due for data export %s", made.Spec.Currency, made.Spec.Amount, v.export.Name)
	return nil
}
