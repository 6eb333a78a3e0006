// SPDX-License-Identifier: Apache-2.0

package tenant

import (
	"context"
	"errors"
	"fmt"
	"time"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v8/apis/volumesnapshot/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/children"
	"werkplek.dev/werkplek/controllers/tenant/furnish"
	"werkplek.dev/werkplek/internal/terms"
)

const (
	// provenHomes is how many homes a proof of erasure lists; it counts all.
	provenHomes = 1000
	// going is how often to look whether backups are gone.
	going = 5 * time.Second
)

// eraseData erases homes whose time is over (LS-5, EC-6..8): what will be erased
// is written down first, then it goes, then that it is gone.
func (v *visit) eraseData(ctx context.Context) error {
	if v.standing.Erase == nil || v.namespace == "" {
		return nil
	}
	order := v.standing.Erase
	var claims corev1.PersistentVolumeClaimList
	if err := v.Client.List(ctx, &claims, client.InNamespace(v.namespace), client.UnsafeDisableDeepCopy); err != nil {
		return err
	}
	proof := v.tenant.Status.Erasure
	if len(claims.Items) == 0 && len(v.workplaces) == 0 {
		if proof != nil && proof.At != nil && proof.Rule == order.Rule {
			return nil
		}
		if proof == nil || proof.At != nil {
			proof = &v1alpha1.ErasureStatus{Rule: order.Rule, AnnouncedBy: v1alpha1.ObjectName(order.Announcement)}
		}
		if left, err := v.eraseBackups(ctx, proof); left || err != nil {
			return err
		}
		at := metav1.NewTime(v.Now.UTC())
		proof.At = &at
		v.tenant.Status.Erasure = proof
		v.Announce(true, "Erased", "Erase", fmt.Sprintf("%d homes were erased under %s", proof.Count, order.Rule))
		v.again = true
		v.Recheck(v.Now)
		return nil
	}
	if current, err := v.current(ctx); !current || err != nil {
		return err
	}
	if proof == nil || proof.At != nil {
		if err := v.prove(ctx, order, claims.Items); err != nil {
			return err
		}
	}
	var faults []error
	for i := range v.workplaces {
		faults = append(faults, children.Delete(ctx, v.Client, v.workplaces[i].DeepCopy(), "the data is erased under "+order.Rule))
	}
	for i := range claims.Items {
		faults = append(faults, children.Delete(ctx, v.Client, claims.Items[i].DeepCopy(), "the data is erased under "+order.Rule))
	}
	return errors.Join(faults...)
}

// current reports whether the Tenant's spec is still what this visit has judged.
// A legal hold, or a notice taken back, that the cache has not seen yet must not
// come too late; its arrival brings us back.
func (v *visit) current(ctx context.Context) (bool, error) {
	live := &v1alpha1.Tenant{}
	if err := v.Live.Get(ctx, client.ObjectKeyFromObject(v.tenant), live); err != nil {
		return false, client.IgnoreNotFound(err)
	}
	return live.UID == v.tenant.UID && live.Generation == v.tenant.Generation, nil
}

// eraseBackups deletes the backups of all homes, and reports whether any are left to go.
func (v *visit) eraseBackups(ctx context.Context, proof *v1alpha1.ErasureStatus) (bool, error) {
	left, err := v.deleteBackups(ctx, client.MatchingLabels{v1alpha1.LabelManagedBy: v1alpha1.ManagedBy})
	if left > 0 {
		proof.Backups = max(proof.Backups, int32(left))
		v.tenant.Status.Erasure = proof
		v.Recheck(v.Now.Add(going))
	}
	return left > 0, err
}

// deleteBackups deletes the backups with some labels, and returns how many there
// were. Nobody watches snapshots, which many clusters do not have.
func (v *visit) deleteBackups(ctx context.Context, labels client.MatchingLabels) (int, error) {
	var snapshots snapshotv1.VolumeSnapshotList
	if err := v.Live.List(ctx, &snapshots, client.InNamespace(v.namespace), labels); err != nil {
		if meta.IsNoMatchError(err) {
			return 0, nil
		}
		return 0, fmt.Errorf("list backups: %w", err)
	}
	var faults []error
	for i := range snapshots.Items {
		faults = append(faults, children.Delete(ctx, v.Client, &snapshots.Items[i], "the home that it is of is erased"))
	}
	return len(snapshots.Items), errors.Join(faults...)
}

// prove writes down what is about to be erased.
func (v *visit) prove(ctx context.Context, order *terms.Erasure, claims []corev1.PersistentVolumeClaim) error {
	proof := &v1alpha1.ErasureStatus{Rule: order.Rule, AnnouncedBy: v1alpha1.ObjectName(order.Announcement), Count: int32(len(claims))}
	for i := range claims {
		if len(proof.Homes) == provenHomes {
			break
		}
		claim := &claims[i]
		proof.Homes = append(proof.Homes, v1alpha1.ErasedHome{
			Workplace: claim.Labels[v1alpha1.LabelWorkplace], ClaimUID: string(claim.UID), Username: claim.Annotations[v1alpha1.AnnotationUsername],
		})
	}
	if err := v.WriteFirst(ctx, func(tenant *v1alpha1.Tenant) { tenant.Status.Erasure = proof.DeepCopy() }); err != nil {
		return fmt.Errorf("write down what is erased: %w", err)
	}
	return nil
}

// leave removes the namespace of a tenant whose contract has ended and whose
// data was erased, once its charges are invoiced, its use of licences is
// reported and its notices are sent. The Tenant stays, with the proof.
func (v *visit) leave(ctx context.Context) error {
	if !v.gone() || v.namespace == "" || v.again {
		return nil // what this visit decided may bring a notice first
	}
	for _, sent := range v.facts.Notices {
		if sent.IsZero() {
			return nil
		}
	}
	if len(v.untold) > 0 || len(v.due.Notices) > 0 || v.tenant.Spec.LegalHold != nil {
		return nil
	}
	if held, err := v.held(ctx); held != "" || err != nil {
		return err
	}
	if month, err := v.unreported(ctx); month != "" || err != nil {
		return err
	}
	namespace := &corev1.Namespace{}
	if err := v.Client.Get(ctx, client.ObjectKey{Name: v.namespace}, namespace); err != nil || !furnish.Owns(v.tenant, namespace) {
		return client.IgnoreNotFound(err)
	}
	v.total()
	return children.Delete(ctx, v.Client, namespace, "the contract has ended and the data was erased")
}

// gone reports whether nothing of the tenant is kept but its records.
func (v *visit) gone() bool {
	return v.tenant.Erased() && v.tenant.DeletionTimestamp == nil
}

// total writes down what the tenant was charged in all.
func (v *visit) total() {
	v.tenant.Status.Erasure.Charged = v.terms.Money(v.facts.Charges.Sum())
	v.tenant.Status.Erasure.Currency = v1alpha1.Currency(v.terms.Currency)
}
