// SPDX-License-Identifier: Apache-2.0

package reconciling

import (
	"cmp"

	"github.com/prometheus/client_golang/prometheus"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// Failures counts the writes that the API server refused, or did not answer. A
// status that cannot be written stands still, and with it what follows from it.
var Failures = prometheus.NewCounterVec(prometheus.CounterOpts{
	Name: "werkplek_write_failures_total",
	Help: "Writes of objects' own status and metadata that failed, by kind and by the API server's reason; " +
		"NoAnswer: it gave none. Conflicts, which only say to look again, are not among them.",
}, []string{"kind", "reason"})

// noAnswer is the reason of a write that the API server said nothing about.
const noAnswer = "NoAnswer"

// CountFailure counts a write of an object of a kind that has failed.
func CountFailure(kind string, err error) {
	Failures.WithLabelValues(kind, cmp.Or(string(apierrors.ReasonForError(err)), noAnswer)).Inc()
}
