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

// replies sends answers to whatever queue they are for. A queue is looked up
// once and kept; one that is gone is forgotten.
type replies struct {
	opts RunnerOptions

	mu      sync.Mutex
	senders map[string]*Group[Message, error]
}

func newReplies(opts RunnerOptions) *replies {
	return &replies{opts: opts, senders: make(map[string]*Group[Message, error])}
}

// send sends m to the named queue. A reply queue that is gone is no error:
// the web instance that owned it is gone too, and the record is what counts.
func (r *replies) send(ctx context.Context, queue string, m Message) error {
	sender, err := r.sender(ctx, queue)
	if err == nil {
		var sent error
		sent, err = sender.Do(ctx, m)
		err = errors.Join(err, sent)
	}
	if errors.Is(err, ErrNoQueue) && IsReplyQueue(queue) {
		r.forget(queue)
		return nil
	}
	if err != nil {
		return fmt.Errorf("send reply to %s: %w", queue, err)
	}
	return nil
}

func (r *replies) sender(ctx context.Context, queue string) (*Group[Message, error], error) {
	r.mu.Lock()
	s, ok := r.senders[queue]
	r.mu.Unlock()
	if ok {
		return s, nil
	}
	q, err := r.opts.Queue(ctx, queue)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if s, ok := r.senders[queue]; ok {
		return s, nil
	}
	s = NewSender(q)
	r.senders[queue] = s
	return s, nil
}

func (r *replies) forget(queue string) {
	r.mu.Lock()
	s := r.senders[queue]
	delete(r.senders, queue)
	r.mu.Unlock()
	if s != nil {
		s.Close()
	}
}

func (r *replies) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.senders {
		s.Close()
	}
}
