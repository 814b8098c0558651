package cloudcal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	"cloudworks/internal/jobs"
)

// Names of the kind and its queues.
const (
	KindName     = "cloudcal"
	RequestQueue = "requestQueue"
	ReplyQueue   = "responseQueue"
)

// Putter stores objects.
type Putter interface {
	Put(ctx context.Context, o jobs.Object, body io.ReadSeeker) error
}

// LogStore is what the worker needs of the bucket.
type LogStore interface {
	Putter
	PutIfAbsent(ctx context.Context, o jobs.Object, body io.ReadSeeker) error
}

// Worker is CloudCal's worker half.
type Worker struct {
	bucket LogStore
	large  chan struct{} // has room for the large requests that are computed at once
}

// largeLists is how many lists make a request a large one.
const largeLists = 50

var _ jobs.Worker = (*Worker)(nil)

// NewWorker makes a Worker that keeps its log in bucket.
func NewWorker(bucket LogStore) *Worker {
	// All but one of the processors: the last is for those who sent one list.
	return &Worker{bucket, make(chan struct{}, max(1, runtime.GOMAXPROCS(0)-1))}
}

// Kind gives the name and the queues. A job is mostly waiting for S3, so many
// go on at once, though not of one visitor.
func (w *Worker) Kind() jobs.Kind {
	return jobs.Kind{Name: KindName, Requests: RequestQueue, Replies: ReplyQueue, Slots: 128, GroupSlots: 16}
}

// Work computes every list of a request. The log is the record.
func (w *Worker) Work(ctx context.Context, job jobs.Job) (jobs.Reply, error) {
	at, err := placeOf(job)
	if err != nil {
		return jobs.Reply{}, err
	}
	if strings.Count(job.Body, "\n") >= largeLists {
		select {
		case w.large <- struct{}{}:
			defer func() { <-w.large }()
		case <-ctx.Done():
			return jobs.Reply{}, ctx.Err()
		}
	}
	return w.compute(job, at)
}

// compute answers a request's lists, and words their log.
func (w *Worker) compute(job jobs.Job, at place) (jobs.Reply, error) {
	lines, err := ParseRequest(job.Body)
	if err != nil {
		return jobs.Reply{}, err
	}
	answers := make([]Answer, len(lines))
	wrong := 0
	for i, l := range lines {
		answers[i] = Answer{ID: l.ID, Err: l.Err}
		if l.Err == nil {
			answers[i].Summary = Compute(l.List)
		} else {
			wrong++
		}
	}
	if wrong == len(lines) && len(lines) == 1 && lines[0].ID == "" {
		return jobs.Reply{}, lines[0].Err
	}
	return jobs.Reply{Body: FormatReply(answers), Record: w.log(at, lines), Jobs: len(lines)}, nil
}

// Fail words the answer to a request that was no list, or that died.
func (w *Worker) Fail(job jobs.Job, why *jobs.Error) jobs.Reply {
	reply := jobs.Reply{Body: FormatReply([]Answer{{Err: why}})}
	at, err := placeOf(job)
	switch {
	case err != nil:
	case why.Code == jobs.CodeDead:
		reply.Record = w.logDead(at, why)
	default:
		reply.Record = w.log(at, []Line{{Err: why}})
	}
	return reply
}

func (w *Worker) log(p place, lines []Line) func(context.Context) error {
	text := FormatLog(p.time, lines)
	return func(ctx context.Context) error {
		return w.bucket.Put(ctx, logObject(p.key), strings.NewReader(text))
	}
}

// logDead logs that a request died where nothing is logged yet. A redriven
// request's answer takes its place.
func (w *Worker) logDead(p place, why *jobs.Error) func(context.Context) error {
	return func(ctx context.Context) error {
		err := w.bucket.PutIfAbsent(ctx, logObject(p.deadKey), strings.NewReader(FormatLog(p.time, []Line{{Err: why}})))
		if errors.Is(err, jobs.ErrObjectExists) {
			return jobs.ErrAnswered
		}
		return err
	}
}

func logObject(key string) jobs.Object {
	return jobs.Object{Key: key, ContentType: "text/plain; charset=utf-8"}
}

// place is where and with what time a request is logged, the same at every
// redelivery and however often the request was sent.
type place struct {
	key string
	// deadKey is where it is logged that the request died.
	deadKey string
	time    time.Time
}

func placeOf(job jobs.Job) (place, error) {
	if job.Bare() {
		key := LogKey("bare-"+keySafe(job.Delivery.ID), job.SentAt)
		return place{key, key, job.SentAt}, nil
	}
	if bulk, chunk, ok := splitChunkID(job.ID); ok {
		began, _ := jobs.IDTime(bulk)
		return place{chunkKey(bulk, chunk), deadChunkKey(bulk, chunk), began}, nil
	}
	sent, ok := jobs.IDTime(job.ID)
	if !ok {
		return place{}, &jobs.Refused{Why: fmt.Sprintf("JobID %q has not the form of an id", job.ID)}
	}
	key := LogKey(job.ID, sent)
	return place{key, key, sent}, nil
}

// keySafe keeps the queue's own message id, which is a UUID, from reaching
// beyond its place in a key.
func keySafe(id string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			return r
		}
		return '_'
	}, id)
}
