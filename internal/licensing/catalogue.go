// SPDX-License-Identifier: Apache-2.0

package licensing

import (
	"slices"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
)

// PriceOn returns the price that holds on a day, or nil if none does yet.
func PriceOn(prices []v1alpha1.LicensePrice, on calendar.Date) *v1alpha1.LicensePrice {
	var found *v1alpha1.LicensePrice
	for i := range prices {
		// Dates of this form are in the order of their text.
		if p := &prices[i]; string(p.From) <= on.String() && (found == nil || p.From > found.From) {
			found = p
		}
	}
	return found
}

// Cores returns how many cores of a node a licence counts: the node's physical
// cores, or the rule's minimum for the node or for its processors if that is
// more. A node's labels say how many cores and processors it has; without them
// its CPU capacity counts as cores, rounded up, and it counts as one processor.
func Cores(node *corev1.Node, rule *v1alpha1.CoreRule) int32 {
	cores, ok := count(node.Labels[v1alpha1.LabelCores])
	if !ok {
		capacity := node.Status.Capacity[corev1.ResourceCPU]
		cores = int32(min(capacity.Value(), 1<<20)) // Value rounds up
	}
	processors, ok := count(node.Labels[v1alpha1.LabelProcessors])
	if !ok {
		processors = 1
	}
	if rule == nil {
		return cores
	}
	return max(cores, rule.MinimumPerNode, processors*rule.MinimumPerProcessor)
}

func count(label string) (int32, bool) {
	n, err := strconv.ParseInt(label, 10, 32)
	return int32(n), err == nil && n > 0 && n <= 1<<20
}

// Packs returns how many licences cover a number of cores.
func Packs(cores int64, packSize int32) int64 {
	size := int64(max(packSize, 1))
	return (cores + size - 1) / size
}

// Exemption returns the name of the first of a licence's exemptions that covers
// a user's use which lasted until a moment, or nothing. trialEnds returns the
// moment at which the tenant's trial ends that is exempt for at most a period
// from the start of the contract; zero if the tenant has no trial.
func Exemption(exemptions []v1alpha1.LicenseExemption, username string, until time.Time, trialEnds func(upTo v1alpha1.Period) time.Time) string {
	for i := range exemptions {
		e := &exemptions[i]
		switch {
		case slices.Contains(e.Users, v1alpha1.Username(username)):
			return e.Name
		case e.Trial != nil:
			if end := trialEnds(e.Trial.UpTo); !end.IsZero() && !until.After(end) {
				return e.Name
			}
		}
	}
	return ""
}
