// SPDX-License-Identifier: Apache-2.0

package spent_test

import (
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	"k8s.io/apimachinery/pkg/labels"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"werkplek.dev/werkplek/internal/portal/spent"
)

// TestSpent: an identity is spent once, for one kind, on all replicas, and is
// forgotten only after it is worthless.
func TestSpent(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	clock := clocktesting.NewFakePassiveClock(time.Date(2026, 12, 31, 22, 30, 0, 0, time.UTC))
	shared := fake.NewClientBuilder().Build()
	one := &spent.Memory{Cache: shared, Client: shared, Clock: clock, Namespace: "werkplek-system"}
	other := &spent.Memory{Cache: shared, Client: shared, Clock: clock, Namespace: "werkplek-system"}
	until := clock.Now().Add(time.Hour)
	for _, c := range []struct {
		who      *spent.Memory
		kind, id string
		first    bool
	}{
		{one, "code", "a", true}, {one, "code", "a", false}, {other, "code", "a", false},
		{other, "session", "a", true}, {other, "code", "b", true}, {one, "code", "", true},
	} {
		first, err := c.who.Spend(ctx, c.kind, c.id, until)
		if err != nil || first != c.first {
			t.Errorf("%s %q: first %t, %v; want %t", c.kind, c.id, first, err, c.first)
		}
	}
	check := func(when string, want bool) {
		t.Helper()
		if got, err := other.IsSpent(ctx, "code", "a"); err != nil || got != want {
			t.Errorf("%s: spent %t, %v; want %t", when, got, err, want)
		}
	}
	var lease coordinationv1.LeaseList
	if err := shared.List(ctx, &lease); err != nil || len(lease.Items) != 4 {
		t.Fatalf("%d Leases, %v; want 4", len(lease.Items), err)
	}
	for i := range lease.Items {
		if !spent.Selector().Matches(labels.Set(lease.Items[i].Labels)) {
			t.Errorf("the cache would not hold %v", lease.Items[i].Labels)
		}
	}
	for _, after := range []time.Duration{0, time.Hour, time.Hour + 29*time.Minute} {
		clock.SetTime(until.Add(after - time.Hour))
		if err := one.Forget(ctx); err != nil {
			t.Fatal(err)
		}
		check(clock.Now().String(), true)
	}
	clock.SetTime(until.Add(2 * time.Hour))
	if err := one.Forget(ctx); err != nil {
		t.Fatal(err)
	}
	check("two hours after its end", false)
}
