// SPDX-License-Identifier: Apache-2.0

package reconciling_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/internal/outcome"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	run := func(context.Context) error { return nil }
	for _, row := range []struct {
		name  string
		steps reconciling.Steps
		want  string // empty: it can be meant
	}{
		{"fine", reconciling.Steps{{Name: "a", Run: run}, {Name: "b", Needs: []string{"a"}, Run: run}}, ""},
		{"unknown", reconciling.Steps{{Name: "a", Needs: []string{"x"}, Run: run}}, `needs "x"`},
		{"forward", reconciling.Steps{{Name: "a", Needs: []string{"b"}, Run: run}, {Name: "b", Run: run}}, `needs "b"`},
		{"of itself", reconciling.Steps{{Name: "a", Needs: []string{"a"}, Run: run}}, `needs "a"`},
		{"twice", reconciling.Steps{{Name: "a", Run: run}, {Name: "a", Run: run}}, `two steps "a"`},
		{"nameless", reconciling.Steps{{Run: run}}, "step 1 has no name"},
		{"nothing to run", reconciling.Steps{{Name: "a"}}, `step "a" has nothing to run`},
	} {
		err := row.steps.Check()
		if row.want == "" && err != nil || row.want != "" && (err == nil || !strings.Contains(err.Error(), row.want)) {
			t.Errorf("%s: %v, want %q", row.name, err, row.want)
		}
	}
}

// TestAFailedStepStopsWhatNeedsIt runs a, b that needs a, c that needs b, and d.
func TestAFailedStepStopsWhatNeedsIt(t *testing.T) {
	t.Parallel()
	broken, waits := errors.New("broken"), outcome.Waiting("TermsNotFound", "create them").Err()
	for _, row := range []struct {
		name   string
		a      error
		ran    []string
		fault  string
		absent string
		writes int
	}{
		{"nothing fails", nil, []string{"a", "b", "c", "d"}, "", "not done", 1},
		{"a fault", broken, []string{"a", "d"}, "a: broken\nb: not done: needs a\nc: not done: needs b", "d:", 1},
		{"an outcome is no fault", waits, []string{"a", "d"}, "", "not done", 1},
		{"the end of all", reconciling.Stop(broken), []string{"a"}, "a: broken", "not done", 0},
		{"to be looked at again", reconciling.Again(afterwards), []string{"a"}, "", "not done", 0},
		{"gone", reconciling.ErrGone, []string{"a"}, "", "not done", 0},
	} {
		w := newWorld(t, &fakeTenant)
		pass := w.begin(t)
		var ran []string
		step := func(name string, err error, needs ...string) reconciling.Step {
			return reconciling.Step{Name: name, Needs: needs, Run: func(context.Context) error {
				ran = append(ran, name)
				pass.Conditions.True("Ready", "Ready", "it was looked at")
				return err
			}}
		}
		result, err := pass.Run(t.Context(), reconciling.Steps{
			step("a", row.a), step("b", nil, "a"), step("c", nil, "b"), step("d", nil),
		})
		if !slices.Equal(ran, row.ran) {
			t.Errorf("%s: ran %v, want %v", row.name, ran, row.ran)
		}
		said := ""
		if err != nil {
			said = err.Error()
		}
		if said != row.fault || strings.Contains(said, row.absent) {
			t.Errorf("%s: said %q, want %q", row.name, said, row.fault)
		}
		if w.writes != row.writes {
			t.Errorf("%s: %d writes, want %d", row.name, w.writes, row.writes)
		}
		if wants := errors.Is(row.a, reconciling.ErrGone); wants && result.RequeueAfter != 0 {
			t.Errorf("%s: looks again in %s at what is gone", row.name, result.RequeueAfter)
		}
	}
}
