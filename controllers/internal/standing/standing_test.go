// SPDX-License-Identifier: Apache-2.0

package standing_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/shopspring/decimal"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/indexes"
	"werkplek.dev/werkplek/controllers/internal/standing"
	"werkplek.dev/werkplek/internal/agenda"
	judged "werkplek.dev/werkplek/internal/terms/standing"
)

var (
	now     = time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)
	ordered = []cmp.Option{cmp.Comparer(func(a, b decimal.Decimal) bool { return a.Equal(b) }), cmpopts.IgnoreUnexported(judged.Standing{})}
)

func terms1(name string, edit func(*v1alpha1.ServiceTermsSpec)) *v1alpha1.ServiceTerms {
	object := &v1alpha1.ServiceTerms{Spec: v1alpha1.ServiceTermsSpec{
		TimeZone: "Europe/Amsterdam", Currency: "EUR", Billing: &v1alpha1.BillingTerms{Period: "P1M"},
		Inactivity: &v1alpha1.InactivityTerms{EndAfter: "P8W"},
	}}
	object.Name = name
	edit(&object.Spec)
	return object
}

// family is tenant jansen under a reseller, with one desktop in use.
func family(edits ...func(*v1alpha1.Tenant, *v1alpha1.Workplace)) []client.Object {
	tenant := &v1alpha1.Tenant{Spec: v1alpha1.TenantSpec{
		TermsRef: v1alpha1.Reference{Name: "hosted"}, Type: v1alpha1.Business, ResellerRef: &v1alpha1.Reference{Name: "reseller"},
	}}
	tenant.Name, tenant.CreationTimestamp = "jansen", metav1.NewTime(now.AddDate(0, -5, 0))
	reseller := tenant.DeepCopy()
	reseller.Name, reseller.Spec.Reseller, reseller.Spec.ResellerRef = "reseller", ptr.To(true), nil
	used := metav1.NewTime(now)
	place := &v1alpha1.Workplace{
		Spec: v1alpha1.WorkplaceSpec{ClassRef: v1alpha1.Reference{Name: "standard"}, User: v1alpha1.Person{Username: "anna"}},
	}
	place.Name, place.Namespace, place.CreationTimestamp = "anna", "tenant-jansen", tenant.CreationTimestamp
	place.Status.Activity = &v1alpha1.Activity{LastActive: &used}
	for _, edit := range edits {
		edit(tenant, place)
	}
	return []client.Object{
		tenant, reseller, place,
		terms1("hosted", func(*v1alpha1.ServiceTermsSpec) {}),
		terms1("none", func(s *v1alpha1.ServiceTermsSpec) { s.Plan = &v1alpha1.PlanTerms{Members: ptr.To[int32](0)} }),
		terms1("paid", func(s *v1alpha1.ServiceTermsSpec) {
			s.Plan = &v1alpha1.PlanTerms{Price: "9.00", Entry: v1alpha1.EntryOnPayment}
		}),
	}
}

func clusterOf(t *testing.T, objects ...client.Object) client.Client {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{v1alpha1.AddToScheme, corev1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	under := func(o client.Object) []string {
		if ref := o.(*v1alpha1.Tenant).Spec.ResellerRef; ref != nil {
			return []string{string(ref.Name)}
		}
		return nil
	}
	return fake.NewClientBuilder().WithScheme(scheme).WithIndex(&v1alpha1.Tenant{}, indexes.TenantReseller, under).
		WithObjects(objects...).Build()
}

// asked returns where a tenant stands for who only asks that, and for who acts on it.
func asked(t *testing.T, c client.Client, name string) (only, acting judged.Standing) {
	t.Helper()
	tenant := &v1alpha1.Tenant{}
	if err := c.Get(t.Context(), client.ObjectKey{Name: name}, tenant); err != nil {
		t.Fatal(err)
	}
	only, err := standing.Of(t.Context(), c, now, tenant)
	if err != nil {
		t.Fatal(err)
	}
	book, facts, err := standing.Facts(t.Context(), c, c, now, tenant)
	if err != nil {
		t.Fatal(err)
	}
	decided, err := agenda.Decide(book, facts)
	if err != nil {
		t.Fatal(err)
	}
	return only, decided.Standing
}

// TestOneStanding: whoever asks where a tenant stands is told what the tenant's
// own controller acts on, before that has written it down.
func TestOneStanding(t *testing.T) {
	t.Parallel()
	asks := func(name string) func(*v1alpha1.Tenant, *v1alpha1.Workplace) {
		return func(tenant *v1alpha1.Tenant, _ *v1alpha1.Workplace) {
			tenant.Spec.PlanChange = &v1alpha1.PlanChange{TermsRef: v1alpha1.Reference{Name: v1alpha1.ObjectName(name)}, RequestedOn: "2026-05-20"}
		}
	}
	charge := &v1alpha1.Charge{
		Spec: v1alpha1.ChargeSpec{
			Type: v1alpha1.ChargeSubscription, On: "2026-05-20", Quantity: "1", Amount: "9.00",
			Period: &v1alpha1.DateSpan{From: "2026-05-20", Until: "2026-06-19"},
		},
		Status: v1alpha1.ChargeStatus{Invoice: &v1alpha1.ChargedInvoice{Number: "7", IssuedOn: "2026-05-21"}},
	}
	charge.Name, charge.Namespace = "plan-2026-05-20-paid", "tenant-jansen"
	account := &v1alpha1.BillingAccount{Status: v1alpha1.BillingAccountStatus{AsOf: metav1.NewTime(now)}}
	account.Name = "jansen"
	theirs := &v1alpha1.Suspension{Spec: v1alpha1.SuspensionSpec{Cause: v1alpha1.CauseManual}}
	theirs.Name, theirs.Namespace, theirs.CreationTimestamp = "manual", "tenant-reseller", metav1.NewTime(now.Add(-time.Hour))

	for name, c := range map[string]struct {
		objects []client.Object
		check   func(*judged.Standing) bool
	}{
		"nothing happens": {family(), func(s *judged.Standing) bool { return s.State == v1alpha1.TenantActive && !s.LastActiveOn.IsZero() }},
		"nobody used it": {family(func(_ *v1alpha1.Tenant, w *v1alpha1.Workplace) {
			w.Status.Activity.LastActive = ptr.To(metav1.NewTime(now.AddDate(0, 0, -70)))
		}), func(s *judged.Standing) bool { return s.Ended && s.EndReason == v1alpha1.EndInactivity }},
		"a plan for fewer users": {family(asks("none")), func(s *judged.Standing) bool { return s.PlanWaits == v1alpha1.ReasonTooManyMembers }},
		"a plan that is paid":    {append(family(asks("paid")), charge, account), func(s *judged.Standing) bool { return s.Plan != nil }},
		"a reseller's suspension": {append(family(), theirs), func(s *judged.Standing) bool {
			return s.State == v1alpha1.TenantSuspended
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			only, acting := asked(t, clusterOf(t, c.objects...), "jansen")
			if diff := cmp.Diff(acting, only, ordered...); diff != "" {
				t.Errorf("it stands elsewhere for who only asks (-acts +asks):\n%s", diff)
			}
			if !c.check(&acting) {
				t.Errorf("it stands at %+v", acting)
			}
		})
	}
}

// TestBelow: the facts about a reseller hold the workplaces of its
// sub-organisations, whose users it pays for when it resumes.
func TestBelow(t *testing.T) {
	t.Parallel()
	c := clusterOf(t, family()...)
	tenant := &v1alpha1.Tenant{}
	if err := c.Get(t.Context(), client.ObjectKey{Name: "reseller"}, tenant); err != nil {
		t.Fatal(err)
	}
	_, facts, err := standing.Facts(t.Context(), c, c, now, tenant)
	if err != nil {
		t.Fatal(err)
	}
	if len(facts.Below) != 1 || facts.Below[0].Username != "anna" || len(facts.Unread) > 0 {
		t.Errorf("below are %+v, unread %v; want anna", facts.Below, facts.Unread)
	}
}
