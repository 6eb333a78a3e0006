// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"testing"
	"time"

	"github.com/go-logr/logr/testr"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/portal/access"
)

// morning is one workplace, the gateway in front of it, and the day's events.
type morning struct {
	t      *testing.T
	clock  *clocktesting.FakePassiveClock
	client client.Client
	*activity
	broken bool // the watch cache cannot be relied on
	writes int
}

var opening = time.Date(2026, 3, 29, 0, 30, 0, 0, time.UTC) // before the clocks change in Amsterdam

func newMorning(t *testing.T, change func(*v1alpha1.Workplace)) *morning {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	workplace := &v1alpha1.Workplace{
		ObjectMeta: metav1.ObjectMeta{Namespace: "tenant-jansen", Name: "anna"},
		Spec:       v1alpha1.WorkplaceSpec{ClassRef: v1alpha1.Reference{Name: "office"}, RunPolicy: v1alpha1.RunOnDemand},
		Status: v1alpha1.WorkplaceStatus{Conditions: v1alpha1.Conditions{{
			Type: v1alpha1.ConditionDesktopReady, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonReady, LastTransitionTime: metav1.NewTime(opening),
		}}},
	}
	if change != nil {
		change(workplace)
	}
	class := &v1alpha1.WorkplaceClass{ObjectMeta: metav1.ObjectMeta{Name: "office"}}
	class.Spec.Idle = &v1alpha1.IdleSpec{StopAfter: "PT2M"}
	m := &morning{t: t, clock: clocktesting.NewFakePassiveClock(opening)}
	m.client = fake.NewClientBuilder().WithScheme(scheme).WithStatusSubresource(&v1alpha1.Workplace{}).WithObjects(workplace, class).
		WithInterceptorFuncs(interceptor.Funcs{SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, p client.Patch, opts ...client.SubResourcePatchOption) error {
			m.writes++
			return c.SubResource(sub).Patch(ctx, o, p, opts...)
		}}).Build()
	g := New(&Gateway{
		Judge: &access.Judge{Cache: m.client, Clock: m.clock}, Client: m.client, Clock: m.clock, Log: testr.New(t),
		Trust: func() error {
			if m.broken {
				return context.DeadlineExceeded
			}
			return nil
		},
	})
	m.activity = &g.activity
	return m
}

// pass lets time go by with the ticks that belong to it.
func (m *morning) pass(d time.Duration) {
	for end := m.clock.Now().Add(d); m.clock.Now().Before(end); {
		m.clock.SetTime(m.clock.Now().Add(min(tick, end.Sub(m.clock.Now()))))
		m.report(m.t.Context())
	}
}

func (m *morning) workplace() *v1alpha1.Workplace {
	m.t.Helper()
	workplace := &v1alpha1.Workplace{}
	if err := m.client.Get(m.t.Context(), client.ObjectKey{Namespace: "tenant-jansen", Name: "anna"}, workplace); err != nil {
		m.t.Fatal(err)
	}
	return workplace
}

// says checks what the workplace's status says; a negative time says nothing.
func (m *morning) says(when string, active, idle time.Duration, writes int) {
	m.t.Helper()
	check := func(what string, got *metav1.Time, want time.Duration) {
		switch {
		case want < 0 && got != nil:
			m.t.Errorf("%s: %s %s after the opening; want none", when, what, got.Sub(opening))
		case want >= 0 && (got == nil || !got.Time.Equal(opening.Add(want))):
			m.t.Errorf("%s: %s %v; want %s after the opening", when, what, got, want)
		}
	}
	report := m.workplace().Status.Activity
	if report == nil {
		report = &v1alpha1.Activity{}
	}
	check("last active", report.LastActive, active)
	check("idle since", report.IdleSince, idle)
	if m.writes != writes {
		m.t.Errorf("%s: %d writes; want %d", when, m.writes, writes)
	}
}

const none = -time.Second

// TestActivity: a day's use costs few writes, and nobody is called idle while connected.
func TestActivity(t *testing.T) {
	t.Parallel()
	m := newMorning(t, nil)
	m.pass(time.Minute)
	m.says("before anybody came", none, none, 0)

	leave := m.hold(m.workplace())
	m.pass(time.Second)
	m.says("at the first sight", time.Minute+time.Second, none, 1)
	m.pass(4 * time.Minute)
	m.says("a little later", time.Minute+time.Second, none, 1)
	m.pass(61 * time.Minute)
	m.says("after an hour, a write every five minutes", 66*time.Minute+time.Second, none, 14)

	second := m.hold(m.workplace())
	leave()
	m.pass(time.Minute)
	m.says("one of two windows closed", 66*time.Minute+time.Second, none, 14)
	second()
	m.pass(2 * time.Second)
	again := m.hold(m.workplace())
	m.pass(10 * time.Second)
	m.says("the page was loaded again", 66*time.Minute+time.Second, none, 14)
	again()
	m.pass(10 * time.Second)
	m.says("everybody left", 67*time.Minute+13*time.Second, 67*time.Minute+13*time.Second, 15)
	m.pass(time.Hour)
	m.says("an hour later", 67*time.Minute+13*time.Second, 67*time.Minute+13*time.Second, 15)
}

// TestVisitWakes: a request for a desktop that stopped because nobody was there
// is reported at once, so that it starts.
func TestVisitWakes(t *testing.T) {
	t.Parallel()
	idle := metav1.NewTime(opening.Add(-time.Hour))
	m := newMorning(t, func(w *v1alpha1.Workplace) {
		w.Status.Activity = &v1alpha1.Activity{LastActive: &idle, IdleSince: &idle}
		w.Status.Conditions[0].Status, w.Status.Conditions[0].Reason = metav1.ConditionFalse, v1alpha1.ReasonIdle
	})
	m.visit(m.workplace())
	m.pass(time.Second)
	m.says("at the next tick", time.Second, none, 1)
	// The desktop has not started when the visitor gives up.
	m.pass(time.Minute)
	m.says("nobody waited for it", 0, 0, 2)
}

// TestNobodyKnows: a desktop of which no replica says anything is idle only when
// none can have a connection to it, and only if the cache can be relied on.
func TestNobodyKnows(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*v1alpha1.Workplace)
		before func(*morning)
		idle   bool
	}{
		"started, and nobody came": {idle: true},
		"always on":                {change: func(w *v1alpha1.Workplace) { w.Spec.RunPolicy = v1alpha1.RunAlways }},
		"not started":              {change: func(w *v1alpha1.Workplace) { w.Status.Conditions[0].Status = metav1.ConditionFalse }},
		"nobody said":              {change: func(w *v1alpha1.Workplace) { w.Status.Conditions = nil }},
		"the watch is broken":      {before: func(m *morning) { m.broken = true }},
		"another replica reports it": {change: func(w *v1alpha1.Workplace) {
			at := metav1.NewTime(opening.Add(5 * time.Minute))
			w.Status.Activity = &v1alpha1.Activity{LastActive: &at}
		}},
		"here is a connection": {before: func(m *morning) { m.hold(m.workplace()) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMorning(t, c.change)
			if c.before != nil {
				c.before(m)
			}
			m.pass(unknownAfter)
			if report := m.workplace().Status.Activity; report != nil && report.IdleSince != nil {
				t.Errorf("idle since %s, within the time in which another replica would have reported", report.IdleSince)
			}
			m.pass(3 * time.Minute)
			report := m.workplace().Status.Activity
			if got := report != nil && report.IdleSince != nil; got != c.idle {
				t.Errorf("idle: %t; want %t (%+v)", got, c.idle, report)
			}
		})
	}
}
