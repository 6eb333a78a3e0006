// SPDX-License-Identifier: Apache-2.0

// Package skew measures how far this machine's clock is from the API server's.
// Contracts are judged by the one, and what was written is dated by the other.
package skew

import (
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/utils/clock"
)

const (
	// whole is how exact the date of an answer is: whole seconds, rounded down.
	whole = time.Second
	// prompt is how long an answer may take that says something about the clock. The
	// longer it takes, the less is known about when it was dated.
	prompt = 5 * time.Second
)

var desc = prometheus.NewDesc("werkplek_clock_skew_seconds",
	"How far this machine's clock is ahead of the API server's, at least, as of its last prompt answer; below 0: behind.",
	nil, nil)

// Meter follows the answers of one API server.
type Meter struct {
	clock clock.PassiveClock

	mu    sync.Mutex
	ahead time.Duration
	known bool
}

// New returns a Meter of the machine's own clock, which must not be shifted.
func New(clock clock.PassiveClock) *Meter { return &Meter{clock: clock} }

// Ahead returns how far the machine's clock is ahead, and whether that is known.
func (m *Meter) Ahead() (ahead time.Duration, known bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.ahead, m.known
}

// Wrap follows the answers that come through a transport.
func (m *Meter) Wrap(next http.RoundTripper) http.RoundTripper { return transport{m, next} }

// Describe implements prometheus.Collector.
func (m *Meter) Describe(ch chan<- *prometheus.Desc) { ch <- desc }

// Collect implements prometheus.Collector. What was not measured is left out.
func (m *Meter) Collect(ch chan<- prometheus.Metric) {
	if ahead, known := m.Ahead(); known {
		ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, ahead.Seconds())
	}
}

// note takes over what an answer tells that was asked for and came at these moments.
func (m *Meter) note(asked, came, dated time.Time) {
	var ahead time.Duration
	switch latest := dated.Add(whole); {
	case asked.After(latest):
		ahead = asked.Sub(latest)
	case came.Before(dated):
		ahead = came.Sub(dated)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ahead, m.known = ahead, true
}

type transport struct {
	meter *Meter
	next  http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (t transport) RoundTrip(request *http.Request) (*http.Response, error) {
	asked := t.meter.clock.Now()
	response, err := t.next.RoundTrip(request)
	if err != nil {
		return response, err
	}
	came := t.meter.clock.Now()
	if dated, err := http.ParseTime(response.Header.Get("Date")); err == nil && came.Sub(asked) < prompt {
		t.meter.note(asked, came, dated)
	}
	return response, nil
}

// WrappedRoundTripper lets client-go find the transport within.
func (t transport) WrappedRoundTripper() http.RoundTripper { return t.next }
