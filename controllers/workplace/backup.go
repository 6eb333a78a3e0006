// SPDX-License-Identifier: Apache-2.0

package workplace

import (
	"context"
	"errors"
	"fmt"
	"time"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v8/apis/volumesnapshot/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/children"
	"werkplek.dev/werkplek/internal/backup"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/desktop"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/reading"
)

const (
	// taking is how often to look whether a backup can be used yet, and absent how
	// often whether the cluster can make any.
	taking = 20 * time.Second
	absent = 15 * time.Minute
)

// backUp makes the backup that is due, and removes those that it supersedes once
// it can be used. Between two that are due it asks the API server nothing: the
// snapshots are watched by nobody, for many clusters have none.
func (v *visit) backUp(ctx context.Context) error {
	s := &v.workplace.Status
	if v.class == nil || v.class.Spec.Backup == nil || v.tenant == nil || !v.home.OK() || v.claim == nil {
		if v.class != nil && v.class.Spec.Backup == nil {
			v.Conditions.Remove(v1alpha1.ConditionBackupReady)
		}
		return nil
	}
	every, err := calendar.ParsePeriod(string(v.class.Spec.Backup.Every))
	if err != nil {
		return nil // the API server lets no such period in
	}
	last, next := backup.Due(v.workplace.CreationTimestamp.Time, every, v.Now)
	v.Recheck(next)
	if last.IsZero() {
		v.Conditions.Unknown(v1alpha1.ConditionBackupReady, v1alpha1.ReasonNotYet, "the first backup is due at "+next.Format(time.RFC3339))
		return nil
	}
	known := s.Backup != nil && s.Backup.DueAt.Time.Equal(last)
	if known && meta.IsStatusConditionTrue(s.Conditions, v1alpha1.ConditionBackupReady) {
		return nil
	}
	if v.claim.Status.Phase != corev1.ClaimBound {
		v.Conditions.Unknown(v1alpha1.ConditionBackupReady, v1alpha1.ReasonHomeBinding, "the home has no volume yet")
		v.Recheck(v.Now.Add(retry))
		return nil
	}
	return v.take(ctx, last)
}

// take makes the backup that was due at a moment, and says how far it is.
func (v *visit) take(ctx context.Context, due time.Time) error {
	wanted := backup.Snapshot(v.tenant.Name, v.workplace, v.class.Spec.Backup, due)
	snapshot, err := reading.Maybe(ctx, v.Live, client.ObjectKeyFromObject(wanted), &snapshotv1.VolumeSnapshot{})
	if err == nil && snapshot == nil {
		snapshot = wanted
		err = children.Create(ctx, v.Client, snapshot, "a backup was due at "+due.Format(time.RFC3339))
	}
	later := func(wait time.Duration, o outcome.Outcome) error {
		v.Conditions.Report(v1alpha1.ConditionBackupReady, o)
		v.Recheck(v.Now.Add(wait))
		return nil
	}
	switch {
	case noAPI(err) || apierrors.IsNotFound(err):
		return later(absent, outcome.Stalled(v1alpha1.ReasonNoSnapshotAPI,
			"the cluster has no VolumeSnapshots: install the snapshot controller and its CRDs, or take spec.backup out of class "+
				v.class.Name))
	case refused(err):
		return later(retry, outcome.Stalled(v1alpha1.ReasonBackupFailed, "the backup is refused: "+reasonOf(err)))
	case err != nil:
		return err
	case !backup.Own(snapshot, v.workplace.Name):
		return later(taken, children.Foreign("snapshot", snapshot.Name))
	}
	v.workplace.Status.Backup = &v1alpha1.BackupStatus{Name: snapshot.Name, DueAt: metav1.NewTime(due)}
	if fault := backup.Fault(snapshot); fault != "" && !backup.Usable(snapshot) {
		return later(retry, outcome.Stalled(v1alpha1.ReasonBackupFailed, "the backup cannot be made: "+fault))
	}
	// Also while this one is being made: those before may have become usable since.
	if err := v.supersede(ctx); err != nil {
		return err
	}
	if !backup.Usable(snapshot) {
		return later(taking, outcome.Unknown(v1alpha1.ReasonBackingUp, "the backup is being made"))
	}
	v.Conditions.True(v1alpha1.ConditionBackupReady, v1alpha1.ReasonBackedUp, "the latest backup can be used")
	return nil
}

// supersede removes the backups beyond the number to keep. A legal hold keeps them all.
func (v *visit) supersede(ctx context.Context) error {
	if v.tenant.Spec.LegalHold != nil {
		return nil
	}
	var all snapshotv1.VolumeSnapshotList
	if err := v.Live.List(ctx, &all, client.InNamespace(v.workplace.Namespace), client.MatchingLabels{v1alpha1.LabelWorkplace: v.workplace.Name}); err != nil {
		return err
	}
	var faults []error
	for _, old := range backup.Superseded(all.Items, v.workplace.Name, int(v.class.Spec.Backup.Keep)) {
		faults = append(faults, children.Delete(ctx, v.Client, old, "newer backups take its place"))
	}
	return errors.Join(faults...)
}

// judgeBackup says whether the backup that a new home is to be made from can be
// used. Nobody's home is made from another person's.
func (v *visit) judgeBackup(ctx context.Context) (outcome.Outcome, error) {
	usable := outcome.Ready(v1alpha1.ReasonBackedUp, "the home can be made")
	name := desktop.RestoreFrom(v.workplace)
	if name == "" || v.class == nil {
		return usable, nil
	}
	key := client.ObjectKey{Namespace: v.workplace.Namespace, Name: name}
	snapshot, err := reading.Maybe(ctx, v.Live, key, &snapshotv1.VolumeSnapshot{})
	size := desktop.HomeSize(v.workplace, v.class)
	switch {
	case noAPI(err):
		return outcome.Stalled(v1alpha1.ReasonNoSnapshotAPI,
			"the cluster has no VolumeSnapshots: install the snapshot controller and its CRDs"), nil
	case err != nil:
		return outcome.Outcome{}, err
	case snapshot == nil:
		return outcome.Stalled(v1alpha1.ReasonSnapshotNotFound, fmt.Sprintf(
			"there is no VolumeSnapshot %s in namespace %s", name, v.workplace.Namespace)), nil
	case !backup.OfUser(snapshot, v.workplace.Spec.User.Username):
		return outcome.Stalled(v1alpha1.ReasonHomeOfAnother, fmt.Sprintf(
			"VolumeSnapshot %s is no backup of a home of %s", name, v.workplace.Spec.User.Username)), nil
	case !backup.Usable(snapshot):
		return outcome.Waiting(v1alpha1.ReasonSnapshotNotReady, fmt.Sprintf("VolumeSnapshot %s cannot be used yet", name)), nil
	case snapshot.Status.RestoreSize != nil && snapshot.Status.RestoreSize.Cmp(size) > 0:
		return outcome.Stalled(v1alpha1.ReasonVolumeUnavailable, fmt.Sprintf(
			"the home of %s is too small for backup %s: spec.home.size must be at least %s",
			size.String(), name, snapshot.Status.RestoreSize.String())), nil
	}
	return usable, nil
}

// noAPI reports whether the cluster does not know a kind.
func noAPI(err error) bool { return meta.IsNoMatchError(err) }
