// SPDX-License-Identifier: Apache-2.0

// Package outcome is the one type of verdicts: what a rule, a step or a whole
// reconcile has come to, in words that fit a condition. It is pure.
package outcome

import (
	"errors"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// State is how far something is. The zero State is Unknown: nobody has looked
// yet, or looking failed. Unknown is not "no".
type State uint8

// The states.
const (
	// StateUnknown: it was not looked at, or could not be.
	StateUnknown State = iota
	// StateReady: it is as it should be.
	StateReady
	// StateWaiting: time, or another part of the system, will bring it.
	StateWaiting
	// StateStalled: it stays so until a person acts.
	StateStalled
	// StateResting: it does nothing, as its spec, its terms or its class want it to.
	StateResting
)

// String returns the state as a log line has it.
func (s State) String() string {
	switch s {
	case StateReady:
		return "ready"
	case StateWaiting:
		return "waiting"
	case StateStalled:
		return "stalled"
	case StateResting:
		return "resting"
	default:
		return "unknown"
	}
}

// Outcome is what something has come to. Outcomes can be compared; the zero
// Outcome is unknown.
type Outcome struct {
	State State
	// Reason is one word of a condition's vocabulary, in CamelCase.
	Reason string
	// Message tells a person what holds, and what to do where a person must act.
	// It does not change from one look to the next while nothing else does.
	Message string
}

// Ready says that something is as it should be.
func Ready(reason, message string) Outcome { return Outcome{StateReady, reason, message} }

// Waiting says that something comes by itself: with time, or from another part.
func Waiting(reason, message string) Outcome { return Outcome{StateWaiting, reason, message} }

// Stalled says that something waits for a person.
func Stalled(reason, message string) Outcome { return Outcome{StateStalled, reason, message} }

// Resting says that something does nothing, and that this is as it should be: a
// desktop that is stopped on purpose. To what needs it, it is not there.
func Resting(reason, message string) Outcome { return Outcome{StateResting, reason, message} }

// Unknown says why something could not be looked at.
func Unknown(reason, message string) Outcome { return Outcome{StateUnknown, reason, message} }

// OK reports whether it is as it should be: not whether it might be.
func (o Outcome) OK() bool { return o.State == StateReady }

// Known reports whether somebody has looked and could tell.
func (o Outcome) Known() bool { return o.State != StateUnknown }

// Status returns what a condition about it says.
func (o Outcome) Status() metav1.ConditionStatus {
	switch o.State {
	case StateReady:
		return metav1.ConditionTrue
	case StateWaiting, StateStalled, StateResting:
		return metav1.ConditionFalse
	default:
		return metav1.ConditionUnknown
	}
}

// String makes an outcome readable in logs and failing tests.
func (o Outcome) String() string { return fmt.Sprintf("%s (%s): %s", o.State, o.Reason, o.Message) }

// First returns the first outcome that is not ready, or the last one if all are.
// Without any it is unknown.
func First(outcomes ...Outcome) Outcome {
	var last Outcome
	for _, o := range outcomes {
		if !o.OK() {
			return o
		}
		last = o
	}
	return last
}

// Error carries an outcome that ended what was being done.
type Error struct{ Outcome Outcome }

// Error returns the outcome's message.
func (e *Error) Error() string { return e.Outcome.Message }

// Err returns the outcome as an error, nil if it is ready.
func (o Outcome) Err() error {
	if o.OK() {
		return nil
	}
	return &Error{o}
}

// From returns the outcome that an error carries, at whatever depth.
func From(err error) (Outcome, bool) {
	var carried *Error
	if errors.As(err, &carried) {
		return carried.Outcome, true
	}
	return Outcome{}, false
}
