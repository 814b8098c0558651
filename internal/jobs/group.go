package jobs

import (
	"context"
	"errors"
	"fmt"
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
	// Linger is how long a commit that isn't full waits to fill; for items
	// that nobody waits for, such as deletes.
	Linger time.Duration
	// Gather is the most that a commit that isn't full waits for company in
	// busy times, which are when the one before it had company: those who
	// were answered together come back together. It is never more than a
	// quarter of what a commit takes, it ends when as many are there as in
	// the larger of the last two commits, and an item that comes alone never
	// waits.
	//
	// Two halves that take turns would do so for ever. So now and then what
	// came during a commit waits for those of that commit to come back, for
	// about as long as it took.
	Gather time.Duration
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
	bytes   int       // of what is waiting
	since   time.Time // when the oldest of it came
	timer   *time.Timer
	flights int
	last    flown
	halves  int // commits that landed while others were waiting
	reunion int // how many are to be waiting before the next commit; 0 for any
	closed  bool
	landed  sync.Cond // signalled when a flight lands
}

type entry[T, R any] struct {
	item T
	size int
	done chan result[R]
}

type result[R any] struct {
	value R
	err   error
}

// flown tells of the last commit: what Gather goes by.
type flown struct {
	items, before int // of this commit and the one before it
	took          time.Duration
	at            time.Time
}

const (
	// reunionEvery is how many commits land, while others wait, for one reunion.
	reunionEvery = 4
	// reunionMost is the longest that a commit may take for its items to be
	// waited for: where calls hang, nobody is to wait twice.
	reunionMost = 50 * time.Millisecond
	// reunionItems is the most that are brought together: beyond, a commit costs
	// each of them next to nothing, and all at once keep the processors waiting
	// and then busy.
	reunionItems = 100
)

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
	g := &Group[T, R]{commit: commit, opts: opts}
	g.landed.L = &g.mu
	return g
}

// Do hands item to the next commit and waits for its result. When ctx ends
// first, the item may still be committed. The error is ErrClosed, that of
// ctx, or says that commit failed to give a result.
func (g *Group[T, R]) Do(ctx context.Context, item T) (R, error) {
	var none R
	if err := ctx.Err(); err != nil {
		return none, err
	}
	e := entry[T, R]{item: item, done: make(chan result[R], 1)}
	if g.opts.Bytes > 0 {
		e.size = g.opts.Size(item)
	}
	if !g.add(e) {
		return none, ErrClosed
	}
	select {
	case r := <-e.done:
		return r.value, r.err
	case <-ctx.Done():
		return none, ctx.Err()
	}
}

func (g *Group[T, R]) add(e entry[T, R]) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return false
	}
	if len(g.waiting) == 0 {
		g.since = time.Now()
	}
	g.waiting = append(g.waiting, e)
	g.bytes += e.size
	g.launch()
	return true
}

// Close takes nothing more and waits until all that was taken is committed.
func (g *Group[T, R]) Close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	g.launch()
	for g.flights > 0 || len(g.waiting) > 0 {
		g.landed.Wait()
	}
	if g.timer != nil {
		g.timer.Stop()
	}
}

// launch starts every flight that there is reason to start. The lock is held.
func (g *Group[T, R]) launch() {
	for len(g.waiting) > 0 {
		full := len(g.waiting) >= g.opts.Limit || g.opts.Bytes > 0 && g.bytes > g.opts.Bytes
		switch {
		case full && g.flights < g.opts.Flights:
		case !full && g.flights == 0:
			if rest := g.rest(); rest > 0 && !g.closed {
				g.launchIn(rest)
				return
			}
		default:
			return
		}
		g.flights++
		g.reunion = 0
		go g.fly(g.take())
	}
}

// launchIn has launch called again after d. The lock is held.
func (g *Group[T, R]) launchIn(d time.Duration) {
	if g.timer != nil {
		g.timer.Reset(d)
		return
	}
	g.timer = time.AfterFunc(d, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.launch()
	})
}

// rest is how much longer what is waiting waits for company. The lock is held.
func (g *Group[T, R]) rest() time.Duration {
	switch {
	case g.reunion > 0 && len(g.waiting) < g.reunion:
		return g.last.took*5/4 + time.Millisecond - time.Since(g.last.at)
	case g.reunion > 0, g.opts.Gather > 0 && g.last.items > 1 && len(g.waiting) >= max(g.last.items, g.last.before):
		return 0 // all are there who can be expected
	}
	return g.patience() - time.Since(g.since)
}

// patience is how long the oldest item may wait for company. The lock is
// held.
func (g *Group[T, R]) patience() time.Duration {
	const recent = 10 // times the time that a commit takes
	if g.last.items < 2 || time.Since(g.last.at) > recent*g.last.took {
		return g.opts.Linger
	}
	return max(g.opts.Linger, min(g.opts.Gather, g.last.took/4))
}

// take removes the items of the next commit. The lock is held.
func (g *Group[T, R]) take() []entry[T, R] {
	n, bytes := 0, 0
	for n < len(g.waiting) && n < g.opts.Limit {
		size := g.waiting[n].size
		if n > 0 && g.opts.Bytes > 0 && bytes+size > g.opts.Bytes {
			break
		}
		bytes += size
		n++
	}
	batch := g.waiting[:n:n]
	g.waiting, g.bytes = g.waiting[n:], g.bytes-bytes
	if len(g.waiting) == 0 {
		g.waiting = nil
	}
	return batch
}

// fly commits a batch, answers those who wait for it, and sees to the next.
func (g *Group[T, R]) fly(batch []entry[T, R]) {
	began := time.Now()
	results, err := g.run(batch)
	if err == nil && len(results) != len(batch) {
		err = fmt.Errorf("a commit of %d items gave %d results", len(batch), len(results))
	}
	for i, e := range batch {
		if err != nil {
			e.done <- result[R]{err: err}
			continue
		}
		e.done <- result[R]{value: results[i]}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.flights--
	g.last = flown{items: len(batch), before: g.last.items, took: time.Since(began), at: time.Now()}
	g.reunite()
	g.launch()
	g.landed.Broadcast()
}

// reunite has those who are waiting wait for those of the commit that has just
// landed, every few times that there are some of both. The lock is held.
func (g *Group[T, R]) reunite() {
	both := g.last.items + len(g.waiting)
	if g.opts.Gather == 0 || len(g.waiting) == 0 || both < 3 || both > reunionItems || g.last.took > reunionMost {
		return
	}
	if g.halves++; g.halves%reunionEvery == 0 {
		g.reunion = both
	}
}

// run calls commit. A panic there is an error for all who wait, not the end
// of the process.
func (g *Group[T, R]) run(batch []entry[T, R]) (results []R, err error) {
	defer recovered(&err)
	items := make([]T, len(batch))
	for i, e := range batch {
		items[i] = e.item
	}
	ctx, cancel := context.WithTimeout(context.Background(), g.opts.Timeout)
	defer cancel()
	return g.commit(ctx, items), nil
}
