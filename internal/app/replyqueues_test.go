package app

import (
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"cloudworks/internal/jobs"
)

// A sweep takes the queues of silent instances and leaves the others, those of
// instances whose clocks are behind among them, and only one instance sweeps in
// a slot of time.
func TestSweep(t *testing.T) {
	a := serveLocal(t)
	ctx := t.Context()
	if err := a.prepare(ctx); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for name, last := range map[string]time.Duration{"replies-alive": time.Minute, "replies-silent": 2 * time.Hour, "replies-gone": 48 * time.Hour, "replies-behind": time.Hour} {
		if err := a.createReplyQueue(ctx, name); err != nil {
			t.Fatal(err)
		}
		q, err := a.cloud.Queue(ctx, name)
		if err != nil {
			t.Fatal(err)
		}
		if err := q.Tag(ctx, heartbeatTag, strconv.FormatInt(now.Add(-last).Unix(), 10)); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.cloud.CreateQueue(ctx, "replies-untagged", nil); err != nil {
		t.Fatal(err)
	}
	silent, err := a.findSilent(ctx, now)
	if err != nil {
		t.Fatal(err)
	}
	if len(silent) != 3 {
		t.Errorf("silent are %v, want three", silent)
	}
	if err := a.heartbeat(ctx, "replies-behind", now.Add(-time.Hour+time.Minute)); err != nil {
		t.Fatal(err)
	}
	if err := a.sweep(ctx, silent); err != nil {
		t.Fatal(err)
	}
	names, err := a.cloud.QueueNames(ctx, jobs.ReplyPrefix)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	if want := []string{"replies-alive", "replies-behind", "replies-untagged"}; !slices.Equal(names, want) {
		t.Errorf("left are %v, want %v", names, want)
	}
	for i, want := range []bool{false, true} { // the same slot, and the next one
		mine, err := a.leaseSweep(ctx, now.Add(time.Duration(i)*sweepTime))
		if err != nil || mine != want {
			t.Errorf("lease %d: got %v, %v; want %v", i, mine, err, want)
		}
	}
	if leases, err := a.bucket.Keys(ctx, sweepLeases); err != nil || len(leases) != 1 {
		t.Errorf("leases left: %v, %v", leases, err)
	}
}

// A reply queue that somebody deleted is made anew by the next heartbeat.
func TestHeartbeatMakesTheQueueAnew(t *testing.T) {
	a := serveLocal(t)
	ctx := t.Context()
	if err := a.createReplyQueue(ctx, "replies-me"); err != nil {
		t.Fatal(err)
	}
	q, err := a.cloud.Queue(ctx, "replies-me")
	if err != nil {
		t.Fatal(err)
	}
	if err := a.cloud.DeleteQueue(ctx, "replies-me"); err != nil {
		t.Fatal(err)
	}
	if _, err := q.Depth(ctx); !errors.Is(err, jobs.ErrNoQueue) {
		t.Fatalf("the deleted queue answers %v", err)
	}
	if err := a.heartbeat(ctx, "replies-me", time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := q.Depth(ctx); err != nil {
		t.Errorf("the queue made anew answers %v", err)
	}
}
