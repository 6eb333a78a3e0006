// SPDX-License-Identifier: Apache-2.0

package standing

import (
	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/facts"
)

// stage judges one thing about a tenant. Of the standing it reads what the stages
// that it needs have found, and nothing else.
type stage struct {
	name  string
	needs []string
	judge func(*agreement.Terms, facts.Facts, *Standing, *schedule)
}

// stages are all of them, in the order in which they judge: each after those that
// it needs.
var stages = []stage{
	{"start", nil, judgeStart},
	{"billing", nil, judgeBilling},
	// Facts that do not tell from when arrears count are of no use either.
	{"arrears", []string{"billing"}, judgeArrears},
	{"agreement", nil, judgeTerm},
	// What may end the contract comes one after the other: of two ends on one day
	// the first here gives the reason.
	{"trial", []string{"start", "agreement"}, judgeTrial},
	{"withdrawal", []string{"agreement", "trial"}, judgeWithdrawal},
	{"notice", []string{"arrears", "agreement", "withdrawal"}, judgeNotice},
	{"inactivity", []string{"start", "notice"}, judgeInactivity},
	{"end", []string{"arrears", "agreement", "inactivity"}, judgeEnd},
	{"erasure", []string{"end"}, judgeErasure},
	// The plan that follows holds once the data fits it, which only the erasure knows.
	{"succession", []string{"end", "erasure"}, judgeSuccession},
	{"plan", []string{"start", "arrears", "agreement", "succession"}, judgePlan},
	{"suspensions", []string{"arrears", "trial", "end"}, judgeSuspensions},
	{"state", []string{"arrears", "trial", "end"}, judgeState},
}

// Stand returns where a tenant stands under its terms.
func Stand(t *agreement.Terms, f facts.Facts) Standing { return stand(stages, t, f) }

func stand(stages []stage, t *agreement.Terms, f facts.Facts) Standing {
	var s Standing
	when := schedule{Alarm: calendar.Alarm{Now: f.Now}}
	for _, stage := range stages {
		stage.judge(t, f, &s, &when)
	}
	s.Next, s.Recheck = when.next, when.Next
	return s
}

// judgeStart says whether the contract has begun (TD-6).
func judgeStart(t *agreement.Terms, f facts.Facts, s *Standing, when *schedule) {
	starts := f.StartsOn.Start(t.Zone)
	s.StartsOn, s.Started = f.StartsOn, !f.Now.Before(starts)
	when.transition(starts, NextStart)
}

// judgeState gives it all a word.
func judgeState(t *agreement.Terms, f facts.Facts, s *Standing, _ *schedule) { s.State = state(f, s) }

func state(f facts.Facts, s *Standing) v1alpha1.TenantState {
	if f.Erased {
		return v1alpha1.TenantErased
	}
	if s.Ended {
		return v1alpha1.TenantEnded
	}
	if f.ResellerSuspended {
		return v1alpha1.TenantSuspended
	}
	for _, existing := range f.Suspensions {
		if existing.InForce(f.Now) {
			return v1alpha1.TenantSuspended
		}
	}
	if s.Arrears != nil {
		return v1alpha1.TenantInArrears
	}
	if s.OnTrial {
		return v1alpha1.TenantTrial
	}
	return v1alpha1.TenantActive
}
