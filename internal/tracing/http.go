// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"net/http"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/propagation"
)

// standard is how a trace goes on elsewhere: the W3C's traceparent and tracestate.
var standard = propagation.TraceContext{}

// Calls makes spans of the requests to an API server that belong to a trace, and
// tells it which. Watches, leases and whatever else belongs to none pass as they are.
func Calls(next http.RoundTripper) http.RoundTripper { return calls{next} }

type calls struct{ next http.RoundTripper }

// WrappedRoundTripper lets client-go find the transport within.
func (c calls) WrappedRoundTripper() http.RoundTripper { return c.next }

// RoundTrip implements http.RoundTripper.
func (c calls) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx, span := below(request.Context(), request.Method)
	if span.span == nil {
		return c.next.RoundTrip(request)
	}
	what := objectOf(request.URL.Path)
	span.Rename(request.Method + " " + what.resource)
	span.Set("k8s.namespace", what.namespace)
	span.Set("k8s.name", what.name)
	request = request.Clone(ctx)
	standard.Inject(ctx, propagation.HeaderCarrier(request.Header))
	return answered(span)(c.next.RoundTrip(request))
}

// answered ends a span with an answer.
func answered(span Span) func(*http.Response, error) (*http.Response, error) {
	return func(response *http.Response, err error) (*http.Response, error) {
		if response != nil {
			span.Set("http.response.status_code", strconv.Itoa(response.StatusCode))
		}
		span.End(err)
		return response, err
	}
}

// object is what a path of the API is about.
type object struct{ resource, namespace, name string }

// objectOf reads a path such as /apis/werkplek.dev/v1alpha1/namespaces/x/workplaces/y/status.
func objectOf(path string) object {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	switch {
	case len(parts) > 3 && parts[0] == "apis":
		parts = parts[3:]
	case len(parts) > 2 && parts[0] == "api":
		parts = parts[2:]
	default:
		return object{resource: parts[0]} // such as version
	}
	var found object
	if len(parts) > 2 && parts[0] == "namespaces" {
		found.namespace, parts = parts[1], parts[2:]
	}
	found.resource = parts[0]
	if len(parts) > 1 {
		found.name = parts[1]
	}
	if len(parts) > 2 {
		found.resource += "/" + parts[2]
	}
	return found
}

// Upstream makes spans of the requests to a desktop, and tells it which trace they
// belong to. An upgraded connection lasts as long as somebody works: when it is
// switched, the visit is over as far as a trace goes.
func Upstream(next http.RoundTripper) http.RoundTripper { return upstream{next} }

type upstream struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (u upstream) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx, span := below(request.Context(), "ask the desktop")
	if span.span == nil {
		return u.next.RoundTrip(request)
	}
	visit := request.Context()
	request = request.Clone(ctx)
	standard.Inject(ctx, propagation.HeaderCarrier(request.Header))
	response, err := answered(span)(u.next.RoundTrip(request))
	if err == nil && response.StatusCode == http.StatusSwitchingProtocols {
		EndOf(visit)
	}
	return response, err
}

// Visits makes a trace of each request that people's browsers make. Whatever trace a
// browser claims to be in, it does not decide what is traced here.
func Visits(name string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if current.Load() == nil {
			next.ServeHTTP(w, r)
			return
		}
		ctx, span := Begin(r.Context(), name)
		noted := &noting{ResponseWriter: w}
		defer func() {
			if noted.status != 0 {
				span.Set("http.response.status_code", strconv.Itoa(noted.status))
			}
			span.End(nil)
		}()
		span.Set("http.request.method", r.Method)
		next.ServeHTTP(noted, r.WithContext(ctx))
	})
}

// noting notes the status of an answer.
type noting struct {
	http.ResponseWriter
	status int
}

// Unwrap lets http.ResponseController find what this does not change.
func (n *noting) Unwrap() http.ResponseWriter { return n.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (n *noting) WriteHeader(status int) {
	if n.status == 0 || n.status < http.StatusOK {
		n.status = status
	}
	n.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (n *noting) Write(data []byte) (int, error) {
	if n.status == 0 {
		n.status = http.StatusOK
	}
	return n.ResponseWriter.Write(data)
}
