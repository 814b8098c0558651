package jobs

import "context"

// Tracer follows jobs from the click to the answer, through both processes.
// The engine tells it where each part of the way begins, and calls what it
// gets where the part ends. A part that begins with a context belongs to the
// part that the context came from. The methods must be quick and safe to call
// from many goroutines.
type Tracer interface {
	// Send begins the sending of a job's request or reply. parent goes into
	// the message's attribute AttrTrace, so that whoever receives it can go
	// on from there; empty for none.
	Send(ctx context.Context, queue, id string) (parent string, end func(error))
	// Process begins what a worker does about a message that it received.
	// trace is the trace's id, for the log. The context carries the Tracer
	// (see WithTracer).
	Process(ctx context.Context, k Kind, d Delivery) (_ context.Context, trace string, end func(Finished))
	// Settle begins the call that ends a receive: "delete", or
	// "change visibility".
	Settle(ctx context.Context, operation, queue string) (end func(error))
	// Answer begins the handing over of a reply. known says at its end that
	// somebody waited for it.
	Answer(ctx context.Context, queue string, d Delivery) (end func(known bool))
	// Step begins a part of a request or of a job's work.
	Step(ctx context.Context, name string) (_ context.Context, end func(error))
}

// untraced is the Tracer of those who want none. It costs no allocation.
type untraced struct{}

var _ Tracer = untraced{}

func (untraced) Send(context.Context, string, string) (string, func(error)) { return "", ignoreEnd }

func (untraced) Process(ctx context.Context, _ Kind, _ Delivery) (context.Context, string, func(Finished)) {
	return ctx, "", func(Finished) {}
}

func (untraced) Settle(context.Context, string, string) func(error) { return ignoreEnd }

func (untraced) Answer(context.Context, string, Delivery) func(bool) { return func(bool) {} }

func (untraced) Step(ctx context.Context, _ string) (context.Context, func(error)) {
	return ctx, ignoreEnd
}

func ignoreEnd(error) {}

type tracerKey struct{}

// WithTracer gives a context whose Steps t follows.
func WithTracer(ctx context.Context, t Tracer) context.Context {
	return context.WithValue(ctx, tracerKey{}, t)
}

// Step begins a part of the request or the job that ctx belongs to, such as
// "enhance", for the trace of it, if there is one. end is called at its end,
// with what went wrong.
func Step(ctx context.Context, name string) (_ context.Context, end func(error)) {
	if t, ok := ctx.Value(tracerKey{}).(Tracer); ok {
		return t.Step(ctx, name)
	}
	return ctx, ignoreEnd
}

type partiesKey struct{}

// Traced reports whether anybody follows what ctx belongs to.
func Traced(ctx context.Context) bool { return ctx.Value(tracerKey{}) != nil }

// Together gives a context for what is done once for several traced requests,
// which are then its Parties.
func Together(ctx context.Context, traced []context.Context) context.Context {
	if len(traced) == 0 {
		return ctx
	}
	return context.WithValue(ctx, partiesKey{}, traced)
}

// Parties gives the contexts of the traced requests that something is done
// for together; none where it is done for one, whose context it has.
func Parties(ctx context.Context) []context.Context {
	parties, _ := ctx.Value(partiesKey{}).([]context.Context)
	return parties
}
