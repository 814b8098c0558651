package jobs

import (
	"context"
	"fmt"
	"testing"
	"time"
)

// held gives what the queue has, hidden or not.
func (q *fakeQueue) held() []fakeMessage {
	q.mu.Lock()
	defer q.mu.Unlock()
	all := make([]fakeMessage, len(q.messages))
	for i, m := range q.messages {
		all[i] = *m
	}
	return all
}

// hidden counts the messages that are with a receiver.
func (q *fakeQueue) hidden() int {
	n := 0
	for _, m := range q.held() {
		if m.visible.After(time.Now()) {
			n++
		}
	}
	return n
}

// pollsOpen gives how many polls are open now, and how many were at once.
func (q *fakeQueue) pollsOpen() (now, most int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.polls, q.maxPolls
}

func (q *fakeQueue) called(operation string) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.calls[operation]
}

// set changes the queue while it is in use.
func (q *fakeQueue) set(change func(q *fakeQueue)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	change(q)
}

// fakes are the queues of a system with one kind of job, "work".
type fakes map[string]*fakeQueue

func newFakes() fakes {
	f := make(fakes)
	for _, name := range []string{"work", "work-dlq", "answers", "replies-web"} {
		f[name] = newFakeQueue(name)
	}
	f["work"].dead, f["work"].maxReceives = f["work-dlq"], DefaultMaxReceives
	return f
}

func (f fakes) open(_ context.Context, name string) (Queue, error) {
	q, ok := f[name]
	if !ok {
		return nil, fmt.Errorf("queue %q: %w", name, ErrNoQueue)
	}
	return q, nil
}

// post puts a request on the queue "work".
func (f fakes) post(t *testing.T, m Message) {
	t.Helper()
	for _, err := range f["work"].Send(t.Context(), []Message{m}) {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// request is a request with the attributes of ours.
func request(id string) Message {
	return Message{Body: id, Attributes: map[string]string{AttrJobID: id, AttrReplyTo: "replies-web"}}
}
