// SPDX-License-Identifier: Apache-2.0

// Package trust says whether the watch cache can be relied on. A cache whose
// watch is broken still answers, with what was true when it broke: whoever was
// shut out since would be let in. So after a bound, nobody new is.
package trust

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"k8s.io/utils/clock"
)

// Trust follows the watches of one client configuration.
type Trust struct {
	clock clock.PassiveClock
	bound time.Duration

	mu      sync.Mutex
	open    map[string]int       // watches that are open, by path
	broken  map[string]time.Time // since when a path has none
	answers time.Time            // when the API server last answered the probe
}

// New returns a Trust that tolerates silence up to a bound.
func New(clock clock.PassiveClock, bound time.Duration) *Trust {
	return &Trust{clock: clock, bound: bound, open: map[string]int{}, broken: map[string]time.Time{}, answers: clock.Now()}
}

// Check returns why the cache cannot be relied on, or nothing.
func (t *Trust) Check() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.clock.Now()
	if silent := now.Sub(t.answers); silent > t.bound {
		return fmt.Errorf("the API server has not answered for %s", silent.Round(time.Second))
	}
	for path, since := range t.broken {
		if down := now.Sub(since); down > t.bound {
			return fmt.Errorf("the watch of %s has been broken for %s", path, down.Round(time.Second))
		}
	}
	return nil
}

// Wrap follows the watches that go through a transport.
func (t *Trust) Wrap(next http.RoundTripper) http.RoundTripper { return transport{t, next} }

// Probe asks the API server for its version, over the connection that the
// watches use, several times within the bound, until ctx ends. A server that is
// frozen, or a network that swallows packets, breaks no watch for long minutes.
func (t *Trust) Probe(ctx context.Context, client *http.Client, url string) {
	every := t.bound / 4
	for {
		if t.ask(ctx, client, url, every) {
			t.mu.Lock()
			t.answers = t.clock.Now()
			t.mu.Unlock()
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(every):
		}
	}
}

func (t *Trust) ask(ctx context.Context, client *http.Client, url string, patience time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	response, err := client.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<16))
	return err == nil && response.StatusCode == http.StatusOK
}

func (t *Trust) opened(path string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.open[path]++
	delete(t.broken, path)
}

func (t *Trust) closed(path string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.open[path]--; t.open[path] <= 0 {
		delete(t.open, path)
		t.broken[path] = t.clock.Now()
	}
}

type transport struct {
	trust *Trust
	next  http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (w transport) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := w.next.RoundTrip(request)
	if err != nil || response.StatusCode != http.StatusOK || !watches(request) {
		return response, err
	}
	path := request.URL.Path
	w.trust.opened(path)
	response.Body = &body{ReadCloser: response.Body, done: sync.OnceFunc(func() { w.trust.closed(path) })}
	return response, nil
}

func watches(request *http.Request) bool {
	value := request.URL.Query().Get("watch")
	return value == "true" || value == "1"
}

// body notices when a watch ends, whoever ends it.
type body struct {
	io.ReadCloser
	done func()
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.done()
	}
	return n, err
}

// Close implements io.Closer.
func (b *body) Close() error {
	b.done()
	return b.ReadCloser.Close()
}
