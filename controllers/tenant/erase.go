// SPDX-License-Identifier: Apache-2.0

package tenant

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/children"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/controllers/tenant/furnish"
)

// judgeErasure says whether the Tenant may be deleted. As long as its namespace
// holds homes, workplaces or charges that were not invoiced, it may not.
func (v *visit) judgeErasure(ctx context.Context) error {
	if hold := v.tenant.Spec.LegalHold; hold != nil {
		v.Conditions.False(v1alpha1.ConditionErasureAllowed, v1alpha1.ReasonLegalHold, "data is held under "+hold.Reference)
		return nil
	}
	held, err := v.held(ctx)
	if err != nil {
		return err
	}
	if held == "" {
		held, err = v.unreported(ctx)
		if err != nil {
			return err
		}
		if held != "" {
			v.Conditions.False(v1alpha1.ConditionErasureAllowed, v1alpha1.ReasonUsageNotReported, fmt.Sprintf(
				"namespace %s still holds usage of %s, which is in no final licence report yet", v1alpha1.NamespaceFor(v.tenant.Name), held))
			return nil
		}
	}
	if held != "" {
		v.Conditions.False(v1alpha1.ConditionErasureAllowed, v1alpha1.ReasonDataKept, fmt.Sprintf(
			"namespace %s still holds %s", v1alpha1.NamespaceFor(v.tenant.Name), held))
		return nil
	}
	v.Conditions.True(v1alpha1.ConditionErasureAllowed, v1alpha1.ReasonNoData, "there is nothing left to keep")
	return nil
}

// held names the first kind of thing that must not be erased.
func (v *visit) held(ctx context.Context) (string, error) {
	in := client.InNamespace(v1alpha1.NamespaceFor(v.tenant.Name))
	if len(v.workplaces) > 0 {
		return "workplaces", nil
	}
	var claims corev1.PersistentVolumeClaimList
	if err := v.Client.List(ctx, &claims, in, client.UnsafeDisableDeepCopy); err != nil {
		return "", err
	}
	if len(claims.Items) > 0 {
		return "homes", nil
	}
	var charges v1alpha1.ChargeList
	if err := v.Client.List(ctx, &charges, in, client.UnsafeDisableDeepCopy); err != nil {
		return "", err
	}
	for i := range charges.Items {
		if charges.Items[i].Status.Invoice == nil {
			return "charges that were not invoiced", nil
		}
	}
	return "", nil
}

// unreported names a month of which the tenant's use of licences is recorded and
// in no final report: what the provider owes for it must not vanish (TD-14). Where
// the namespace may go at once, the API server is asked for the records that are
// closed as well.
func (v *visit) unreported(ctx context.Context) (string, error) {
	var records v1alpha1.UsageRecordList
	reader := client.Reader(v.Client)
	if v.tenant.DeletionTimestamp != nil || v.gone() {
		reader = v.Live
	}
	if err := reader.List(ctx, &records, client.InNamespace(v1alpha1.NamespaceFor(v.tenant.Name)), client.UnsafeDisableDeepCopy); err != nil {
		return "", err
	}
	for i := range records.Items {
		s := &records.Items[i].Status
		if len(s.Users) == 0 && len(s.Nodes) == 0 {
			continue
		}
		report := &v1alpha1.LicenseReport{}
		err := v.Client.Get(ctx, client.ObjectKey{Name: string(s.Month)}, report, client.UnsafeDisableDeepCopy)
		if client.IgnoreNotFound(err) != nil {
			return "", err
		}
		if err != nil || report.Status.FinalAt == nil {
			return string(s.Month), nil
		}
	}
	return "", nil
}

// erase removes the namespace of a Tenant that is being deleted, if it may go,
// and lets the Tenant go once it is gone.
func (v *visit) erase(ctx context.Context) error {
	namespace := &corev1.Namespace{}
	err := v.Client.Get(ctx, client.ObjectKey{Name: v1alpha1.NamespaceFor(v.tenant.Name)}, namespace)
	if apierrors.IsNotFound(err) || err == nil && !furnish.Owns(v.tenant, namespace) {
		return v.release(ctx)
	}
	if err != nil {
		return err
	}
	if allowed := meta.FindStatusCondition(v.tenant.Status.Conditions, v1alpha1.ConditionErasureAllowed); allowed.Status != metav1.ConditionTrue {
		v.Conditions.False(v1alpha1.ConditionReady, allowed.Reason, "deletion waits: "+allowed.Message)
		return nil
	}
	v.Conditions.False(v1alpha1.ConditionReady, v1alpha1.ReasonDeleting, "the namespace is being removed")
	return children.Delete(ctx, v.Client, namespace, "the Tenant is being deleted and holds nothing that must be kept")
}

// hold puts the finalizer on the tenant before anything exists that it must see
// gone. Nothing is done for a tenant without it: its namespace would stay when it
// is deleted, for nobody to remove.
func (v *visit) hold(ctx context.Context) error {
	err := v.WriteMeta(ctx, func(tenant client.Object) { controllerutil.AddFinalizer(tenant, v1alpha1.FinalizerTenant) })
	if _, fault := reconciling.Result(err); fault != nil {
		return reconciling.Stop(fault)
	}
	return err // it is gone, or was changed meanwhile
}

// release takes the finalizer off; that is the last that is done for a tenant.
func (v *visit) release(ctx context.Context) error {
	err := v.WriteMeta(ctx, func(tenant client.Object) { controllerutil.RemoveFinalizer(tenant, v1alpha1.FinalizerTenant) })
	if err != nil {
		return err
	}
	return reconciling.ErrGone
}
