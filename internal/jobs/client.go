package jobs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"
)

// ClientOptions set how a Client works. Zero values are the defaults named.
type ClientOptions struct {
	// Queue opens a queue by its name.
	Queue func(ctx context.Context, name string) (Queue, error)
	// Replies is the name of the reply queue that this process owns.
	Replies string
	// Wait is how long an idle poll for replies stays open: 20 s.
	Wait time.Duration
	// Keep is how long a reply is waited for: 1 h. Pages find a later one
	// in the record.
	Keep time.Duration
	// Restore makes the reply queue anew when it is gone. Nil: it is waited
	// for.
	Restore func(ctx context.Context) error
	Hooks   Hooks
	// Tracer follows jobs; nil for none.
	Tracer Tracer
}

// Client is the web half: it sends requests, and hands each reply to whoever
// asked.
type Client struct {
	opts    ClientOptions
	replies Queue
	deletes *Group[string, error]
	senders *senders

	mu      sync.Mutex
	waiting map[waitKey]waiter
}

type waitKey struct{ job, attempt string }

type waiter struct {
	queue    string
	answered func(Answer)
	until    time.Time
}

// Answer is a reply as whoever asked gets it.
type Answer struct {
	JobID  string
	Status State // done, failed or dead
	Body   string
	Code   Code   // for failed and dead
	Reason string // for failed and dead: a sentence for people
	At     time.Time
}

// NewClient opens the reply queue, which must be there.
func NewClient(ctx context.Context, opts ClientOptions) (*Client, error) {
	if opts.Wait == 0 {
		opts.Wait = 20 * time.Second
	}
	if opts.Keep == 0 {
		opts.Keep = time.Hour
	}
	if opts.Tracer == nil {
		opts.Tracer = untraced{}
	}
	replies, err := opts.Queue(ctx, opts.Replies)
	if err != nil {
		return nil, fmt.Errorf("open reply queue %s: %w", opts.Replies, err)
	}
	return &Client{
		opts: opts, replies: replies,
		// A reply that isn't deleted yet can only come again and be dropped.
		deletes: NewGroup(GroupOptions[string]{Flights: 4, Linger: 100 * time.Millisecond}, replies.Delete),
		senders: newSenders(opts.Queue),
		waiting: make(map[waitKey]waiter),
	}, nil
}

// Send sends a request named id to a queue, and returns when the queue has
// it. answered is called at most once, with the first reply; it must be
// quick. The error is of CodeUnavailable.
func (c *Client) Send(ctx context.Context, queue, id string, m Message, answered func(Answer)) error {
	m.Attributes = maps.Clone(m.Attributes)
	if m.Attributes == nil {
		m.Attributes = make(map[string]string)
	}
	m.Attributes[AttrJobID] = id
	m.Attributes[AttrReplyTo] = c.opts.Replies
	parent, sent := c.opts.Tracer.Send(ctx, queue, id)
	if parent != "" {
		m.Attributes[AttrTrace] = parent
	}
	key := waitKey{id, m.Attributes[AttrAttempt]}
	c.await(key, waiter{queue, answered, time.Now().Add(c.opts.Keep)})
	err := c.senders.send(ctx, queue, m)
	sent(err)
	if err != nil {
		c.forget(key)
		return &Error{Code: CodeUnavailable, Message: "The queue doesn't answer at the moment. Please try again in a little while.", Err: err}
	}
	c.opts.Hooks.sent(queue, m.Jobs)
	return nil
}

func (c *Client) await(key waitKey, w waiter) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting[key] = w
}

func (c *Client) forget(key waitKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.waiting, key)
}

// Run receives replies until ctx ends, and then sends what is being sent; it
// takes no more requests. A reply that is cut off then is in the record all
// the same.
func (c *Client) Run(ctx context.Context) {
	var owned sync.WaitGroup
	owned.Go(func() { c.sweep(ctx) })
	in := &intake{
		queue: c.replies, wait: c.opts.Wait, visibility: 30 * time.Second, cut: true,
		room:   func(context.Context) (limit, held int) { return MaxBatch, 0 },
		unused: func(int) {},
		take: func(got []Delivery) {
			for _, d := range got {
				c.dispatch(d)
			}
			owned.Go(func() { c.delete(got) })
		},
		hooks: c.opts.Hooks, restore: c.opts.Restore,
	}
	in.run(ctx, context.WithoutCancel(ctx))
	c.senders.close()
	owned.Wait()
	c.deletes.Close()
}

// dispatch hands a reply to who waits for it, the first time it comes.
func (c *Client) dispatch(d Delivery) {
	key := waitKey{d.Attributes[AttrJobID], d.Attributes[AttrAttempt]}
	c.mu.Lock()
	w, ok := c.waiting[key]
	delete(c.waiting, key)
	c.mu.Unlock()
	defer c.opts.Tracer.Answer(context.Background(), c.replies.Name(), d)(ok)
	if !ok {
		if c.opts.Hooks.Duplicate != nil {
			c.opts.Hooks.Duplicate()
		}
		return
	}
	w.answered(Answer{
		JobID: key.job, Status: State(d.Attributes[AttrStatus]), Body: d.Body,
		Code: Code(d.Attributes[AttrCode]), Reason: d.Attributes[AttrReason], At: time.Now(),
	})
}

func (c *Client) delete(got []Delivery) {
	ctx, cancel := context.WithTimeout(context.Background(), settleTime)
	defer cancel()
	var all sync.WaitGroup
	for _, d := range got {
		all.Go(func() {
			deleted, err := c.deletes.Do(ctx, d.Receipt)
			if err := errors.Join(deleted, err); err != nil {
				c.opts.Hooks.trouble("delete from "+c.replies.Name(), err)
			}
		})
	}
	all.Wait()
}

// sweep forgets who has waited for too long, once a minute.
func (c *Client) sweep(ctx context.Context) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			c.mu.Lock()
			maps.DeleteFunc(c.waiting, func(_ waitKey, w waiter) bool { return now.After(w.until) })
			c.mu.Unlock()
		}
	}
}
