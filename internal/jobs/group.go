package jobs

import (
	"context"
	"errors"
	"sync"
	"time"
)

// ErrClosed says that a Group takes nothing more.
var ErrClosed = errors.New("closed")

// GroupOptions set how a Group fills its commits.
type GroupOptions[T any] struct {
	// Limit is the most items in one commit; 0 means MaxBatch.
	Limit int
	// Bytes is the most that the items of one commit may sum up to, by
	// Size. 0 means no such limit.
	Bytes int
	Size  func(T) int
	// Flights is how many commits may be under way at once; 0 means 1. One
	// that isn't full only starts when no other is under way, so that what
	// arrives meanwhile leaves together.
	Flights int
	// Linger is how long a commit waits to fill; for items that nobody
	// waits for, such as deletes.
	Linger time.Duration
	// Timeout bounds one commit; 0 means 30 s.
	Timeout time.Duration
}

// Group commits items together: what arrives while a commit is under way
// leaves in the next one. When idle, an item is committed at once; the busier
// it gets, the fewer commits an item costs. This is the group commit of
// database logs (DeWitt et al., SIGMOD 1984).
type Group[T, R any] struct {
	commit func(context.Context, []T) []R
	opts   GroupOptions[T]

	mu      sync.Mutex
	waiting []entry[T, R]
	flights int
	closed  bool
	idle    sync.Cond     // signalled when a flight lands
	filled  chan struct{} // ends a linger: there is a full commit, or Close
}

type entry[T, R any] struct {
	item T
	done chan R
}

// NewGroup makes a Group around commit, which gives a result for each item,
// in order.
func NewGroup[T, R any](opts GroupOptions[T], commit func(context.Context, []T) []R) *Group[T, R] {
	if opts.Limit == 0 {
		opts.Limit = MaxBatch
	}
	if opts.Flights == 0 {
		opts.Flights = 1
	}
	if opts.Timeout == 0 {
		opts.Timeout = 30 * time.Second
	}
	g := &Group[T, R]{commit: commit, opts: opts, filled: make(chan struct{}, 1)}
	g.idle.L = &g.mu
	return g
}

// Do hands item to the next commit and waits for its result. When ctx ends
// first, the item may still be committed.
func (g *Group[T, R]) Do(ctx context.Context, item T) (R, error) {
	var none R
	if err := ctx.Err(); err != nil {
		return none, err
	}
	e := entry[T, R]{item, make(chan R, 1)}
	g.mu.Lock()
	if g.closed {
		g.mu.Unlock()
		return none, ErrClosed
	}
	g.waiting = append(g.waiting, e)
	if len(g.waiting) >= g.opts.Limit {
		g.hurry()
	}
	g.launch()
	g.mu.Unlock()
	select {
	case r := <-e.done:
		return r, nil
	case <-ctx.Done():
		return none, ctx.Err()
	}
}

// Close takes nothing more and waits until all that was taken is committed.
func (g *Group[T, R]) Close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	g.hurry()
	for g.flights > 0 || len(g.waiting) > 0 {
		g.idle.Wait()
	}
}

// launch starts a flight when there is reason to. The lock is held.
func (g *Group[T, R]) launch() {
	full := len(g.waiting) >= g.opts.Limit
	if len(g.waiting) > 0 && (g.flights == 0 || full && g.flights < g.opts.Flights) {
		g.flights++
		go g.fly()
	}
}

// fly commits groups until nothing is left for this flight to do.
func (g *Group[T, R]) fly() {
	for {
		if g.opts.Linger > 0 {
			g.linger()
		}
		g.mu.Lock()
		batch := g.take()
		if len(batch) == 0 {
			g.flights--
			g.idle.Broadcast()
			g.mu.Unlock()
			return
		}
		g.launch()
		g.mu.Unlock()
		g.run(batch)
	}
}

// linger waits for the commit to fill, unless it is full or the Group closes.
func (g *Group[T, R]) linger() {
	g.mu.Lock()
	ready := len(g.waiting) >= g.opts.Limit || len(g.waiting) == 0 || g.closed
	g.mu.Unlock()
	if ready {
		return
	}
	timer := time.NewTimer(g.opts.Linger)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-g.filled:
	}
}

// hurry ends a linger, now or the next one.
func (g *Group[T, R]) hurry() {
	select {
	case g.filled <- struct{}{}:
	default:
	}
}

// take removes the items of the next commit. The lock is held.
func (g *Group[T, R]) take() []entry[T, R] {
	n, bytes := 0, 0
	for n < len(g.waiting) && n < g.opts.Limit {
		if g.opts.Bytes > 0 {
			bytes += g.opts.Size(g.waiting[n].item)
			if n > 0 && bytes > g.opts.Bytes {
				break
			}
		}
		n++
	}
	batch := g.waiting[:n:n]
	g.waiting = g.waiting[n:]
	return batch
}

func (g *Group[T, R]) run(batch []entry[T, R]) {
	items := make([]T, len(batch))
	for i, e := range batch {
		items[i] = e.item
	}
	ctx, cancel := context.WithTimeout(context.Background(), g.opts.Timeout)
	defer cancel()
	for i, r := range g.commit(ctx, items) {
		batch[i].done <- r
	}
}
