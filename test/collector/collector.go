// SPDX-License-Identifier: Apache-2.0

// Package collector takes traces as a collector of OpenTelemetry does, and shows them.
package collector

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"

	collectorv1 "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// Collector has what it was sent.
type Collector struct {
	server *httptest.Server
	mu     sync.Mutex
	spans  []Span
}

// Span is one that was received.
type Span struct {
	Service, Name, Trace, ID, Parent string
	Attributes                       map[string]string
	Failed                           bool
}

// Start starts a collector; Close ends it.
func Start() *Collector {
	c := &Collector{}
	c.server = httptest.NewServer(c)
	return c
}

// URL is its endpoint.
func (c *Collector) URL() string { return c.server.URL }

// Close ends it.
func (c *Collector) Close() { c.server.Close() }

// ServeHTTP takes what an exporter sends.
func (c *Collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var request collectorv1.ExportTraceServiceRequest
	if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(body, &request) != nil {
		http.Error(w, "no traces", http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, part := range request.GetResourceSpans() {
		service := ""
		for _, attribute := range part.GetResource().GetAttributes() {
			if attribute.GetKey() == "service.name" {
				service = attribute.GetValue().GetStringValue()
			}
		}
		for _, scope := range part.GetScopeSpans() {
			for _, span := range scope.GetSpans() {
				c.spans = append(c.spans, received(service, span))
			}
		}
	}
}

func received(service string, span *tracev1.Span) Span {
	made := Span{
		Service: service, Name: span.GetName(), Trace: fmt.Sprintf("%x", span.GetTraceId()),
		ID: fmt.Sprintf("%x", span.GetSpanId()), Parent: fmt.Sprintf("%x", span.GetParentSpanId()),
		Attributes: map[string]string{}, Failed: span.GetStatus().GetCode() == tracev1.Status_STATUS_CODE_ERROR,
	}
	for _, attribute := range span.GetAttributes() {
		made.Attributes[attribute.GetKey()] = attribute.GetValue().GetStringValue()
	}
	return made
}

// Spans returns all that was received.
func (c *Collector) Spans() []Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]Span(nil), c.spans...)
}

// Path finds spans of these names, each below the one before it, and returns the
// last; false if there are none.
func (c *Collector) Path(names ...string) (Span, bool) {
	spans := c.Spans()
	var find func(parent Span, names []string) (Span, bool)
	find = func(parent Span, names []string) (Span, bool) {
		if len(names) == 0 {
			return parent, true
		}
		for _, span := range spans {
			if span.Name == names[0] && span.Parent == parent.ID && (parent.ID == "" || span.Trace == parent.Trace) {
				if last, found := find(span, names[1:]); found {
					return last, true
				}
			}
		}
		return Span{}, false
	}
	return find(Span{}, names)
}

// String lists what was received, for whoever misses something.
func (c *Collector) String() string {
	lines := []string{}
	for _, span := range c.Spans() {
		lines = append(lines, fmt.Sprintf("%s %.4s %s<%s %s %v",
			span.Service, span.Trace, span.ID, span.Parent, span.Name, span.Attributes))
	}
	return strings.Join(lines, "\n")
}
