// SPDX-License-Identifier: Apache-2.0

package behaviour

import (
	"context"
	"fmt"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/world"
)

// working gives tenant t two running workplaces of one user, and one of another.
func working(t *testing.T, w world.World) {
	t.Helper()
	ctx := t.Context()
	provide(t, w)
	must(t, w.Workplace(ctx, "t", "anna", user), w.Workplace(ctx, "t", "anna-two", user), w.Workplace(ctx, "t", "omar", "omar@example.com"))
	cluster.Eventually(t, soon, "the desktops", w.AllReady("t", 3))
}

func staleBillingDecidesNothing(t *testing.T, w world.World) {
	ctx := t.Context()
	must(t, w.Terms(ctx), w.Class(ctx), w.Tenant(ctx, "t"))
	cluster.Eventually(t, soon, "never reported", w.TenantCondition("t", v1alpha1.ConditionBillingFresh, v1alpha1.ReasonNeverReported))
	must(t, w.Report(ctx, "t", time.Now().AddDate(0, 0, -4), unpaid(2)))
	cluster.Eventually(t, soon, "stale", w.TenantCondition("t", v1alpha1.ConditionBillingFresh, v1alpha1.ReasonStale))
	none(t, w, "t")
	// The same facts, fresh, suspend; silence afterwards lifts nothing.
	must(t, w.Report(ctx, "t", time.Now(), unpaid(2)))
	cluster.Eventually(t, soon, "suspended", w.TenantCondition("t", v1alpha1.ConditionAccessGranted, v1alpha1.ReasonSuspended))
}

// partialPayment: what is not paid in full does not lift a suspension (TD-9, TD-11).
func partialPayment(t *testing.T, w world.World) {
	ctx := t.Context()
	working(t, w)
	asOf := time.Now()
	newer := world.Invoice{Number: "2026-1010", IssuedOn: monthsAgo(0), Outstanding: "100.00"}
	must(t, w.Report(ctx, "t", asOf, unpaid(2), newer))
	cluster.Eventually(t, soon, "suspended", w.NoneReady("t", 3))
	must(t, w.Report(ctx, "t", asOf.Add(time.Second), newer)) // the oldest is paid
	cluster.Eventually(t, soon, "the facts arrive", func(ctx context.Context) error {
		tenant := &v1alpha1.Tenant{}
		if err := w.Get(ctx, client.ObjectKey{Name: w.TenantName("t")}, tenant); err != nil {
			return err
		}
		if tenant.Status.Arrears == nil || tenant.Status.Arrears.Invoice != "2026-1010" {
			return fmt.Errorf("arrears are %+v", tenant.Status.Arrears)
		}
		return nil
	})
	must(t, w.NoneReady("t", 3)(ctx))
	must(t, w.Report(ctx, "t", asOf.Add(2*time.Second)))
	cluster.Eventually(t, soon, "resumed", w.AllReady("t", 3))
	charged(t, w, "50.00")
}

func paymentArrangement(t *testing.T, w world.World) {
	ctx := t.Context()
	working(t, w)
	must(t, w.Report(ctx, "t", time.Now(), unpaid(2)))
	cluster.Eventually(t, soon, "suspended", w.NoneReady("t", 3))
	must(t, edit(ctx, w, "t", func(s *v1alpha1.TenantSpec) {
		s.PaymentArrangement = &v1alpha1.PaymentArrangement{Reference: "letter", Until: v1alpha1.Date(time.Now().AddDate(0, 1, 0).Format(time.DateOnly))}
	}))
	cluster.Eventually(t, soon, "resumed under the arrangement", w.AllReady("t", 3))
	charged(t, w, "50.00")
	// The arrangement is withdrawn: another episode, another name.
	must(t, edit(ctx, w, "t", func(s *v1alpha1.TenantSpec) { s.PaymentArrangement = nil }))
	cluster.Eventually(t, soon, "suspended again", w.NoneReady("t", 3))
	suspensions, err := w.Suspensions(ctx, "t")
	must(t, err)
	if len(suspensions) != 2 {
		t.Fatalf("want 2 suspensions, one of each episode, got %d", len(suspensions))
	}
}

func waivedFee(t *testing.T, w world.World) {
	ctx := t.Context()
	working(t, w)
	must(t, w.Report(ctx, "t", time.Now(), unpaid(2)))
	cluster.Eventually(t, soon, "suspended", w.NoneReady("t", 3))
	must(t, edit(ctx, w, "t", func(s *v1alpha1.TenantSpec) {
		s.PaymentArrangement = &v1alpha1.PaymentArrangement{
			Reference: "letter", Until: v1alpha1.Date(time.Now().AddDate(0, 1, 0).Format(time.DateOnly)), WaiveReactivationFee: ptr.To(true),
		}
	}))
	cluster.Eventually(t, soon, "resumed", w.AllReady("t", 3))
	charges, err := w.Charges(ctx, "t")
	must(t, err)
	if len(charges) != 0 {
		t.Fatalf("a waived fee was charged: %+v", charges[0].Spec)
	}
}

func manualSuspension(t *testing.T, w world.World) {
	ctx := t.Context()
	working(t, w)
	must(t, byHand(ctx, w, "abuse-1", v1alpha1.CauseAbuse))
	cluster.Eventually(t, soon, "suspended", w.NoneReady("t", 3))
	must(t, lift(ctx, w, "abuse-1"))
	cluster.Eventually(t, soon, "lifted", w.AllReady("t", 3))
	charges, err := w.Charges(ctx, "t")
	must(t, err)
	if len(charges) != 0 {
		t.Fatalf("lifting by hand was charged: %+v", charges[0].Spec)
	}
}

// causesAreIndependent: paying lifts arrears only, never another cause.
func causesAreIndependent(t *testing.T, w world.World) {
	ctx := t.Context()
	working(t, w)
	asOf := time.Now()
	must(t, byHand(ctx, w, "court-1", v1alpha1.CauseCourtOrder))
	must(t, w.Report(ctx, "t", asOf, unpaid(2)))
	cluster.Eventually(t, soon, "two suspensions in force", suspendedBy(w, "Arrears,CourtOrder"))
	must(t, w.Report(ctx, "t", asOf.Add(time.Second)))
	cluster.Eventually(t, soon, "the court order alone", suspendedBy(w, "CourtOrder"))
	must(t, w.NoneReady("t", 3)(ctx))
	must(t, lift(ctx, w, "court-1"))
	cluster.Eventually(t, soon, "resumed", w.AllReady("t", 3))
}

func resellerCascade(t *testing.T, w world.World) {
	ctx := t.Context()
	must(t, w.Terms(ctx), w.Class(ctx), w.Tenant(ctx, "top", world.Reseller), w.Tenant(ctx, "mid", world.Reseller, w.Under("top")), w.Tenant(ctx, "t", w.Under("mid")))
	for _, tenant := range []string{"top", "mid", "t"} {
		cluster.Eventually(t, soon, "the namespaces", w.HasNamespace(tenant))
		must(t, w.Report(ctx, tenant, time.Now()))
	}
	must(t, w.Workplace(ctx, "mid", "mo", "mo@example.com"), w.Workplace(ctx, "t", "anna", user))
	cluster.Eventually(t, soon, "the desktops", w.AllReady("t", 1))
	asOf := time.Now().Add(time.Second)
	must(t, w.Report(ctx, "top", asOf, unpaid(2)))
	cluster.Eventually(t, soon, "two levels down", w.NoneReady("t", 1))
	cluster.Eventually(t, soon, "one level down", w.NoneReady("mid", 1))
	must(t, w.WorkplaceCondition("t", "anna", v1alpha1.ConditionAccessGranted, v1alpha1.ReasonResellerSuspended)(ctx))
	// The sub-organisation's own cause outlives the reseller's.
	must(t, w.Report(ctx, "t", asOf, unpaid(2)))
	cluster.Eventually(t, soon, "its own suspension", w.WorkplaceCondition("t", "anna", v1alpha1.ConditionAccessGranted, v1alpha1.ReasonSuspended))
	must(t, w.Report(ctx, "top", asOf.Add(time.Second)))
	cluster.Eventually(t, soon, "one level down resumes", w.AllReady("mid", 1))
	must(t, w.NoneReady("t", 1)(ctx))
	must(t, w.Report(ctx, "t", asOf.Add(time.Second)))
	cluster.Eventually(t, soon, "all resume", w.AllReady("t", 1))
}

// resellerEnds: what a reseller passes on ends with its contract (TD-12), also when
// it pays later, until a person takes the sub-organisation over.
func resellerEnds(t *testing.T, w world.World) {
	ctx := t.Context()
	must(t, w.Class(ctx), w.Tenant(ctx, "r", world.Reseller), w.Tenant(ctx, "t", w.Under("r")), w.Terms(ctx, func(s *v1alpha1.ServiceTermsSpec) {
		s.Arrears.Termination = v1alpha1.TerminationAutomatic
	}))
	asOf := time.Now()
	for _, tenant := range []string{"r", "t"} {
		cluster.Eventually(t, soon, "the namespaces", w.HasNamespace(tenant))
		must(t, w.Report(ctx, tenant, asOf))
	}
	must(t, w.Workplace(ctx, "t", "anna", user))
	cluster.Eventually(t, soon, "the desktop", w.AllReady("t", 1))
	must(t, w.Report(ctx, "r", asOf.Add(time.Second), unpaid(4)))
	cluster.Eventually(t, soon, "the reseller's end", w.WorkplaceCondition("t", "anna", v1alpha1.ConditionAccessGranted, v1alpha1.ReasonResellerEnded))
	cluster.Eventually(t, soon, "the tenant says so too", w.TenantCondition("t", v1alpha1.ConditionAccessGranted, v1alpha1.ReasonResellerEnded))
	cluster.Eventually(t, soon, "no desktop", w.NoneReady("t", 1))
	must(t, w.Report(ctx, "r", asOf.Add(2*time.Second)))
	cluster.Eventually(t, soon, "the payment arrives", w.TenantCondition("r", v1alpha1.ConditionInArrears, v1alpha1.ReasonNothingOpen))
	must(t, w.NoneReady("t", 1)(ctx), edit(ctx, w, "t", func(s *v1alpha1.TenantSpec) { s.ResellerRef = nil }))
	cluster.Eventually(t, soon, "taken over", w.AllReady("t", 1))
	must(t, w.TenantCondition("t", v1alpha1.ConditionAccessGranted, v1alpha1.ReasonGranted)(ctx))
}

func terminationAllowed(t *testing.T, w world.World) {
	ctx := t.Context()
	working(t, w)
	must(t, w.Report(ctx, "t", time.Now(), unpaid(4)))
	cluster.Eventually(t, soon, "termination is allowed", w.TenantCondition("t", v1alpha1.ConditionTerminationAllowed, v1alpha1.ReasonArrearsTooLong))
	must(t, w.TenantCondition("t", v1alpha1.ConditionContractActive, v1alpha1.ReasonActive)(ctx))
}

func automaticTermination(t *testing.T, w world.World) {
	ctx := t.Context()
	must(t, w.Class(ctx), w.Tenant(ctx, "t"), w.Terms(ctx, func(s *v1alpha1.ServiceTermsSpec) {
		s.Arrears.Termination = v1alpha1.TerminationAutomatic
	}))
	cluster.Eventually(t, soon, "the namespace", w.HasNamespace("t"))
	asOf := time.Now()
	must(t, w.Report(ctx, "t", asOf))
	must(t, w.Workplace(ctx, "t", "anna", user))
	cluster.Eventually(t, soon, "the desktop", w.AllReady("t", 1))
	must(t, w.Report(ctx, "t", asOf.Add(time.Second), unpaid(4)))
	cluster.Eventually(t, soon, "the contract ended", w.WorkplaceCondition("t", "anna", v1alpha1.ConditionAccessGranted, v1alpha1.ReasonContractEnded))
	// Paying later does not revive it.
	must(t, w.Report(ctx, "t", asOf.Add(2*time.Second)))
	cluster.Eventually(t, soon, "the payment arrives", w.TenantCondition("t", v1alpha1.ConditionInArrears, v1alpha1.ReasonNothingOpen))
	must(t, w.TenantCondition("t", v1alpha1.ConditionContractActive, v1alpha1.ReasonTerminatedByArrears)(ctx), w.NoneReady("t", 1)(ctx))
}

func byHand(ctx context.Context, w world.World, name string, cause v1alpha1.SuspensionCause) error {
	return w.Create(ctx, &v1alpha1.Suspension{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace("t"), Name: name},
		Spec:       v1alpha1.SuspensionSpec{Cause: cause, Reason: "a person decided so"},
	})
}

func lift(ctx context.Context, w world.World, name string) error {
	suspension := &v1alpha1.Suspension{}
	if err := w.Get(ctx, client.ObjectKey{Namespace: w.Namespace("t"), Name: name}, suspension); err != nil {
		return err
	}
	base := suspension.DeepCopy()
	suspension.Spec.Lift = true
	return w.Patch(ctx, suspension, client.MergeFrom(base))
}

func suspendedBy(w world.World, causes string) func(context.Context) error {
	return func(ctx context.Context) error {
		tenant := &v1alpha1.Tenant{}
		if err := w.Get(ctx, client.ObjectKey{Name: w.TenantName("t")}, tenant); err != nil {
			return err
		}
		if tenant.Status.SuspendedBy != causes {
			return fmt.Errorf("suspended by %q, want %q", tenant.Status.SuspendedBy, causes)
		}
		return nil
	}
}

// none checks that a tenant has no suspension.
func none(t *testing.T, w world.World, tenant string) {
	t.Helper()
	suspensions, err := w.Suspensions(t.Context(), tenant)
	must(t, err)
	if len(suspensions) != 0 {
		t.Fatalf("want no suspension, got %s", suspensions[0].Name)
	}
}

// charged checks that there is one charge, over an amount.
func charged(t *testing.T, w world.World, amount v1alpha1.Amount) {
	t.Helper()
	charges, err := w.Charges(t.Context(), "t")
	must(t, err)
	if len(charges) != 1 || charges[0].Spec.Amount != amount {
		t.Fatalf("want one charge over %s, got %+v", amount, charges)
	}
}
