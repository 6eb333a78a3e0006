// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/proxy"
	"werkplek.dev/werkplek/test/world"
)

// settle is how long a step of a scenario may take, a crash and a restart included.
const settle = 60 * time.Second

// overdue is a date more than two months and less than four before now, the same
// for all runs, also of a night.
var overdue = sync.OnceValue(func() string { return time.Now().AddDate(0, -2, -20).Format(time.DateOnly) })

// play plays the scenarios onboarding, suspension, and resumption with its fee,
// on a reseller and its sub-organisation.
func play(t *testing.T, w world.World) {
	t.Helper()
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	// Onboarding.
	must(w.Terms(ctx))
	must(w.Class(ctx))
	must(w.Tenant(ctx, "r", world.Reseller))
	must(w.Tenant(ctx, "c", w.Under("r")))
	cluster.Eventually(t, settle, "the reseller's namespace", w.HasNamespace("r"))
	cluster.Eventually(t, settle, "the sub-organisation's namespace", w.HasNamespace("c"))
	must(w.Report(ctx, "c", time.Now()))
	must(w.Workplace(ctx, "r", "rob", "rob@example.com"))
	must(w.Workplace(ctx, "c", "anna", "anna@example.com"))
	must(w.Workplace(ctx, "c", "anna-two", "anna@example.com"))
	cluster.Eventually(t, settle, "the reseller's desktop", w.AllReady("r", 1))
	cluster.Eventually(t, settle, "the sub-organisation's desktops", w.AllReady("c", 2))

	// An invoice is more than two months old: suspension.
	asOf := time.Now()
	must(w.Report(ctx, "r", asOf, world.Invoice{Number: "2026-1", IssuedOn: overdue(), Outstanding: "100.00"}))
	cluster.Eventually(t, settle, "the reseller's suspension", w.NoneReady("r", 1))
	cluster.Eventually(t, settle, "the sub-organisation's suspension", w.NoneReady("c", 2))

	// It is paid: resumption with its fee.
	must(w.Report(ctx, "r", asOf.Add(time.Second)))
	cluster.Eventually(t, settle, "the reseller's resumption", w.AllReady("r", 1))
	cluster.Eventually(t, settle, "the sub-organisation's resumption", w.AllReady("c", 2))
}

// TestCrashAtEveryWrite kills the operator before, after, and after with the
// answer lost, at each write of the scenarios. The end state must be that of an
// undisturbed run: nothing lost, nothing twice.
func TestCrashAtEveryWrite(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes")
	}
	undisturbed, writes := newRig(t).reference(t)
	t.Logf("%d writes at %d kinds of site", len(writes), len(distinct(writes)))

	var plans []plan
	for k := range writes {
		for c, crash := range proxy.Crashes {
			plans = append(plans, plan{k, crash, fmt.Sprintf("x%d-%d", k, c)})
		}
	}
	score := &score{tested: map[string]bool{}}
	// An operator that starts again looks at every tenant that there is: few
	// plans share a cluster.
	t.Run("plans", func(t *testing.T) {
		for part := range slices.Chunk(plans, perCluster) {
			t.Run(part[0].world+" to "+part[len(part)-1].world, func(t *testing.T) {
				t.Parallel()
				r := ownRig(t)
				for _, plan := range part {
					started := time.Now()
					site := r.crashAt(t, world.World{Client: r.Client, Name: plan.world}, plan.write, plan.crash, undisturbed)
					if t.Failed() {
						return
					}
					score.add(site, time.Since(started))
				}
			})
		}
	})
	if t.Failed() {
		return
	}
	for site := range distinct(writes) {
		if !score.tested[site] {
			t.Errorf("no crash was tested at %s", site)
		}
	}
	t.Logf("%d plans, %d kinds of site all crash-tested: %s", len(plans), len(score.tested), strings.Join(sorted(score.tested), ", "))
	t.Logf("%d plans reached no such write, the slowest run took %.1f s", score.unreached, score.slowest.Seconds())
	if score.unreached > len(plans)/5 {
		t.Errorf("%d of %d plans reached no write: the scenario is not what it was", score.unreached, len(plans))
	}
}

// perCluster is how many plans share a cluster.
const perCluster = 34

// plan is a crash at a write, in a world of its own.
type plan struct {
	write int
	crash proxy.Crash
	world string
}

// score is what the plans together have shown.
type score struct {
	mu        sync.Mutex
	tested    map[string]bool
	unreached int // counts are gathered, so a run may need fewer writes than the reference
	slowest   time.Duration
}

func (s *score) add(site string, took time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if site == "" {
		s.unreached++
		return
	}
	s.tested[site] = true
	s.slowest = max(s.slowest, took)
}

// reference plays the scenarios twice undisturbed and returns the end state and
// the sites of the writes, of whichever run needed more.
func (r *rig) reference(t *testing.T) (string, []string) {
	t.Helper()
	var states []string
	var longest []string
	for _, name := range []string{"ref-a", "ref-b"} {
		w := world.World{Client: r.Client, Name: name}
		r.proxy.Intercept(nil)
		play(t, w)
		states = append(states, r.settled(t, w))
		var sites []string
		for _, request := range r.proxy.Requests() {
			if concerns(request, w) {
				sites = append(sites, request.Site())
			}
		}
		if len(sites) > len(longest) {
			longest = sites
		}
	}
	if diff := cmp.Diff(strings.Split(states[0], "\n"), strings.Split(states[1], "\n")); diff != "" {
		t.Fatalf("two undisturbed runs differ, so no difference would prove anything:\n%s", diff)
	}
	return states[0], longest
}

// crashAt plays the scenarios with a crash at write k, compares the end state,
// and returns the site of the write.
func (r *rig) crashAt(t *testing.T, w world.World, k int, crash proxy.Crash, want string) (site string) {
	t.Helper()
	seen, struck := 0, ""
	r.proxy.Intercept(func(request proxy.Request) proxy.Fault {
		if struck != "" || !concerns(request, w) {
			return nil
		}
		if seen++; seen <= k {
			return nil
		}
		struck = request.Site()
		return crash.Fault(r.operator.Kill)
	})
	play(t, w)
	var got string
	reach(t, func() (bool, string) {
		got = r.snapshot(t, w)
		return got == want, cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n"))
	}, "crash %s, write %d (%s): the end state differs from that of an undisturbed run", crash, k, struck)
	r.once(t, w)
	return struck
}

// once checks what must never exist twice, in so many words.
func (r *rig) once(t *testing.T, w world.World) {
	t.Helper()
	suspensions, err := w.Suspensions(t.Context(), "r")
	if err != nil || len(suspensions) != 1 {
		t.Fatalf("want 1 suspension, got %d (%v)", len(suspensions), err)
	}
	charges, err := w.Charges(t.Context(), "r")
	if err != nil || len(charges) != 1 {
		t.Fatalf("want 1 charge, got %d (%v)", len(charges), err)
	}
	if amount := charges[0].Spec.Amount; amount != v1alpha1.Amount("50.00") {
		t.Fatalf("want a charge of 2 distinct users at 25.00 = 50.00, got %s", amount)
	}
}

// concerns reports whether a request is a write that belongs to a world. Names
// of worlds are delimited, so that x1 is not found in x12.
func concerns(request proxy.Request, w world.World) bool {
	return request.Write() && (mentions(request.Path, w.Name) || mentions(request.Body, w.Name))
}

func mentions(text, name string) bool {
	for _, form := range []string{"/" + name + "-", "\"" + name + "-", "/" + name + "/", "/" + name + "?", "\"" + name + "\"", "tenant-" + name + "-"} {
		if strings.Contains(text, form) {
			return true
		}
	}
	return strings.HasSuffix(text, "/"+name)
}

func distinct(sites []string) map[string]bool {
	set := map[string]bool{}
	for _, site := range sites {
		set[site] = true
	}
	return set
}

func sorted(set map[string]bool) []string {
	var list []string
	for item := range set {
		list = append(list, item)
	}
	sort.Strings(list)
	return list
}

// reach polls until a state is there, and prints the last difference if it never is.
func reach(t *testing.T, check func() (bool, string), format string, values ...any) {
	t.Helper()
	cluster.Eventually(t, settle, fmt.Sprintf(format, values...), func(context.Context) error {
		if ok, diff := check(); !ok {
			return fmt.Errorf("\n%s", diff)
		}
		return nil
	})
}
