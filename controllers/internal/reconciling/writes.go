// SPDX-License-Identifier: Apache-2.0

package reconciling

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/util/resourceversion"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
)

const (
	// firstWait and longestWait bound how soon to look again whether a cache has
	// what was written; the time in between doubles.
	firstWait   = 20 * time.Millisecond
	longestWait = time.Second
	// fewWrites are remembered without asking whether they still have to be.
	fewWrites = 1024
)

// Writes remember what a controller wrote last to each object of one kind. What a
// cache shows from before that is not judged: a status that differs from what is
// computed would pass for one that does not, and as nobody is told of his own
// writes, nothing would ever look again. The zero Writes are ready for use.
type Writes struct {
	mu   sync.Mutex
	last map[client.ObjectKey]*written
	tidy int // how many there may be before those are dropped that a cache has
}

type written struct {
	version string
	seen    bool // by the cache
	looks   int
}

// Note remembers that an object was written, with the version that this gave it.
func (w *Writes) Note(object client.Object) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.last == nil {
		w.last, w.tidy = map[client.ObjectKey]*written{}, fewWrites
	}
	if len(w.last) >= w.tidy {
		w.drop()
	}
	w.last[client.ObjectKeyFromObject(object)] = &written{version: object.GetResourceVersion()}
}

// drop forgets what the cache is known to have. Whatever is then left is waited
// for, so that there are no more than objects that a cache is behind on.
func (w *Writes) drop() {
	for key, entry := range w.last {
		if entry.seen {
			delete(w.last, key)
		}
	}
	w.tidy = max(fewWrites, 2*len(w.last))
}

// Behind reports whether a cache shows an object as it was before it was last
// written, and if so how long to wait before looking again.
func (w *Writes) Behind(cached client.Object) (time.Duration, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	entry := w.last[client.ObjectKeyFromObject(cached)]
	if entry == nil || entry.seen {
		return 0, false
	}
	if !older(cached.GetResourceVersion(), entry.version) {
		entry.seen = true
		return 0, false
	}
	wait := longestWait
	if entry.looks < 6 {
		wait = min(firstWait<<entry.looks, longestWait)
	}
	entry.looks++
	return wait, true
}

// older reports whether one version of an object comes before another. Versions
// that no API server gives out say nothing.
func older(version, than string) bool {
	order, err := resourceversion.CompareResourceVersion(version, than)
	return err == nil && order < 0
}

// Forget drops what is remembered of an object that is gone.
func (w *Writes) Forget(key client.ObjectKey) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.last, key)
}

// OthersWrote passes updates that the controller did not write itself: whoever
// else writes to its objects, be it a leader that was deposed and does not know
// it yet, is answered.
func (w *Writes) OthersWrote() predicate.Predicate {
	return predicate.Funcs{
		CreateFunc: func(event.CreateEvent) bool { return false },
		DeleteFunc: func(event.DeleteEvent) bool { return false },
		UpdateFunc: func(e event.UpdateEvent) bool {
			return e.ObjectNew.GetResourceVersion() != e.ObjectOld.GetResourceVersion() && !w.arrived(e.ObjectNew)
		},
		GenericFunc: func(event.GenericEvent) bool { return false },
	}
}

// arrived reports whether what a cache has received is the controller's own last
// write, or something before it: that was seen when it was written, or the API
// server would have refused the write.
func (w *Writes) arrived(received client.Object) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	entry := w.last[client.ObjectKeyFromObject(received)]
	if entry == nil {
		return false
	}
	version := received.GetResourceVersion()
	if !older(version, entry.version) {
		entry.seen = true
	}
	return version == entry.version || older(version, entry.version)
}

// Remembered returns how many writes are remembered.
func (w *Writes) Remembered() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.last)
}
