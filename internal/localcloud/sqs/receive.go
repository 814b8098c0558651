package sqs

import (
	"container/list"
	"context"
	"time"
)

// poller is a receiver that waits for messages.
type poller struct {
	ctx        context.Context // of its request
	limit      int
	visibility time.Duration
	result     chan handover // holds one
	place      *list.Element // in the queue's pollers; nil once served
}

// leave takes the poller out of the queue's list.
func (p *poller) leave(q *queue) {
	q.pollers.Remove(p.place)
	p.place = nil
}

// arm sets the timer to the next time a hidden message becomes visible, as
// long as somebody waits for it.
func (q *queue) arm(s *Service, now time.Time) {
	at, ok := q.hidden.next()
	switch {
	case !ok || q.pollers.Len() == 0:
		if q.timer != nil {
			q.timer.Stop()
		}
	case q.timer == nil:
		q.timer = time.AfterFunc(at.Sub(now), func() { s.tick(q) })
	default:
		q.timer.Reset(at.Sub(now))
	}
}

// tick serves the pollers of a queue that has messages whose time has come.
// After Close, or while the disk fails, it does nothing.
func (s *Service) tick(q *queue) {
	_, _ = s.update(func(t *tx) error {
		t.touch(q)
		return nil
	})
}

// receiving is what a receiver asks for.
type receiving struct {
	queue      string
	limit      int
	visibility *time.Duration // nil for the queue's
	wait       *time.Duration // nil for the queue's
}

// receive takes messages, or waits for some. Who gets none gets no error.
func (s *Service) receive(ctx context.Context, asked receiving) ([]delivery, error) {
	var got []delivery
	var p *poller
	var q *queue
	var wait time.Duration
	c, err := s.update(func(t *tx) (err error) {
		if q, err = s.queue(asked.queue); err != nil {
			return err
		}
		visibility := q.settings.visibility
		if asked.visibility != nil {
			visibility = *asked.visibility
		}
		if wait = q.settings.wait; asked.wait != nil {
			wait = *asked.wait
		}
		t.surface(q)
		if q.counts[inFlight] >= maxInFlight {
			return errOverLimit()
		}
		if got = t.take(q, asked.limit, visibility); len(got) == 0 && wait > 0 {
			p = &poller{ctx: ctx, limit: asked.limit, visibility: visibility, result: make(chan handover, 1)}
			p.place = q.pollers.PushBack(p)
			t.touch(q)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if p != nil {
		h := s.await(q, p, wait)
		got, c = h.deliveries, h.commit
	}
	return s.hand(ctx, got, c)
}

// await returns when the poller was served, its time is up, its client has
// gone or the service ends its polls.
func (s *Service) await(q *queue, p *poller, wait time.Duration) handover {
	timeout := time.NewTimer(wait)
	defer timeout.Stop()
	select {
	case h := <-p.result:
		return h
	case <-p.ctx.Done():
	case <-timeout.C:
	case <-s.endPolls:
	}
	s.mu.Lock()
	if p.place != nil {
		p.leave(q)
	}
	s.mu.Unlock()
	select {
	case h := <-p.result: // it was served at the last moment
		return h
	default:
		return handover{}
	}
}

// hand returns deliveries once they are on the disk, if there is still
// somebody to take them.
func (s *Service) hand(ctx context.Context, got []delivery, c *commit) ([]delivery, error) {
	if c != nil {
		if err := c.wait(); err != nil {
			s.giveBack(got)
			return nil, err
		}
	}
	if err := ctx.Err(); err != nil {
		s.giveBack(got)
		return nil, err
	}
	return got, nil
}

// giveBack makes messages visible that were meant for somebody who has gone.
// They don't count as received. Their receipts stay good until the next
// delivery, for who seems to have gone may have got them after all.
func (s *Service) giveBack(got []delivery) {
	if len(got) == 0 {
		return
	}
	// When this fails, they become visible at their time-out.
	_, _ = s.update(func(t *tx) error {
		for _, d := range got {
			m := d.message
			if m.place != inFlight || m.handout != d.handout {
				continue
			}
			m.received--
			m.visibleAt = t.now
			d.queue.show(m)
			t.touch(d.queue)
			t.save(d.queue, m)
		}
		return nil
	})
}

// take hands out up to limit visible messages.
func (t *tx) take(q *queue, limit int, visibility time.Duration) []delivery {
	taken := t.pick(q, limit)
	if len(taken) == 0 {
		return nil
	}
	deliveries := make([]delivery, len(taken))
	for i, m := range taken {
		m.received++
		m.handout++
		if m.firstReceived.IsZero() {
			m.firstReceived = t.now
		}
		deliveries[i] = delivery{
			content: m.content, queue: q, message: m, handle: m.handle(), handout: m.handout,
			received: m.before + m.received, firstReceived: m.firstReceived,
		}
		q.hide(m, t.now.Add(visibility))
		if visibility == 0 {
			q.show(m)
		}
		t.save(q, m)
		t.duplicate(q, m)
	}
	return deliveries
}

// pick takes up to limit messages from the line. It removes those that are
// too old and those that were received too often.
func (t *tx) pick(q *queue, limit int) []*message {
	var taken []*message
	limit = min(limit, maxInFlight-q.counts[inFlight])
	for len(taken) < limit {
		if t.s.shuffles() && q.ready.turns.len() > 1 {
			q.ready.turns.promote(t.s.random.IntN(q.ready.turns.len()))
		}
		m := q.ready.pop()
		switch {
		case m == nil:
			return taken
		case q.expired(m, t.now):
			t.drop(q, m)
		case !t.deadLetter(q, m):
			taken = append(taken, m)
		}
	}
	return taken
}

// deadLetter moves a message that was received too often to the queue's
// dead-letter queue. It keeps its id, its age and its receive count.
func (t *tx) deadLetter(q *queue, m *message) bool {
	policy := q.settings.redrive
	if policy == nil || m.received < policy.MaxReceiveCount {
		return false
	}
	target := t.s.queueByARN(policy.TargetARN)
	if target == nil {
		return false
	}
	t.drop(q, m)
	c := *m.content
	c.source, c.before, c.firstDue = t.s.arn(q.name), m.before+m.received, t.now
	t.add(target, &c, c.encode())
	return true
}
