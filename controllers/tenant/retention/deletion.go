// SPDX-License-Identifier: Apache-2.0

package retention

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/children"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/reading"
)

// +kubebuilder:rbac:groups=werkplek.dev,resources=charges;usagerecords;licensereports,verbs=get;list;watch
// +kubebuilder:rbac:groups="",resources=namespaces,verbs=get;list;watch;delete

// Deletion says whether a Tenant may be deleted, and deletes it. As long as its
// namespace holds homes, workplaces, charges that were not invoiced, or use of
// licences that was not reported, it may not.
type Deletion struct {
	Client client.Client
	Live   client.Reader // knows the usage records that are closed, too
}

// Judge says whether the Tenant may be deleted.
func (d Deletion) Judge(
	ctx context.Context, tenant *v1alpha1.Tenant, workplaces []v1alpha1.Workplace,
) (outcome.Outcome, error) {
	if hold := tenant.Spec.LegalHold; hold != nil {
		return outcome.Stalled(v1alpha1.ReasonLegalHold, "data is held under "+hold.Reference), nil
	}
	namespace := v1alpha1.NamespaceFor(tenant.Name)
	kept, err := "workplaces", error(nil)
	if len(workplaces) == 0 {
		kept, err = keptIn(ctx, d.Client, namespace)
	}
	if err != nil {
		return outcome.Outcome{}, err
	}
	if kept != "" {
		return outcome.Waiting(v1alpha1.ReasonDataKept, fmt.Sprintf("namespace %s still holds %s", namespace, kept)), nil
	}
	month, err := d.unreported(ctx, tenant)
	if err != nil {
		return outcome.Outcome{}, err
	}
	if month != "" {
		return outcome.Waiting(v1alpha1.ReasonUsageNotReported, fmt.Sprintf(
			"namespace %s still holds usage of %s, which is in no final licence report yet", namespace, month)), nil
	}
	return outcome.Ready(v1alpha1.ReasonNoData, "there is nothing left to keep"), nil
}

// keptIn names the first kind of thing because of which a namespace must stay, as
// far as a reader knows.
func keptIn(ctx context.Context, from client.Reader, namespace string) (string, error) {
	in := client.InNamespace(namespace)
	var claims corev1.PersistentVolumeClaimList
	if err := from.List(ctx, &claims, in, client.UnsafeDisableDeepCopy); err != nil {
		return "", err
	}
	for i := range claims.Items {
		if claim := &claims.Items[i]; claim.Labels[v1alpha1.LabelManagedBy] != v1alpha1.ManagedBy {
			return fmt.Sprintf("the claim %s, which is not marked as a home: see whose it is, and delete it", claim.Name), nil
		}
	}
	if len(claims.Items) > 0 {
		return "homes", nil
	}
	var charges v1alpha1.ChargeList
	if err := from.List(ctx, &charges, in, client.UnsafeDisableDeepCopy); err != nil {
		return "", err
	}
	for i := range charges.Items {
		if charges.Items[i].Status.Invoice == nil {
			return "charges that were not invoiced", nil
		}
	}
	return "", nil
}

// unreported names a month of which the tenant's use of licences is in no final
// report (TD-14). Where the namespace may go at once, the API server is asked for
// the records that are closed as well.
func (d Deletion) unreported(ctx context.Context, tenant *v1alpha1.Tenant) (string, error) {
	records := client.Reader(d.Client)
	if tenant.DeletionTimestamp != nil || tenant.Erased() {
		records = d.Live
	}
	return reading.Tenants{From: d.Client, Live: records}.Unreported(ctx, tenant.Name)
}

// Finish removes the namespace of a Tenant that is being deleted, if it may go,
// and says how far that is. It is ready once nothing of the namespace is left.
func (d Deletion) Finish(
	ctx context.Context, tenant *v1alpha1.Tenant, allowed outcome.Outcome,
) (outcome.Outcome, error) {
	namespace := &corev1.Namespace{}
	err := d.Client.Get(ctx, client.ObjectKey{Name: v1alpha1.NamespaceFor(tenant.Name)}, namespace)
	if apierrors.IsNotFound(err) || err == nil && !tenant.Owns(namespace) {
		return outcome.Ready(v1alpha1.ReasonDeleting, "the namespace is gone"), nil
	}
	if err != nil {
		return outcome.Outcome{}, err
	}
	if !allowed.OK() {
		return outcome.Waiting(allowed.Reason, "deletion waits: "+allowed.Message), nil
	}
	return d.remove(ctx, namespace, "the Tenant is being deleted and holds nothing that must be kept")
}

// Leave removes the namespace of a tenant whose contract has ended and whose data
// was erased, and says how far that is. The Tenant stays, with the proof.
func (d Deletion) Leave(ctx context.Context, tenant *v1alpha1.Tenant) (outcome.Outcome, error) {
	namespace := &corev1.Namespace{}
	err := d.Client.Get(ctx, client.ObjectKey{Name: v1alpha1.NamespaceFor(tenant.Name)}, namespace)
	if err != nil || !tenant.Owns(namespace) {
		return outcome.Ready(v1alpha1.ReasonDeleting, "the namespace is gone"), client.IgnoreNotFound(err)
	}
	left, err := d.remove(ctx, namespace, "the contract has ended and the data was erased")
	if left.Reason == v1alpha1.ReasonDeleting {
		left = outcome.Ready(left.Reason, left.Message)
	}
	return left, err
}

// remove is the one way by which a namespace goes. All that is in it goes along,
// whatever its labels, and caches know of what is labelled only: so the API server
// itself is asked whether anything must be kept.
func (d Deletion) remove(ctx context.Context, namespace *corev1.Namespace, why string) (outcome.Outcome, error) {
	going := outcome.Waiting(v1alpha1.ReasonDeleting, "the namespace is being removed")
	if namespace.DeletionTimestamp != nil {
		return going, nil
	}
	kept, err := keptIn(ctx, d.Live, namespace.Name)
	if err != nil {
		return outcome.Outcome{}, fmt.Errorf("look once more at what namespace %s holds: %w", namespace.Name, err)
	}
	if kept != "" {
		return outcome.Stalled(v1alpha1.ReasonDataKept,
			fmt.Sprintf("namespace %s is not removed: it still holds %s", namespace.Name, kept)), nil
	}
	return going, children.Delete(ctx, d.Client, namespace, why)
}

// AddFinalizer puts the finalizer on a Tenant, without which nobody would see to
// it that its namespace goes when it does.
func AddFinalizer(tenant client.Object) {
	controllerutil.AddFinalizer(tenant, v1alpha1.FinalizerTenant)
}

// RemoveFinalizer lets a Tenant go.
func RemoveFinalizer(tenant client.Object) {
	controllerutil.RemoveFinalizer(tenant, v1alpha1.FinalizerTenant)
}

// HasFinalizer reports whether a Tenant has the finalizer.
func HasFinalizer(tenant client.Object) bool {
	return controllerutil.ContainsFinalizer(tenant, v1alpha1.FinalizerTenant)
}
