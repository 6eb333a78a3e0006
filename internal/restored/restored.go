// SPDX-License-Identifier: Apache-2.0

// Package restored knows objects that a backup brought back without what had been
// done about them. Acting on one of them would do it a second time.
package restored

import (
	"maps"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// Verdict is what is to be done about an object.
type Verdict string

// The verdicts.
const (
	// Here: it belongs here, and is acted upon.
	Here Verdict = "Here"
	// Undecided: it was brought back, and a person has to say what it is.
	Undecided Verdict = "Undecided"
	// History: it is a record of what was; nothing is done about it, ever.
	History Verdict = "History"
)

const (
	// slack is by how much the clocks of who makes an object and of the API server
	// may differ, and how long an attempt to make one may take.
	slack = 10 * time.Minute
	// velero marks what it has restored.
	velero = "velero.io/restore-name"
)

// Object is an object whose status has conditions.
type Object interface {
	metav1.Object
	Observed() (conditions *v1alpha1.Conditions, generation *int64)
}

// Of judges an object. One whose status was restored with it is like any other, and
// so is one that does not say when it was made: an old date in its spec proves
// nothing, for the operator charges and suspends late, too, and people make
// objects for any day.
func Of(o Object) Verdict {
	switch o.GetAnnotations()[v1alpha1.AnnotationRestored] {
	case v1alpha1.RestoredHistory:
		return History
	case v1alpha1.RestoredAct:
		return Here
	}
	if judged(o) || !Brought(o) {
		return Here
	}
	return Undecided
}

// judged reports whether a status says what was made of the object, here or where
// it came from.
func judged(o Object) bool {
	conditions, _ := o.Observed()
	for _, c := range *conditions {
		if c.Type == v1alpha1.ConditionReady {
			return c.Reason != v1alpha1.ReasonRestored && c.Reason != v1alpha1.ReasonHistory
		}
	}
	return len(*conditions) > 0
}

// Brought reports whether an object was made again after the time at which it was
// first made: the API server dates it anew, and what is written on it stays.
func Brought(o metav1.Object) bool {
	created := o.GetCreationTimestamp().Time
	if created.IsZero() {
		return false // it does not exist yet
	}
	if _, is := o.GetLabels()[velero]; is {
		return true
	}
	written := o.GetAnnotations()[v1alpha1.AnnotationMadeAt]
	if written == "" {
		return false
	}
	made, err := time.Parse(time.RFC3339, written)
	return err != nil || created.Sub(made) > slack
}

// Mark writes on an object when it was made, if that is not written yet. The mark
// goes into every backup.
func Mark(o metav1.Object, made time.Time) {
	annotations := o.GetAnnotations()
	if annotations[v1alpha1.AnnotationMadeAt] != "" || made.IsZero() {
		return
	}
	marked := map[string]string{}
	maps.Copy(marked, annotations)
	marked[v1alpha1.AnnotationMadeAt] = made.UTC().Format(time.RFC3339)
	o.SetAnnotations(marked)
}

// Accept makes an object one that belongs here, as a person has said. The word is
// taken off: in the next backup it would say so of another object.
func Accept(o metav1.Object) {
	annotations, labels := maps.Clone(o.GetAnnotations()), maps.Clone(o.GetLabels())
	delete(annotations, v1alpha1.AnnotationRestored)
	delete(annotations, v1alpha1.AnnotationMadeAt)
	delete(labels, velero)
	o.SetAnnotations(annotations)
	o.SetLabels(labels)
	Mark(o, o.GetCreationTimestamp().Time)
}
