// SPDX-License-Identifier: Apache-2.0

package tenant_test

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// owing returns a house whose tenant is suspended for an invoice of July, and what
// the billing system reports there.
func owing(t *testing.T) (*house, func(open ...v1alpha1.OpenInvoice)) {
	t.Helper()
	h := newHouse(t, func(_ *v1alpha1.Tenant, terms *v1alpha1.ServiceTerms) {
		terms.Spec.Plan, terms.Spec.Billing, terms.Spec.Inactivity = nil, nil, nil
		terms.Spec.Arrears = &v1alpha1.ArrearsTerms{
			MeasuredFrom: v1alpha1.OldestUnpaidInvoice, DateBasis: v1alpha1.IssuedOn, SuspendAfter: "P2M",
			BillingFreshness: "P3D",
		}
		terms.Spec.Reactivation = &v1alpha1.ReactivationTerms{
			Fee: "25.00", Per: v1alpha1.PerWorkplaceUser, Requires: v1alpha1.AllOpenInvoicesPaid,
		}
	})
	h.settle()
	report := func(open ...v1alpha1.OpenInvoice) {
		t.Helper()
		account := &v1alpha1.BillingAccount{}
		if err := h.Get(t.Context(), client.ObjectKey{Name: "jansen"}, account); err != nil {
			t.Fatal(err)
		}
		account.Status.AsOf, account.Status.OpenInvoices = metav1.NewTime(h.clock.Now()), open
		if err := h.Status().Update(t.Context(), account); err != nil {
			t.Fatal(err)
		}
		h.settle()
	}
	report(v1alpha1.OpenInvoice{Number: "7", IssuedOn: "2026-07-01", Outstanding: "10.00"})
	return h, report
}

func (h *house) suspensions() []v1alpha1.Suspension {
	h.t.Helper()
	var list v1alpha1.SuspensionList
	if err := h.List(h.t.Context(), &list, client.InNamespace(jansen)); err != nil {
		h.t.Fatal(err)
	}
	return list.Items
}

func (h *house) reactivations() decimal.Decimal {
	h.t.Helper()
	var list v1alpha1.ChargeList
	if err := h.List(h.t.Context(), &list, client.InNamespace(jansen)); err != nil {
		h.t.Fatal(err)
	}
	sum := decimal.Zero
	for i := range list.Items {
		if list.Items[i].Spec.Type == v1alpha1.ChargeReactivation {
			sum = sum.Add(decimal.RequireFromString(string(list.Items[i].Spec.Amount)))
		}
	}
	return sum
}

// TestPaidIsResumed: who does not pay is suspended, who pays is not, in the pass
// that hears of it, for one fee (TD-8..10).
func TestPaidIsResumed(t *testing.T) {
	t.Parallel()
	h, report := owing(t)
	made := h.suspensions()
	if len(made) != 1 || made[0].Spec.Cause != v1alpha1.CauseArrears || made[0].Status.LiftedAt != nil {
		t.Fatalf("suspensions %+v", made)
	}
	if fee := h.reactivations(); !fee.IsZero() {
		t.Errorf("being suspended costs %s", fee)
	}
	h.clock.SetTime(noon.Add(time.Hour))
	report()
	lifted := h.suspensions()[0].Status
	if lifted.LiftedAt == nil || lifted.LiftedBecause != "Paid" || lifted.ChargeRef == nil {
		t.Errorf("after it was paid: %+v", lifted)
	}
	if fee := h.reactivations(); !fee.Equal(decimal.RequireFromString("25")) {
		t.Errorf("resuming costs %s", fee)
	}
	jan := &v1alpha1.Tenant{}
	err := h.Get(t.Context(), client.ObjectKey{Name: "jansen"}, jan)
	if err != nil || jan.Status.State != v1alpha1.TenantActive {
		t.Errorf("state %s, %v", jan.Status.State, err)
	}
}

// TestPaidWhileDeletionWaits: a Tenant that is deleted and still holds data is
// suspended no longer than until it pays.
func TestPaidWhileDeletionWaits(t *testing.T) {
	t.Parallel()
	h, report := owing(t)
	if err := h.Delete(t.Context(), &v1alpha1.Tenant{ObjectMeta: metav1.ObjectMeta{Name: "jansen"}}); err != nil {
		t.Fatal(err)
	}
	h.settle()
	if s := h.suspensions()[0].Status; s.LiftedAt != nil {
		t.Fatalf("lifted though it owes: %+v", s)
	}
	report()
	if s := h.suspensions()[0].Status; s.LiftedAt == nil || s.ChargeRef == nil {
		t.Errorf("after it was paid: %+v", s)
	}
	jan := &v1alpha1.Tenant{}
	if err := h.Get(t.Context(), client.ObjectKey{Name: "jansen"}, jan); err != nil {
		t.Fatal(err)
	}
	ready := meta.FindStatusCondition(jan.Status.Conditions, v1alpha1.ConditionReady)
	if ready == nil || ready.Reason != v1alpha1.ReasonDataKept {
		t.Errorf("its deletion waits: %+v", ready)
	}
}

// TestUnusableTermsKeepSuspended: without usable terms nothing is decided: who is
// suspended stays so though it pays, until a person has mended the terms.
func TestUnusableTermsKeepSuspended(t *testing.T) {
	t.Parallel()
	h, report := owing(t)
	basic := &v1alpha1.ServiceTerms{}
	key := client.ObjectKey{Name: "basic"}
	zone := func(name string) {
		t.Helper()
		if err := h.Get(t.Context(), key, basic); err != nil {
			t.Fatal(err)
		}
		basic.Spec.TimeZone = name
		if err := h.Update(t.Context(), basic); err != nil {
			t.Fatal(err)
		}
	}
	zone("Nowhere")
	report()
	if s := h.suspensions()[0].Status; s.LiftedAt != nil {
		t.Errorf("lifted under terms that cannot be used: %+v", s)
	}
	zone("Europe/Amsterdam")
	h.settle()
	if s := h.suspensions()[0].Status; s.LiftedAt == nil {
		t.Error("the terms are mended, it is paid, and the tenant is still suspended")
	}
}
