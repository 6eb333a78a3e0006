// SPDX-License-Identifier: Apache-2.0

package furnish

import (
	"maps"
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/terms/agreement"
)

func handsOn(t *testing.T, objects ...client.Object) Hands {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, rbacv1.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	c := fake.NewClientBuilder().WithScheme(scheme).WithTypeConverters(managedfields.NewDeducedTypeConverter()).
		WithObjects(objects...).Build()
	return Hands{Client: c, Live: c}
}

func jansen() *v1alpha1.Tenant {
	return &v1alpha1.Tenant{ObjectMeta: metav1.ObjectMeta{Name: "jansen", UID: "uid-jansen"}}
}

func classed(level v1alpha1.PodSecurityLevel) *v1alpha1.WorkplaceClass {
	return &v1alpha1.WorkplaceClass{Spec: v1alpha1.WorkplaceClassSpec{
		Desktop: v1alpha1.DesktopSpec{SecurityContext: &v1alpha1.DesktopSecurity{Level: level}},
	}}
}

// TestStrictest: a namespace allows what the most demanding of its classes needs, and no more.
func TestStrictest(t *testing.T) {
	t.Parallel()
	base, privileged := classed(v1alpha1.LevelBaseline), classed(v1alpha1.LevelPrivileged)
	for _, row := range []struct {
		classes []*v1alpha1.WorkplaceClass
		want    string
	}{
		{nil, "restricted"},
		{[]*v1alpha1.WorkplaceClass{{}}, "restricted"},
		{[]*v1alpha1.WorkplaceClass{base, {}}, "baseline"},
		{[]*v1alpha1.WorkplaceClass{privileged, base}, "privileged"},
	} {
		if got := strictest(row.classes); got != row.want {
			t.Errorf("%v: %s, want %s", row.classes, got, row.want)
		}
	}
}

// TestNamespace: a namespace that is not the tenant's, or is going, is not touched.
func TestNamespace(t *testing.T) {
	t.Parallel()
	made := func(uid string, finalizers ...string) *corev1.Namespace {
		return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
			Name: "tenant-jansen", Annotations: map[string]string{v1alpha1.AnnotationTenantUID: uid}, Finalizers: finalizers,
		}}
	}
	const jan, terminating = "tenant-jansen", v1alpha1.ReasonNamespaceTerminating
	for what, row := range map[string]struct {
		there *corev1.Namespace
		going bool

		found, kept string
		reason      string
		state       outcome.State
	}{
		"none":        {nil, false, "", jan, v1alpha1.ReasonReady, outcome.StateReady},
		"its own":     {made("uid-jansen"), false, jan, jan, v1alpha1.ReasonReady, outcome.StateReady},
		"another's":   {made("uid-other"), false, "", "", v1alpha1.ReasonNamespaceTaken, outcome.StateStalled},
		"on its way":  {made("uid-jansen", "test/hold"), true, "", "", terminating, outcome.StateWaiting},
		"nobody's":    {made(""), false, "", "", v1alpha1.ReasonNamespaceTaken, outcome.StateStalled},
		"another's 2": {made("uid-other", "test/hold"), true, "", "", v1alpha1.ReasonNamespaceTaken, outcome.StateStalled},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			hands := handsOn(t)
			if row.there != nil {
				hands = handsOn(t, row.there)
			}
			if row.going {
				if err := hands.Client.Delete(t.Context(), row.there); err != nil {
					t.Fatal(err)
				}
			}
			step := Namespace{hands}
			found, err := step.Find(t.Context(), jansen())
			if err != nil || found != row.found {
				t.Errorf("found %q, %v; want %q", found, err, row.found)
			}
			kept, o, err := step.Keep(t.Context(), jansen(), nil)
			if err != nil || kept != row.kept || o.Reason != row.reason || o.State != row.state {
				t.Errorf("kept %q, %s, %v; want %q, %s", kept, o, err, row.kept, row.reason)
			}
			stored := &corev1.Namespace{}
			if err := hands.Client.Get(t.Context(), client.ObjectKey{Name: "tenant-jansen"}, stored); err != nil {
				t.Fatal(err)
			}
			if labelled := stored.Labels[labelEnforce] == "restricted"; labelled != (row.kept != "") {
				t.Errorf("labels %v", stored.Labels)
			}
		})
	}
}

func compiled(t *testing.T, capacity string) *agreement.Terms {
	t.Helper()
	held, err := agreement.Compile(&v1alpha1.ServiceTermsSpec{
		TimeZone: "Europe/Amsterdam", Currency: "EUR", Billing: &v1alpha1.BillingTerms{Period: "P1M"},
		Plan: &v1alpha1.PlanTerms{Price: "10.00", Capacity: ptr.To(resource.MustParse(capacity))},
	})
	if err != nil {
		t.Fatal(err)
	}
	return held
}

// TestQuota: the stricter of limits and plan holds. While the terms are not usable
// nobody knows the plan, and its bound stays.
func TestQuota(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	limited := func(storage string) *v1alpha1.TenantLimits {
		return &v1alpha1.TenantLimits{Storage: ptr.To(resource.MustParse(storage))}
	}
	for what, row := range map[string]struct {
		limits, then *v1alpha1.TenantLimits
		plan         string // at first; empty: none
		lost         bool   // the terms are not usable afterwards
		want         string // storage; empty: no quota
	}{
		"the plan's":                   {plan: "50Gi", want: "50Gi"},
		"the limits'":                  {plan: "50Gi", limits: limited("20Gi"), then: limited("20Gi"), want: "20Gi"},
		"the plan's under limits":      {plan: "50Gi", limits: limited("80Gi"), then: limited("80Gi"), want: "50Gi"},
		"terms are lost":               {plan: "50Gi", lost: true, want: "50Gi"},
		"lost under limits":            {plan: "50Gi", then: limited("90Gi"), lost: true, want: "50Gi"},
		"lowered while terms are lost": {plan: "50Gi", then: limited("20Gi"), lost: true, want: "20Gi"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			quota, tenant := Quota{handsOn(t)}, jansen()
			tenant.Spec.Limits = row.limits
			held := compiled(t, row.plan)
			if o, err := quota.Keep(t.Context(), tenant, held, now); err != nil || !o.OK() {
				t.Fatal(o, err)
			}
			if row.lost {
				held = nil
			}
			tenant.Spec.Limits = row.then
			if o, err := quota.Keep(t.Context(), tenant, held, now); err != nil || !o.OK() {
				t.Fatal(o, err)
			}
			stored := &corev1.ResourceQuota{}
			key := client.ObjectKey{Namespace: "tenant-jansen", Name: boundsName}
			if err := quota.Client.Get(t.Context(), key, stored); err != nil {
				t.Fatal(err)
			}
			if got := stored.Spec.Hard[corev1.ResourceRequestsStorage]; got.Cmp(resource.MustParse(row.want)) != 0 {
				t.Errorf("storage %s, want %s", got.String(), row.want)
			}
		})
	}
}

// TestUserBinding: who has a workplace that is neither blocked nor going may act on
// it; a foreign binding of that name is reported, and left alone.
func TestUserBinding(t *testing.T) {
	t.Parallel()
	workplace := func(user string, access v1alpha1.Access) v1alpha1.Workplace {
		return v1alpha1.Workplace{Spec: v1alpha1.WorkplaceSpec{
			User: v1alpha1.Person{Username: v1alpha1.Username(user)}, Access: access,
		}}
	}
	going := workplace("dirk", "")
	going.DeletionTimestamp = ptr.To(metav1.Now())
	workplaces := []v1alpha1.Workplace{
		workplace("bert", ""), workplace("anna", ""), workplace("anna", ""), workplace("carl", v1alpha1.AccessBlocked), going,
	}
	if got := usersOf(workplaces); !slices.Equal(got, []string{"anna", "bert"}) {
		t.Errorf("users %q", got)
	}
	key := client.ObjectKey{Namespace: "tenant-jansen", Name: userRole}
	step := UserBinding{handsOn(t)}
	for _, list := range [][]v1alpha1.Workplace{workplaces, workplaces[:1]} {
		if o, err := step.Keep(t.Context(), jansen(), list); err != nil || !o.OK() {
			t.Fatal(o, err)
		}
		stored := &rbacv1.RoleBinding{}
		if err := step.Client.Get(t.Context(), key, stored); err != nil || len(stored.Subjects) != len(usersOf(list)) {
			t.Errorf("subjects %v, %v", stored.Subjects, err)
		}
	}
	if _, err := step.Keep(t.Context(), jansen(), nil); err != nil {
		t.Fatal(err)
	}
	if err := step.Client.Get(t.Context(), key, &rbacv1.RoleBinding{}); !apierrors.IsNotFound(err) {
		t.Errorf("without users there is no binding; got %v", err)
	}

	theirs := &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: key.Namespace, Name: key.Name}}
	o, err := UserBinding{handsOn(t, theirs)}.Keep(t.Context(), jansen(), workplaces)
	if err != nil || o.Reason != v1alpha1.ReasonForeignObject || o.State != outcome.StateStalled {
		t.Errorf("a foreign binding: %s, %v", o, err)
	}
}

// TestLimits: what the API server counts follows from what was agreed.
func TestLimits(t *testing.T) {
	t.Parallel()
	limits := &v1alpha1.TenantLimits{
		Workplaces: ptr.To[int32](5), CPU: ptr.To(resource.MustParse("4")), HomeSize: ptr.To(resource.MustParse("1Gi")),
	}
	hard := agreed(limits)
	bounded := []corev1.ResourceName{corev1.ResourcePods, corev1.ResourceRequestsCPU}
	if names := slices.Sorted(maps.Keys(hard)); !slices.Equal(names, bounded) {
		t.Errorf("bounded: %v", names)
	}
	items := limitsOf(limits)
	if len(items) != 2 || items[0].DefaultRequest.Cpu().IsZero() || items[1].Max.Storage().String() != "1Gi" {
		t.Errorf("limit range %+v", items)
	}
	if agreedNone, none := agreed(nil), limitsOf(nil); len(agreedNone) > 0 || len(none) > 0 {
		t.Errorf("without limits nothing is bounded: %v, %v", agreedNone, none)
	}
}
