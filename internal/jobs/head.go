package jobs

import (
	"context"
	"sync"
	"time"
)

// head estimates how long the oldest request of a queue waits, from what its
// polls bring: SQS doesn't tell a receiver.
type head struct {
	Queue

	mu    sync.Mutex
	polls map[*time.Time]struct{} // when each open one began
	last  time.Time               // when the oldest new request of the last batch was sent
	empty bool                    // the poll that ended last brought nothing
}

// openLong is when an open poll tells that nothing waits: a queue that has
// something answers sooner.
const openLong = time.Second

func newHead(q Queue) *head { return &head{Queue: q, polls: make(map[*time.Time]struct{})} }

// Receive is the queue's, looked at.
func (h *head) Receive(ctx context.Context, limit int, wait, visibility time.Duration) ([]Delivery, error) {
	began := time.Now()
	h.mu.Lock()
	h.polls[&began] = struct{}{}
	h.mu.Unlock()
	got, err := h.Queue.Receive(ctx, limit, wait, visibility)
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.polls, &began)
	if err == nil {
		h.saw(got)
	}
	return got, err
}

// saw takes note of a batch. What comes again was held back, and says nothing
// of the queue. The lock is held.
func (h *head) saw(got []Delivery) {
	h.empty = len(got) == 0
	var oldest time.Time
	for _, d := range got {
		if d.ReceiveCount <= 1 && (oldest.IsZero() || d.SentAt.Before(oldest)) {
			oldest = d.SentAt
		}
	}
	if !oldest.IsZero() {
		h.last = oldest
	}
}

// waits is the estimate: none while polls find nothing, else the time since
// the request that was received last was sent, as if the queue kept order. It
// is too high when nothing more has been sent while all slots were taken. ok
// is false as long as no poll has told anything.
func (h *head) waits(now time.Time) (d time.Duration, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.empty {
		return 0, true
	}
	for began := range h.polls {
		if now.Sub(*began) > openLong {
			return 0, true
		}
	}
	return max(0, now.Sub(h.last)), !h.last.IsZero()
}
