// SPDX-License-Identifier: Apache-2.0

package access_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/access"
)

var names = []string{"t", "a", "b", "c", "d"}

// TestFamilies: in any family the rule says what follows from who covers whom, and
// from above exactly those are covered who are so from below.
func TestFamilies(t *testing.T) {
	t.Parallel()
	for seed := range uint64(1000) {
		family := randomFamily(rand.New(rand.NewPCG(seed, 0)))
		w := newWorld(family)
		fail := func(format string, arguments ...any) {
			t.Helper()
			t.Fatalf("seed %d: %s: %s", seed, family, fmt.Sprintf(format, arguments...))
		}
		covering := closure(w)
		for _, name := range names {
			cover, err := access.Look(t.Context(), w, name, now)
			if err != nil {
				fail("%s: %v", name, err)
			}
			if got, want := cover.Judge(nil).Reason, expected(w, covering, name); got != want {
				fail("%s is judged %s, want %s", name, got, want)
			}
			if w.tenants[name] == nil {
				continue
			}
			covered, err := access.Covered(t.Context(), w.tenants[name], w.children)
			if err != nil {
				fail("below %s: %v", name, err)
			}
			naming, err := access.Naming(t.Context(), name, w.children)
			if err != nil {
				fail("naming %s: %v", name, err)
			}
			for _, other := range names {
				line, err := access.LineOf(t.Context(), w, other)
				if err != nil {
					fail("line of %s: %v", other, err)
				}
				from, has := slices.Contains(covered, other), line.Has(name) && other != name
				if from != has || from && !slices.Contains(naming, other) {
					fail("from above %s covers %v, from below the line of %s is %v; it is named by %v", name, covered, other, line.Names(), naming)
				}
			}
		}
	}
}

func randomFamily(r *rand.Rand) string {
	var said []string
	for _, name := range names {
		if r.IntN(8) == 0 {
			continue // it does not exist
		}
		words := []string{name}
		if r.IntN(5) > 0 {
			words = append(words, "under", names[r.IntN(len(names))])
		}
		if r.IntN(3) > 0 {
			words = append(words, "reseller")
		}
		if r.IntN(8) == 0 {
			words = append(words, "ended")
		}
		said = append(said, strings.Join(words, " "))
	}
	for range r.IntN(4) {
		how := []string{"", "lifted", "lifting", "since 1h", "since -1h", "since 0s"}[r.IntN(6)]
		said = append(said, fmt.Sprintf("%s suspended %c %s", names[r.IntN(len(names))], 'a'+rune(r.IntN(3)), how))
	}
	if len(said) == 0 {
		return "t"
	}
	return strings.Join(said, "; ")
}

// closure returns how far above each tenant each of those is who covers it; a
// tenant that nothing covers is not in it.
func closure(w *world) map[[2]string]int {
	far := map[[2]string]int{}
	for name := range w.tenants {
		far[[2]string{name, name}] = 0
	}
	for range names {
		for name, tenant := range w.tenants {
			ref := tenant.Spec.ResellerRef
			if ref == nil || w.tenants[string(ref.Name)] == nil || w.tenants[string(ref.Name)].Spec.Reseller == nil {
				continue
			}
			for _, above := range names {
				step, known := far[[2]string{string(ref.Name), above}]
				if _, already := far[[2]string{name, above}]; known && !already {
					far[[2]string{name, above}] = step + 1
				}
			}
		}
	}
	return far
}

// expected says what the rule must come to for a tenant's users: what denies it is
// the nearest of those who cover it and whose contract has ended, or who are suspended.
func expected(w *world, covering map[[2]string]int, name string) string {
	if w.tenants[name] == nil {
		return v1alpha1.ReasonTenantNotFound
	}
	for distance := range names {
		for above, tenant := range w.tenants {
			if far, covers := covering[[2]string{name, above}]; !covers || far != distance {
				continue
			}
			suspended := slices.ContainsFunc(w.suspensions[above], func(s v1alpha1.Suspension) bool {
				return s.Status.LiftedAt == nil && (s.Spec.Since == nil || !s.Spec.Since.After(now))
			})
			switch {
			case tenant.Ended() && distance == 0:
				return v1alpha1.ReasonContractEnded
			case tenant.Ended():
				return v1alpha1.ReasonResellerEnded
			case suspended && distance == 0:
				return v1alpha1.ReasonSuspended
			case suspended:
				return v1alpha1.ReasonResellerSuspended
			}
		}
	}
	return v1alpha1.ReasonGranted
}
