// SPDX-License-Identifier: Apache-2.0

package retention

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v8/apis/volumesnapshot/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/terms/standing"
)

var (
	noon   = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	errOff = errors.New("the API server is away")
)

const jansen = "tenant-jansen"

// store is a cluster that says in which order things were done to it.
type store struct {
	client.Client
	t    *testing.T
	done []string
	fail string // beginning of what fails
}

func kindOf(o any) string {
	return fmt.Sprintf("%T", o)[strings.LastIndex(fmt.Sprintf("%T", o), ".")+1:]
}

func (s *store) do(what string) error {
	if s.fail != "" && strings.HasPrefix(what, s.fail) {
		return errOff
	}
	s.done = append(s.done, what)
	return nil
}

func newStore(t *testing.T, objects ...client.Object) *store {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, v1alpha1.AddToScheme, snapshotv1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	s := &store{t: t}
	own := make([]client.Object, len(objects)) // the store writes to what it is given, and rows share that
	for i := range objects {
		own[i] = objects[i].DeepCopyObject().(client.Object)
	}
	bare := fake.NewClientBuilder().WithScheme(scheme).WithTypeConverters(managedfields.NewDeducedTypeConverter()).
		WithObjects(own...).Build()
	s.Client = interceptor.NewClient(bare, interceptor.Funcs{
		Delete: func(ctx context.Context, c client.WithWatch, o client.Object, _ ...client.DeleteOption) error {
			if err := s.do("delete " + kindOf(o) + " " + o.GetName()); err != nil {
				return err
			}
			return c.Delete(ctx, o)
		},
		List: func(ctx context.Context, c client.WithWatch, l client.ObjectList, opts ...client.ListOption) error {
			if s.fail != "" && strings.HasPrefix("list "+kindOf(l), s.fail) {
				return errOff
			}
			return c.List(ctx, l, opts...)
		},
	})
	return s
}

// eraser writes proofs into a tenant.
func (s *store) eraser(tenant *v1alpha1.Tenant) Eraser {
	return Eraser{Client: s.Client, Live: s.Client, Write: func(_ context.Context, change func(*v1alpha1.Tenant)) error {
		if err := s.do("prove"); err != nil {
			return err
		}
		change(tenant)
		return nil
	}}
}

func tenant() *v1alpha1.Tenant {
	return &v1alpha1.Tenant{ObjectMeta: metav1.ObjectMeta{Name: "jansen", UID: "uid-jansen", Generation: 3}}
}

func marked(name, workplace string) metav1.ObjectMeta {
	return metav1.ObjectMeta{
		Name: name, Namespace: jansen, UID: types.UID("uid-" + name),
		Labels: map[string]string{
			v1alpha1.LabelManagedBy: v1alpha1.ManagedBy, v1alpha1.LabelTenant: "jansen", v1alpha1.LabelWorkplace: workplace,
		},
		Annotations: map[string]string{v1alpha1.AnnotationUsername: workplace + "@jansen.example"},
	}
}

func claim(workplace string) *corev1.PersistentVolumeClaim {
	return &corev1.PersistentVolumeClaim{ObjectMeta: marked("home-"+workplace, workplace)}
}

func backup(workplace string) *snapshotv1.VolumeSnapshot {
	return &snapshotv1.VolumeSnapshot{ObjectMeta: marked("backup-"+workplace, workplace)}
}

func workplace(name string) *v1alpha1.Workplace {
	return &v1alpha1.Workplace{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: jansen, UID: types.UID("uid-" + name)}}
}

var order = standing.Erasure{Rule: "retention.afterEnd P30D", Announcement: "closure-announcement-2026-11-20"}

func (s *store) eraseAll(t *v1alpha1.Tenant) (Erasure, error) {
	var list v1alpha1.WorkplaceList
	if err := s.List(s.t.Context(), &list); err != nil {
		s.t.Fatal(err)
	}
	s.done = nil
	return AllData{s.eraser(t)}.Erase(s.t.Context(), t, list.Items, order, noon)
}

// TestAllData: what goes is written down first, then it goes, and that it is gone
// is said when nothing is left, backups included.
func TestAllData(t *testing.T) {
	t.Parallel()
	jan := tenant()
	s := newStore(t, jan, claim("anna"), claim("bert"), backup("anna"), workplace("anna"))
	found, err := s.eraseAll(jan)
	want := []string{
		"prove", "delete VolumeSnapshot backup-anna", "delete Workplace anna",
		"delete PersistentVolumeClaim home-anna", "delete PersistentVolumeClaim home-bert",
	}
	if err != nil || found.Done || !slices.Equal(s.done, want) {
		t.Errorf("done %t, %v:\n%q, want\n%q", found.Done, err, s.done, want)
	}
	proof := jan.Status.Erasure
	if proof == nil || proof.At != nil || proof.Count != 2 || len(proof.Homes) != 2 ||
		proof.Homes[0].ClaimUID != "uid-home-anna" {
		t.Errorf("proof %+v", proof)
	}
	jan.Status.Erasure = found.Proof
	found, err = s.eraseAll(jan)
	if err != nil || !found.Done || len(s.done) > 0 {
		t.Errorf("nothing is left: %+v, %v, did %q", found, err, s.done)
	}
	jan.Status.Erasure = found.Proof
	if p := found.Proof; p.At == nil || p.Count != 2 || p.Backups != 1 || p.Rule != order.Rule || p.AnnouncedBy == "" {
		t.Errorf("proof %+v", p)
	}
	if found, err = s.eraseAll(jan); err != nil || found.Done {
		t.Errorf("it is said once: %+v, %v", found, err)
	}
}

// TestBackupsWait: that all is gone is not said while backups are left.
func TestBackupsWait(t *testing.T) {
	t.Parallel()
	jan, kept := tenant(), backup("anna")
	kept.Finalizers = []string{"test/hold"}
	s := newStore(t, jan, kept)
	for range 2 {
		found, err := s.eraseAll(jan)
		if err != nil || found.Done || !found.Look.After(noon) || found.Proof.Backups != 1 {
			t.Fatalf("%+v, %v: want to look again", found, err)
		}
		if jan.Status.Erasure == nil {
			t.Error("the proof comes before the first deletion")
		}
		jan.Status.Erasure = found.Proof
	}
}

// TestNothingGoesUnproven: where the Tenant has changed, the proof cannot be
// written or backups cannot be read, no home goes.
func TestNothingGoesUnproven(t *testing.T) {
	t.Parallel()
	for what, row := range map[string]struct {
		edit func(*v1alpha1.Tenant) // of the Tenant as it was judged
		fail string
	}{
		"another generation": {edit: func(t *v1alpha1.Tenant) { t.Generation = 2 }},
		"another Tenant":     {edit: func(t *v1alpha1.Tenant) { t.UID = "uid-other" }},
		"no such Tenant":     {edit: func(t *v1alpha1.Tenant) { t.Name = "pietersen" }},
		"no proof":           {fail: "prove"},
		"backups unread":     {fail: "list VolumeSnapshotList"},
		"backups stay":       {fail: "delete VolumeSnapshot"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := newStore(t, tenant(), claim("anna"), backup("anna"))
			judged := tenant()
			if row.edit != nil {
				row.edit(judged)
			}
			s.fail = row.fail
			progress, err := s.eraser(judged).Erase(t.Context(), judged, Lot{
				Claims:  []corev1.PersistentVolumeClaim{*claim("anna")},
				Backups: client.MatchingLabels{v1alpha1.LabelWorkplace: "anna"},
				Prove:   func(*v1alpha1.Tenant) {},
			})
			if progress.Gone > 0 || (err == nil) == (row.fail != "") {
				t.Errorf("%+v, %v", progress, err)
			}
			if slices.Contains(s.done, "delete PersistentVolumeClaim home-anna") {
				t.Errorf("it did %q", s.done)
			}
		})
	}
}

// TestRemovedHome: a home goes with its own backups after it was written down once;
// that of a workplace which came back stays.
func TestRemovedHome(t *testing.T) {
	t.Parallel()
	jan := tenant()
	s := newStore(t, jan, claim("anna"), claim("bert"), backup("anna"), backup("bert"), workplace("bert"))
	step := RemovedHome{s.eraser(jan)}
	said, err := step.Erase(t.Context(), jan, claim("bert"), "rule", noon)
	if err != nil || said != "" || len(s.done) > 0 {
		t.Errorf("a workplace that is there: %q, %v, did %q", said, err, s.done)
	}
	said, err = step.Erase(t.Context(), jan, claim("anna"), "rule", noon)
	want := []string{"prove", "delete VolumeSnapshot backup-anna", "delete PersistentVolumeClaim home-anna"}
	if err != nil || !strings.Contains(said, "anna was erased under rule") || !slices.Equal(s.done, want) {
		t.Errorf("%q, %v, did %q, want %q", said, err, s.done, want)
	}
	if said, err = step.Erase(t.Context(), jan, claim("anna"), "rule", noon); err != nil || said != "" {
		t.Errorf("it is said when it goes, once: %q, %v", said, err)
	}
	homes := jan.Status.RemovedHomes
	if len(homes) != 1 || homes[0].ClaimUID != "uid-home-anna" || homes[0].At == nil || homes[0].Rule != "rule" {
		t.Errorf("written down: %+v", homes)
	}
}

// TestRemember: the list of erased homes keeps the newest.
func TestRemember(t *testing.T) {
	t.Parallel()
	status := &v1alpha1.TenantStatus{}
	for i := range rememberedHomes + 5 {
		remember(status, v1alpha1.ErasedHome{ClaimUID: fmt.Sprint(i)})
	}
	if n := len(status.RemovedHomes); n != rememberedHomes || status.RemovedHomes[n-1].ClaimUID != fmt.Sprint(n+4) {
		t.Errorf("%d homes, the last %+v", n, status.RemovedHomes[n-1])
	}
}

// TestJudge: a Tenant may be deleted once nothing must be kept.
func TestJudge(t *testing.T) {
	t.Parallel()
	charge := &v1alpha1.Charge{ObjectMeta: marked("c", "")}
	invoiced := charge.DeepCopy()
	invoiced.Status.Invoice = &v1alpha1.ChargedInvoice{Number: "1"}
	record := &v1alpha1.UsageRecord{ObjectMeta: marked("r", ""), Status: v1alpha1.UsageRecordStatus{
		Month: "2026-10", Users: []v1alpha1.UserUsage{{Username: "anna"}},
	}}
	report := &v1alpha1.LicenseReport{ObjectMeta: metav1.ObjectMeta{Name: "2026-10"}}
	final := report.DeepCopy()
	at := metav1.NewTime(noon)
	final.Status.FinalAt = &at
	for what, row := range map[string]struct {
		there      []client.Object
		workplaces []v1alpha1.Workplace
		hold       bool
		reason     string
		says       string
	}{
		"nothing":        {reason: v1alpha1.ReasonNoData},
		"held":           {hold: true, reason: v1alpha1.ReasonLegalHold, says: "held under K-1"},
		"workplaces":     {workplaces: []v1alpha1.Workplace{{}}, reason: v1alpha1.ReasonDataKept, says: "workplaces"},
		"homes":          {there: []client.Object{claim("anna")}, reason: v1alpha1.ReasonDataKept, says: "homes"},
		"a charge":       {there: []client.Object{charge}, reason: v1alpha1.ReasonDataKept, says: "not invoiced"},
		"invoiced":       {there: []client.Object{invoiced}, reason: v1alpha1.ReasonNoData},
		"usage":          {there: []client.Object{record}, reason: v1alpha1.ReasonUsageNotReported, says: "2026-10"},
		"usage, not yet": {there: []client.Object{record, report}, reason: v1alpha1.ReasonUsageNotReported, says: "2026-10"},
		"usage reported": {there: []client.Object{record, final}, reason: v1alpha1.ReasonNoData},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s, jan := newStore(t, row.there...), tenant()
			if row.hold {
				jan.Spec.LegalHold = &v1alpha1.LegalHold{Reference: "K-1"}
			}
			allowed, err := Deletion{Client: s.Client, Live: s.Client}.Judge(t.Context(), jan, row.workplaces)
			if err != nil || allowed.Reason != row.reason || allowed.OK() != (row.reason == v1alpha1.ReasonNoData) ||
				!strings.Contains(allowed.Message, row.says) {
				t.Errorf("%s, %v; want %s, %q", allowed, err, row.reason, row.says)
			}
		})
	}
	for _, unread := range []string{"PersistentVolumeClaimList", "ChargeList", "UsageRecordList"} {
		s := newStore(t)
		s.fail = "list " + unread
		allowed, err := Deletion{Client: s.Client, Live: s.Client}.Judge(t.Context(), tenant(), nil)
		if err == nil || allowed.Known() {
			t.Errorf("without %s: %s, %v", unread, allowed, err)
		}
	}
}
