// SPDX-License-Identifier: Apache-2.0

package standing

import (
	"time"

	"werkplek.dev/werkplek/internal/calendar"
)

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
	calendar.Alarm
	next *Transition
}

// transition notes something that the contract will bring.
func (s *schedule) transition(at time.Time, what string) {
	if !at.After(s.Now) {
		return
	}
	if s.next == nil || at.Before(s.next.At) {
		s.next = &Transition{At: at, What: what}
	}
	s.At(at)
}
