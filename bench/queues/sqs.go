package main

import (
	"context"
	"crypto/md5" // #nosec G501 -- SQS's own checksum
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"
)

// queues are all queues; one is made when it is first named.
type queues struct {
	mu     sync.Mutex
	byName map[string]*queue
}

func (s *queues) get(name string) *queue {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byName == nil {
		s.byName = make(map[string]*queue)
	}
	q, ok := s.byName[name]
	if !ok {
		q = &queue{hidden: make(map[string]*message), sent: make(chan struct{}, 1)}
		s.byName[name] = q
	}
	return q
}

// queue is one queue. Messages show again after their visibility time-out,
// which is looked at on each receive.
type queue struct {
	mu      sync.Mutex
	visible []*message
	hidden  map[string]*message // by receipt
	next    int
	sent    chan struct{} // has a token when there may be messages for a waiting poll
}

type message struct {
	ID, Body, Receipt string
	Attributes        json.RawMessage
	sent, until       time.Time
	receives          int
}

func (q *queue) send(body string, attributes json.RawMessage) string {
	q.mu.Lock()
	q.next++
	id := strconv.Itoa(q.next)
	q.visible = append(q.visible, &message{ID: id, Body: body, Attributes: attributes, sent: time.Now()})
	q.mu.Unlock()
	q.wake()
	return id
}

// wake lets one waiting poll look.
func (q *queue) wake() {
	select {
	case q.sent <- struct{}{}:
	default:
	}
}

// receive waits for messages.
func (q *queue) receive(ctx context.Context, limit int, wait, visibility time.Duration) []message {
	deadline := time.Now().Add(wait)
	for {
		got, more, shows := q.take(limit, visibility)
		if more {
			q.wake()
		}
		now := time.Now()
		if len(got) > 0 || !now.Before(deadline) {
			return got
		}
		look := time.NewTimer(min(deadline.Sub(now), shows.Sub(now)))
		select {
		case <-q.sent:
		case <-look.C:
		case <-ctx.Done():
			return nil
		}
		look.Stop()
	}
}

// take gives what is visible, and says whether more is and, when nothing is,
// when the next message shows.
func (q *queue) take(limit int, visibility time.Duration) (got []message, more bool, shows time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	shows = now.Add(time.Hour)
	if len(q.visible) == 0 {
		shows = q.show(now)
	}
	n := min(limit, len(q.visible))
	for _, m := range q.visible[:n] {
		m.receives++
		m.Receipt = m.ID + "#" + strconv.Itoa(m.receives)
		m.until = now.Add(visibility)
		q.hidden[m.Receipt] = m
		got = append(got, *m)
	}
	q.visible = q.visible[n:]
	return got, len(q.visible) > 0, shows
}

// show makes visible whose time-out has ended. The lock is held.
func (q *queue) show(now time.Time) (next time.Time) {
	next = now.Add(time.Hour)
	for receipt, m := range q.hidden {
		switch {
		case now.After(m.until):
			delete(q.hidden, receipt)
			q.visible = append(q.visible, m)
		case m.until.Before(next):
			next = m.until
		}
	}
	return next
}

func (q *queue) delete(receipt string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.hidden, receipt)
}

func (q *queue) change(receipt string, seconds int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if m, ok := q.hidden[receipt]; ok {
		m.until = time.Now().Add(time.Duration(seconds) * time.Second)
		q.wake() // a waiting poll must look for when it shows
	}
}

// request is every request's fields.
type request struct {
	QueueName, MessageBody string
	QueueURL               string `json:"QueueUrl"`
	MessageAttributes      json.RawMessage
	MaxNumberOfMessages    int
	WaitTimeSeconds        int
	VisibilityTimeout      *int
	ReceiptHandle          string
	Entries                []entry
}

type entry struct {
	ID                         string `json:"Id"`
	MessageBody, ReceiptHandle string
	MessageAttributes          json.RawMessage
	VisibilityTimeout          int
}

func (b *backend) sqs(w http.ResponseWriter, r *http.Request, operation string, body []byte) {
	count, ok := b.calls[operation]
	var in request
	if err := json.Unmarshal(body, &in); err != nil || !ok {
		http.Error(w, fmt.Sprintf("%s: %v", operation, err), http.StatusBadRequest)
		return
	}
	count.Add(1)
	time.Sleep(b.sqsDelay)
	out := b.answer(r, operation, in)
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	answer, err := json.Marshal(out)
	if err != nil {
		panic(err) // no such types here
	}
	if strings.HasPrefix(operation, "Send") {
		b.bill(len(body))
	} else {
		b.bill(len(answer))
	}
	_, _ = w.Write(answer)
}

type object = map[string]any

func (b *backend) answer(r *http.Request, operation string, in request) object {
	q := b.queues.get(path.Base(in.QueueURL))
	switch operation {
	case "CreateQueue", "GetQueueUrl":
		return object{"QueueUrl": "http://" + r.Host + "/000000000000/" + in.QueueName}
	case "GetQueueAttributes": // asked of dead-letter queues, which stay empty
		return object{"Attributes": object{"ApproximateNumberOfMessages": "0"}}
	case "SendMessage":
		return object{"MessageId": q.send(in.MessageBody, in.MessageAttributes), "MD5OfMessageBody": sum(in.MessageBody)}
	case "ReceiveMessage":
		return object{"Messages": q.receiveFor(r.Context(), in)}
	case "DeleteMessage":
		q.delete(in.ReceiptHandle)
		return object{}
	case "ChangeMessageVisibility":
		q.change(in.ReceiptHandle, *in.VisibilityTimeout)
		return object{}
	}
	var done []object
	for _, e := range in.Entries {
		result := object{"Id": e.ID}
		switch operation {
		case "SendMessageBatch":
			result["MessageId"], result["MD5OfMessageBody"] = q.send(e.MessageBody, e.MessageAttributes), sum(e.MessageBody)
		case "DeleteMessageBatch":
			q.delete(e.ReceiptHandle)
		case "ChangeMessageVisibilityBatch":
			q.change(e.ReceiptHandle, e.VisibilityTimeout)
		}
		done = append(done, result)
	}
	return object{"Successful": done, "Failed": []object{}}
}

func (q *queue) receiveFor(ctx context.Context, in request) []object {
	visibility := 30
	if in.VisibilityTimeout != nil {
		visibility = *in.VisibilityTimeout
	}
	got := q.receive(ctx, max(1, in.MaxNumberOfMessages), time.Duration(in.WaitTimeSeconds)*time.Second, time.Duration(visibility)*time.Second)
	var out []object
	for _, m := range got {
		o := object{
			"MessageId": m.ID, "ReceiptHandle": m.Receipt, "Body": m.Body, "MD5OfBody": sum(m.Body),
			"Attributes": object{"ApproximateReceiveCount": strconv.Itoa(m.receives), "SentTimestamp": strconv.FormatInt(m.sent.UnixMilli(), 10)},
		}
		if m.Attributes != nil {
			o["MessageAttributes"] = m.Attributes
		}
		out = append(out, o)
	}
	return out
}

func sum(s string) string {
	h := md5.Sum([]byte(s)) // #nosec G401 -- SQS's own checksum
	return hex.EncodeToString(h[:])
}
