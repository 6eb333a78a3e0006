// SPDX-License-Identifier: Apache-2.0

package installation

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/manager"
)

const (
	// whileHeld is how often a leader that is held looks at the record, at most.
	whileHeld = 2 * time.Second
	// whileBlind is how often one that acts does, while it cannot watch the record.
	whileBlind = 10 * time.Second
)

// ErrHeld says that the operator was held while it acted.
var ErrHeld = errors.New("held; what acts has ended, and is not to start before a person lets it")

// Gate lets nothing that acts start before the record says that the operator is
// not held. One that is held later ends the manager: what would start again is held.
type Gate struct {
	Store
	// Asked is the value of --hold; empty: it was not given.
	Asked string
	// Watcher tells of changes of the record. Nil: it is looked at again and again.
	Watcher client.WithWatch
	// Events tell people of a hold. Nil: nobody.
	Events events.EventRecorder

	once   sync.Once
	opened chan struct{}
	held   atomic.Bool
}

// NeedLeaderElection implements manager.LeaderElectionRunnable: only who would act looks.
func (g *Gate) NeedLeaderElection() bool { return true }

// Held reports whether this process would act, and is kept from it.
func (g *Gate) Held() bool { return g.held.Load() }

func (g *Gate) open() chan struct{} {
	g.once.Do(func() { g.opened = make(chan struct{}) })
	return g.opened
}

// Start implements manager.Runnable.
func (g *Gate) Start(ctx context.Context) error {
	var said, seen string
	err := wait.PollUntilContextCancel(ctx, whileHeld, true, func(ctx context.Context) (bool, error) {
		why, object, err := g.look(ctx)
		g.held.Store(err != nil || why != "")
		if err != nil {
			log.FromContext(ctx).Error(err, "nothing is done until it is known whether the operator is held")
			return false, nil
		}
		seen = versionOf(object)
		if why != said {
			said = why
			g.say(ctx, why, object)
		}
		return why == "", nil
	})
	if err != nil {
		return stopped(ctx, err)
	}
	close(g.open())
	err = wait.PollUntilContextCancel(ctx, whileHeld, false, func(ctx context.Context) (bool, error) {
		g.wait(ctx, seen)
		why, object, err := g.look(ctx)
		if err != nil {
			log.FromContext(ctx).Error(err, "whether the operator is to be held is not known; it goes on")
			return false, nil
		}
		seen = versionOf(object)
		if why != "" {
			return false, fmt.Errorf("%w: %s", ErrHeld, why)
		}
		return false, nil
	})
	return stopped(ctx, err)
}

// wait returns when the record may be another than the one that was seen: an
// operator at rest asks the API server for nothing.
func (g *Gate) wait(ctx context.Context, seen string) {
	if g.Watcher != nil {
		only := []client.ListOption{client.InNamespace(g.Namespace), client.MatchingFields{"metadata.name": Name}}
		changes, err := g.Watcher.Watch(ctx, &corev1.ConfigMapList{}, only...)
		if err == nil {
			defer changes.Stop()
			for change := range changes.ResultChan() { // it begins with what there is
				record, is := change.Object.(*corev1.ConfigMap)
				if !is || change.Type == watch.Deleted || record.ResourceVersion != seen {
					return
				}
			}
			return
		}
		log.FromContext(ctx).Error(err, "the record of this installation cannot be watched: it is looked at again and again")
	}
	blind, cancel := context.WithTimeout(ctx, whileBlind)
	defer cancel()
	<-blind.Done()
}

// versionOf returns the version of a record; empty where there is none.
func versionOf(record *corev1.ConfigMap) string {
	if record == nil {
		return ""
	}
	return record.ResourceVersion
}

// stopped returns nothing for a manager that was told to stop.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func (g *Gate) look(ctx context.Context) (why string, object *corev1.ConfigMap, err error) {
	record, object, err := g.Look(ctx, g.Asked)
	if errors.Is(err, ErrNoNamespace) && record.Hold == "" {
		// The manager runs outside of the cluster, and its namespace was not made.
		return "", nil, nil
	}
	return record.Hold, object, err
}

func (g *Gate) say(ctx context.Context, why string, object *corev1.ConfigMap) {
	if why == "" {
		log.FromContext(ctx).Info("not held any more: the operator acts")
		return
	}
	const next = "look at what it would do with kubectl werkplek hold, and let it act with kubectl werkplek hold --off"
	log.FromContext(ctx).Info("HELD: the operator does nothing until a person lets it", "why", why, "next", next)
	if g.Events != nil && object != nil {
		g.Events.Eventf(object, nil, corev1.EventTypeWarning, "Held", "Hold", "%s; %s", why, next)
	}
}

// Behind returns a manager whose runnables start once the gate is open.
func (g *Gate) Behind(mgr manager.Manager) manager.Manager { return &gated{mgr, g} }

type gated struct {
	manager.Manager
	gate *Gate
}

// Add adds a runnable that waits for the gate.
func (m *gated) Add(r manager.Runnable) error { return m.Manager.Add(&waiting{r, m.gate}) }

// waiting is a runnable of the leader that waits for the gate.
type waiting struct {
	manager.Runnable
	gate *Gate
}

// NeedLeaderElection implements manager.LeaderElectionRunnable: only the leader's gate opens.
func (w *waiting) NeedLeaderElection() bool { return true }

// Start implements manager.Runnable.
func (w *waiting) Start(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-w.gate.open():
	}
	return w.Runnable.Start(ctx)
}
