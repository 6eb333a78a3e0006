// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// TestIdle: when a tenant without workplaces was last active. The removal of its
// last one, seen for the first time, is no inactivity of years.
func TestIdle(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC) // of factsOf
	starts := time.Date(2026, 1, 14, 23, 0, 0, 0, time.UTC)
	long, later := starts.AddDate(-1, 0, 0), time.Date(2026, 5, 20, 8, 0, 0, 0, time.UTC)
	gone := metav1.NewTime(time.Date(2026, 5, 30, 22, 30, 0, 0, time.UTC))
	for name, c := range map[string]struct {
		made time.Time
		edit func(*Sources)
		want time.Time // zero: not known
	}{
		"never had one":                  {long, func(*Sources) {}, starts},
		"never had one, and is new here": {later, func(*Sources) {}, later},
		"had one at the last look":       {long, func(s *Sources) { s.Tenant.Status.Workplaces.Total = 1 }, now},
		"has had none since":             {long, func(s *Sources) { s.Tenant.Status.Workplaces.NoneSince = &gone }, gone.Time},
		"had homes that were erased":     {long, erasedBefore, time.Time{}},
		"had homes that were removed":    {long, removedBefore, time.Time{}},
		"was charged for a class":        {long, chargedBefore, time.Time{}},
		"was charged for something else": {long, chargedForPlan, starts},
		"has one of which nothing is known": {long, func(s *Sources) {
			s.Workplaces = Seen([]v1alpha1.Workplace{placeAt("anna", starts)})
			s.Tenant.Status.Workplaces.NoneSince = &gone
		}, time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := factsOf(t, nil, func(s *Sources) {
				s.Tenant.CreationTimestamp = metav1.NewTime(c.made)
				s.Tenant.Spec.Contract = &v1alpha1.ContractSpec{StartsOn: "2026-01-15"}
				s.Workplaces = Seen([]v1alpha1.Workplace(nil))
				c.edit(s)
			})
			if err != nil {
				t.Fatal(err)
			}
			if !f.LastActive.Equal(c.want) {
				t.Errorf("it was last active at %s, want %s", f.LastActive, c.want)
			}
		})
	}
}

func erasedBefore(s *Sources) { s.Tenant.Status.Erasure = &v1alpha1.ErasureStatus{Count: 2} }

func removedBefore(s *Sources) {
	s.Tenant.Status.RemovedHomes = []v1alpha1.ErasedHome{{Workplace: "anna"}}
}

func chargedBefore(s *Sources) { charged(s, v1alpha1.SubjectClass, "standard") }

func chargedForPlan(s *Sources) { charged(s, v1alpha1.SubjectPlan, "") }

func charged(s *Sources, kind v1alpha1.ChargeSubjectKind, name string) {
	s.Charges = Seen([]v1alpha1.Charge{{
		ObjectMeta: metav1.ObjectMeta{Name: "subscription-2026-01-15-x"},
		Spec: v1alpha1.ChargeSpec{
			Type: v1alpha1.ChargeSubscription, On: "2026-01-15", Quantity: "1", UnitPrice: "1.00", Amount: "1.00", Currency: "EUR",
			Subject: &v1alpha1.ChargeSubject{Kind: kind, Name: v1alpha1.ObjectName(name)},
			Group:   &v1alpha1.ChargeGroup{Kind: v1alpha1.GroupBillingPeriod, BillingPeriod: "2026-01-15"},
		},
	}})
}
