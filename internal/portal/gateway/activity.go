// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
)

const (
	// reportEvery is how often at most a workplace in use is reported.
	reportEvery = 5 * time.Minute
	// settle is how long the last connection must be closed before that is
	// reported: reloading the page closes and opens one.
	settle = 3 * time.Second
	// unknownAfter is how long no gateway may have reported a workplace before
	// this one, which has no connection to it, says that nobody is connected.
	// While somebody is, some gateway reports it every reportEvery.
	unknownAfter = 2*reportEvery + time.Minute
	// writesPerTick bounds what one tick writes, so that 10,000 people who come
	// back at once do not become 10,000 writes at once.
	writesPerTick = 50
)

// use is what this replica knows about the use of one workplace.
type use struct {
	holds    int       // open connections
	seen     time.Time // the last request, or the end of the last connection
	reported time.Time // the last report of use
	idle     bool      // that nobody is connected was reported
	urgent   bool      // somebody waits for the desktop to start
}

// activity gathers who uses which workplace, and reports it sparingly.
type activity struct {
	gateway *Gateway

	mu     sync.Mutex
	uses   map[types.NamespacedName]*use
	since  time.Time // when this replica began to look
	looked time.Time // when it last looked for workplaces that nobody reports
}

func (a *activity) of(key types.NamespacedName) *use {
	if a.uses == nil {
		a.uses = map[types.NamespacedName]*use{}
	}
	u := a.uses[key]
	if u == nil {
		u = &use{}
		a.uses[key] = u
	}
	return u
}

// visit notes a request. A visit to a desktop that stopped, or is about to
// because nobody was connected, is reported at the next tick.
func (a *activity) visit(workplace *v1alpha1.Workplace) {
	a.mu.Lock()
	defer a.mu.Unlock()
	u := a.of(keyOf(workplace))
	u.seen = a.gateway.Clock.Now()
	if !meta.IsStatusConditionTrue(workplace.Status.Conditions, v1alpha1.ConditionDesktopReady) && idleSince(workplace) != nil {
		u.urgent = true
	}
}

// hold notes an open connection until the returned function is called.
func (a *activity) hold(workplace *v1alpha1.Workplace) func() {
	key := keyOf(workplace)
	a.mu.Lock()
	defer a.mu.Unlock()
	u := a.of(key)
	u.holds++
	u.idle = false
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		u := a.of(key)
		u.holds--
		u.seen = a.gateway.Clock.Now()
	}
}

// report writes what has become due, the most urgent first.
func (a *activity) report(ctx context.Context) {
	now := a.gateway.Clock.Now()
	written := 0
	for _, key := range a.due(now) {
		if written == writesPerTick {
			return
		}
		if a.write(ctx, key, now) {
			written++
		}
	}
	a.reportUnknown(ctx, now, writesPerTick-written)
}

// due returns the workplaces about which there may be something to say, those
// whose user waits first.
func (a *activity) due(now time.Time) []types.NamespacedName {
	a.mu.Lock()
	defer a.mu.Unlock()
	var waiting, others []types.NamespacedName
	for key, u := range a.uses {
		switch {
		case u.urgent:
			waiting = append(waiting, key)
		case u.holds > 0 && now.Sub(u.reported) >= time.Second, u.holds == 0 && !u.idle && now.Sub(u.seen) >= settle:
			others = append(others, key)
		case u.holds == 0 && u.idle && now.Sub(u.seen) > unknownAfter:
			delete(a.uses, key) // nothing more to say about it
		}
	}
	return append(waiting, others...)
}

// write reports one workplace if there is something to say, and says whether it wrote.
func (a *activity) write(ctx context.Context, key types.NamespacedName, now time.Time) bool {
	workplace, err := a.gateway.Judge.Get(ctx, key, "")
	if err != nil || workplace == nil {
		a.forget(key)
		return false
	}
	a.mu.Lock()
	u := *a.of(key)
	a.mu.Unlock()
	var report *v1alpha1.Activity
	switch {
	case u.holds > 0 || u.urgent:
		if !u.urgent && now.Sub(latest(u.reported, lastActive(workplace))) < a.interval(ctx, workplace) {
			return false
		}
		report = &v1alpha1.Activity{LastActive: moment(now)}
	case idleSince(workplace) != nil && !u.seen.After(idleSince(workplace).Time.Add(settle)):
		a.done(key, func(u *use) { u.idle = true })
		return false
	default:
		report = &v1alpha1.Activity{LastActive: moment(u.seen), IdleSince: moment(u.seen)}
	}
	if !a.patch(ctx, workplace, report) {
		return true
	}
	a.done(key, func(u *use) {
		u.reported, u.urgent, u.idle = now, false, report.IdleSince != nil && u.holds == 0
	})
	return true
}

// interval is how often the use of a workplace is reported. After a short break
// the class may stop the desktop soon: then sooner.
func (a *activity) interval(ctx context.Context, workplace *v1alpha1.Workplace) time.Duration {
	if idleSince(workplace) == nil {
		return reportEvery
	}
	class, err := a.gateway.Judge.Class(ctx, string(workplace.Spec.ClassRef.Name))
	if err != nil || class == nil || class.Spec.Idle == nil {
		return reportEvery
	}
	after, err := calendar.ParsePeriod(string(class.Spec.Idle.StopAfter))
	if err != nil {
		return reportEvery
	}
	now := a.gateway.Clock.Now()
	return min(reportEvery, after.AfterMoment(now, time.UTC).Sub(now)/2)
}

// reportUnknown says that nobody is connected to the running desktops of which
// no gateway has said anything for so long that none can have a connection.
func (a *activity) reportUnknown(ctx context.Context, now time.Time, atMost int) {
	if a.since.IsZero() {
		a.since, a.looked = now, now
	}
	if now.Sub(a.since) < unknownAfter || now.Sub(a.looked) < time.Minute || a.gateway.Trust() != nil {
		return
	}
	a.looked = now
	var all v1alpha1.WorkplaceList
	if err := a.gateway.Judge.Cache.List(ctx, &all, client.UnsafeDisableDeepCopy); err != nil {
		return
	}
	// Replicas look in different orders, so that they seldom say the same.
	for _, i := range rand.Perm(len(all.Items)) {
		if atMost <= 0 {
			return
		}
		workplace := &all.Items[i]
		if !a.unknown(workplace, now) {
			continue
		}
		last := workplace.Status.Activity
		report := &v1alpha1.Activity{IdleSince: moment(now)}
		if last != nil {
			report.LastActive = last.LastActive
		}
		a.patch(ctx, workplace, report)
		atMost--
	}
}

func (a *activity) unknown(workplace *v1alpha1.Workplace, now time.Time) bool {
	ready := meta.FindStatusCondition(workplace.Status.Conditions, v1alpha1.ConditionDesktopReady)
	if workplace.Spec.RunPolicy != v1alpha1.RunOnDemand || ready == nil || ready.Status != metav1.ConditionTrue || idleSince(workplace) != nil {
		return false
	}
	a.mu.Lock()
	u := a.uses[keyOf(workplace)]
	held := u != nil && u.holds > 0
	a.mu.Unlock()
	return !held && now.Sub(latest(ready.LastTransitionTime.Time, lastActive(workplace))) > unknownAfter
}

// patch writes a report. What cannot be written is tried again at the next tick.
func (a *activity) patch(ctx context.Context, workplace *v1alpha1.Workplace, report *v1alpha1.Activity) bool {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	after := workplace.DeepCopy()
	after.Status.Activity = report
	err := a.gateway.Client.Status().Patch(ctx, after, client.MergeFrom(workplace))
	if client.IgnoreNotFound(err) != nil {
		reports.WithLabelValues("failed").Inc()
		a.gateway.Log.Error(err, "cannot report activity; trying again", "workplace", keyOf(workplace))
		return false
	}
	reports.WithLabelValues("written").Inc()
	return true
}

func (a *activity) done(key types.NamespacedName, set func(*use)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	set(a.of(key))
}

func (a *activity) forget(key types.NamespacedName) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if u := a.uses[key]; u != nil && u.holds == 0 {
		delete(a.uses, key)
	}
}

func idleSince(workplace *v1alpha1.Workplace) *metav1.Time {
	if activity := workplace.Status.Activity; activity != nil {
		return activity.IdleSince
	}
	return nil
}

func lastActive(workplace *v1alpha1.Workplace) time.Time {
	if activity := workplace.Status.Activity; activity != nil && activity.LastActive != nil {
		return activity.LastActive.Time
	}
	return time.Time{}
}

func moment(t time.Time) *metav1.Time {
	m := metav1.NewTime(t.UTC().Truncate(time.Second))
	return &m
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
