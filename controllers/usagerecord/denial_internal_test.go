// SPDX-License-Identifier: Apache-2.0

package usagerecord

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/controllers/internal/standing"
)

// TestDeniedSince: whom the tenant's line shuts out counts for no licence from
// that moment on, and who is let in does.
func TestDeniedSince(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
	hour := func(n int) *metav1.Time { return ptr.To(metav1.NewTime(now.Add(time.Duration(n) * time.Hour))) }
	suspend := func(tenant string, since *metav1.Time) client.Object {
		return &v1alpha1.Suspension{
			ObjectMeta: metav1.ObjectMeta{Namespace: v1alpha1.NamespaceFor(tenant), Name: "s", CreationTimestamp: *hour(-4)},
			Spec:       v1alpha1.SuspensionSpec{Cause: v1alpha1.CauseManual, Reason: "a letter", Since: since},
		}
	}
	ended := func(tenant *v1alpha1.Tenant) {
		tenant.Status.Conditions = v1alpha1.Conditions{{
			Type: v1alpha1.ConditionContractActive, Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonTerminatedByArrears,
			LastTransitionTime: *hour(-3),
		}}
	}
	withdrawn := func(tenant *v1alpha1.Tenant) {
		tenant.Spec.Contract = &v1alpha1.ContractSpec{NoticeReceivedOn: "2026-11-20"}
	}
	for name, c := range map[string]struct {
		tenant, reseller func(*v1alpha1.Tenant)
		suspension       client.Object
		want             time.Time
	}{
		"nothing denies it":                         {},
		"suspended":                                 {suspension: suspend("jansen", hour(-1)), want: hour(-1).Time},
		"suspended, dated back by a person":         {suspension: suspend("jansen", hour(-9)), want: hour(-4).Time},
		"its reseller is":                           {suspension: suspend("partner", hour(-1)), want: hour(-1).Time},
		"what is not marked a reseller is":          {suspension: suspend("partner", hour(-1)), reseller: func(p *v1alpha1.Tenant) { p.Spec.Reseller = nil }},
		"suspended from later on":                   {suspension: suspend("jansen", hour(1))},
		"its contract has ended":                    {tenant: withdrawn, want: time.Date(2026, 11, 19, 23, 0, 0, 0, time.UTC)},
		"its reseller's has":                        {reseller: withdrawn, want: time.Date(2026, 11, 19, 23, 0, 0, 0, time.UTC)},
		"its own, and the terms are gone":           {tenant: func(j *v1alpha1.Tenant) { ended(j); j.Spec.TermsRef.Name = "gone" }, want: hour(-3).Time},
		"its reseller's, and the terms are gone":    {reseller: func(p *v1alpha1.Tenant) { ended(p); p.Spec.TermsRef.Name = "gone" }, want: hour(-3).Time},
		"the terms are gone, and nothing has ended": {tenant: func(j *v1alpha1.Tenant) { j.Spec.TermsRef.Name = "gone" }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			jansen, partner := tenant("jansen"), tenant("partner")
			jansen.Spec.ResellerRef, partner.Spec.Reseller = &v1alpha1.Reference{Name: "partner"}, ptr.To(true)
			if c.tenant != nil {
				c.tenant(jansen)
			}
			if c.reseller != nil {
				c.reseller(partner)
			}
			scheme := runtime.NewScheme()
			if err := v1alpha1.AddToScheme(scheme); err != nil {
				t.Fatal(err)
			}
			build := fake.NewClientBuilder().WithScheme(scheme).WithObjects(jansen, partner, &v1alpha1.ServiceTerms{
				ObjectMeta: metav1.ObjectMeta{Name: "basic"},
				Spec: v1alpha1.ServiceTermsSpec{
					TimeZone: "Europe/Amsterdam", Currency: "EUR",
					Contract: &v1alpha1.ContractTerms{Notice: &v1alpha1.NoticeTerms{Period: "P0D", To: v1alpha1.NoticeToImmediate}},
				},
			})
			if c.suspension != nil {
				build = build.WithObjects(c.suspension)
			}
			v := &visit{Reconciler: &Reconciler{Controller: &reconciling.Controller{Client: build.Build()}}, tenant: jansen, now: now}
			var err error
			if v.terms, _, err = standing.Terms(t.Context(), v.Client, jansen); err != nil {
				t.Fatal(err)
			}
			if err := v.judgeDenial(t.Context()); err != nil || !v.facts.DeniedSince.Equal(c.want) {
				t.Errorf("denied since %s (%v), want %s", v.facts.DeniedSince, err, c.want)
			}
		})
	}
}

func tenant(name string) *v1alpha1.Tenant {
	return &v1alpha1.Tenant{
		ObjectMeta: metav1.ObjectMeta{Name: name, CreationTimestamp: metav1.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)},
		Spec:       v1alpha1.TenantSpec{Type: v1alpha1.Business, TermsRef: v1alpha1.Reference{Name: "basic"}},
	}
}
