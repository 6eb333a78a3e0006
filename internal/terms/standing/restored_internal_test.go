// SPDX-License-Identifier: Apache-2.0

package standing

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/terms/facts"
)

// TestRestoredSuspension: a suspension that a backup brought back denies nobody
// access and is not lifted. While nobody has said what it is, none is made beside it.
func TestRestoredSuspension(t *testing.T) {
	t.Parallel()
	created := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	for what, row := range map[string]struct {
		made, decided string
		inForce       bool
		exists        bool
	}{
		"made here":    {made: "2026-11-27T12:00:00Z", inForce: true, exists: true},
		"brought back": {made: "2026-08-01T00:00:00Z", exists: true},
		"history":      {made: "2026-08-01T00:00:00Z", decided: v1alpha1.RestoredHistory},
		"still called for": {
			made: "2026-08-01T00:00:00Z", decided: v1alpha1.RestoredAct, inForce: true, exists: true,
		},
	} {
		since := metav1.NewTime(created.AddDate(0, -4, 0))
		fact := facts.SuspensionOf(&v1alpha1.Suspension{
			ObjectMeta: metav1.ObjectMeta{CreationTimestamp: metav1.NewTime(created), Annotations: map[string]string{
				v1alpha1.AnnotationMadeAt: row.made, v1alpha1.AnnotationRestored: row.decided,
			}},
			Spec: v1alpha1.SuspensionSpec{Cause: v1alpha1.CauseArrears, Since: &since},
		})
		if fact.InForce(created) != row.inForce || fact.Lifted() == row.inForce || !fact.LiftedAt.IsZero() {
			t.Errorf("%s: in force %t, %+v", what, fact.InForce(created), fact)
		}
		known := facts.Facts{Suspensions: []facts.Suspension{fact}}
		if known.InArrearsSuspension() != row.exists {
			t.Errorf("%s: a suspension exists: %t", what, !row.exists)
		}
	}
}
