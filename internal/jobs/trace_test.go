package jobs

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// untracedJob is all that a job asks of a Tracer, from the click to the
// answer.
func untracedJob(ctx context.Context, tracer Tracer, d Delivery) bool {
	_, sent := tracer.Send(ctx, "whispers", "j")
	ctx, _, end := tracer.Process(ctx, Kind{}, d)
	ctx, worked := Step(ctx, "work")
	_, stored := Step(ctx, "store")
	together := Together(ctx, nil)
	stored(nil)
	worked(nil)
	tracer.Settle(ctx, "delete", "whispers")(nil)
	tracer.Answer(ctx, "replies-x", d)(true)
	end(Finished{})
	sent(nil)
	return Traced(ctx) || len(Parties(together)) > 0
}

// deep is a context as deep as that of a request for a page.
func deep(ctx context.Context) context.Context {
	type key int
	for i := range 10 {
		ctx = context.WithValue(ctx, key(i), i)
	}
	return ctx
}

// Where nobody follows, following costs no memory.
func TestUntracedAllocatesNothing(t *testing.T) {
	ctx, d := deep(t.Context()), Delivery{Message: request("j")}
	allocs := testing.AllocsPerRun(100, func() {
		if untracedJob(ctx, untraced{}, d) {
			t.Error("followed by somebody")
		}
	})
	if allocs > 0 {
		t.Errorf("%v allocations, want none", allocs)
	}
}

func BenchmarkUntraced(b *testing.B) {
	ctx, d := deep(b.Context()), Delivery{Message: request("j")}
	for b.Loop() {
		untracedJob(ctx, untraced{}, d)
	}
}

// follower is a Tracer that names every part by the same text.
type follower struct {
	untraced
	parent string
}

func (f follower) Send(context.Context, string, string) (string, func(error)) {
	return f.parent, ignoreEnd
}

func (f follower) Process(ctx context.Context, _ Kind, _ Delivery) (context.Context, string, func(Finished)) {
	return WithTracer(ctx, f), "the trace", func(Finished) {}
}

// A reply names the trace, but a bare one stays plain text. The job's end
// says which trace it was.
func TestTracedReply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTestSystem(nil)
		s.opts.Tracer = follower{parent: "00-there"}
		var traces []string
		finished := s.opts.Hooks.Finished
		s.opts.Hooks.Finished = func(f Finished) {
			finished(f)
			traces = append(traces, f.Trace)
		}
		s.post(t, request("j1"))
		r := s.start()
		time.Sleep(time.Second)
		s.post(t, Message{Body: "bare"})
		time.Sleep(time.Second)
		r.stop(t)
		replies, bare := s.fakes["replies-web"].held(), s.fakes["answers"].held()
		if len(replies) != 1 || replies[0].Attributes[AttrTrace] != "00-there" {
			t.Errorf("replies are %+v, want one that names the trace", replies)
		}
		if len(bare) != 1 || len(bare[0].Attributes) > 0 {
			t.Errorf("bare replies are %+v, want one without attributes", bare)
		}
		if diff := cmp.Diff([]string{"the trace", "the trace"}, traces); diff != "" {
			t.Error(diff)
		}
	})
}
