// SPDX-License-Identifier: Apache-2.0

package reconciling

import (
	"time"

	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

const (
	// firstRetry and longestRetry bound how soon a pass that failed is tried again;
	// the time in between doubles. After an hour without a webhook, or with an API
	// server that is overloaded, everything is enforced within the longest.
	firstRetry   = 5 * time.Millisecond
	longestRetry = time.Minute
	// longestPass bounds a pass: one request that hangs must not hold a worker.
	longestPass = 5 * time.Minute
)

// Options are what all controllers have in common, with so many passes at a time.
func Options(workers int) controller.Options {
	retries := workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](firstRetry, longestRetry)
	return controller.Options{
		MaxConcurrentReconciles: workers,
		RateLimiter:             retries,
		ReconciliationTimeout:   longestPass,
	}
}
