package sqs

import (
	"container/heap"
	"container/list"
	"encoding/binary"
	"time"
)

// maxInFlight is how many messages of a queue may be in flight (SQS's quota).
const maxInFlight = 120_000

// queue is a queue in memory. The service's lock guards it.
type queue struct {
	id       uint64
	name     string
	settings settings
	tags     map[string]string
	created  time.Time
	modified time.Time
	purged   time.Time

	messages map[uint64]*message // by number
	ready    line
	hidden   hidden
	counts   [gone]int // by place
	pollers  list.List // of *poller, the one that waits longest in front
	// timer fires when the next hidden message becomes visible; it is set
	// while there are pollers.
	timer *time.Timer
	// oldest is no later than any message's sending.
	oldest time.Time
}

func newQueue(id uint64, name string) *queue {
	return &queue{id: id, name: name, messages: make(map[uint64]*message), tags: make(map[string]string)}
}

// key is the database key of the queue's message with that number.
func (q *queue) key(seq uint64) []byte {
	return binary.BigEndian.AppendUint64(q.prefix(), seq)
}

// prefix is what the database keys of all the queue's messages begin with.
func (q *queue) prefix() []byte { return binary.BigEndian.AppendUint64(nil, q.id) }

// insert takes in a message that is in no queue: visible, or hidden until
// m.visibleAt.
func (q *queue) insert(m *message, place place) {
	if len(q.messages) == 0 || m.sent.Before(q.oldest) {
		q.oldest = m.sent
	}
	q.messages[m.seq] = m
	m.place = place
	q.counts[place]++
	if place == visible {
		q.ready.push(m)
		return
	}
	heap.Push(&q.hidden, m)
}

// remove takes a message out for good. One that is visible stays in the line,
// which drops it in passing.
func (q *queue) remove(m *message) {
	if m.place != visible {
		heap.Remove(&q.hidden, m.index)
	}
	q.counts[m.place]--
	m.place = gone
	delete(q.messages, m.seq)
}

// hide puts a visible message that was taken from the line out of sight.
func (q *queue) hide(m *message, until time.Time) {
	m.visibleAt = until
	q.counts[m.place]--
	m.place = inFlight
	q.counts[inFlight]++
	heap.Push(&q.hidden, m)
}

// show puts a hidden message back into the line.
func (q *queue) show(m *message) {
	heap.Remove(&q.hidden, m.index)
	q.counts[m.place]--
	m.place = visible
	q.counts[visible]++
	q.ready.push(m)
}

// find gives the message that a receipt stands for, nil when the receipt is
// stale or the message has gone.
func (q *queue) find(r receipt) *message {
	m := q.messages[r.seq]
	if m == nil || m.id != r.id || m.handout != r.handout || r.handout == 0 {
		return nil
	}
	return m
}

// clear removes every message.
func (q *queue) clear() {
	for _, m := range q.messages {
		m.place = gone
	}
	clear(q.messages)
	q.ready, q.hidden, q.counts = line{}, nil, [gone]int{}
}

// expired tells whether a message is older than the queue keeps messages.
func (q *queue) expired(m *message, now time.Time) bool {
	return !now.Before(m.sent.Add(q.settings.retention))
}
