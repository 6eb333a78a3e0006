// SPDX-License-Identifier: Apache-2.0

package tenant_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v8/apis/volumesnapshot/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/client-go/tools/events"
	clocktesting "k8s.io/utils/clock/testing"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/indexes"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/controllers/tenant"
)

var (
	noon   = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	errOff = errors.New("the API server is away")
)

const jansen = "tenant-jansen"

// house is a cluster of one process with one tenant, jansen, under a reseller.
type house struct {
	client.Client // without faults
	t             *testing.T
	clock         *clocktesting.FakePassiveClock
	reconciler    *tenant.Reconciler
	calls         []string                // what the last visit asked and wrote
	fault         func(call string) error // nil: none
	events        *events.FakeRecorder
}

type indexer struct{ *fake.ClientBuilder }

func (i indexer) IndexField(_ context.Context, o client.Object, field string, extract client.IndexerFunc) error {
	i.WithIndex(o, field, extract)
	return nil
}

func newScheme(t *testing.T) *runtime.Scheme {
	s := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		corev1.AddToScheme, networkingv1.AddToScheme, rbacv1.AddToScheme, v1alpha1.AddToScheme, snapshotv1.AddToScheme,
	} {
		if err := add(s); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// newHouse makes a house whose tenant has a workplace, anna's.
func newHouse(t *testing.T, edits ...func(*v1alpha1.Tenant, *v1alpha1.ServiceTerms)) *house {
	t.Helper()
	made := metav1.NewTime(noon.AddDate(0, -10, 0))
	jan := &v1alpha1.Tenant{
		ObjectMeta: metav1.ObjectMeta{
			Name: "jansen", UID: "uid-jansen", Generation: 1, CreationTimestamp: made,
			Finalizers: []string{v1alpha1.FinalizerTenant},
		},
		Spec: v1alpha1.TenantSpec{
			Type: v1alpha1.Business, TermsRef: v1alpha1.Reference{Name: "basic"}, ResellerRef: &v1alpha1.Reference{Name: "oom"},
			Contact:  &v1alpha1.Person{Username: "piet@jansen.example", Email: "piet@jansen.example"},
			Contract: &v1alpha1.ContractSpec{StartsOn: "2026-01-05"},
			Limits:   &v1alpha1.TenantLimits{Workplaces: ptr.To[int32](5), CPU: ptr.To(resource.MustParse("4"))},
		},
	}
	oom := &v1alpha1.Tenant{
		ObjectMeta: metav1.ObjectMeta{Name: "oom", UID: "uid-oom", Generation: 1, CreationTimestamp: made},
		Spec: v1alpha1.TenantSpec{
			Type: v1alpha1.Business, TermsRef: v1alpha1.Reference{Name: "basic"}, Reseller: ptr.To(true),
		},
	}
	basic := &v1alpha1.ServiceTerms{
		ObjectMeta: metav1.ObjectMeta{Name: "basic", UID: "uid-basic", Generation: 1},
		Spec: v1alpha1.ServiceTermsSpec{
			TimeZone: "Europe/Amsterdam", Currency: "EUR",
			Plan:       &v1alpha1.PlanTerms{Price: "10.00", Capacity: ptr.To(resource.MustParse("50Gi"))},
			Billing:    &v1alpha1.BillingTerms{Period: "P1M"},
			Contract:   &v1alpha1.ContractTerms{Notice: &v1alpha1.NoticeTerms{Period: "P0D", To: v1alpha1.NoticeToImmediate}},
			Inactivity: &v1alpha1.InactivityTerms{EndAfter: "P6M"},
			Retention:  &v1alpha1.RetentionTerms{AfterEnd: "P30D", Announce: "P7D"},
			Notices:    []v1alpha1.NoticeType{v1alpha1.NoticeOfAcceptance},
		},
	}
	for _, edit := range edits {
		edit(jan, basic)
	}
	objects := []client.Object{
		jan, oom, basic,
		&v1alpha1.WorkplaceClass{
			ObjectMeta: metav1.ObjectMeta{Name: "office", UID: "uid-office", Generation: 1},
			Spec: v1alpha1.WorkplaceClassSpec{
				Licenses: []v1alpha1.LicenseName{"suite"},
				Desktop: v1alpha1.DesktopSpec{
					Image: "d:1", SecurityContext: &v1alpha1.DesktopSecurity{Level: v1alpha1.LevelBaseline},
				},
				Home:  v1alpha1.HomeSpec{Size: resource.MustParse("1Gi")},
				Price: &v1alpha1.ClassPrice{Amount: "25.00", Currency: "EUR", Per: "P1M"},
			},
		},
		&v1alpha1.License{ObjectMeta: metav1.ObjectMeta{Name: "suite", UID: "uid-suite", Generation: 1}},
	}
	build := fake.NewClientBuilder().WithScheme(newScheme(t)).
		WithTypeConverters(managedfields.NewDeducedTypeConverter()).
		WithObjects(objects...).
		WithStatusSubresource(&v1alpha1.Tenant{}, &v1alpha1.Suspension{}, &v1alpha1.Notice{}, &v1alpha1.Charge{},
			&v1alpha1.BillingAccount{}, &v1alpha1.Workplace{})
	if err := indexes.Register(t.Context(), indexer{build}); err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, clock: clocktesting.NewFakePassiveClock(noon), events: events.NewFakeRecorder(1000)}
	bare := build.Build()
	h.Client = bare
	watched := interceptor.NewClient(bare, h.interceptors())
	h.reconciler = &tenant.Reconciler{Controller: reconciling.New(h.clock, watched, h.events), Live: watched}
	h.workplace("anna", noon.AddDate(0, 0, -1))
	return h
}

func (h *house) call(what string) error {
	h.calls = append(h.calls, what)
	if h.fault == nil {
		return nil
	}
	return h.fault(what)
}

func kindOf(o any) string { return strings.TrimPrefix(fmt.Sprintf("%T", o), "*") }

func (h *house) interceptors() interceptor.Funcs {
	return interceptor.Funcs{
		Get: func(
			ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, opts ...client.GetOption,
		) error {
			if err := h.call(fmt.Sprintf("get %s %s", kindOf(o), key)); err != nil {
				return err
			}
			return c.Get(ctx, key, o, opts...)
		},
		List: func(ctx context.Context, c client.WithWatch, l client.ObjectList, opts ...client.ListOption) error {
			options := client.ListOptions{}
			options.ApplyOptions(opts)
			if err := h.call(fmt.Sprintf("list %s %s", kindOf(l), options.Namespace)); err != nil {
				return err
			}
			return c.List(ctx, l, opts...)
		},
		Create: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.CreateOption) error {
			if err := h.call(fmt.Sprintf("create %s %s", kindOf(o), client.ObjectKeyFromObject(o))); err != nil {
				return err
			}
			if o.GetUID() == "" {
				o.SetUID(uidOf(o))
			}
			o.SetCreationTimestamp(metav1.NewTime(h.clock.Now()))
			return c.Create(ctx, o, opts...)
		},
		Patch: func(
			ctx context.Context, c client.WithWatch, o client.Object, p client.Patch, opts ...client.PatchOption,
		) error {
			if err := h.call(fmt.Sprintf("patch %s %s", kindOf(o), client.ObjectKeyFromObject(o))); err != nil {
				return err
			}
			return c.Patch(ctx, o, p, opts...)
		},
		Delete: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.DeleteOption) error {
			if err := h.call(fmt.Sprintf("delete %s %s", kindOf(o), client.ObjectKeyFromObject(o))); err != nil {
				return err
			}
			return c.Delete(ctx, o)
		},
		SubResourcePatch: func(
			ctx context.Context, c client.Client, sub string, o client.Object, p client.Patch,
			opts ...client.SubResourcePatchOption,
		) error {
			if err := h.call(fmt.Sprintf("patch %s %s/%s", kindOf(o), client.ObjectKeyFromObject(o), sub)); err != nil {
				return err
			}
			return c.SubResource(sub).Patch(ctx, o, p, opts...)
		},
	}
}

func uidOf(o client.Object) types.UID { return types.UID(kindOf(o) + "-" + o.GetName()) }

// workplace makes a workplace of class office, last used at a moment, and its home.
func (h *house) workplace(name string, used time.Time) {
	h.t.Helper()
	marks := map[string]string{
		v1alpha1.LabelManagedBy: v1alpha1.ManagedBy, v1alpha1.LabelTenant: "jansen", v1alpha1.LabelWorkplace: name,
	}
	at := metav1.NewTime(used)
	made := metav1.NewTime(noon.AddDate(0, -9, 0))
	h.make(
		&v1alpha1.Workplace{
			ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: jansen, UID: types.UID("uid-" + name), CreationTimestamp: made},
			Spec: v1alpha1.WorkplaceSpec{
				User:     v1alpha1.Person{Username: v1alpha1.Username(name + "@jansen.example")},
				ClassRef: v1alpha1.Reference{Name: "office"},
			},
			Status: v1alpha1.WorkplaceStatus{Activity: &v1alpha1.Activity{LastActive: &at}},
		},
		&corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{
			Name: "home-" + name, Namespace: jansen, UID: types.UID("uid-home-" + name), CreationTimestamp: made, Labels: marks,
			Annotations: map[string]string{v1alpha1.AnnotationUsername: name + "@jansen.example"},
		}},
	)
}

// make creates objects with their status.
func (h *house) make(objects ...client.Object) {
	h.t.Helper()
	for _, o := range objects {
		whole := o.DeepCopyObject().(client.Object)
		if err := h.Create(h.t.Context(), o); err != nil {
			h.t.Fatal(err)
		}
		whole.SetResourceVersion(o.GetResourceVersion())
		if err := h.Status().Update(h.t.Context(), whole); err != nil && !strings.Contains(err.Error(), "not found") {
			h.t.Fatal(err)
		}
	}
}

func (h *house) visit() (ctrl.Result, error) {
	h.calls = nil
	return h.reconciler.Reconcile(h.t.Context(), ctrl.Request{NamespacedName: client.ObjectKey{Name: "jansen"}})
}

// settle visits the tenant until nothing changes.
func (h *house) settle() {
	h.t.Helper()
	for range 10 {
		before := h.dump()
		if _, err := h.visit(); err != nil {
			h.t.Fatalf("a visit without faults failed: %v", err)
		}
		if maps.Equal(before, h.dump()) {
			return
		}
	}
	h.t.Fatal("ten visits, and there is still something to do")
}

// lists are the kinds that a visit may touch.
func lists() []client.ObjectList {
	return []client.ObjectList{
		&v1alpha1.TenantList{}, &v1alpha1.BillingAccountList{}, &v1alpha1.SuspensionList{}, &v1alpha1.ChargeList{},
		&v1alpha1.NoticeList{},
		&v1alpha1.WorkplaceList{}, &corev1.NamespaceList{}, &corev1.ResourceQuotaList{}, &corev1.LimitRangeList{},
		&corev1.PersistentVolumeClaimList{}, &networkingv1.NetworkPolicyList{}, &rbacv1.RoleBindingList{},
		&rbacv1.ClusterRoleList{}, &rbacv1.ClusterRoleBindingList{}, &snapshotv1.VolumeSnapshotList{},
	}
}

// dump returns all objects, by kind and name, as text without what storing adds.
func (h *house) dump() map[string]string {
	h.t.Helper()
	all := map[string]string{}
	for _, list := range lists() {
		if err := h.List(h.t.Context(), list); err != nil {
			h.t.Fatal(err)
		}
		text, err := json.Marshal(list)
		if err != nil {
			h.t.Fatal(err)
		}
		var read struct{ Items []map[string]any }
		if err := json.Unmarshal(text, &read); err != nil {
			h.t.Fatal(err)
		}
		for _, item := range read.Items {
			meta := item["metadata"].(map[string]any)
			delete(meta, "resourceVersion")
			sortConditions(item)
			line, _ := json.Marshal(item)
			all[fmt.Sprintf("%s %v/%v", kindOf(list), meta["namespace"], meta["name"])] = string(line)
		}
	}
	return all
}

func sortConditions(item map[string]any) {
	status, _ := item["status"].(map[string]any)
	conditions, _ := status["conditions"].([]any)
	slices.SortFunc(conditions, func(a, b any) int {
		return strings.Compare(a.(map[string]any)["type"].(string), b.(map[string]any)["type"].(string))
	})
}

// differences returns what is there in one dump and not the same in another.
func differences(a, b map[string]string) []string {
	var found []string
	for _, key := range slices.Sorted(maps.Keys(a)) {
		if other, ok := b[key]; !ok {
			found = append(found, key+" is gone")
		} else if other != a[key] {
			found = append(found, key+" differs "+around(a[key], other))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(b)) {
		if _, ok := a[key]; !ok {
			found = append(found, key+" is new")
		}
	}
	return found
}

// around shows where two texts part.
func around(a, b string) string {
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	near := func(s string) string { return s[max(0, i-60):min(len(s), i+120)] }
	return fmt.Sprintf("from here on:\n\twas %s\n\tis  %s", near(a), near(b))
}
