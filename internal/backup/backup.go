// SPDX-License-Identifier: Apache-2.0

// Package backup says when a home is backed up, what a backup is, and which of
// them may go (LS-8). It is pure: it reads and writes no cluster.
package backup

import (
	"slices"
	"sort"
	"strings"
	"time"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v8/apis/volumesnapshot/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/desktop"
)

// Due returns the latest moment at which a backup was due, zero before the
// first, and the next one. They count from the anchor, each from it anew, so that
// a month's end does not wander: after 31 January come 28 February and 31 March.
// Days are those of UTC, which have no hour twice.
func Due(anchor time.Time, every calendar.Period, now time.Time) (last, next time.Time) {
	anchor = anchor.UTC()
	nth := func(n int) time.Time {
		return calendar.Period{Months: n * every.Months, Days: n * every.Days, Clock: time.Duration(n) * every.Clock}.AfterMoment(anchor, time.UTC)
	}
	if !nth(1).After(anchor) {
		return time.Time{}, time.Time{} // no time at all; the API server lets no such period in
	}
	bound := 1
	for !nth(bound).After(now) {
		bound *= 2
	}
	first := sort.Search(bound, func(n int) bool { return nth(n + 1).After(now) }) + 1 // the first that is yet to come
	if first > 1 {
		last = nth(first - 1)
	}
	return last, nth(first)
}

// Name returns the name of the backup of a workplace's home that was due at a
// moment. Names sort by that moment.
func Name(workplace string, due time.Time) string {
	return desktop.ClaimName(workplace) + "-" + due.UTC().Format("20060102-150405")
}

// Snapshot returns the backup of a workplace's home that was due at a moment. It
// has no owner: a backup outlives what it is of.
func Snapshot(tenant string, w *v1alpha1.Workplace, spec *v1alpha1.BackupSpec, due time.Time) *snapshotv1.VolumeSnapshot {
	s := &snapshotv1.VolumeSnapshot{
		ObjectMeta: metav1.ObjectMeta{
			Name:      Name(w.Name, due),
			Namespace: w.Namespace,
			Labels: map[string]string{
				v1alpha1.LabelManagedBy: v1alpha1.ManagedBy,
				v1alpha1.LabelTenant:    tenant,
				v1alpha1.LabelWorkplace: w.Name,
			},
			Annotations: map[string]string{v1alpha1.AnnotationUsername: string(w.Spec.User.Username)},
		},
		Spec: snapshotv1.VolumeSnapshotSpec{Source: snapshotv1.VolumeSnapshotSource{PersistentVolumeClaimName: ptr.To(desktop.ClaimName(w.Name))}},
	}
	if spec.SnapshotClassName != "" {
		s.Spec.VolumeSnapshotClassName = ptr.To(spec.SnapshotClassName)
	}
	return s
}

// Own reports whether a snapshot is a backup of a workplace's home.
func Own(s *snapshotv1.VolumeSnapshot, workplace string) bool {
	return s.Labels[v1alpha1.LabelManagedBy] == v1alpha1.ManagedBy && s.Labels[v1alpha1.LabelWorkplace] == workplace
}

// OfUser reports whether a snapshot is a backup of a home of a user.
func OfUser(s *snapshotv1.VolumeSnapshot, user v1alpha1.Username) bool {
	return s.Labels[v1alpha1.LabelManagedBy] == v1alpha1.ManagedBy && s.Annotations[v1alpha1.AnnotationUsername] == string(user)
}

// Usable reports whether a home can be made from a snapshot.
func Usable(s *snapshotv1.VolumeSnapshot) bool {
	return s.DeletionTimestamp == nil && s.Status != nil && s.Status.ReadyToUse != nil && *s.Status.ReadyToUse
}

// Fault returns what the storage said is wrong with a snapshot; empty: nothing.
func Fault(s *snapshotv1.VolumeSnapshot) string {
	if s.Status == nil || s.Status.Error == nil {
		return ""
	}
	if s.Status.Error.Message == nil {
		return "the storage does not say why"
	}
	return *s.Status.Error.Message
}

// Superseded returns the backups of a workplace's home that may go: those before
// the newest so many that are usable. One that cannot be used takes no place.
func Superseded(all []snapshotv1.VolumeSnapshot, workplace string, keep int) []*snapshotv1.VolumeSnapshot {
	var mine []*snapshotv1.VolumeSnapshot
	for i := range all {
		if Own(&all[i], workplace) && all[i].DeletionTimestamp == nil {
			mine = append(mine, &all[i])
		}
	}
	slices.SortFunc(mine, func(a, b *snapshotv1.VolumeSnapshot) int { return strings.Compare(b.Name, a.Name) })
	for i, s := range mine {
		if Usable(s) {
			keep--
		}
		if keep == 0 {
			return mine[i+1:]
		}
	}
	return nil
}
