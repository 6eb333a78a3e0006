// SPDX-License-Identifier: Apache-2.0

package tracing_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-logr/logr"

	"werkplek.dev/werkplek/internal/tracing"
	"werkplek.dev/werkplek/test/collector"
)

// started returns a collector to which this process traces, until stop is called.
func started(t *testing.T, ratio float64) (received *collector.Collector, stop func()) {
	t.Helper()
	received = collector.Start()
	t.Cleanup(received.Close)
	stop, err := tracing.Start(context.Background(), tracing.Options{
		Endpoint: received.URL(), Ratio: ratio, Service: "werkplek-test", Version: "v1", Log: logr.Discard(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return received, stop
}

// answering is a server of which tests see the last request's headers.
func answering(t *testing.T, status int) (server *httptest.Server, last *http.Header) {
	t.Helper()
	last = &http.Header{}
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*last = r.Header.Clone()
		w.WriteHeader(status)
	}))
	t.Cleanup(server.Close)
	return server, last
}

func get(ctx context.Context, t *testing.T, transport http.RoundTripper, url string) {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
}

// TestTrace: a visit, what it asks the API server and the desktop are one trace, in
// which they are told by the W3C's header. It names objects and nobody.
func TestTrace(t *testing.T) {
	received, stop := started(t, 1)
	server, last := answering(t, http.StatusTeapot)
	claimed := "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
	visit := tracing.Visits("visit", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, span := tracing.Begin(r.Context(), "judge access")
		get(ctx, t, tracing.Calls(http.DefaultTransport), server.URL+"/apis/werkplek.dev/v1alpha1/namespaces/tenant-a/workplaces/anna/status?x=secret")
		span.End(errors.New("anna@example.com may not"))
		get(r.Context(), t, tracing.Upstream(http.DefaultTransport), server.URL)
		w.WriteHeader(http.StatusForbidden)
	}))
	request := httptest.NewRequest(http.MethodGet, "/?q=secret", nil)
	request.Header.Set("Traceparent", claimed)
	visit.ServeHTTP(httptest.NewRecorder(), request)
	get(t.Context(), t, tracing.Calls(http.DefaultTransport), server.URL+"/api/v1/pods?watch=true")
	if parent := last.Get("Traceparent"); parent != "" {
		t.Errorf("a watch belongs to the trace %s", parent)
	}
	stop()

	call, ok := received.Path("visit", "judge access", "GET workplaces/status")
	if !ok || call.Attributes["k8s.namespace"] != "tenant-a" || call.Attributes["k8s.name"] != "anna" ||
		call.Attributes["http.response.status_code"] != "418" || call.Service != "werkplek-test" {
		t.Errorf("the call to the API server is %+v", call)
	}
	if judged, ok := received.Path("visit", "judge access"); !ok || !judged.Failed {
		t.Error("the judgement did not fail")
	}
	if _, ok := received.Path("visit", "ask the desktop"); !ok {
		t.Error("the desktop was not asked")
	}
	root, _ := received.Path("visit")
	if root.Attributes["http.response.status_code"] != "403" || strings.Contains(claimed, root.Trace) {
		t.Errorf("the visit is %+v; a browser must not choose its trace", root)
	}
	if len(received.Spans()) != 4 || t.Failed() {
		t.Errorf("received:\n%s", received)
	}
	if text := received.String(); strings.Contains(text, "example.com") || strings.Contains(text, "secret") {
		t.Errorf("what is nobody's business was sent:\n%s", text)
	}
}

// TestPropagated: the desktop is told which trace asks it.
func TestPropagated(t *testing.T) {
	received, stop := started(t, 1)
	server, last := answering(t, http.StatusOK)
	ctx, span := tracing.Begin(t.Context(), "visit")
	get(ctx, t, tracing.Upstream(http.DefaultTransport), server.URL)
	span.End(nil)
	stop()
	asked, ok := received.Path("visit", "ask the desktop")
	if want := "00-" + asked.Trace + "-" + asked.ID + "-01"; !ok || last.Get("Traceparent") != want {
		t.Errorf("the desktop was told %q, want %q", last.Get("Traceparent"), want)
	}
}

// TestRatio: no more is traced than was asked for, and all below it or nothing.
func TestRatio(t *testing.T) {
	received, stop := started(t, 0)
	server, last := answering(t, http.StatusOK)
	ctx, span := tracing.Begin(t.Context(), "visit")
	get(ctx, t, tracing.Calls(http.DefaultTransport), server.URL+"/version")
	span.End(nil)
	stop()
	if len(received.Spans()) > 0 || last.Get("Traceparent") != "" {
		t.Errorf("at a ratio of 0, %q was told and received:\n%s", last.Get("Traceparent"), received)
	}
}

// TestOptions: what cannot be meant is refused, and off is off.
func TestOptions(t *testing.T) {
	for name, c := range map[string]struct {
		options tracing.Options
		fails   bool
	}{
		"off":            {tracing.Options{Ratio: 7}, false},
		"no scheme":      {tracing.Options{Endpoint: "collector:4318"}, true},
		"not over HTTP":  {tracing.Options{Endpoint: "grpc://collector:4317"}, true},
		"more than all":  {tracing.Options{Endpoint: "http://collector:4318", Ratio: 1.1}, true},
		"less than none": {tracing.Options{Endpoint: "http://collector:4318", Ratio: -1}, true},
	} {
		stop, err := tracing.Start(t.Context(), c.options)
		if (err != nil) != c.fails {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			stop()
		}
	}
}

// TestOffCostsNothing: not even memory.
func TestOffCostsNothing(t *testing.T) {
	ctx := t.Context()
	if n := testing.AllocsPerRun(100, func() { step(ctx) }); n > 0 {
		t.Errorf("%v allocations while off", n)
	}
}

func step(ctx context.Context) {
	_, span := tracing.Begin(ctx, "step")
	span.Set("k8s.name", "anna")
	span.End(nil)
}

func BenchmarkOff(b *testing.B) {
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		step(ctx)
	}
}
