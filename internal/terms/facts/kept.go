// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
)

// Home is the home of a workplace, which outlives it.
type Home struct {
	// Claim is its name.
	Claim string
	// Workplace whose home it is; empty if that is not said.
	Workplace string
	// Username of the person whose data it holds.
	Username string
	MadeAt   time.Time
	// RemovedOn is the day on which its workplace was found to be gone; zero while it was not.
	RemovedOn calendar.Date
	// Unreadable is why that day cannot be read, for people; empty if it can.
	Unreadable string
	// Going is true once it is being deleted.
	Going bool
}

// HomeOf returns the fact that a home's claim states.
func HomeOf(claim metav1.Object) Home {
	home := Home{
		Claim: claim.GetName(), Workplace: claim.GetLabels()[v1alpha1.LabelWorkplace],
		Username: claim.GetAnnotations()[v1alpha1.AnnotationUsername], MadeAt: claim.GetCreationTimestamp().Time,
		Going: claim.GetDeletionTimestamp() != nil,
	}
	if noted := claim.GetAnnotations()[v1alpha1.AnnotationRemovedOn]; noted != "" {
		var err error
		if home.RemovedOn, err = calendar.ParseDate(noted); err != nil {
			home.Unreadable = fmt.Sprintf("annotation %s of claim %s: %v", v1alpha1.AnnotationRemovedOn, home.Claim, err)
		}
	}
	return home
}

// HomesOf returns one home for each workplace, for whom nobody can ask which there are.
func HomesOf(workplaces []v1alpha1.Workplace) []Home {
	homes := make([]Home, 0, len(workplaces))
	for i := range workplaces {
		w := &workplaces[i]
		homes = append(homes, homeFor(w.Name, string(w.Spec.User.Username), w.CreationTimestamp.Time))
	}
	return homes
}

// homeFor returns the home that a workplace gets.
func homeFor(workplace, username string, made time.Time) Home {
	return Home{Claim: v1alpha1.HomeClaimPrefix + workplace, Workplace: workplace, Username: username, MadeAt: made}
}

// Member is a workplace of a sub-organisation.
type Member struct {
	Username string
	// Since is when the workplace was made.
	Since time.Time
	// Blocked is true while its user is shut out for a reason of its own.
	Blocked bool
}

// ShutOut counts the distinct users whom a suspension shut out (TD-10): those of
// the tenant and of its sub-organisations who had a workplace when it came into
// force and were not blocked for another reason.
func (f *Facts) ShutOut(s *Suspension, zone *time.Location) int {
	from := s.Since
	if s.MadeAt.After(from) {
		from = s.MadeAt
	}
	users := map[string]bool{}
	for i := range f.Workplaces {
		if w := &f.Workplaces[i]; !w.Blocked && !w.since(zone).After(from) {
			users[w.Username] = true
		}
	}
	for _, member := range f.Below {
		if !member.Blocked && !member.Since.After(from) {
			users[member.Username] = true
		}
	}
	return len(users)
}

// since returns when a workplace was made: the first moment of the day, where
// only that is known.
func (w *Workplace) since(zone *time.Location) time.Time {
	if w.CreatedAt.IsZero() {
		return w.CreatedOn.Start(zone)
	}
	return w.CreatedAt
}
