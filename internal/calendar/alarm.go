// SPDX-License-Identifier: Apache-2.0

package calendar

import "time"

// Alarm keeps the first of the moments at which to look again.
type Alarm struct {
	// Now is the moment of this look.
	Now time.Time
	// Next is the first moment after it; zero if there is none.
	Next time.Time
}

// At asks to look again at a moment; one that has come asks for nothing.
func (a *Alarm) At(moment time.Time) {
	if moment.After(a.Now) && (a.Next.IsZero() || moment.Before(a.Next)) {
		a.Next = moment
	}
}
