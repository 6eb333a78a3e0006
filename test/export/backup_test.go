// SPDX-License-Identifier: Apache-2.0

package export

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v8/apis/volumesnapshot/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/world"
)

var backupPromises = map[string]func(*testing.T, world.World){
	"BackupsGoWithTheHomes": backupsGoWithTheHomes,
	"BackupsAreMadeAndGo":   backupsAreMadeAndGo,
	"RestoredHome":          restoredHome,
}

// snapshotCRDs are the files of the API of snapshots, in the module that has its types.
func snapshotCRDs(t *testing.T) []string {
	t.Helper()
	list := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/kubernetes-csi/external-snapshotter/client/v8")
	list.Dir = cluster.Root()
	dir, err := list.Output()
	must(t, err)
	return []string{filepath.Join(strings.TrimSpace(string(dir)), "config/crd/snapshot.storage.k8s.io_volumesnapshots.yaml")}
}

// snapshots is a client that knows them.
func snapshots(t *testing.T) client.Client {
	t.Helper()
	scheme := cluster.Scheme()
	utilruntime.Must(snapshotv1.AddToScheme(scheme))
	c, err := client.New(cluster.Shared().Config, client.Options{Scheme: scheme})
	must(t, err)
	return c
}

// metaOf is that of a backup of a user's home.
func metaOf(w world.World, name, user string) metav1.ObjectMeta {
	return metav1.ObjectMeta{
		Name: name, Namespace: w.Namespace("t"),
		Labels:      map[string]string{v1alpha1.LabelManagedBy: v1alpha1.ManagedBy, v1alpha1.LabelWorkplace: "anna"},
		Annotations: map[string]string{v1alpha1.AnnotationUsername: user},
	}
}

func backedUp(every v1alpha1.Period, keep int32) func(*v1alpha1.WorkplaceClassSpec) {
	return func(s *v1alpha1.WorkplaceClassSpec) {
		s.Backup = &v1alpha1.BackupSpec{Every: every, Keep: keep, SnapshotClassName: "fast"}
	}
}

// withoutSnapshots: on a cluster that has no snapshots desktops run, and the
// workplace says that it has no backup.
func withoutSnapshots(t *testing.T, w world.World) {
	provide(t, w, asTerms, backedUp("PT1S", 1), "anna")
	cluster.Eventually(t, soon, "the desktop", w.AllReady("t", 1))
	cluster.Eventually(t, 2*soon, "it says so", w.WorkplaceCondition("t", "anna", v1alpha1.ConditionBackupReady, v1alpha1.ReasonNoSnapshotAPI))
}

// usable is what a snapshot controller does with each snapshot.
func usable(ctx context.Context, c client.Client, namespace string) ([]snapshotv1.VolumeSnapshot, error) {
	var list snapshotv1.VolumeSnapshotList
	if err := c.List(ctx, &list, client.InNamespace(namespace)); err != nil {
		return nil, err
	}
	for i := range list.Items {
		s := &list.Items[i]
		if s.Status != nil {
			continue
		}
		base := s.DeepCopy()
		s.Status = &snapshotv1.VolumeSnapshotStatus{ReadyToUse: ptr.To(true), RestoreSize: ptr.To(resource.MustParse("1Gi"))}
		if err := client.IgnoreNotFound(c.Status().Patch(ctx, s, client.MergeFrom(base))); err != nil {
			return nil, err
		}
	}
	return list.Items, nil
}

// backupsAreMadeAndGo: a backup each period, and the older ones go once a newer
// one can be used, but not under a legal hold.
func backupsAreMadeAndGo(t *testing.T, w world.World) {
	c := snapshots(t)
	provide(t, w, asTerms, backedUp("PT8S", 1), "anna")
	must(t, hold(t.Context(), w, "order"))
	held := map[string]bool{}
	cluster.Eventually(t, 3*soon, "backups under a hold", func(ctx context.Context) error {
		all, err := usable(ctx, c, w.Namespace("t"))
		if err != nil {
			return err
		}
		for _, s := range all {
			held[s.Name] = true
			if *s.Spec.Source.PersistentVolumeClaimName != "home-anna" || *s.Spec.VolumeSnapshotClassName != "fast" || !strings.HasPrefix(s.Name, "home-anna-") {
				t.Errorf("the backup is %+v", s)
			}
		}
		if len(held) > len(all) {
			t.Errorf("of %d backups %d are left, and the data is held", len(held), len(all))
		}
		if len(all) < 3 {
			return fmt.Errorf("%d backups, want 3", len(all))
		}
		return nil
	})
	must(t, hold(t.Context(), w, ""))
	cluster.Eventually(t, 3*soon, "the older go", func(ctx context.Context) error {
		all, err := usable(ctx, c, w.Namespace("t"))
		if err != nil {
			return err
		}
		if len(all) == 0 || len(all) > 2 {
			return fmt.Errorf("%d backups, want the newest, and perhaps the one that is being made", len(all))
		}
		return nil
	})
}

// backupsGoWithTheHomes: when a tenant's data is erased, its backups are too, and
// the proof counts them.
func backupsGoWithTheHomes(t *testing.T, w world.World) {
	ctx, c := t.Context(), snapshots(t)
	provide(t, w, func(s *v1alpha1.ServiceTermsSpec) {
		s.Contract = &v1alpha1.ContractTerms{Notice: &v1alpha1.NoticeTerms{Period: "P0D", To: v1alpha1.NoticeToImmediate}}
		s.Retention = &v1alpha1.RetentionTerms{AfterEnd: "P0D"}
	}, func(*v1alpha1.WorkplaceClassSpec) {}, "anna")
	must(t, c.Create(ctx, &snapshotv1.VolumeSnapshot{
		ObjectMeta: metaOf(w, "home-anna-1", "anna@example.com"),
		Spec:       snapshotv1.VolumeSnapshotSpec{Source: snapshotv1.VolumeSnapshotSource{PersistentVolumeClaimName: ptr.To("home-anna")}},
	}))
	tenant := &v1alpha1.Tenant{}
	must(t, w.Get(ctx, client.ObjectKey{Name: w.TenantName("t")}, tenant))
	base := tenant.DeepCopy()
	tenant.Spec.Contract.NoticeReceivedOn = v1alpha1.Date(time.Now().AddDate(0, 0, -1).Format(time.DateOnly))
	must(t, w.Patch(ctx, tenant, client.MergeFrom(base)))
	cluster.Eventually(t, 3*soon, "the proof", func(ctx context.Context) error {
		if err := w.Get(ctx, client.ObjectKeyFromObject(tenant), tenant); err != nil {
			return err
		}
		if proof := tenant.Status.Erasure; proof == nil || proof.At == nil || proof.Count != 1 || proof.Backups != 1 {
			return fmt.Errorf("the proof is %+v", proof)
		}
		return nil
	})
	var left snapshotv1.VolumeSnapshotList
	must(t, c.List(ctx, &left, client.InNamespace(w.Namespace("t"))))
	if len(left.Items) != 0 {
		t.Errorf("%d backups are left", len(left.Items))
	}
}

// restoredHome: a new workplace of the same user gets a home made from a backup;
// nobody else's does, and a home that is there is not replaced.
func restoredHome(t *testing.T, w world.World) {
	ctx, c := t.Context(), snapshots(t)
	provide(t, w, asTerms, backedUp("P1D", 1), "anna")
	snapshot := func(name, user string) {
		must(t, c.Create(ctx, &snapshotv1.VolumeSnapshot{
			ObjectMeta: metaOf(w, name, user),
			Spec:       snapshotv1.VolumeSnapshotSpec{Source: snapshotv1.VolumeSnapshotSource{PersistentVolumeClaimName: ptr.To("home-anna")}},
		}))
	}
	snapshot("home-anna-20261126-180000", "anna@example.com")
	from := func(size, name string) func(*v1alpha1.WorkplaceSpec) {
		return func(s *v1alpha1.WorkplaceSpec) {
			s.Home = &v1alpha1.WorkplaceHome{Size: resource.MustParse(size), RestoreFrom: name}
		}
	}
	says := func(name, reason string) {
		t.Helper()
		cluster.Eventually(t, soon, name+" says why", w.WorkplaceCondition("t", name, v1alpha1.ConditionHomeReady, reason))
	}
	must(t, w.Workplace(ctx, "t", "absent", "anna@example.com", from("2Gi", "no-such")))
	says("absent", v1alpha1.ReasonSnapshotNotFound)
	must(t, w.Workplace(ctx, "t", "omar", "omar@example.com", from("2Gi", "home-anna-20261126-180000")))
	says("omar", v1alpha1.ReasonHomeOfAnother)
	must(t, w.Workplace(ctx, "t", "early", "anna@example.com", from("2Gi", "home-anna-20261126-180000")))
	says("early", v1alpha1.ReasonSnapshotNotReady)
	_, err := usable(ctx, c, w.Namespace("t"))
	must(t, err)
	must(t, w.Workplace(ctx, "t", "small", "anna@example.com", from("1Mi", "home-anna-20261126-180000")))
	says("small", v1alpha1.ReasonVolumeUnavailable)
	must(t, w.Workplace(ctx, "t", "back", "anna@example.com", from("2Gi", "home-anna-20261126-180000")))
	claim := &corev1.PersistentVolumeClaim{}
	cluster.Eventually(t, soon, "the restored home", func(ctx context.Context) error {
		return w.Get(ctx, client.ObjectKey{Namespace: w.Namespace("t"), Name: "home-back"}, claim)
	})
	if source := claim.Spec.DataSource; source == nil || source.Kind != "VolumeSnapshot" || source.Name != "home-anna-20261126-180000" {
		t.Errorf("the home is made from %+v", source)
	}
	// It is given at creation only.
	workplace := &v1alpha1.Workplace{}
	must(t, w.Get(ctx, client.ObjectKey{Namespace: w.Namespace("t"), Name: "anna"}, workplace))
	base := workplace.DeepCopy()
	from("2Gi", "home-anna-20261126-180000")(&workplace.Spec)
	if err := w.Patch(ctx, workplace, client.MergeFrom(base)); err == nil || !strings.Contains(err.Error(), "make another workplace") {
		t.Errorf("a home in use was to be replaced: %v", err)
	}
}
