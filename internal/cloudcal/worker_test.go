package cloudcal

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"cloudworks/internal/jobs"
)

// While large requests have all the processors that they may have, a single list
// is worked on.
func TestLargeRequestsLeaveAProcessor(t *testing.T) {
	w := NewWorker(newStore())
	for range cap(w.large) {
		w.large <- struct{}{}
	}
	job := func(lists int) jobs.Job {
		body := strings.TrimSuffix(strings.Repeat("x 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20\n", lists), "\n")
		return jobs.Job{ID: jobs.NewID(time.Now()), Delivery: jobs.Delivery{Message: jobs.Message{Body: body}}}
	}
	if r, err := w.Work(t.Context(), job(1)); err != nil || r.Body != "x 1 20 10.5 10.5" {
		t.Errorf("a single list gives %q, %v", r.Body, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.Work(ended, job(MaxLists)); !errors.Is(err, context.Canceled) {
		t.Errorf("a large request gives %v; it is to wait for its turn", err)
	}
	<-w.large
	if r, err := w.Work(t.Context(), job(MaxLists)); err != nil || r.Jobs != MaxLists {
		t.Errorf("a large request gives %d jobs, %v", r.Jobs, err)
	}
}
