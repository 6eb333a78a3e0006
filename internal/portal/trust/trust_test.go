// SPDX-License-Identifier: Apache-2.0

package trust_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	clocktesting "k8s.io/utils/clock/testing"

	"werkplek.dev/werkplek/internal/portal/trust"
)

const bound = 10 * time.Second

// server answers as an API server whose watches last until they are closed.
type server struct{ refuse bool }

func (s *server) RoundTrip(*http.Request) (*http.Response, error) {
	if s.refuse {
		return nil, errors.New("connection refused")
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader("{}"))}, nil
}

// line is a Trust, and what happens to it.
type line struct {
	*trust.Trust
	t      *testing.T
	clock  *clocktesting.FakePassiveClock
	server *server
}

func (l *line) pass(d time.Duration) { l.clock.SetTime(l.clock.Now().Add(d)) }

// watch opens a watch, or does not when the server refuses.
func (l *line) watch(path string) io.Closer {
	request, err := http.NewRequestWithContext(l.t.Context(), http.MethodGet, "https://api"+path+"?watch=true", nil)
	if err != nil {
		l.t.Fatal(err)
	}
	response, err := l.Wrap(l.server).RoundTrip(request)
	if err != nil {
		return io.NopCloser(nil)
	}
	return response.Body
}

// TestTrust: a cache is relied on while its watches are open and for a bound after.
func TestTrust(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		happens  func(*line)
		distrust string // in the reason; empty: relied on
	}{
		"nothing yet":               {func(*line) {}, ""},
		"nothing for the bound":     {func(l *line) { l.pass(bound) }, ""},
		"nothing for longer":        {func(l *line) { l.pass(bound + time.Second) }, "has not answered for 11s"},
		"a watch that ended":        {func(l *line) { _ = l.watch("/a").Close() }, ""},
		"a watch that ended, bound": {func(l *line) { w := l.watch("/a"); l.pass(bound); _ = w.Close() }, ""},
		"a watch that is opened again": {func(l *line) {
			_ = l.watch("/a").Close()
			l.pass(bound / 2)
			l.watch("/a")
			l.pass(bound / 2)
		}, ""},
		"the second of two goes on": {func(l *line) {
			first := l.watch("/a")
			l.watch("/a")
			_ = first.Close()
			l.pass(bound)
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := clocktesting.NewFakePassiveClock(time.Date(2026, 3, 29, 0, 59, 55, 0, time.UTC))
			l := &line{trust.New(clock, bound), t, clock, &server{}}
			c.happens(l)
			err := l.Check()
			if (err == nil) != (c.distrust == "") || err != nil && !strings.Contains(err.Error(), c.distrust) {
				t.Errorf("got %v; want %q", err, c.distrust)
			}
		})
	}
}

// TestBrokenWatch: while the server still answers, a watch that broke and is not
// opened again is what says that the cache is old.
func TestBrokenWatch(t *testing.T) {
	t.Parallel()
	clock := clocktesting.NewFakePassiveClock(time.Date(2026, 10, 25, 0, 59, 55, 0, time.UTC))
	l := &line{trust.New(clock, 4*time.Hour), t, clock, &server{}}
	watch := l.watch("/apis/werkplek.dev/v1alpha1/workplaces")
	l.pass(3 * time.Hour)
	if err := watch.Close(); err != nil {
		t.Fatal(err)
	}
	_ = watch.Close() // twice counts once
	l.server.refuse = true
	l.watch("/apis/werkplek.dev/v1alpha1/workplaces")
	if err := l.Check(); err != nil {
		t.Errorf("at once: %v", err)
	}
	l.pass(time.Hour)
	if err := l.Check(); err != nil {
		t.Errorf("within the bound: %v", err)
	}
	l.server.refuse = false
	l.watch("/apis/werkplek.dev/v1alpha1/workplaces")
	// Only the probe's silence is left, which is older than the bound by now.
	l.pass(time.Second)
	if err := l.Check(); err == nil || !strings.Contains(err.Error(), "not answered") {
		t.Errorf("the watch is open again: %v", err)
	}
}
