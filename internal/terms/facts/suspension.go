// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"slices"
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/restored"
)

// Suspension is a suspension that exists, in force or lifted.
type Suspension struct {
	Name          string
	Cause         v1alpha1.SuspensionCause
	Since         time.Time
	MadeAt        time.Time // zero: with Since
	Reason        string
	LiftRequested bool
	LiftedAt      time.Time // zero while not lifted
	Aside         bool      // a backup has brought it back, and it is not acted upon
	Undecided     bool      // nor has a person said yet whether it is in force
}

// Lifted reports whether the suspension has ended, or is not to be acted upon: then
// it neither denies access nor is there anything to lift.
func (s Suspension) Lifted() bool { return s.Aside || !s.LiftedAt.IsZero() }

// InForce reports whether the suspension denies access at a moment.
func (s Suspension) InForce(at time.Time) bool { return !s.Lifted() && !at.Before(s.Since) }

// SuspensionOf returns the fact that an API object states. Without a moment of
// its own a suspension counts from its creation.
func SuspensionOf(s *v1alpha1.Suspension) Suspension {
	made := s.CreationTimestamp.Time
	fact := Suspension{
		Name: s.Name, Cause: s.Spec.Cause, Reason: s.Spec.Reason, Since: made, MadeAt: made, LiftRequested: s.Spec.Lift,
	}
	if s.Spec.Since != nil {
		fact.Since = s.Spec.Since.Time
	}
	if s.Status.LiftedAt != nil {
		fact.LiftedAt = s.Status.LiftedAt.Time
	} else {
		verdict := restored.Of(s)
		fact.Aside, fact.Undecided = verdict != restored.Here, verdict == restored.Undecided
	}
	return fact
}

// InArrearsSuspension reports whether a suspension for arrears was made and not
// lifted, as far as anybody knows: another one would say the same twice.
func (f *Facts) InArrearsSuspension() bool {
	return slices.ContainsFunc(f.Suspensions, func(s Suspension) bool {
		return s.Cause == v1alpha1.CauseArrears && (s.Undecided || !s.Lifted())
	})
}
