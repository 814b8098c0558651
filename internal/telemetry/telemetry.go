// Package telemetry makes traces of what the engine, the pages and the calls
// to SQS and S3 tell it, and sends them to an OpenTelemetry collector by OTLP
// over HTTP. It is the only package that imports OpenTelemetry; where it isn't
// opened, nobody measures anything.
//
// Names and attributes follow OpenTelemetry's semantic conventions for HTTP,
// messaging and the AWS SDK; what these have no name for is under
// "cloudworks.".
package telemetry

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"cloudworks/internal/jobs"
)

// Options say what is traced and where traces go.
type Options struct {
	// Endpoint is the address that spans are posted to, such as
	// "http://127.0.0.1:4318/v1/traces", with Headers.
	Endpoint string
	Headers  map[string]string
	// Timeout bounds one export, tries again included.
	Timeout time.Duration
	// Sampler is one of Samplers, Ratio the share of traces that those with
	// "traceidratio" take, from 0 to 1.
	Sampler string
	Ratio   float64
	// Service names the process, Attributes say more of it.
	Service    string
	Attributes map[string]string
	// QueuePrefix stands before every queue's name.
	QueuePrefix string
	// Trouble is told, at most once a minute, that spans can't be sent.
	Trouble func(error)
}

// Tracer makes spans. A nil *Tracer is not to be used: who has none has
// nothing to tell it.
type Tracer struct {
	opts     Options
	client   *client
	stop     sync.Once
	provider *sdk.TracerProvider
	tracer   trace.Tracer
}

// maxLinks bounds the links of a span: a message holds up to 500 lists, each
// with a trace of its own.
const maxLinks = 1000

// Open makes a Tracer. Nothing is sent yet: what can't be sent later is told
// to Trouble and dropped, and holds up nobody.
func Open(ctx context.Context, opts Options) (*Tracer, error) {
	sampler, err := sampler(opts.Sampler, opts.Ratio)
	if err != nil {
		return nil, err
	}
	client := newClient(opts)
	exporter, err := otlptrace.New(ctx, client)
	if err != nil {
		return nil, fmt.Errorf("open the export of traces: %w", err)
	}
	attributes := []attribute.KeyValue{semconv.ServiceName(opts.Service)}
	for name, value := range opts.Attributes {
		attributes = append(attributes, attribute.String(name, value))
	}
	limits := sdk.NewSpanLimits()
	limits.LinkCountLimit = maxLinks
	provider := sdk.NewTracerProvider(
		sdk.WithBatcher(exporter, sdk.WithExportTimeout(opts.Timeout)),
		sdk.WithSampler(sampler),
		sdk.WithRawSpanLimits(limits),
		sdk.WithResource(resource.NewWithAttributes(semconv.SchemaURL, attributes...)),
	)
	return &Tracer{
		opts: opts, client: client, provider: provider,
		tracer: provider.Tracer("cloudworks", trace.WithSchemaURL(semconv.SchemaURL)),
	}, nil
}

// Close sends what wasn't sent yet, with one try, until ctx ends.
func (t *Tracer) Close(ctx context.Context) error {
	t.stop.Do(func() { close(t.client.stopping) })
	if err := t.provider.Shutdown(ctx); err != nil {
		return fmt.Errorf("send the last spans: %w", err)
	}
	return nil
}

// sampler makes the sampler of that name, as OTEL_TRACES_SAMPLER has it.
func sampler(name string, ratio float64) (sdk.Sampler, error) {
	switch name {
	case "always_on":
		return sdk.AlwaysSample(), nil
	case "always_off":
		return sdk.NeverSample(), nil
	case "traceidratio":
		return sdk.TraceIDRatioBased(ratio), nil
	case "parentbased_always_on":
		return sdk.ParentBased(sdk.AlwaysSample()), nil
	case "parentbased_always_off":
		return sdk.ParentBased(sdk.NeverSample()), nil
	case "parentbased_traceidratio":
		return sdk.ParentBased(sdk.TraceIDRatioBased(ratio)), nil
	}
	return nil, fmt.Errorf("there is no sampler %q", name)
}

// end gives the function that ends a span with what went wrong.
func end(span trace.Span) func(error) {
	return func(err error) {
		fail(span, err)
		span.End()
	}
}

// fail marks a span as failed. That an object isn't there, or is already, is
// an answer and no failure.
func fail(span trace.Span, err error) {
	if err == nil || errors.Is(err, jobs.ErrNoObject) || errors.Is(err, jobs.ErrObjectExists) {
		return
	}
	span.SetAttributes(semconv.ErrorType(err))
	span.SetStatus(codes.Error, err.Error())
}
