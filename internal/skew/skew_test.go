// SPDX-License-Identifier: Apache-2.0

package skew_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	clocktesting "k8s.io/utils/clock/testing"

	"werkplek.dev/werkplek/internal/skew"
)

var asked = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// answers is an API server whose answers take a time and have a date.
type answers func(*http.Request) (*http.Response, error)

func (a answers) RoundTrip(r *http.Request) (*http.Response, error) { return a(r) }

// TestSkew: an answer is dated between the question and its arrival, to the
// second. Only what cannot be so is skew.
func TestSkew(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		takes, dated time.Duration // from the question on, by this machine's clock
		ahead        time.Duration
	}{
		"the same second":               {0, 0, 0},
		"dated at the end of a second":  {0, -999 * time.Millisecond, 0},
		"dated while it was under way":  {3 * time.Second, 2 * time.Second, 0},
		"this clock is ahead":           {0, -61 * time.Second, time.Minute},
		"this clock is behind":          {0, time.Minute, -time.Minute},
		"behind, for all that it takes": {time.Second, time.Minute, -59 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := clocktesting.NewFakePassiveClock(asked)
			meter := skew.New(clock)
			ask(t, meter, func(*http.Request) (*http.Response, error) {
				clock.SetTime(asked.Add(c.takes))
				return dated(asked.Add(c.dated)), nil
			})
			// The date of an answer has no fractions.
			want := c.ahead
			if got, known := meter.Ahead(); !known || got < want-time.Second || got > want+time.Second || (want == 0) != (got == 0) {
				t.Errorf("the clock is %s ahead (known: %t), want %s", got, known, want)
			}
		})
	}
}

// TestUnknownSkew: what says nothing about the clock leaves it as it was, unknown
// at first.
func TestUnknownSkew(t *testing.T) {
	t.Parallel()
	clock := clocktesting.NewFakePassiveClock(asked)
	meter := skew.New(clock)
	silent := map[string]answers{
		"an error": func(*http.Request) (*http.Response, error) { return nil, errors.New("no route") },
		"no date":  func(*http.Request) (*http.Response, error) { return &http.Response{Header: http.Header{}}, nil },
		"a slow answer": func(*http.Request) (*http.Response, error) {
			clock.SetTime(asked.Add(time.Minute))
			return dated(asked), nil
		},
		"a foreign date": func(*http.Request) (*http.Response, error) {
			r := dated(asked)
			r.Header.Set("Date", "now")
			return r, nil
		},
	}
	for name, answer := range silent {
		clock.SetTime(asked)
		ask(t, meter, answer)
		if _, known := meter.Ahead(); known || collected(meter) != 0 {
			t.Errorf("%s: the skew counts as known", name)
		}
	}
	clock.SetTime(asked)
	ask(t, meter, func(*http.Request) (*http.Response, error) { return dated(asked.Add(time.Hour)), nil })
	for name, answer := range silent {
		clock.SetTime(asked)
		ask(t, meter, answer)
		if ahead, known := meter.Ahead(); !known || ahead != -time.Hour || collected(meter) != 1 {
			t.Errorf("%s: the clock is %s ahead, want an hour behind, as was measured before", name, ahead)
		}
	}
}

func dated(at time.Time) *http.Response {
	return &http.Response{Header: http.Header{"Date": {at.UTC().Format(http.TimeFormat)}}}
}

func ask(t *testing.T, meter *skew.Meter, answer answers) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.example.com/version", nil)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = meter.Wrap(answer).RoundTrip(request)
}

func collected(meter *skew.Meter) int {
	ch := make(chan prometheus.Metric, 5)
	meter.Collect(ch)
	return len(ch)
}
