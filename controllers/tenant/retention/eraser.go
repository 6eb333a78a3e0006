// SPDX-License-Identifier: Apache-2.0

// Package retention carries out what becomes of data that is no longer in use: the
// homes of removed workplaces, all of a tenant's data, backups, and at last the
// namespace and the Tenant. When that is, package internal/terms/retention says.
package retention

import (
	"context"
	"errors"
	"fmt"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v8/apis/volumesnapshot/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/children"
)

// +kubebuilder:rbac:groups=werkplek.dev,resources=workplaces,verbs=get;list;watch;delete
// +kubebuilder:rbac:groups="",resources=persistentvolumeclaims,verbs=get;list;watch;delete
// +kubebuilder:rbac:groups=snapshot.storage.k8s.io,resources=volumesnapshots,verbs=list;delete

// Eraser is the only one to erase data. What is going to be erased is written down
// first; then it goes, the backups before the homes, without which nothing leads
// to them; that it is gone is said by whoever is told so here.
type Eraser struct {
	Client client.Client
	Live   client.Reader // asked before anything goes, and for snapshots, which nobody watches
	// Write writes something into the Tenant's status at once.
	Write func(context.Context, func(*v1alpha1.Tenant)) error
}

// Lot is what is to be erased together.
type Lot struct {
	// Why, for whoever reads the log.
	Why        string
	Workplaces []v1alpha1.Workplace
	Claims     []corev1.PersistentVolumeClaim
	// Backups are those with these labels.
	Backups client.MatchingLabels
	// Prove writes down what is going to be erased; nil if that was done.
	Prove func(*v1alpha1.Tenant)
}

// Progress is how far the erasure of a lot has come.
type Progress struct {
	// Stale says that nothing was done: the Tenant is not what was judged any more.
	Stale bool
	// Gone are the claims that this call has made go.
	Gone int
	// Backups are those that were still there.
	Backups int
}

// Erase takes the erasure of a lot as far as it goes now.
func (e Eraser) Erase(ctx context.Context, tenant *v1alpha1.Tenant, lot Lot) (Progress, error) {
	backups, err := e.backups(ctx, tenant, lot.Backups)
	if err != nil {
		return Progress{}, err
	}
	done := Progress{Backups: len(backups)}
	if len(lot.Workplaces)+len(lot.Claims)+len(backups) == 0 {
		return done, nil
	}
	if current, err := e.current(ctx, tenant); !current || err != nil {
		return Progress{Stale: true}, err
	}
	if lot.Prove != nil {
		if err := e.Write(ctx, lot.Prove); err != nil {
			return done, fmt.Errorf("write down what is erased: %w", err)
		}
	}
	var faults []error
	for i := range backups {
		faults = append(faults, children.Delete(ctx, e.Client, &backups[i], "the home that it is of is erased"))
	}
	if err := errors.Join(faults...); err != nil {
		return done, err
	}
	for i := range lot.Workplaces {
		faults = append(faults, children.Delete(ctx, e.Client, lot.Workplaces[i].DeepCopy(), lot.Why))
	}
	for i := range lot.Claims {
		gone, err := children.Remove(ctx, e.Client, lot.Claims[i].DeepCopy(), lot.Why)
		if gone {
			done.Gone++
		}
		faults = append(faults, err)
	}
	return done, errors.Join(faults...)
}

// current reports whether the Tenant's spec is still what was judged. A legal
// hold, or a notice taken back, that the cache has not seen yet must not come too
// late; its arrival brings us back.
func (e Eraser) current(ctx context.Context, tenant *v1alpha1.Tenant) (bool, error) {
	live := &v1alpha1.Tenant{}
	if err := e.Live.Get(ctx, client.ObjectKeyFromObject(tenant), live); err != nil {
		return false, client.IgnoreNotFound(err)
	}
	return live.UID == tenant.UID && live.Generation == tenant.Generation, nil
}

// backups returns the backups with some labels. Nobody watches snapshots, which
// many clusters do not have.
func (e Eraser) backups(
	ctx context.Context, tenant *v1alpha1.Tenant, labels client.MatchingLabels,
) ([]snapshotv1.VolumeSnapshot, error) {
	var snapshots snapshotv1.VolumeSnapshotList
	err := e.Live.List(ctx, &snapshots, client.InNamespace(v1alpha1.NamespaceFor(tenant.Name)), labels)
	if meta.IsNoMatchError(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list backups: %w", err)
	}
	return snapshots.Items, nil
}
