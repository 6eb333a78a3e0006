// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"testing"
	"time"
)

// pollInterval is how often something awaited is looked at.
const pollInterval = 50 * time.Millisecond

// Eventually fails the test unless check succeeds within the timeout; it says
// what was awaited and the last error of check. It is for what other programs
// do in their own time: work that the test itself asks for either succeeds at
// once or has failed.
func Eventually(t testing.TB, timeout time.Duration, what string, check func(ctx context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	if err := poll(ctx, check); err != nil {
		t.Fatalf("%s: not within %v: %v", what, timeout, err)
	}
}

// poll calls check until it succeeds or the context ends, and returns its last
// error.
func poll(ctx context.Context, check func(ctx context.Context) error) error {
	ticks := time.NewTicker(pollInterval)
	defer ticks.Stop()
	var last error
	for {
		err := check(ctx)
		if err == nil {
			return nil
		}
		// An error that only says that time is up hides what is wrong.
		if last == nil || ctx.Err() == nil {
			last = err
		}
		select {
		case <-ctx.Done():
			return last
		case <-ticks.C:
		}
	}
}
