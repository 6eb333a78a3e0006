// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"slices"
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/agreement"
)

// NoticeDecision is what was decided about a notice.
type NoticeDecision struct {
	ReceivedOn calendar.Date
	Accepted   bool
	// EndsOn is the first day on which the contract no longer holds, if accepted.
	EndsOn calendar.Date
	// Invoice that was overdue when a refused notice was received.
	Invoice string
}

// Sticks reports whether the end of a contract, once reached, holds whatever
// becomes of the facts: those that a person stated can be taken back, those that
// a customer makes by paying or coming back cannot.
func Sticks(reason v1alpha1.EndReason) bool {
	switch reason {
	case v1alpha1.EndTerminatedByArrears, v1alpha1.EndInactivity, v1alpha1.EndTrial:
		return true
	}
	return false
}

// Session is a support session that the agreement covers and that is over.
type Session struct {
	Name    string
	EndedOn calendar.Date
	Worked  time.Duration
}

// Remembered is what a standing decided for good: the decision about a notice, and
// an end that paying or coming back does not undo. The Tenant's status keeps the
// same, and Read reads it back.
type Remembered struct {
	// Notice is what was decided about a notice; nil if nothing new was.
	Notice *NoticeDecision
	// Forgets is true when an earlier decision is void: the notice was taken back,
	// or was said to a plan before.
	Forgets bool
	// EndsOn is the day from which the contract has ended, whatever is paid or used
	// from now on; zero if that is not new. EndReason is why.
	EndsOn    calendar.Date
	EndReason v1alpha1.EndReason
}

// Remember adds to the facts what was decided for good.
func (f *Facts) Remember(r Remembered) {
	if r.Notice != nil || r.Forgets {
		f.NoticeDecision = r.Notice
	}
	if !r.EndsOn.IsZero() {
		f.EndedOn, f.EndReason = r.EndsOn, r.EndReason
	}
}

// TakePlan changes the facts to another plan, whose terms are given together
// with those that would follow them.
func (f *Facts) TakePlan(step PlanStep, terms, successor *agreement.Terms) {
	f.TermsName, f.PlanFrom, f.PlanAgreedOn = step.Terms, step.From, step.AgreedOn
	f.PlanBecause, f.TermsTitle, f.Successor = step.Because, "", successor
	if terms != nil {
		f.TermsTitle = terms.Title
	}
}

// AddWorkplace adds a workplace that is made at the moment of the facts, and its
// home, unless it finds one.
func (f *Facts) AddWorkplace(w Workplace) {
	w.CreatedAt = f.Now
	f.Workplaces = append(f.Workplaces, w)
	f.Stored += w.Bytes
	for i := range f.Homes {
		if f.Homes[i].Workplace == w.Name {
			return
		}
	}
	f.Homes = append(f.Homes, homeFor(w.Name, w.Username, f.Now))
}

// RemoveWorkplace takes a workplace away. Its home stays.
func (f *Facts) RemoveWorkplace(name string) {
	at := slices.IndexFunc(f.Workplaces, func(w Workplace) bool { return w.Name == name })
	if at < 0 {
		return
	}
	f.Stored = max(0, f.Stored-f.Workplaces[at].Bytes)
	f.Workplaces = slices.Delete(f.Workplaces, at, at+1)
	if len(f.Workplaces) == 0 {
		f.LastActive = f.Now // its inactivity counts from here on
	}
}

// EraseData takes all workplaces and homes away, under a rule.
func (f *Facts) EraseData(rule string) {
	f.ErasedHomes, f.ErasedUnder = max(len(f.Homes), len(f.Workplaces)), rule
	if len(f.Workplaces) > 0 {
		f.LastActive = f.Now
	}
	f.Workplaces, f.Homes, f.Stored = nil, nil, 0
}
