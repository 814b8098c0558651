package cloudpic

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	"cloudworks/internal/jobs"
)

// entry is what a process knows of one batch.
type entry struct {
	id   string
	used time.Time // guarded by Client.mu

	mu       sync.Mutex
	pictures map[int]Picture
	asked    time.Time     // when S3 was last asked
	news     bool          // a reply came since
	change   chan struct{} // closed, and made anew, when a reply comes
}

func newEntry(id string) *entry {
	return &entry{id: id, pictures: make(map[int]Picture), change: make(chan struct{})}
}

const askEvery = time.Second

// mayAsk reports whether S3 is to be asked now, and counts that as done: at
// once when a reply came, else at most once a second, and not at all once
// nothing can change.
func (e *entry) mayAsk(now time.Time) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.news && (now.Sub(e.asked) < askEvery || e.final(now)) {
		return false
	}
	e.asked, e.news = now, false
	return true
}

// final reports whether nothing can change any more. The lock is held.
func (e *entry) final(now time.Time) bool {
	began, _ := jobs.IDTime(e.id)
	if len(e.pictures) == 0 || now.Sub(began) < growFor+clockError {
		return false
	}
	for _, p := range e.pictures {
		if !p.State.Settled() {
			return false
		}
	}
	return true
}

func (e *entry) get(n int) (Picture, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	p, ok := e.pictures[n]
	return p, ok
}

func (e *entry) put(p Picture) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.pictures[p.Number] = p
}

func (e *entry) drop(n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.pictures, n)
}

// keep forgets pictures that S3 doesn't have: somebody has deleted them.
func (e *entry) keep(found map[int]*seen) {
	e.mu.Lock()
	defer e.mu.Unlock()
	maps.DeleteFunc(e.pictures, func(n int, p Picture) bool {
		age := time.Since(p.Submitted) // below 0 where S3's clock is ahead
		return found[n] == nil && (age > askEvery || age < 0)
	})
}

// requested notes that a request is on its way.
func (e *entry) requested(r Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	p := e.pictures[r.Number]
	p.Number, p.Attempt, p.Options = r.Number, r.Attempt, r.Options
	p.State, p.Result, p.Error, p.Code = jobs.StateQueued, nil, "", ""
	p.Submitted, p.Answered = time.Now(), time.Time{}
	e.pictures[r.Number] = p
}

// answered notes a reply. A result's measures are with the result on S3.
func (e *entry) answered(r Request, a jobs.Answer) {
	e.mu.Lock()
	defer e.mu.Unlock()
	p := e.pictures[r.Number]
	if p.Attempt == r.Attempt && a.Status != jobs.StateDone {
		p.State, p.Code, p.Error, p.Answered = a.Status, a.Code, a.Reason, a.At
		e.pictures[r.Number] = p
	}
	e.news = true
	close(e.change)
	e.change = make(chan struct{})
}

// changed is closed with the next reply.
func (e *entry) changed() <-chan struct{} {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.news { // one came since the last look
		closed := make(chan struct{})
		close(closed)
		return closed
	}
	return e.change
}

func (e *entry) list() []Picture {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.SortedFunc(maps.Values(e.pictures), func(a, b Picture) int { return cmp.Compare(a.Number, b.Number) })
}
