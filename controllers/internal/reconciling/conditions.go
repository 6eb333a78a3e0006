// SPDX-License-Identifier: Apache-2.0

package reconciling

import (
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/outcome"
)

const (
	// mostWords is how long the API server lets a condition's message be.
	mostWords = 32768
	// wordsOfTwo bounds what a condition repeats of Ready.
	wordsOfTwo = 1024
	// unlooked is the reason of what nobody has looked at.
	unlooked = "Unknown"
)

// Conditions sets the conditions of one object at one moment of the injected clock.
type Conditions struct {
	List       *v1alpha1.Conditions
	Generation int64
	Now        time.Time
}

// Set sets a condition; its transition time moves only when its status does.
func (c Conditions) Set(kind string, status metav1.ConditionStatus, reason, message string) {
	meta.SetStatusCondition((*[]metav1.Condition)(c.List), metav1.Condition{
		Type:               kind,
		Status:             status,
		ObservedGeneration: c.Generation,
		LastTransitionTime: metav1.NewTime(c.Now.UTC().Truncate(time.Second)),
		Reason:             reason,
		Message:            Bounded(message, mostWords),
	})
}

// Report sets a condition to what something has come to.
func (c Conditions) Report(kind string, o outcome.Outcome) {
	if o.Reason == "" {
		o = outcome.Unknown(unlooked, "it was not looked at")
	}
	c.Set(kind, o.Status(), o.Reason, o.Message)
}

// Summarize says how the object as a whole stands: in Ready, and where that is not
// True, in the two conditions by which tools that know nothing of the kind tell what
// comes by itself from what waits for a person. What rests on purpose is ready.
func (c Conditions) Summarize(o outcome.Outcome) {
	if o.State == outcome.StateResting {
		c.True(v1alpha1.ConditionReady, o.Reason, o.Message)
	} else {
		c.Report(v1alpha1.ConditionReady, o)
	}
	for kind, state := range map[string]outcome.State{
		v1alpha1.ConditionReconciling: outcome.StateWaiting,
		v1alpha1.ConditionStalled:     outcome.StateStalled,
	} {
		if o.State == state {
			c.True(kind, o.Reason, Bounded(o.Message, wordsOfTwo))
		} else {
			c.Remove(kind)
		}
	}
}

// True sets a condition to True.
func (c Conditions) True(kind, reason, message string) {
	c.Set(kind, metav1.ConditionTrue, reason, message)
}

// False sets a condition to False.
func (c Conditions) False(kind, reason, message string) {
	c.Set(kind, metav1.ConditionFalse, reason, message)
}

// Unknown sets a condition to Unknown.
func (c Conditions) Unknown(kind, reason, message string) {
	c.Set(kind, metav1.ConditionUnknown, reason, message)
}

// Holds sets a condition to True or False.
func (c Conditions) Holds(kind string, holds bool, reason, message string) {
	if holds {
		c.True(kind, reason, message)
	} else {
		c.False(kind, reason, message)
	}
}

// Remove takes a condition away that has nothing to say.
func (c Conditions) Remove(kind string) {
	meta.RemoveStatusCondition((*[]metav1.Condition)(c.List), kind)
}
