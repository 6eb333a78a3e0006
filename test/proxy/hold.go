// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// holds are the resources whose watch events are held back.
type holds struct {
	mu      sync.Mutex
	open    map[string]chan struct{} // closed on release
	waiting map[string]int
}

// Hold holds back what watches of a resource say, until it is released: a cache
// behind the proxy falls behind the API server. The connections stay open, and no
// byte is lost or overtakes another of the same watch. Watches that begin
// meanwhile are held too. Lists, reads of one object and writes pass: whoever
// asks, is told the truth.
func (p *Proxy) Hold(resource string) (release func()) {
	h := &p.holds
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.open == nil {
		h.open, h.waiting = map[string]chan struct{}{}, map[string]int{}
	}
	if h.open[resource] != nil {
		panic("the watches of " + resource + " are held already")
	}
	until := make(chan struct{})
	h.open[resource] = until
	return sync.OnceFunc(func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.open, resource)
		close(until)
	})
}

// Holding returns how many watches of a resource have something to say that is held back.
func (p *Proxy) Holding(resource string) int {
	p.holds.mu.Lock()
	defer p.holds.mu.Unlock()
	return p.holds.waiting[resource]
}

// pass waits until nothing holds back a resource, or the context ends.
func (h *holds) pass(ctx context.Context, resource string) {
	h.mu.Lock()
	until := h.open[resource]
	if until == nil {
		h.mu.Unlock()
		return
	}
	h.waiting[resource]++
	h.mu.Unlock()
	select {
	case <-until:
	case <-ctx.Done(): // the watcher is gone
	}
	h.mu.Lock()
	h.waiting[resource]--
	h.mu.Unlock()
}

// held is the answer to a watch, of which each write waits while the resource is held.
type held struct {
	http.ResponseWriter
	ctx      context.Context
	holds    *holds
	resource string
}

// WriteHeader lets the watcher know at once that its watch has begun.
func (w held) WriteHeader(status int) {
	w.ResponseWriter.WriteHeader(status)
	_ = http.NewResponseController(w.ResponseWriter).Flush()
}

func (w held) Write(b []byte) (int, error) {
	w.holds.pass(w.ctx, w.resource)
	return w.ResponseWriter.Write(b)
}

// Unwrap lets the proxy flush what was written.
func (w held) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// watched returns the resource that a request watches: workplaces, pods.
func watched(u *url.URL) (resource string, ok bool) {
	if !slices.Contains([]string{"true", "1"}, u.Query().Get("watch")) {
		return "", false
	}
	return u.Path[strings.LastIndex(u.Path, "/")+1:], true
}
