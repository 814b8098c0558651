package app

import (
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"
	"time"

	"cloudworks/internal/jobs"
	"cloudworks/internal/ops"
)

// What the engine and the queues really do is what /metrics says.
func TestMetricsOfARealQueue(t *testing.T) {
	a := serveLocal(t)
	a.workers = append(a.workers, shout{})
	ctx := t.Context()
	if err := a.prepare(ctx); err != nil {
		t.Fatal(err)
	}
	if err := a.createReplyQueue(ctx, "replies-test"); err != nil {
		t.Fatal(err)
	}
	client, err := jobs.NewClient(ctx, jobs.ClientOptions{Queue: a.queue, Replies: "replies-test", Hooks: a.hooks()})
	if err != nil {
		t.Fatal(err)
	}
	a.client.Store(client)
	if err := client.Send(ctx, "whispers", jobs.NewID(time.Now()), jobs.Message{Body: "hello", Jobs: 3}, func(jobs.Answer) {}); err != nil {
		t.Fatal(err)
	}
	dead, err := a.queue(ctx, "whispers-dlq")
	if err != nil {
		t.Fatal(err)
	}
	if errs := dead.Send(ctx, []jobs.Message{{Body: "killed a worker"}}); errs[0] != nil {
		t.Fatal(errs[0])
	}
	handler, err := ops.Handler(ops.Options{Metrics: a.Metrics, Ready: a.Ready})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for _, want := range []string{
		`cloudworks_queue_messages{kind="shout",queue="whispers",state="visible"} 1`,
		`cloudworks_dead_letters{kind="shout",queue="whispers-dlq"} 1`,
		`cloudworks_dead_letters{kind="cloudcal",queue="requestQueue-dlq"} 0`,
		`cloudworks_unanswered_requests{kind="shout"} 1`,
		`cloudworks_oldest_unanswered_seconds{kind="cloudcal"} 0`,
		`cloudworks_sent_request_jobs_sum{kind="shout"} 3`,
		`cloudworks_batch_entries_count{operation="SendMessageBatch"} 2`,
		`cloudworks_calls_spared_share{service="SQS"} 0`,
	} {
		if !regexp.MustCompile("(?m)^" + regexp.QuoteMeta(want) + "$").MatchString(w.Body.String()) {
			t.Errorf("/metrics lacks %s", want)
		}
	}
}

// However often a depth is asked for, the queue is asked once in a while, and
// one that isn't there is told as such.
func TestDepthsAreKept(t *testing.T) {
	a := serveLocal(t)
	if err := a.prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, first, err := a.depths.of(t.Context(), "inbox", depthAge)
	if err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := a.depths.of(gone, "outbox", depthAge); err == nil {
		t.Error("somebody who is gone got an answer")
	}
	if _, _, err := a.depths.of(t.Context(), "outbox", depthAge); err != nil {
		t.Errorf("the next one got the error of who was gone: %v", err)
	}
	if _, again, _ := a.depths.of(t.Context(), "inbox", depthAge); !again.Equal(first) {
		t.Error("asked twice at once")
	}
	a.depths.forget("inbox")
	if _, again, _ := a.depths.of(t.Context(), "inbox", depthAge); again.Equal(first) {
		t.Error("not asked anew")
	}
	if _, _, err := a.depths.of(t.Context(), "nowhere", depthAge); err == nil {
		t.Error("a queue that isn't there has a depth")
	}
}
