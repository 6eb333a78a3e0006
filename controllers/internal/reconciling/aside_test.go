// SPDX-License-Identifier: Apache-2.0

package reconciling_test

import (
	"context"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
)

// TestAside: an object that was brought back is not acted upon, and says so once.
// What a person decides about it holds, and counts for this object alone.
func TestAside(t *testing.T) {
	t.Parallel()
	created := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	for what, row := range map[string]struct {
		made, decided string
		aside         bool
		reason        string
		status        metav1.ConditionStatus
	}{
		"made here":     {made: "2026-11-27T12:00:00Z"},
		"without marks": {},
		"brought back":  {made: "2026-01-01T00:00:00Z", aside: true, reason: v1alpha1.ReasonRestored, status: "False"},
		"history": {
			made: "2026-01-01T00:00:00Z", decided: v1alpha1.RestoredHistory,
			aside: true, reason: v1alpha1.ReasonHistory, status: "True",
		},
		"to be acted upon": {made: "2026-01-01T00:00:00Z", decided: v1alpha1.RestoredAct},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			tenant := fakeTenant.DeepCopy()
			tenant.CreationTimestamp = metav1.NewTime(created)
			tenant.Annotations = map[string]string{}
			for key, value := range map[string]string{
				v1alpha1.AnnotationMadeAt: row.made, v1alpha1.AnnotationRestored: row.decided,
			} {
				if value != "" {
					tenant.Annotations[key] = value
				}
			}
			w := newWorld(t, tenant)
			for visit := range 2 {
				writes := w.writes
				pass, err := reconciling.Begin(t.Context(), w.Controller, ctrl.Request{NamespacedName: key}, &v1alpha1.Tenant{})
				if err != nil {
					t.Fatal(err)
				}
				aside, result, err := pass.Aside(t.Context(), v1alpha1.ConditionSent)
				if aside != row.aside || err != nil || result.RequeueAfter != 0 {
					t.Fatalf("visit %d: aside %t, %v, %v", visit, aside, result, err)
				}
				if visit > 0 && w.writes != writes {
					t.Errorf("the second visit wrote")
				}
			}
			stored := &v1alpha1.Tenant{}
			if err := w.server.Get(context.Background(), key, stored); err != nil {
				t.Fatal(err)
			}
			ready := meta.FindStatusCondition(stored.Status.Conditions, v1alpha1.ConditionReady)
			sent := meta.FindStatusCondition(stored.Status.Conditions, v1alpha1.ConditionSent)
			if !row.aside {
				if ready != nil || stored.Annotations[v1alpha1.AnnotationRestored] != "" {
					t.Errorf("it says %+v, annotated %v", ready, stored.Annotations)
				}
				if row.decided != "" && stored.Annotations[v1alpha1.AnnotationMadeAt] != "2026-11-27T12:00:00Z" {
					t.Errorf("accepted, it was made at %v", stored.Annotations)
				}
				return
			}
			if ready == nil || ready.Reason != row.reason || ready.Status != row.status || sent == nil || sent.Status != "False" {
				t.Errorf("it says %+v and %+v", ready, sent)
			}
		})
	}
}
