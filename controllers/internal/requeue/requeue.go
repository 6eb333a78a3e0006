// SPDX-License-Identifier: Apache-2.0

// Package requeue turns moments of the injected clock into delays.
package requeue

import (
	"time"

	ctrl "sigs.k8s.io/controller-runtime"
)

// atMost bounds the delay: a machine that slept, or a clock that was set, must
// not put off a contract's date for longer. Looking again costs no request.
const atMost = 15 * time.Minute

// At asks to be called again at the earliest of the moments, zero ones apart.
func At(now time.Time, moments ...time.Time) ctrl.Result {
	var delay time.Duration
	for _, moment := range moments {
		if moment.IsZero() {
			continue
		}
		wait := min(max(moment.Sub(now), time.Millisecond), atMost)
		if delay == 0 || wait < delay {
			delay = wait
		}
	}
	return ctrl.Result{RequeueAfter: delay}
}
