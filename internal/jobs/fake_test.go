package jobs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// fakeQueue is a queue in memory that is no kinder than SQS: what isn't
// deleted in time comes again, receipts go stale, a delete by a stale one
// answers success and does nothing.
type fakeQueue struct {
	name string
	// delay is how long a call is under way before it has an effect: each, or
	// those of the slow operation.
	delay time.Duration
	slow  string
	// back is how long messages are under way to their receiver, who doesn't
	// get them if he goes meanwhile.
	back time.Duration
	// fail gives the error of a call that has no effect; lose says that a
	// call has its effect and its answer is lost. Nil for never.
	fail, lose func(operation string) error
	// dead takes what was received maxReceives times.
	dead        *fakeQueue
	maxReceives int
	// duplicate has every message twice, shuffle gives them in any order.
	duplicate, shuffle bool
	// thief: a poll that is cut is handed messages all the same.
	thief bool

	mu       sync.Mutex
	messages []*fakeMessage
	changed  chan struct{}
	sent     int
	calls    map[string]int
	polls    int // open now
	maxPolls int
	limits   []int // of receives
	deleted  map[string]int
}

type fakeMessage struct {
	Delivery
	visible time.Time
}

var (
	errFake  = errors.New("service unavailable")
	errStale = errors.New("receipt handle is stale")
)

func newFakeQueue(name string) *fakeQueue {
	return &fakeQueue{name: name, changed: make(chan struct{}), calls: make(map[string]int), deleted: make(map[string]int)}
}

var _ Queue = (*fakeQueue)(nil)

func (q *fakeQueue) Name() string { return q.name }

// call begins a call: it takes its time, counts and may fail.
func (q *fakeQueue) call(ctx context.Context, operation string) error {
	q.mu.Lock()
	delay := q.delay
	if q.slow != "" && q.slow != operation {
		delay = 0
	}
	q.mu.Unlock()
	if delay > 0 {
		pause(ctx, delay)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.calls[operation]++
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if q.fail != nil {
		return q.fail(operation)
	}
	return nil
}

// answer ends a call, whose answer may be lost.
func (q *fakeQueue) answer(operation string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.lose != nil {
		return q.lose(operation)
	}
	return nil
}

func (q *fakeQueue) batch(ctx context.Context, operation string, n int, do func(i int) error) []error {
	errs := make([]error, n)
	if err := q.call(ctx, operation); err != nil {
		return slices.Repeat([]error{err}, n)
	}
	q.mu.Lock()
	for i := range n {
		errs[i] = do(i)
	}
	close(q.changed)
	q.changed = make(chan struct{})
	q.mu.Unlock()
	if err := q.answer(operation); err != nil {
		return slices.Repeat([]error{err}, n)
	}
	return errs
}

func (q *fakeQueue) Send(ctx context.Context, batch []Message) []error {
	return q.batch(ctx, "send", len(batch), func(i int) error {
		q.sent++
		copies := 1
		if q.duplicate {
			copies = 2
		}
		for range copies {
			m := batch[i]
			m.Attributes = maps.Clone(m.Attributes)
			q.messages = append(q.messages, &fakeMessage{
				Delivery: Delivery{Message: m, ID: fmt.Sprint(q.name, "-", q.sent), SentAt: time.Now()},
				visible:  time.Now(),
			})
		}
		return nil
	})
}

func (q *fakeQueue) Delete(ctx context.Context, receipts []string) []error {
	return q.batch(ctx, "delete", len(receipts), func(i int) error {
		if m := q.byReceipt(receipts[i]); m != nil {
			q.deleted[m.ID]++
			q.messages = slices.DeleteFunc(q.messages, func(has *fakeMessage) bool { return has == m })
		}
		return nil
	})
}

func (q *fakeQueue) ChangeVisibility(ctx context.Context, changes []VisibilityChange) []error {
	return q.batch(ctx, "change", len(changes), func(i int) error {
		m := q.byReceipt(changes[i].Receipt)
		if m == nil || !m.visible.After(time.Now()) {
			return errStale
		}
		m.visible = time.Now().Add(changes[i].Timeout)
		return nil
	})
}

func (q *fakeQueue) Depth(ctx context.Context) (Depth, error) {
	if err := q.call(ctx, "depth"); err != nil {
		return Depth{}, err
	}
	hidden := q.hidden()
	return Depth{Visible: len(q.held()) - hidden, InFlight: hidden}, nil
}

func (q *fakeQueue) byReceipt(receipt string) *fakeMessage {
	i := slices.IndexFunc(q.messages, func(m *fakeMessage) bool { return m.Receipt == receipt })
	if i < 0 {
		return nil
	}
	return q.messages[i]
}

func (q *fakeQueue) Receive(ctx context.Context, limit int, wait, visibility time.Duration) ([]Delivery, error) {
	if limit < 1 || limit > MaxBatch {
		return nil, fmt.Errorf("limit %d", limit)
	}
	q.opened(limit, 1)
	defer q.opened(limit, -1)
	if err := q.call(ctx, "receive"); err != nil {
		return nil, err
	}
	deadline := time.Now().Add(wait)
	for {
		got, changed, next := q.pick(limit, visibility)
		now := time.Now()
		if len(got) > 0 {
			return q.hand(ctx, got)
		}
		if !now.Before(deadline) {
			return nil, q.answer("receive")
		}
		t := time.NewTimer(min(deadline.Sub(now), next))
		select {
		case <-changed:
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			if q.thief {
				q.pick(limit, visibility)
			}
			return nil, ctx.Err()
		}
		t.Stop()
	}
}

func (q *fakeQueue) hand(ctx context.Context, got []Delivery) ([]Delivery, error) {
	if q.back > 0 {
		pause(ctx, q.back)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	if err := q.answer("receive"); err != nil {
		return nil, err
	}
	return got, nil
}

func (q *fakeQueue) opened(limit, n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.polls += n
	q.maxPolls = max(q.maxPolls, q.polls)
	if n > 0 {
		q.limits = append(q.limits, limit)
	}
}

// pick hides and gives what is visible, and says when to look again.
func (q *fakeQueue) pick(limit int, visibility time.Duration) (got []Delivery, changed <-chan struct{}, next time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.shuffle {
		rand.Shuffle(len(q.messages), func(i, j int) { q.messages[i], q.messages[j] = q.messages[j], q.messages[i] })
	}
	now := time.Now()
	next = time.Hour
	for _, m := range slices.Clone(q.messages) {
		if m.visible.After(now) {
			next = min(next, m.visible.Sub(now))
			continue
		}
		if len(got) == limit {
			break
		}
		m.ReceiveCount++
		if q.dead != nil && m.ReceiveCount > q.maxReceives {
			q.messages = slices.DeleteFunc(q.messages, func(has *fakeMessage) bool { return has == m })
			q.dead.mu.Lock()
			q.dead.messages = append(q.dead.messages, m)
			q.dead.mu.Unlock()
			continue
		}
		m.Receipt = fmt.Sprint(m.ID, "#", m.ReceiveCount, rand.Int64())
		m.visible = now.Add(visibility)
		got = append(got, m.Delivery)
	}
	return got, q.changed, next
}
