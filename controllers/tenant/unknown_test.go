// SPDX-License-Identifier: Apache-2.0

package tenant_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
)

var abuse = v1alpha1.SuspensionSpec{
	Cause: v1alpha1.CauseAbuse, Reason: "malware", Since: ptr.To(metav1.NewTime(noon.Add(-time.Hour))),
}

// states are what a tenant may be in when a read fails.
var states = map[string]func(*testing.T) *house{
	"it runs": func(t *testing.T) *house { return newHouse(t) },
	"it is suspended": func(t *testing.T) *house {
		h := newHouse(t)
		h.make(&v1alpha1.Suspension{
			ObjectMeta: metav1.ObjectMeta{Name: "safety", Namespace: jansen, UID: "uid-safety"},
			Spec:       abuse,
		})
		return h
	},
	"its reseller is suspended": func(t *testing.T) *house {
		h := newHouse(t)
		h.make(&v1alpha1.Suspension{
			ObjectMeta: metav1.ObjectMeta{Name: "safety", Namespace: "tenant-oom", UID: "uid-safety"},
			Spec:       abuse,
		})
		return h
	},
	"it has a removed home": func(t *testing.T) *house {
		h := newHouse(t)
		h.settle()
		gone := &v1alpha1.Workplace{}
		key := client.ObjectKey{Namespace: jansen, Name: "anna"}
		h.workplace("bert", noon)
		if err := errors.Join(h.Get(t.Context(), key, gone), h.Delete(t.Context(), gone)); err != nil {
			t.Fatal(err)
		}
		return h
	},
	"it has ended, and its data is kept": func(t *testing.T) *house {
		return newHouse(t, func(tenant *v1alpha1.Tenant, _ *v1alpha1.ServiceTerms) {
			tenant.Spec.Contract.NoticeReceivedOn = "2026-11-20"
		})
	},
	"it is being deleted": func(t *testing.T) *house {
		h := newHouse(t)
		h.settle()
		going := &v1alpha1.Tenant{ObjectMeta: metav1.ObjectMeta{Name: "jansen"}}
		if err := h.Delete(t.Context(), going); err != nil {
			t.Fatal(err)
		}
		return h
	},
}

func isRead(call string) bool {
	return strings.HasPrefix(call, "get ") || strings.HasPrefix(call, "list ")
}

// TestUnknownIsNotNothing: where all is as it should be, a visit that cannot read
// something changes nothing: it fails, and what was found before holds.
func TestUnknownIsNotNothing(t *testing.T) {
	t.Parallel()
	for name, state := range states {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := state(t)
			h.settle()
			if _, err := h.visit(); err != nil {
				t.Fatal(err)
			}
			calls := h.calls
			settled := h.dump()
			for i, failing := range calls {
				if !isRead(failing) {
					t.Errorf("a visit where nothing is to be done writes: %s", failing)
				}
				n := -1
				h.fault = func(string) error {
					if n++; n == i {
						return errOff
					}
					return nil
				}
				if _, err := h.visit(); err == nil {
					t.Errorf("call %d, %s, failed, and the visit did not", i, failing)
				}
				for _, difference := range differences(settled, h.dump()) {
					t.Errorf("when call %d, %s, failed: %s", i, failing, difference)
				}
				h.fault = nil
				h.settle()
				if t.Failed() {
					return
				}
			}
		})
	}
}

// TestUnknownKind: as above, where every read of a kind fails.
func TestUnknownKind(t *testing.T) {
	t.Parallel()
	for name, state := range states {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := state(t)
			h.settle()
			if _, err := h.visit(); err != nil {
				t.Fatal(err)
			}
			kinds := map[string]bool{}
			for _, call := range h.calls {
				kinds[strings.Join(strings.Fields(call)[:2], " ")] = true
			}
			settled := h.dump()
			for kind := range kinds {
				h.fault = func(call string) error {
					if strings.HasPrefix(call, kind+" ") {
						return errOff
					}
					return nil
				}
				if _, err := h.visit(); err == nil {
					t.Errorf("%s failed, and the visit did not", kind)
				}
				for _, difference := range differences(settled, h.dump()) {
					t.Errorf("when each %s failed: %s", kind, difference)
				}
			}
		})
	}
}

// TestFirstVisitFails: whatever call fails at first, what is made later is what
// would have been made without that.
func TestFirstVisitFails(t *testing.T) {
	t.Parallel()
	young := func(tenant *v1alpha1.Tenant, _ *v1alpha1.ServiceTerms) {
		tenant.CreationTimestamp, tenant.Spec.Contract.StartsOn = metav1.NewTime(noon.AddDate(0, 0, -3)), "2026-11-24"
	}
	whole := newHouse(t, young)
	if _, err := whole.visit(); err != nil {
		t.Fatal(err)
	}
	calls := whole.calls
	whole.settle()
	want := whole.dump()
	for i, failing := range calls {
		t.Run(failing, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, young)
			n := -1
			h.fault = func(string) error {
				if n++; n == i {
					return errOff
				}
				return nil
			}
			if _, err := h.visit(); err == nil {
				t.Error("the visit did not fail")
			}
			for key := range h.dump() {
				if _, ok := want[key]; !ok {
					t.Errorf("%s was made", key)
				}
			}
			h.fault = nil
			h.settle()
			for _, difference := range differences(want, h.dump()) {
				t.Error(difference)
			}
		})
	}
}

// TestFinalizerFirst: nothing is made for a tenant that was not given its
// finalizer, which would see it gone: it was deleted, or changed.
func TestFinalizerFirst(t *testing.T) {
	t.Parallel()
	of := schema.GroupResource{Group: "werkplek.dev", Resource: "tenants"}
	for name, refusal := range map[string]error{
		"deleted meanwhile": apierrors.NewNotFound(of, "jansen"),
		"changed meanwhile": apierrors.NewConflict(of, "jansen", errors.New("changed")),
		"away":              errOff,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, func(tenant *v1alpha1.Tenant, _ *v1alpha1.ServiceTerms) { tenant.Finalizers = nil })
			before := h.dump()
			h.fault = func(call string) error {
				if strings.HasPrefix(call, "patch v1alpha1.Tenant /jansen") && !strings.HasSuffix(call, "/status") {
					return refusal
				}
				return nil
			}
			again, err := h.visit()
			if quiet := !errors.Is(refusal, errOff); (err == nil) != quiet {
				t.Errorf("the visit returned %v", err)
			}
			if soon := apierrors.IsConflict(refusal); (again.RequeueAfter > 0) != soon {
				t.Errorf("it is looked at again after %s", again.RequeueAfter)
			}
			for _, difference := range differences(before, h.dump()) {
				t.Error(difference)
			}
		})
	}
}

// TestSettledFixture: the states above are what their names say.
func TestSettledFixture(t *testing.T) {
	t.Parallel()
	h := states["it runs"](t)
	h.settle()
	namespace := &corev1.Namespace{}
	err := h.Get(t.Context(), client.ObjectKey{Name: jansen}, namespace)
	if err != nil || namespace.Labels["pod-security.kubernetes.io/enforce"] != "baseline" {
		t.Errorf("namespace labels %v, %v", namespace.Labels, err)
	}
	for name, want := range map[string]v1alpha1.TenantState{
		"it runs": v1alpha1.TenantActive, "it is suspended": v1alpha1.TenantSuspended,
		"its reseller is suspended": v1alpha1.TenantSuspended, "it has ended, and its data is kept": v1alpha1.TenantEnded,
	} {
		h := states[name](t)
		h.settle()
		tenant := &v1alpha1.Tenant{}
		if err := h.Get(t.Context(), client.ObjectKey{Name: "jansen"}, tenant); err != nil || tenant.Status.State != want {
			t.Errorf("%s: %s, %v", name, tenant.Status.State, err)
		}
	}
	h = states["it has a removed home"](t)
	h.settle()
	claim := &corev1.PersistentVolumeClaim{}
	err = h.Get(t.Context(), client.ObjectKey{Namespace: jansen, Name: "home-anna"}, claim)
	if err != nil || claim.Annotations[v1alpha1.AnnotationRemovedOn] != "2026-11-27" {
		t.Errorf("claim %v, %v", claim.Annotations, err)
	}
	if !slices.Contains(h.calls, "list v1alpha1.WorkplaceList "+jansen) {
		t.Errorf("a visit reads the workplaces; it asked %q", h.calls)
	}
}
