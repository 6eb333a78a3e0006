// SPDX-License-Identifier: Apache-2.0

// Package clock holds the product's one clock. Nothing else reads the time of day.
package clock

import (
	"time"

	"k8s.io/utils/clock"
)

// Offset is a clock that runs a fixed time ahead of another, to rehearse on a
// staging cluster what the calendar will bring.
type Offset struct {
	clock.PassiveClock
	By time.Duration
}

// New returns the machine's clock, shifted by an offset.
func New(offset time.Duration) clock.PassiveClock {
	return Offset{PassiveClock: clock.RealClock{}, By: offset}
}

// Now returns the shifted time.
func (c Offset) Now() time.Time { return c.PassiveClock.Now().Add(c.By) }

// Since returns the shifted time that has passed since t.
func (c Offset) Since(t time.Time) time.Duration { return c.Now().Sub(t) }
