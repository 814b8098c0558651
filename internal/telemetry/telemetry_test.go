package telemetry

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cloudworks/internal/jobs"
	"cloudworks/internal/telemetry/otlptest"
)

func open(t *testing.T, opts Options) *Tracer {
	t.Helper()
	if opts.Sampler == "" {
		opts.Sampler = "parentbased_always_on"
	}
	opts.Service, opts.Timeout = "test", 10*time.Second
	tracer, err := Open(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	return tracer
}

// flushed closes the tracer and gives what the collector has.
func flushed(t *testing.T, tracer *Tracer, c *otlptest.Collector) []otlptest.Span {
	t.Helper()
	if err := tracer.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c.Spans()
}

func request(parent string) jobs.Delivery {
	return jobs.Delivery{ID: "m1", ReceiveCount: 1, Message: jobs.Message{Attributes: map[string]string{jobs.AttrJobID: "j1", jobs.AttrTrace: parent}}}
}

var kind = jobs.Kind{Name: "shout", Requests: "whispers", Replies: "shouts"}

// An attribute that can't be read begins a trace of its own; one that can is
// the parent.
func TestParentOfAProcess(t *testing.T) {
	const trace, span = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
	for _, tt := range []struct {
		name, attribute string
		child           bool
	}{
		{"right", "00-" + trace + "-" + span + "-01", true},
		{"none", "", false},
		{"no text of this kind", "hello", false},
		{"zeros", "00-00000000000000000000000000000000-0000000000000000-01", false},
		{"too short", "00-" + trace[1:] + "-" + span + "-01", false},
		{"no hexadecimal number", "00-" + strings.Replace(trace, "0", "g", 1) + "-" + span + "-01", false},
		{"a forbidden version", "ff-" + trace + "-" + span + "-01", false},
		{"more than there should be", "00-" + trace + "-" + span + "-01-" + strings.Repeat("x", 10_000), false},
		{"lines", "00-" + trace + "-" + span + "-01\r\nX-Evil: 1", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := otlptest.Start(t)
			tracer := open(t, Options{Endpoint: c.URL + "/v1/traces"})
			_, id, end := tracer.Process(t.Context(), kind, request(tt.attribute))
			end(jobs.Finished{Outcome: jobs.OutcomeDone})
			spans := flushed(t, tracer, c)
			if len(spans) != 1 || spans[0].Trace != id {
				t.Fatalf("got %+v, want one span of trace %s", spans, id)
			}
			if child := spans[0].Trace == trace && spans[0].Parent == span; child != tt.child || !child && spans[0].Parent != "" {
				t.Errorf("trace %s, parent %s; want theirs: %v", spans[0].Trace, spans[0].Parent, tt.child)
			}
		})
	}
}

// Where the trace isn't sampled nothing is sent, and whoever gets the message
// knows it.
func TestUnsampled(t *testing.T) {
	c := otlptest.Start(t)
	tracer := open(t, Options{Endpoint: c.URL + "/v1/traces", Sampler: "parentbased_always_off"})
	ctx, _, ended := tracer.Request(httptest.NewRequest(http.MethodPost, "/calc", nil))
	parent, sent := tracer.Send(ctx, "whispers", "j1")
	if !strings.HasSuffix(parent, "-00") {
		t.Errorf("the attribute is %q, want one that says unsampled", parent)
	}
	_, called := tracer.Call(ctx, "S3", "PutObject", "key")
	called(nil)
	sent(nil)
	ended("/calc", http.StatusSeeOther, "", nil)

	on := open(t, Options{Endpoint: c.URL + "/v1/traces"})
	_, _, end := on.Process(t.Context(), kind, request(parent))
	end(jobs.Finished{Outcome: jobs.OutcomeDone})
	on.Answer(t.Context(), "replies-x", request(parent))(true)
	if spans := append(flushed(t, tracer, c), flushed(t, on, c)...); len(spans) > 0 {
		t.Errorf("got %+v, want nothing", spans)
	}
}

// A message that is sent for several is in the trace of the first that is
// sampled.
func TestSendTogether(t *testing.T) {
	c := otlptest.Start(t)
	on := open(t, Options{Endpoint: c.URL + "/v1/traces"})
	off := open(t, Options{Endpoint: c.URL + "/v1/traces", Sampler: "always_off"})
	var requests []context.Context
	var ends []func(string, int, string, error)
	for _, tracer := range []*Tracer{off, on, on} {
		ctx, _, end := tracer.Request(httptest.NewRequest(http.MethodPost, "/calc", nil))
		requests, ends = append(requests, ctx), append(ends, end)
	}
	_, sent := on.Send(jobs.Together(t.Context(), requests), "whispers", "j1")
	sent(nil)
	for _, end := range ends {
		end("/calc", http.StatusSeeOther, "", nil)
	}
	spans := flushed(t, on, c)
	if len(spans) != 3 {
		t.Fatalf("got %d spans, want the message's and two requests'", len(spans))
	}
	send, first, second := spans[0], spans[1], spans[2]
	if send.Kind != "producer" || send.Parent != first.ID || send.Trace != first.Trace || len(send.Links) != 2 {
		t.Errorf("the message's span is %+v, want one in trace %s with 2 links", send, first.Trace)
	}
	if len(second.Links) != 1 || second.Links[0].ID != send.ID || second.Trace == send.Trace {
		t.Errorf("the second request's links are %+v, want one to %s", second.Links, send.ID)
	}
}

// How a receive ended is told, and marked as an error where it needs a look.
func TestOutcomes(t *testing.T) {
	for outcome, failed := range map[jobs.Outcome]bool{
		jobs.OutcomeDone: false, jobs.OutcomeFailed: false, jobs.OutcomeReturned: false,
		jobs.OutcomeRetry: true, jobs.OutcomeDead: true, jobs.OutcomeRefused: true, jobs.OutcomeGivenUp: true,
	} {
		c := otlptest.Start(t)
		tracer := open(t, Options{Endpoint: c.URL + "/v1/traces"})
		_, _, end := tracer.Process(t.Context(), kind, request(""))
		end(jobs.Finished{Outcome: outcome, Err: errors.New("why")})
		spans := flushed(t, tracer, c)
		if got := spans[0]; got.Failed != failed || got.Attributes["cloudworks.job.outcome"] != string(outcome) {
			t.Errorf("%s: got %+v, want failed %v", outcome, got, failed)
		}
	}
}

// An object that isn't there is an answer; a store that doesn't answer is not.
func TestCallErrors(t *testing.T) {
	for _, tt := range []struct {
		err    error
		failed bool
	}{
		{nil, false},
		{fmt.Errorf("get: %w", jobs.ErrNoObject), false},
		{fmt.Errorf("put: %w", jobs.ErrObjectExists), false},
		{errors.New("slow down"), true},
	} {
		c := otlptest.Start(t)
		tracer := open(t, Options{Endpoint: c.URL + "/v1/traces"})
		ctx, end := tracer.Step(t.Context(), "fetch")
		_, called := tracer.Call(ctx, "S3", "GetObject", "key")
		called(tt.err)
		end(nil)
		if got := flushed(t, tracer, c)[0]; got.Failed != tt.failed {
			t.Errorf("%v: got %+v, want failed %v", tt.err, got, tt.failed)
		}
	}
}

// What no trace asked for makes none: polls, heartbeats, shared calls.
func TestCallOutsideATrace(t *testing.T) {
	c := otlptest.Start(t)
	tracer := open(t, Options{Endpoint: c.URL + "/v1/traces"})
	_, end := tracer.Call(t.Context(), "SQS", "ReceiveMessage", "")
	end(nil)
	tracer.Answer(t.Context(), "replies-x", request(""))(true)
	if spans := flushed(t, tracer, c); len(spans) > 0 {
		t.Errorf("got %+v, want nothing", spans)
	}
}

// An export carries the headers; one that the collector refuses for the
// moment is tried again, one that it refuses for good isn't, and is told.
func TestExport(t *testing.T) {
	for _, tt := range []struct {
		name    string
		answers []int
		calls   int32
		trouble bool
	}{
		{"taken", []int{200}, 1, false},
		{"taken later", []int{503, 202}, 2, false},
		{"refused", []int{401}, 1, true},
		{"sent elsewhere", []int{307}, 1, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				n := calls.Add(1)
				if r.Header.Get("Authorization") != "Bearer a" {
					t.Errorf("headers are %v", r.Header)
				}
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(tt.answers[n-1])
			}))
			defer server.Close()
			var told atomic.Int32
			tracer := open(t, Options{
				Endpoint: server.URL, Headers: map[string]string{"Authorization": "Bearer a"},
				Trouble: func(error) { told.Add(1) },
			})
			_, end := tracer.Step(t.Context(), "a")
			end(nil)
			if err := tracer.provider.ForceFlush(t.Context()); err != nil {
				t.Fatal(err)
			}
			if calls.Load() != tt.calls || told.Load() > 0 != tt.trouble {
				t.Errorf("%d calls, trouble told %d times; want %d calls, trouble %v", calls.Load(), told.Load(), tt.calls, tt.trouble)
			}
			if err := tracer.Close(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// At the end of the process there is one try, and no pause.
func TestCloseTriesOnce(t *testing.T) {
	var calls, told atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer server.Close()
	tracer := open(t, Options{Endpoint: server.URL, Trouble: func(error) { told.Add(1) }})
	_, end := tracer.Step(t.Context(), "a")
	end(nil)
	if err := tracer.Close(t.Context()); err != nil || calls.Load() != 1 || told.Load() != 1 {
		t.Errorf("%d tries, told %d times, %v; want one of each", calls.Load(), told.Load(), err)
	}
}

// Every sampler that the configuration allows is there.
func TestSamplers(t *testing.T) {
	for _, name := range []string{"always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio"} {
		if _, err := sampler(name, 0.5); err != nil {
			t.Error(err)
		}
	}
	if _, err := sampler("sometimes", 0.5); err == nil {
		t.Error("no error for a sampler that isn't there")
	}
}
