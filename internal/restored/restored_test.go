// SPDX-License-Identifier: Apache-2.0

package restored_test

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/restored"
)

func moment(t *testing.T, written string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, written)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// TestOf: what was made again is not acted upon, unless its status came with it or
// a person has said so; what is only late, or old, is.
func TestOf(t *testing.T) {
	t.Parallel()
	const created = "2026-11-27T12:00:00Z"
	ready := func(reason string) v1alpha1.Conditions {
		return v1alpha1.Conditions{{Type: v1alpha1.ConditionReady, Reason: reason}}
	}
	for what, row := range map[string]struct {
		created    string // empty: not made yet
		made       string // empty: it does not say
		decided    string
		labels     map[string]string
		conditions v1alpha1.Conditions
		want       restored.Verdict
	}{
		"made here": {
			created: created, made: created, want: restored.Here,
		},
		"made again": {
			created: created, made: "2026-11-26T12:00:00Z", want: restored.Undecided,
		},
		"made again in the same hour": {
			created: created, made: "2026-11-27T11:49:59Z", want: restored.Undecided,
		},
		"made slowly": {
			created: created, made: "2026-11-27T11:50:00Z", want: restored.Here,
		},
		"made by a clock that is ahead": {
			created: created, made: "2027-01-01T00:00:00Z", want: restored.Here,
		},
		"made in summer, read in another zone": {
			created: "2026-10-25T01:30:00Z", made: "2026-10-25T03:25:00+02:00", want: restored.Here,
		},
		"made before a leap day": {
			created: "2028-03-01T00:00:00Z", made: "2028-02-28T23:59:59Z", want: restored.Undecided,
		},
		"it does not say": {created: created, want: restored.Here},
		"not made yet":    {made: "2020-01-01T00:00:00Z", want: restored.Here},
		"made at a time that cannot be read": {
			created: created, made: "last year", want: restored.Undecided,
		},
		"restored by Velero": {
			created: created, made: created, labels: map[string]string{"velero.io/restore-name": "r"}, want: restored.Undecided,
		},
		"its status came with it": {
			created: created, made: "2026-01-01T00:00:00Z", conditions: ready("InForce"), want: restored.Here,
		},
		"its status came, without Ready": {
			created: created, made: "2026-01-01T00:00:00Z", conditions: v1alpha1.Conditions{{Type: "Sent"}}, want: restored.Here,
		},
		"it was found before": {
			created: created, made: "2026-01-01T00:00:00Z", conditions: ready(v1alpha1.ReasonRestored), want: restored.Undecided,
		},
		"it was history, and nobody says so any more": {
			created: created, made: "2026-01-01T00:00:00Z", conditions: ready(v1alpha1.ReasonHistory), want: restored.Undecided,
		},
		"a person says: history": {
			created: created, made: created, decided: v1alpha1.RestoredHistory, want: restored.History,
		},
		"a person says: act": {
			created: created, made: "2026-01-01T00:00:00Z", decided: v1alpha1.RestoredAct, want: restored.Here,
		},
		"a person says nothing that is known": {
			created: created, made: "2026-01-01T00:00:00Z", decided: "act", want: restored.Undecided,
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			o := &v1alpha1.Suspension{ObjectMeta: metav1.ObjectMeta{Labels: row.labels, Annotations: map[string]string{
				v1alpha1.AnnotationRestored: row.decided, v1alpha1.AnnotationMadeAt: row.made,
			}}}
			if row.created != "" {
				o.CreationTimestamp = metav1.NewTime(moment(t, row.created))
			}
			o.Status.Conditions = row.conditions
			if is := restored.Of(o); is != row.want {
				t.Errorf("it is %s, want %s", is, row.want)
			}
		})
	}
}

// TestMark: a mark is written once, and touches nothing that others share.
func TestMark(t *testing.T) {
	t.Parallel()
	first, later := moment(t, "2026-11-27T12:00:00Z"), moment(t, "2027-01-01T00:00:00Z")
	shared := map[string]string{"of": "others"}
	o := &v1alpha1.Notice{ObjectMeta: metav1.ObjectMeta{Annotations: shared}}
	restored.Mark(o, time.Time{})
	if len(o.Annotations) != 1 {
		t.Errorf("no moment marks it: %v", o.Annotations)
	}
	restored.Mark(o, first)
	restored.Mark(o, later)
	if o.Annotations[v1alpha1.AnnotationMadeAt] != "2026-11-27T12:00:00Z" || o.Annotations["of"] != "others" {
		t.Errorf("its annotations are %v", o.Annotations)
	}
	if len(shared) != 1 {
		t.Errorf("what others share was changed: %v", shared)
	}
}

// TestAccept: what a person has accepted belongs here, and a backup of it does not
// carry that word along.
func TestAccept(t *testing.T) {
	t.Parallel()
	o := &v1alpha1.Notice{ObjectMeta: metav1.ObjectMeta{
		CreationTimestamp: metav1.NewTime(moment(t, "2026-11-27T12:00:00Z")),
		Labels:            map[string]string{"velero.io/restore-name": "r", "of": "others"},
		Annotations: map[string]string{
			v1alpha1.AnnotationMadeAt: "2026-01-01T00:00:00Z", v1alpha1.AnnotationRestored: v1alpha1.RestoredAct,
		},
	}}
	restored.Accept(o)
	if is := restored.Of(o); is != restored.Here || o.Labels["of"] != "others" {
		t.Errorf("accepted, it is %s: %v %v", is, o.Labels, o.Annotations)
	}
	o.CreationTimestamp = metav1.NewTime(moment(t, "2026-12-24T12:00:00Z"))
	if is := restored.Of(o); is != restored.Undecided {
		t.Errorf("brought back once more, it is %s: %v", is, o.Annotations)
	}
}
