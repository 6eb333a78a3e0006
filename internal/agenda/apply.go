// SPDX-License-Identifier: Apache-2.0

package agenda

import (
	"slices"
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/facts"
)

// Apply plays an action on facts: they become what they would be read as at that
// moment, had it been carried out. The facts are the caller's own, down to what
// they refer to.
func Apply(f *facts.Facts, action Action) error {
	if f.Notices == nil {
		f.Notices = facts.Notices{}
	}
	return action.play(f)
}

func (a Remember) play(f *facts.Facts) error {
	f.Remember(a.Remembered)
	return nil
}

func (a Lift) play(f *facts.Facts) error {
	if a.Charge != nil {
		if err := a.Charge.play(f); err != nil {
			return err
		}
	}
	suspensionNamed(f, a.Suspension).LiftedAt = f.Now
	return nil
}

func (a Suspend) play(f *facts.Facts) error {
	f.Suspensions = append(f.Suspensions, facts.Suspension{
		Name: a.Name(), Cause: a.Cause, Since: a.Since, MadeAt: f.Now, Reason: a.Reason,
	})
	return nil
}

func (a Charge) play(f *facts.Facts) error {
	if _, exists := f.Charges.Named(a.Name()); exists {
		return nil // made before a crash
	}
	fact, err := facts.ChargeOf(a.Name(), &a.Spec, &v1alpha1.ChargeStatus{})
	if err != nil {
		return err
	}
	fact.MadeAt = f.Now
	f.Charges.Put(fact)
	return nil
}

func (a NoteRemoved) play(f *facts.Facts) error {
	a.Home.RemovedOn = a.On
	return KeepHome{a.Home}.replace(f)
}

func (a KeepHome) play(f *facts.Facts) error {
	a.Home.RemovedOn, a.Home.Unreadable = calendar.Date{}, ""
	return a.replace(f)
}

func (a KeepHome) replace(f *facts.Facts) error {
	for i := range f.Homes {
		if f.Homes[i].Claim == a.Home.Claim {
			f.Homes[i] = a.Home
		}
	}
	return nil
}

func (a EraseHome) play(f *facts.Facts) error {
	f.Homes = slices.DeleteFunc(f.Homes, func(h facts.Home) bool { return h.Claim == a.Home.Claim })
	return nil
}

func (a Tell) play(f *facts.Facts) error {
	f.Notices[a.Name()] = time.Time{} // it exists, and was not sent
	return nil
}

func (a ChangePlan) play(f *facts.Facts) error {
	f.TakePlan(a.PlanStep, a.Terms, a.Successor)
	return nil
}

func (a Erase) play(f *facts.Facts) error {
	f.EraseData(a.Rule)
	f.Erased = a.Ends
	return nil
}

func (Leave) play(f *facts.Facts) error {
	f.Left = true
	return nil
}
