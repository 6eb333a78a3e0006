// SPDX-License-Identifier: Apache-2.0

package outcome_test

import (
	"fmt"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"werkplek.dev/werkplek/internal/outcome"
)

func TestStates(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		outcome outcome.Outcome
		ok      bool
		known   bool
		status  metav1.ConditionStatus
		word    string
	}{
		{outcome.Outcome{}, false, false, metav1.ConditionUnknown, "unknown"},
		{outcome.Unknown("NotRead", "m"), false, false, metav1.ConditionUnknown, "unknown"},
		{outcome.Ready("Ready", "m"), true, true, metav1.ConditionTrue, "ready"},
		{outcome.Waiting("Starting", "m"), false, true, metav1.ConditionFalse, "waiting"},
		{outcome.Stalled("NotFound", "m"), false, true, metav1.ConditionFalse, "stalled"},
		{outcome.Resting("Stopped", "m"), false, true, metav1.ConditionFalse, "resting"},
	} {
		o := row.outcome
		if o.OK() != row.ok || o.Known() != row.known || o.Status() != row.status || o.State.String() != row.word {
			t.Errorf("%s: OK %t, known %t, status %s", o, o.OK(), o.Known(), o.Status())
		}
	}
}

func TestFirst(t *testing.T) {
	t.Parallel()
	good, better, bad := outcome.Ready("A", "a"), outcome.Ready("B", "b"), outcome.Waiting("C", "c")
	for _, row := range []struct {
		of   []outcome.Outcome
		want outcome.Outcome
	}{
		{nil, outcome.Outcome{}},
		{[]outcome.Outcome{good, better}, better},
		{[]outcome.Outcome{good, bad, {}}, bad},
		{[]outcome.Outcome{good, {}, bad}, outcome.Outcome{}}, // what nobody knows comes before what waits behind it
	} {
		if got := outcome.First(row.of...); got != row.want {
			t.Errorf("First(%v) = %s, want %s", row.of, got, row.want)
		}
	}
}

func TestErrorsCarryOutcomes(t *testing.T) {
	t.Parallel()
	if err := outcome.Ready("A", "a").Err(); err != nil {
		t.Errorf("what is ready is no error, got %v", err)
	}
	stalled := outcome.Stalled("TermsNotFound", "create the terms")
	got, ok := outcome.From(fmt.Errorf("find the terms: %w", stalled.Err()))
	if !ok || got != stalled {
		t.Errorf("got %s, %t; want %s", got, ok, stalled)
	}
	if _, ok := outcome.From(fmt.Errorf("connection refused")); ok {
		t.Error("a fault carries no outcome")
	}
}
