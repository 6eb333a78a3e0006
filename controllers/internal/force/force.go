// SPDX-License-Identifier: Apache-2.0

// Package force says whether a suspension denies access: the one way for who ends
// one and for who looks at all.
package force

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/terms/facts"
)

// UpToDate says that nothing stands in the way of a suspension. Its words do not
// depend on the way there, so that a crash on it leaves no trace.
func UpToDate() outcome.Outcome {
	return outcome.Ready(v1alpha1.ReasonReady, "the suspension's status is up to date")
}

// Report says in a suspension's status since when, and whether, it is in force.
func Report(conditions reconciling.Conditions, suspension *v1alpha1.Suspension) {
	fact := facts.SuspensionOf(suspension)
	since := metav1.NewTime(fact.Since)
	suspension.Status.Since = &since
	switch {
	case fact.Lifted():
		conditions.False(v1alpha1.ConditionInForce, v1alpha1.ReasonLifted,
			"the suspension was lifted: "+suspension.Status.LiftedBecause)
	case fact.InForce(conditions.Now):
		conditions.True(v1alpha1.ConditionInForce, v1alpha1.ReasonInForce, suspension.Spec.Reason)
	default:
		conditions.False(v1alpha1.ConditionInForce, v1alpha1.ReasonNotYet, "the suspension begins later")
	}
}

// Lift ends a suspension at a moment, in its status.
func Lift(suspension *v1alpha1.Suspension, because, charge string, now time.Time) {
	s := &suspension.Status
	at := metav1.NewTime(now.UTC().Truncate(time.Second))
	s.LiftedAt, s.LiftedBecause = &at, because
	if charge != "" {
		s.ChargeRef = &v1alpha1.Reference{Name: v1alpha1.ObjectName(charge)}
	}
	conditions := reconciling.Conditions{List: &s.Conditions, Generation: suspension.Generation, Now: now}
	conditions.Summarize(UpToDate())
	Report(conditions, suspension)
	s.ObservedGeneration = suspension.Generation
}
