package jobs

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// maxSend is the most that messages of one call may sum up to, in bytes: SQS
// takes 1 MiB; the margin is for what it counts besides.
const maxSend = 1<<20 - 1<<14

// NewSender makes a Group that sends messages to q, up to 10 in one call.
func NewSender(q Queue) *Group[Message, error] {
	return NewGroup(GroupOptions[Message]{Bytes: maxSend, Size: Message.Size, Flights: 4}, q.Send)
}

// senders sends messages to whatever queue they are for. A queue is looked up
// once and kept; one that is gone is forgotten.
type senders struct {
	open func(ctx context.Context, name string) (Queue, error)

	mu     sync.Mutex
	closed bool
	groups map[string]*Group[Message, error]
	gone   sync.WaitGroup // those forgotten that are still sending
}

func newSenders(open func(context.Context, string) (Queue, error)) *senders {
	return &senders{open: open, groups: make(map[string]*Group[Message, error])}
}

// send sends m to the named queue, and returns when that has it. The error
// wraps ErrNoQueue when there is no such queue (any more).
func (s *senders) send(ctx context.Context, queue string, m Message) error {
	for {
		g, err := s.group(ctx, queue)
		if err == nil {
			var sent error
			sent, err = g.Do(ctx, m)
			err = errors.Join(err, sent)
		}
		switch {
		case err == nil:
			return nil
		case errors.Is(err, ErrNoQueue):
			s.forget(queue, g)
		case errors.Is(err, ErrClosed) && g != nil && s.forget(queue, g):
			continue // another found the queue gone; it may be there again
		}
		return fmt.Errorf("send to %s: %w", queue, err)
	}
}

func (s *senders) group(ctx context.Context, queue string) (*Group[Message, error], error) {
	if g, err := s.known(queue); g != nil || err != nil {
		return g, err
	}
	q, err := s.open(ctx, queue)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	if g, ok := s.groups[queue]; ok {
		return g, nil
	}
	g := NewSender(q)
	s.groups[queue] = g
	return g, nil
}

func (s *senders) known(queue string) (*Group[Message, error], error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	return s.groups[queue], nil
}

// forget drops g, which is nil where there was none. It is false once closed.
func (s *senders) forget(queue string, g *Group[Message, error]) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	if g != nil && s.groups[queue] == g {
		delete(s.groups, queue)
		s.gone.Go(g.Close)
	}
	return true
}

// close takes nothing more and waits until all is sent.
func (s *senders) close() {
	s.mu.Lock()
	s.closed = true
	groups := s.groups
	s.groups = nil
	s.mu.Unlock()
	for _, g := range groups {
		g.Close()
	}
	s.gone.Wait()
}
