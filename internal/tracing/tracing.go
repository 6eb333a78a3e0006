// SPDX-License-Identifier: Apache-2.0

// Package tracing says, to a collector of OpenTelemetry, what a reconcile or a visit
// took its time for. It is off until it is started, and costs nothing then. A trace
// names objects as the log does, and nobody: no username, no address, no words of an
// error.
package tracing

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/go-logr/logr"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Options say where traces go.
type Options struct {
	// Endpoint of an OTLP collector over HTTP, such as http://collector:4318; empty: off.
	Endpoint string
	// Ratio of reconciles and visits that are traced, from 0 to 1.
	Ratio float64
	// Service and Version say who traces.
	Service, Version string
	// Log is told when spans could not be delivered.
	Log logr.Logger
}

const (
	traces   = "/v1/traces"    // where a collector takes them
	lastCall = 5 * time.Second // for what is left at the end
)

// current traces what this process does; nil while it is off.
var current atomic.Pointer[tracing]

type tracing struct{ trace.Tracer }

// Start turns tracing on until the returned function is called, which delivers what
// is left.
func Start(ctx context.Context, o Options) (stop func(), err error) {
	if o.Endpoint == "" {
		return func() {}, nil
	}
	endpoint, err := url.Parse(o.Endpoint)
	switch {
	case err != nil || endpoint.Host == "" || endpoint.Scheme != "http" && endpoint.Scheme != "https":
		return nil, fmt.Errorf("%q is no endpoint: write an URL such as http://collector:4318", o.Endpoint)
	case o.Ratio < 0 || o.Ratio > 1:
		return nil, fmt.Errorf("the ratio %v is not from 0 to 1", o.Ratio)
	}
	if endpoint.Path == "" || endpoint.Path == "/" {
		endpoint.Path = traces
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(endpoint.String()))
	if err != nil {
		return nil, fmt.Errorf("reach the collector: %w", err)
	}
	who := resource.NewSchemaless(
		attribute.String("service.name", o.Service), attribute.String("service.version", o.Version))
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(exporter), sdktrace.WithResource(who),
		sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(o.Ratio))),
	)
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		o.Log.Info("traces were not delivered", "endpoint", endpoint.Redacted(), "why", err.Error())
	}))
	current.Store(&tracing{provider.Tracer("werkplek.dev/werkplek")})
	return func() {
		current.Store(nil)
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastCall)
		defer cancel()
		if err := provider.Shutdown(ctx); err != nil && !errors.Is(err, context.Canceled) {
			o.Log.Info("the last traces were not delivered", "why", err.Error())
		}
	}, nil
}

// Span is something that takes its time. The zero Span is none.
type Span struct{ span trace.Span }

// Begin begins a span, below that of the context if there is one.
func Begin(ctx context.Context, name string) (context.Context, Span) {
	on := current.Load()
	if on == nil {
		return ctx, Span{}
	}
	ctx, span := on.Start(ctx, name)
	return ctx, Span{span}
}

// below begins a span that is not worth a trace of its own.
func below(ctx context.Context, name string) (context.Context, Span) {
	if current.Load() == nil || !trace.SpanContextFromContext(ctx).IsSampled() {
		return ctx, Span{}
	}
	return Begin(ctx, name)
}

// Set says more about a span.
func (s Span) Set(key, value string) {
	if s.span != nil {
		s.span.SetAttributes(attribute.String(key, value))
	}
}

// Rename names a span by what has become known of it.
func (s Span) Rename(name string) {
	if s.span != nil {
		s.span.SetName(name)
	}
}

// End ends a span. Of an error it says that there was one; the log says which, since
// its words may name people.
func (s Span) End(err error) {
	if s.span == nil {
		return
	}
	if err != nil {
		s.span.SetStatus(codes.Error, "")
	}
	s.span.End()
}

// EndOf ends the span of a context, if it has one.
func EndOf(ctx context.Context) { trace.SpanFromContext(ctx).End() }
