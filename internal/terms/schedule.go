// SPDX-License-Identifier: Apache-2.0

package terms

import "time"

// Transition is something that time alone will bring.
type Transition struct {
	At   time.Time
	What string
}

// What a Transition brings.
const (
	NextSuspend          = "Suspend"
	NextAllowTermination = "AllowTermination"
	NextTerminate        = "Terminate"
	NextEnd              = "End"
	NextErase            = "Erase"
	NextEndTrial         = "EndTrial"
	NextChangePlan       = "ChangePlan"
	NextWarnInactivity   = "WarnInactivity"
	NextStart            = "Start"
)

// schedule collects the moments at which a standing changes by itself.
type schedule struct {
	now   time.Time
	next  *Transition
	again time.Time
}

// transition notes something that the contract will bring.
func (s *schedule) transition(at time.Time, what string) {
	if !at.After(s.now) {
		return
	}
	if s.next == nil || at.Before(s.next.At) {
		s.next = &Transition{At: at, What: what}
	}
	s.recheck(at)
}

// recheck notes a moment at which to compute again.
func (s *schedule) recheck(at time.Time) {
	if at.After(s.now) && (s.again.IsZero() || at.Before(s.again)) {
		s.again = at
	}
}
