package sqs

import (
	"slices"
	"time"
)

// tx is one change of the state, made under the service's lock: what it means
// for the database, and which pollers got something by it.
type tx struct {
	s         *Service
	now       time.Time
	changes   []change
	dirty     []*queue // may have something for their pollers
	handovers []handover
}

// handover is what a poller gets.
type handover struct {
	poller     *poller
	deliveries []delivery
	commit     *commit // nil when nothing changed
}

// update runs f under the lock, serves the pollers that it has something for,
// and queues the changes for the disk. The caller waits for the commit, which
// is nil when nothing changed. The changes f made before an error count.
func (s *Service) update(f func(*tx) error) (*commit, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, errClosed
	}
	if s.journal.failing.Load() {
		return nil, errDisk
	}
	t := &tx{s: s, now: s.now()}
	err := f(t)
	t.settle()
	var c *commit
	if len(t.changes) > 0 {
		c = s.journal.add(t.changes...)
	}
	for _, h := range t.handovers {
		h.commit = c
		h.poller.result <- h // has room
	}
	return c, err
}

// apply is update that waits until the changes are on the disk.
func (s *Service) apply(f func(*tx) error) error {
	c, err := s.update(f)
	if c != nil {
		if failed := c.wait(); failed != nil {
			return failed
		}
	}
	return err
}

// view runs f under the lock; f changes nothing.
func (s *Service) view(f func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errClosed
	}
	return f()
}

// touch has the queue's pollers served at the end.
func (t *tx) touch(q *queue) {
	if q.pollers.Len() > 0 && !slices.Contains(t.dirty, q) {
		t.dirty = append(t.dirty, q)
	}
}

// settle hands messages to pollers while there are both. A message that goes
// to a dead-letter queue on the way makes that queue dirty, too.
func (t *tx) settle() {
	for len(t.dirty) > 0 {
		q := t.dirty[0]
		t.dirty = t.dirty[1:]
		t.serve(q)
		q.arm(t.s, t.now)
	}
}

func (t *tx) serve(q *queue) {
	t.surface(q)
	for q.pollers.Len() > 0 {
		p := q.pollers.Front().Value.(*poller)
		var got []delivery
		if p.ctx.Err() == nil { // one who has gone gets nothing
			if got = t.take(q, p.limit, p.visibility); len(got) == 0 {
				return
			}
		}
		p.leave(q)
		t.handovers = append(t.handovers, handover{poller: p, deliveries: got})
	}
}

// surface shows the hidden messages whose time has come. The database needn't
// know: their states say when they are visible.
func (t *tx) surface(q *queue) {
	for at, ok := q.hidden.next(); ok && !at.After(t.now); at, ok = q.hidden.next() {
		q.show(q.hidden[0])
		t.touch(q)
	}
}

// add puts a new message into the queue.
func (t *tx) add(q *queue, c *content, encoded []byte) {
	t.s.lastSeq++
	m := &message{content: c, seq: t.s.lastSeq, visibleAt: c.firstDue}
	place := visible
	if c.firstDue.After(t.now) {
		place = delayed
	}
	q.insert(m, place)
	t.touch(q)
	t.changes = append(t.changes, change{bucket: messagesBucket, key: q.key(m.seq), value: encoded})
}

// drop removes a message.
func (t *tx) drop(q *queue, m *message) {
	q.remove(m)
	t.changes = append(t.changes, change{bucket: messagesBucket, key: q.key(m.seq)})
	if m.handout > 0 {
		t.changes = append(t.changes, change{bucket: statesBucket, key: q.key(m.seq)})
	}
}

// save has a message's state written.
func (t *tx) save(q *queue, m *message) {
	t.changes = append(t.changes, change{bucket: statesBucket, key: q.key(m.seq), value: m.encodeState(t.now)})
}

// expire removes messages that are older than the queue keeps them.
func (t *tx) expire(q *queue) {
	if len(q.messages) == 0 || t.now.Before(q.oldest.Add(q.settings.retention)) {
		return
	}
	oldest := t.now
	for _, m := range q.messages {
		if q.expired(m, t.now) {
			t.drop(q, m)
		} else if m.sent.Before(oldest) {
			oldest = m.sent
		}
	}
	q.oldest = oldest
}
