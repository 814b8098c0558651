package telemetry

import (
	"context"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"cloudworks/internal/jobs"
)

var _ jobs.Tracer = (*Tracer)(nil)

// Names of what the conventions have none for.
const (
	attrJob     = attribute.Key("cloudworks.job.id")
	attrKind    = attribute.Key("cloudworks.job.kind")
	attrAttempt = attribute.Key("cloudworks.job.attempt") // receive count
	attrOutcome = attribute.Key("cloudworks.job.outcome")
	attrWaited  = attribute.Key("cloudworks.job.waited_ms") // from the send to the start of the work
	attrKnown   = attribute.Key("cloudworks.reply.awaited")
	attrLists   = attribute.Key("cloudworks.message.requests") // visitors' requests that are packed in it
)

// replyTemplate stands for the reply queues' names in those of spans, of
// which there are to be few.
const replyTemplate = jobs.ReplyPrefix + "{instance}"

// queueSpan gives a span's name and attributes, as the messaging conventions
// have them.
func (t *Tracer) queueSpan(operation, queue string, kind attribute.KeyValue) (name string, attributes []attribute.KeyValue) {
	attributes = []attribute.KeyValue{
		semconv.MessagingSystemAWSSQS, kind,
		semconv.MessagingOperationName(operation), semconv.MessagingDestinationName(t.opts.QueuePrefix + queue),
	}
	if jobs.IsReplyQueue(queue) {
		attributes = append(attributes, semconv.MessagingDestinationTemplate(t.opts.QueuePrefix+replyTemplate))
		queue = replyTemplate
	}
	return operation + " " + t.opts.QueuePrefix + queue, attributes
}

// Send begins a span of kind producer. A message that is sent for several
// requests together is part of the first one's trace that is sampled, linked
// to all of them, and each of them to it.
func (t *Tracer) Send(ctx context.Context, queue, id string) (parent string, ended func(error)) {
	name, attributes := t.queueSpan("send", queue, semconv.MessagingOperationTypeSend)
	if id != "" {
		attributes = append(attributes, semconv.MessagingMessageConversationID(id))
	}
	parties := jobs.Parties(ctx)
	if len(parties) > 0 {
		attributes = append(attributes, attrLists.Int(len(parties)))
	}
	ctx, links := join(ctx, parties)
	ctx, span := t.tracer.Start(ctx, name, trace.WithSpanKind(trace.SpanKindProducer), trace.WithAttributes(attributes...), trace.WithLinks(links...))
	for _, p := range parties {
		trace.SpanFromContext(p).AddLink(trace.Link{SpanContext: span.SpanContext()})
	}
	return write(ctx), end(span)
}

// join gives a context in the first trace of the parties that is sampled,
// and links to all that are.
func join(ctx context.Context, parties []context.Context) (context.Context, []trace.Link) {
	var links []trace.Link
	for _, p := range parties {
		if sc := trace.SpanContextFromContext(p); sc.IsSampled() {
			links = append(links, trace.Link{SpanContext: sc})
		}
	}
	switch {
	case len(links) > 0:
		ctx = trace.ContextWithSpanContext(ctx, links[0].SpanContext)
	case len(parties) > 0:
		ctx = trace.ContextWithSpanContext(ctx, trace.SpanContextFromContext(parties[0]))
	}
	return ctx, links
}

// write gives the text that names the context's span, as W3C's Trace Context
// has it.
func write(ctx context.Context) string {
	carrier := make(propagation.MapCarrier, 1)
	propagation.TraceContext{}.Inject(ctx, carrier)
	return carrier[jobs.AttrTrace]
}

// read gives ctx with the span that a message names; without, where it names
// none that can be read.
func read(ctx context.Context, d jobs.Delivery) context.Context {
	text := strings.TrimSpace(d.Attributes[jobs.AttrTrace])
	if text == "" {
		return ctx
	}
	return propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{jobs.AttrTrace: text})
}

// Process begins a span of kind consumer, in the trace that the message
// names.
func (t *Tracer) Process(ctx context.Context, k jobs.Kind, d jobs.Delivery) (_ context.Context, id string, ended func(jobs.Finished)) {
	name, attributes := t.queueSpan("process", k.Requests, semconv.MessagingOperationTypeProcess)
	attributes = append(attributes, semconv.MessagingMessageID(d.ID), attrKind.String(k.Name), attrAttempt.Int(d.ReceiveCount))
	if job := d.Attributes[jobs.AttrJobID]; job != "" {
		attributes = append(attributes, semconv.MessagingMessageConversationID(job), attrJob.String(job))
	}
	ctx, span := t.tracer.Start(read(ctx, d), name, trace.WithSpanKind(trace.SpanKindConsumer), trace.WithAttributes(attributes...))
	return jobs.WithTracer(ctx, t), span.SpanContext().TraceID().String(), func(f jobs.Finished) {
		span.SetAttributes(attrOutcome.String(string(f.Outcome)), attrWaited.Int64(f.Waited.Milliseconds()))
		switch f.Outcome {
		case jobs.OutcomeRetry, jobs.OutcomeDead, jobs.OutcomeRefused, jobs.OutcomeGivenUp:
			span.SetAttributes(semconv.ErrorTypeKey.String(string(f.Outcome)))
			span.SetStatus(codes.Error, text(f.Err))
		}
		span.End()
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// Settle begins a span of the call that ends a receive.
func (t *Tracer) Settle(ctx context.Context, operation, queue string) func(error) {
	name, attributes := t.queueSpan(operation, queue, semconv.MessagingOperationTypeSettle)
	_, span := t.tracer.Start(ctx, name, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attributes...))
	return end(span)
}

// Answer begins a span of kind consumer, in the trace of the job that the
// reply answers. A reply that names none starts no trace of its own.
func (t *Tracer) Answer(ctx context.Context, queue string, d jobs.Delivery) func(known bool) {
	ctx = read(ctx, d)
	if !trace.SpanContextFromContext(ctx).IsSampled() {
		return func(bool) {}
	}
	name, attributes := t.queueSpan("process", queue, semconv.MessagingOperationTypeProcess)
	attributes = append(attributes, semconv.MessagingMessageID(d.ID))
	if job := d.Attributes[jobs.AttrJobID]; job != "" {
		attributes = append(attributes, semconv.MessagingMessageConversationID(job), attrJob.String(job))
	}
	_, span := t.tracer.Start(ctx, name, trace.WithSpanKind(trace.SpanKindConsumer), trace.WithAttributes(attributes...))
	return func(known bool) {
		span.SetAttributes(attrKnown.Bool(known))
		span.End()
	}
}

// Step begins a span of something inside the process.
func (t *Tracer) Step(ctx context.Context, name string) (context.Context, func(error)) {
	ctx, span := t.tracer.Start(ctx, name)
	return ctx, end(span)
}
