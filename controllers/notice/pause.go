// SPDX-License-Identifier: Apache-2.0

package notice

import "time"

const (
	firstPause = time.Minute
	lastPause  = time.Hour
	// refusedPause follows a refusal for good: a person must change something,
	// at the provider or at the recipient.
	refusedPause = 24 * time.Hour
)

// pause returns how long to wait after so many attempts: a minute, then twice as
// long each time, an hour at most.
func pause(attempts int32) time.Duration {
	wait := firstPause
	for n := int32(1); n < attempts && wait < lastPause; n++ {
		wait *= 2
	}
	return min(wait, lastPause)
}
