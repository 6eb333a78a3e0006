// SPDX-License-Identifier: Apache-2.0

package reconciling_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/internal/outcome"
)

// TestSummarize: whatever was said before, what is said of the whole is what holds now.
func TestSummarize(t *testing.T) {
	t.Parallel()
	words := strings.Repeat("long ", 500)
	rows := map[string]struct {
		said outcome.Outcome
		want string
	}{
		"ready":   {outcome.Ready("Fine", "m"), "Ready=True/Fine"},
		"resting": {outcome.Resting("Idle", "m"), "Ready=True/Idle"},
		"waiting": {outcome.Waiting("Starting", words), "Ready=False/Starting Reconciling=True/Starting"},
		"stalled": {outcome.Stalled("NotFound", words), "Ready=False/NotFound Stalled=True/NotFound"},
		"unread":  {outcome.Unknown("NotRead", "m"), "Ready=Unknown/NotRead"},
		"nothing": {outcome.Outcome{}, "Ready=Unknown/Unknown"},
	}
	for before, was := range rows {
		for name, row := range rows {
			var list v1alpha1.Conditions
			conditions := reconciling.Conditions{List: &list, Generation: 3, Now: time.Unix(1_800_000_000, 0)}
			conditions.Summarize(was.said)
			conditions.Summarize(row.said)
			var got []string
			for _, c := range list {
				got = append(got, fmt.Sprintf("%s=%s/%s", c.Type, c.Status, c.Reason))
				if c.Type != v1alpha1.ConditionReady && len(c.Message) > 1024 || c.ObservedGeneration != 3 {
					t.Errorf("%s after %s: %+v", name, before, c)
				}
			}
			if strings.Join(got, " ") != row.want {
				t.Errorf("%s after %s: got %v, want %s", name, before, got, row.want)
			}
		}
	}
}
