package telemetry

import (
	"context"
	"net/http"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"cloudworks/internal/jobs"
)

// Call begins a span of a call to SQS or S3, tries again included, where it
// is part of a trace. Polls, heartbeats and calls that many messages share
// belong to none. key is that of the object, empty for calls about no one.
func (t *Tracer) Call(ctx context.Context, service, operation, key string) (context.Context, func(error)) {
	if !trace.SpanContextFromContext(ctx).IsSampled() {
		return ctx, func(error) {}
	}
	attributes := []attribute.KeyValue{semconv.RPCSystemNameKey.String("aws-api"), semconv.RPCMethod(service + "/" + operation)}
	if key != "" {
		attributes = append(attributes, semconv.AWSS3Key(key))
	}
	ctx, span := t.tracer.Start(ctx, service+"."+operation, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attributes...))
	return ctx, end(span)
}

// Request begins the trace of a request for a page. What the request itself
// says of a trace is ignored: anybody could say anything. id is the trace's,
// for the log. ended is told the route's pattern, the status, the id of the
// job that the request is about, if any, and what went wrong.
func (t *Tracer) Request(r *http.Request) (_ context.Context, id string, ended func(route string, status int, job string, err error)) {
	method := knownMethod(r.Method)
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	ctx, span := t.tracer.Start(r.Context(), method, trace.WithNewRoot(), trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(semconv.HTTPRequestMethodKey.String(method), semconv.URLPath(r.URL.Path), semconv.URLScheme(scheme)))
	return jobs.WithTracer(ctx, t), span.SpanContext().TraceID().String(), func(route string, status int, job string, err error) {
		span.SetName(method + " " + route)
		span.SetAttributes(semconv.HTTPRoute(route), semconv.HTTPResponseStatusCode(status))
		if job != "" {
			span.SetAttributes(attrJob.String(job))
		}
		if status >= http.StatusInternalServerError {
			span.SetAttributes(semconv.ErrorTypeKey.String(strconv.Itoa(status)))
			span.SetStatus(codes.Error, text(err))
		}
		span.End()
	}
}

// knownMethod keeps the names of spans few, whatever clients make up.
func knownMethod(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "_OTHER"
}
