package jobs

import (
	"context"
	"sync"
	"time"
)

// slots counts what may go on at once.
type slots struct {
	all  int
	turn chan struct{} // of those who wait one does, so that each gets enough

	mu    sync.Mutex
	free  int
	freed chan struct{} // closed, and made anew, when slots come free
}

func newSlots(n int) *slots {
	return &slots{all: n, turn: make(chan struct{}, 1), free: n, freed: make(chan struct{})}
}

// take waits for at least least free slots and takes up to most. When there
// are fewer than most, it waits for more, up to patience. It gives 0 when ctx
// ends.
func (s *slots) take(ctx context.Context, least, most int, patience time.Duration) int {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return 0
	}
	want := max(least, min(most, s.all))
	var late <-chan time.Time
	for ctx.Err() == nil {
		s.mu.Lock()
		free, freed := s.free, s.freed
		if free >= want || free >= least && patience <= 0 {
			got := min(free, want)
			s.free -= got
			s.mu.Unlock()
			return got
		}
		s.mu.Unlock()
		if free >= least && late == nil {
			late = time.After(patience)
		}
		select {
		case <-freed:
		case <-late:
			patience = 0
		case <-ctx.Done():
		}
	}
	return 0
}

// used is how many slots are taken.
func (s *slots) used() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all - s.free
}

// give gives n slots back.
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
