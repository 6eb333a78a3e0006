// SPDX-License-Identifier: Apache-2.0

package tenant_test

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// over returns a house whose tenant has left on 1 October, whose data is kept for
// 30 days, and that was told of everything.
func over(t *testing.T) *house {
	t.Helper()
	h := newHouse(t, func(tenant *v1alpha1.Tenant, terms *v1alpha1.ServiceTerms) {
		terms.Spec.Plan, terms.Spec.Billing, terms.Spec.Inactivity = nil, nil, nil
		tenant.Spec.Contract.NoticeReceivedOn = "2026-10-01"
	})
	h.clock.SetTime(time.Date(2026, 10, 15, 12, 0, 0, 0, time.UTC))
	h.settle()
	h.sendAll()
	h.settle()
	h.clock.SetTime(noon)
	return h
}

// sendAll marks all notices as sent now, as their controller does.
func (h *house) sendAll() {
	h.t.Helper()
	var list v1alpha1.NoticeList
	if err := h.List(h.t.Context(), &list); err != nil {
		h.t.Fatal(err)
	}
	for i := range list.Items {
		at := metav1.NewTime(h.clock.Now())
		list.Items[i].Status.SentAt = &at
		if err := h.Status().Update(h.t.Context(), &list.Items[i]); err != nil {
			h.t.Fatal(err)
		}
	}
}

// kept returns the tenant, and how many of its homes are there.
func (h *house) kept() (*v1alpha1.Tenant, int) {
	h.t.Helper()
	jan := &v1alpha1.Tenant{}
	if err := h.Get(h.t.Context(), client.ObjectKey{Name: "jansen"}, jan); err != nil {
		h.t.Fatal(err)
	}
	var claims corev1.PersistentVolumeClaimList
	if err := h.List(h.t.Context(), &claims, client.InNamespace(jansen)); err != nil {
		h.t.Fatal(err)
	}
	return jan, len(claims.Items)
}

// leave lets time and the other controllers do their part, until nothing is left.
func (h *house) leave() {
	h.t.Helper()
	h.settle()
	h.sendAll()
	h.settle()
	jan, homes := h.kept()
	err := h.Get(h.t.Context(), client.ObjectKey{Name: jansen}, &corev1.Namespace{})
	if !apierrors.IsNotFound(err) || homes > 0 || jan.Status.Namespace != "" || jan.Status.State != v1alpha1.TenantErased {
		h.t.Errorf("%d homes, namespace %q, %v, state %s", homes, jan.Status.Namespace, err, jan.Status.State)
	}
	proof := jan.Status.Erasure
	if proof == nil || proof.At == nil || proof.Count != 1 || proof.Charged == "" ||
		proof.Homes[0].ClaimUID != "uid-home-anna" {
		h.t.Errorf("proof %+v", proof)
	}
}

// TestErasedAndLeft: when its time is over a tenant's data is erased, with proof,
// and when all was told its namespace goes. The Tenant stays.
func TestErasedAndLeft(t *testing.T) {
	t.Parallel()
	h := over(t)
	if jan, homes := h.kept(); homes != 1 || jan.Status.Erasure != nil || jan.Status.State != v1alpha1.TenantEnded {
		t.Fatalf("%d homes, proof %+v, state %s", homes, jan.Status.Erasure, jan.Status.State)
	}
	h.leave()
}

// TestLegalHoldKeeps: while the law holds data, nothing of it goes, nor does the namespace.
func TestLegalHoldKeeps(t *testing.T) {
	t.Parallel()
	h := over(t)
	jan, _ := h.kept()
	jan.Spec.LegalHold = &v1alpha1.LegalHold{Reference: "K-1"}
	if err := h.Update(t.Context(), jan); err != nil {
		t.Fatal(err)
	}
	h.settle()
	if held, homes := h.kept(); homes != 1 || held.Status.Erasure != nil || held.Status.Namespace == "" {
		t.Errorf("%d homes, proof %+v, namespace %q", homes, held.Status.Erasure, held.Status.Namespace)
	}
}

// TestErasureFails: whatever call of an erasure fails, no home is gone of which the
// proof does not tell, and the next passes bring it to the same end.
func TestErasureFails(t *testing.T) {
	t.Parallel()
	whole := over(t)
	if _, err := whole.visit(); err != nil {
		t.Fatal(err)
	}
	for i, failing := range whole.calls {
		t.Run(failing, func(t *testing.T) {
			t.Parallel()
			h := over(t)
			n := -1
			h.fault = func(string) error {
				if n++; n == i {
					return errOff
				}
				return nil
			}
			if _, err := h.visit(); err == nil {
				t.Error("the pass did not fail")
			}
			if jan, homes := h.kept(); homes == 0 && (jan.Status.Erasure == nil || len(jan.Status.Erasure.Homes) != 1) {
				t.Errorf("the home is gone, and the proof is %+v", jan.Status.Erasure)
			}
			h.fault = nil
			h.leave()
		})
	}
}
