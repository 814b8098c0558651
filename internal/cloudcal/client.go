package cloudcal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"cloudworks/internal/jobs"
)

// Getter is what the client needs of the bucket.
type Getter interface {
	Get(ctx context.Context, key string) (jobs.Object, error)
}

// Sender is what the client needs of the engine.
type Sender interface {
	Send(ctx context.Context, queue, id string, m jobs.Message, answered func(jobs.Answer)) error
}

// ClientOptions set how a Client works.
type ClientOptions struct {
	Sender Sender
	Bucket Getter
	// Bulk keeps what is sent as files of lists.
	Bulk BulkStore
	// Key is the secret that all web instances share, for the check in ids.
	Key []byte
	// Retention is how long log objects are kept.
	Retention time.Duration
}

// Client is CloudCal's web half: it packs lists into messages and knows where
// each stands.
type Client struct {
	opts ClientOptions
	pack *jobs.Group[submission, packed]
	*memory
	bulks bulkMemory
}

// submission is a list and the request that it came with, which is traced or
// isn't.
type submission struct {
	ctx  context.Context
	list List
}

type packed struct {
	id  string
	err error
}

// NewClient makes a Client.
func NewClient(opts ClientOptions) *Client {
	c := &Client{opts: opts, memory: newMemory()}
	c.pack = jobs.NewGroup(jobs.GroupOptions[submission]{Limit: MaxLists, Gather: time.Millisecond}, c.sendPacked)
	return c
}

// Submit sends a list, together with what others submit meanwhile, and gives
// its id once the queue has it.
func (c *Client) Submit(ctx context.Context, _ string, list List) (id string, err error) {
	ctx, end := jobs.Step(ctx, "submit")
	p, err := c.pack.Do(ctx, submission{ctx, list})
	if err == nil {
		err = p.err
	}
	end(err)
	return p.id, err
}

// Close waits until everything submitted is sent.
func (c *Client) Close() { c.pack.Close() }

// sendPacked sends lists as one message. It carries no MessageGroupId, for
// the lists are several visitors'.
func (c *Client) sendPacked(ctx context.Context, lists []submission) []packed {
	now := time.Now()
	m := newMessage(jobs.NewID(now), now)
	lines := make([]Line, len(lists))
	var traced []context.Context
	for i, s := range lists {
		lines[i] = Line{ID: newListID(c.opts.Key, m.id), List: s.list}
		m.lists[lines[i].ID] = &Job{ID: m.id + "." + lines[i].ID, State: jobs.StateQueued, Numbers: &s.list, Submitted: now}
		if jobs.Traced(s.ctx) {
			traced = append(traced, s.ctx)
		}
	}
	c.remember(m)
	err := c.opts.Sender.Send(jobs.Together(ctx, traced), RequestQueue, m.id, jobs.Message{Body: FormatRequest(lines), Jobs: len(lines)}, m.answered)
	if err != nil {
		c.forget(m.id)
	}
	out := make([]packed, len(lines))
	for i, l := range lines {
		out[i] = packed{m.id + "." + l.ID, err}
	}
	return out
}

var errNotFound = jobs.Errorf(jobs.CodeNotFound, "There is no such calculation, or it has expired.")

// Job tells where a list stands: from memory when this process took it and
// has the answer, else from the log on S3, which is asked at most once a
// second for each message.
func (c *Client) Job(ctx context.Context, id string) (Job, error) {
	m, list, err := c.find(id)
	if err != nil {
		return Job{}, err
	}
	job := m.job(list)
	if job.State.Settled() || !m.mayAsk(time.Now()) {
		return job, nil
	}
	log, written, err := c.readLog(ctx, m)
	switch {
	case errors.Is(err, jobs.ErrNoObject):
		if time.Since(m.sent) > c.opts.Retention {
			return Job{}, errNotFound
		}
		return m.unanswered(list), nil
	case err != nil:
		return Job{}, err
	}
	return m.recorded(list, log, written)
}

// Wait is Job for someone who can wait until ctx ends for the last state.
func (c *Client) Wait(ctx context.Context, id string) (Job, error) {
	job, err := c.Job(ctx, id)
	if err != nil || job.State.Final() {
		return job, err
	}
	m, _, err := c.find(id)
	if err != nil {
		return Job{}, err
	}
	select {
	case <-m.done:
	case <-ctx.Done():
	}
	return c.Job(context.WithoutCancel(ctx), id)
}

// LogLine gives the line that the worker wrote to S3 for a list, and the key
// of the object that it stands in.
func (c *Client) LogLine(ctx context.Context, id string) (line, key string, err error) {
	m, list, err := c.find(id)
	if err != nil {
		return "", "", err
	}
	log, _, err := c.readLog(ctx, m)
	if err != nil && !errors.Is(err, jobs.ErrNoObject) {
		return "", "", err
	}
	line, found := findAnswer(log, list)
	if e, err := ParseLog(line); !found || err == nil && e.Dead() {
		return "", "", errNotFound
	}
	return line, m.logKey(), nil
}

// find gives the message that an id names, known to this process or not.
func (c *Client) find(id string) (*message, string, error) {
	name, list, ok := splitID(c.opts.Key, id)
	if !ok {
		return nil, "", errNotFound
	}
	sent, _ := jobs.IDTime(name)
	return c.recall(name, sent), list, nil
}

// maxLog is the largest log object, in bytes: 500 lists with their figures.
const maxLog = 1 << 20

// readLog gives the log object of a message and when it was written.
func (c *Client) readLog(ctx context.Context, m *message) (log string, written time.Time, err error) {
	o, err := c.opts.Bucket.Get(ctx, m.logKey())
	if err != nil {
		return "", written, err
	}
	defer o.Body.Close()
	text, err := io.ReadAll(io.LimitReader(o.Body, maxLog))
	if err != nil {
		return "", written, fmt.Errorf("read log %q: %w", m.logKey(), err)
	}
	return string(text), o.Modified, nil
}
