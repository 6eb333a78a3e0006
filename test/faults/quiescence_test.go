// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/proxy"
	"werkplek.dev/werkplek/test/world"
)

// TestQuiescence watches the operator at rest: 20 tenants with 200 workplaces,
// one of them suspended. In 60 s, and when it starts anew, it writes nothing;
// at rest it reads nothing but its watches either.
func TestQuiescence(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes")
	}
	const tenants, each = 20, 10
	const window = 60 * time.Second
	r := newRig(t)
	ctx := t.Context()
	w := world.World{Client: r.Client, Name: "quiet"}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(w.Terms(ctx))
	must(w.License(ctx, "rds"))
	must(w.Class(ctx, w.Needs("rds")))
	for n := range tenants {
		must(w.Tenant(ctx, name(n)))
	}
	for n := range tenants {
		cluster.Eventually(t, settle, "a namespace", w.HasNamespace(name(n)))
		must(w.Report(ctx, name(n), time.Now()))
		for p := range each {
			must(w.Workplace(ctx, name(n), fmt.Sprintf("p%d", p), fmt.Sprintf("p%d@%s.example", p, name(n))))
		}
	}
	for n := range tenants {
		cluster.Eventually(t, 2*settle, "all desktops", w.AllReady(name(n), each))
	}
	must(w.Report(ctx, name(0), time.Now().Add(time.Second), world.Invoice{Number: "1", IssuedOn: overdue(), Outstanding: "1.00"}))
	cluster.Eventually(t, settle, "a suspension", w.NoneReady(name(0), each))

	r.quietFor(t, 5*time.Second, 2*time.Minute) // gathered counts are written, events sent
	r.proxy.Intercept(nil)
	cluster.Eventually(t, window+settle, "the window", elapsed(window))
	for _, request := range r.proxy.Requests() {
		if !request.Watch() {
			t.Errorf("at rest: %s %s %s", request.Verb, request.Path, request.Body)
		}
	}

	// Started anew, it finds everything as it should be.
	r.proxy.Intercept(nil)
	r.operator.Kill()
	cluster.Eventually(t, settle, "a restart", func(context.Context) error {
		for _, request := range r.proxy.Requests() {
			if request.Watch() {
				return nil
			}
		}
		return fmt.Errorf("no watch yet after %d requests", len(r.proxy.Requests()))
	})
	r.quietFor(t, 5*time.Second, settle)
	for _, request := range r.proxy.Requests() {
		if request.Verb != http.MethodGet {
			t.Errorf("after a restart: %s %s %s", request.Verb, request.Path, request.Body)
		}
	}
}

func name(n int) string { return fmt.Sprintf("t%d", n) }

// elapsed passes once a length of time has.
func elapsed(length time.Duration) func(context.Context) error {
	until := time.Now().Add(length)
	return func(context.Context) error {
		if left := time.Until(until); left > 0 {
			return fmt.Errorf("%s to go", left)
		}
		return nil
	}
}

// quietFor waits until there was no request but watches for a length of time.
func (r *rig) quietFor(t *testing.T, length, atMost time.Duration) {
	t.Helper()
	count, since := -1, time.Now()
	cluster.Eventually(t, atMost, fmt.Sprintf("no request for %s", length), func(context.Context) error {
		now := 0
		var last proxy.Request
		for _, request := range r.proxy.Requests() {
			if !request.Watch() {
				now++
				last = request
			}
		}
		if now != count {
			count, since = now, time.Now()
		}
		if time.Since(since) < length {
			return fmt.Errorf("%d requests so far, the last %s %s", now, last.Verb, last.Path)
		}
		return nil
	})
}
