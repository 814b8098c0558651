package jobs

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// maxPollers bounds the polls that one kind has open at once.
const maxPollers = 8

// helperWait is how long a poller that was started for a busy time waits.
const helperWait = time.Second

// receive polls until ctx ends. One poller is always there; others join while
// polls come back full, and leave with the first that doesn't.
func (p *pool) receive(ctx context.Context) {
	polling := context.WithoutCancel(ctx)
	if p.opts.AbandonPolls {
		polling = ctx
	}
	var helpers sync.WaitGroup
	helping := make(chan struct{}, maxPollers-1)
	help := func(poll func()) {
		select {
		case helping <- struct{}{}:
			helpers.Go(func() {
				defer func() { <-helping }()
				poll()
			})
		default:
		}
	}
	var assist func()
	assist = func() {
		for p.poll(ctx, polling, helperWait) == MaxBatch {
			help(assist)
		}
	}
	for ctx.Err() == nil {
		if p.poll(ctx, polling, p.opts.Wait) == MaxBatch {
			help(assist)
		}
	}
	helpers.Wait()
}

// poll receives once, as much as there are free slots for, and says how much
// it got.
func (p *pool) poll(ctx, polling context.Context, wait time.Duration) int {
	room := p.slots.take(ctx, MaxBatch)
	if room == 0 {
		return 0
	}
	got, err := p.queue.Receive(polling, room, wait, p.opts.Visibility)
	p.slots.give(room - len(got))
	if err != nil && ctx.Err() == nil {
		p.opts.Hooks.trouble("receive from "+p.queue.Name(), err)
		pause(ctx, receivePause.Delay(1))
	}
	for _, d := range got {
		p.jobs.Go(func() { p.handle(d) })
	}
	return len(got)
}

// receivePause is the time between a receive that failed and the next.
var receivePause = Backoff{First: 2 * time.Second, Max: 2 * time.Second}

// pause waits for d, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// slots counts the jobs that may be in hand at once.
type slots struct {
	mu    sync.Mutex
	free  int
	freed chan struct{} // closed, and made anew, when slots come free
}

func newSlots(n int) *slots { return &slots{free: n, freed: make(chan struct{})} }

// take waits for at least one free slot and takes up to n. It gives 0 when
// ctx ends.
func (s *slots) take(ctx context.Context, n int) int {
	for ctx.Err() == nil {
		s.mu.Lock()
		if got := min(n, s.free); got > 0 {
			s.free -= got
			s.mu.Unlock()
			return got
		}
		freed := s.freed
		s.mu.Unlock()
		select {
		case <-freed:
		case <-ctx.Done():
		}
	}
	return 0
}

func (s *slots) give(n int) {
	if n == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free += n
	close(s.freed)
	s.freed = make(chan struct{})
}

// panicked is the error of work that panicked.
type panicked struct {
	value any
	stack []byte
}

func (e *panicked) Error() string { return fmt.Sprintf("panic: %v\n%s", e.value, e.stack) }

func stack() []byte { return debug.Stack() }
