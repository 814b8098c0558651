package cloudpic

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"

	"cloudworks/internal/jobs"
)

// Names of the kind and its queues.
const (
	KindName    = "cloudpic"
	InboxQueue  = "inbox"
	OutboxQueue = "outbox"
)

// ClientOptions set how a Client works.
type ClientOptions struct {
	Sender Sender
	Bucket Bucket
	// Retention is how long originals and results are kept.
	Retention time.Duration
}

// Client is CloudPic's web half: it stores uploads, asks for their
// enhancement, and knows where each stands.
type Client struct {
	opts ClientOptions

	mu      sync.Mutex
	batches map[string]*entry
}

// NewClient makes a Client.
func NewClient(opts ClientOptions) *Client {
	return &Client{opts: opts, batches: make(map[string]*entry)}
}

// keepFor is how long a batch stays in memory after it was last of use.
const keepFor = 15 * time.Minute

// recall gives what is in memory of a batch, and clears away what is old.
func (c *Client) recall(batch string) *entry {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	e, ok := c.batches[batch]
	if !ok {
		maps.DeleteFunc(c.batches, func(_ string, e *entry) bool { return now.Sub(e.used) > keepFor })
		e = newEntry(batch)
		c.batches[batch] = e
	}
	e.used = now
	return e
}

func (c *Client) forget(batch string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.batches, batch)
}

// Batch tells where every picture of a batch stands: from memory, and from
// S3 where that isn't enough, at most once a second.
func (c *Client) Batch(ctx context.Context, id string) (Batch, error) {
	began, ok := jobs.IDTime(id)
	if !ok || time.Since(began) > c.opts.Retention {
		return Batch{}, errNotFound
	}
	e := c.recall(id)
	if e.mayAsk(time.Now()) {
		if err := c.refresh(ctx, e); err != nil && len(e.list()) == 0 {
			return Batch{}, unavailable(err)
		}
	}
	b := Batch{ID: id, Created: began, Expires: began.Add(c.opts.Retention), Pictures: e.list()}
	if len(b.Pictures) == 0 {
		c.forget(id)
		return Batch{}, errNotFound
	}
	return b, nil
}

// Picture gives the picture of that number.
func (b Batch) Picture(n int) (Picture, bool) {
	i := slices.IndexFunc(b.Pictures, func(p Picture) bool { return p.Number == n })
	if i < 0 {
		return Picture{}, false
	}
	return b.Pictures[i], true
}

// Wait is Batch for someone who can wait until ctx ends for the last picture.
func (c *Client) Wait(ctx context.Context, id string) (Batch, error) {
	for {
		b, err := c.Batch(context.WithoutCancel(ctx), id)
		if err != nil || b.Final() || ctx.Err() != nil {
			return b, err
		}
		select {
		case <-c.recall(id).changed():
		case <-ctx.Done():
		}
	}
}

// refresh brings memory up to what S3 has.
func (c *Client) refresh(ctx context.Context, e *entry) error {
	found := make(map[int]*seen)
	for _, prefix := range []string{uploads, results} {
		for o, err := range c.opts.Bucket.List(ctx, prefix+e.id+"/") {
			if err != nil {
				return err
			}
			if _, n, name, ok := splitKey(o.Key, prefix); ok {
				if found[n] == nil {
					found[n] = &seen{}
				}
				found[n].add(name, o)
			}
		}
	}
	for n, s := range found {
		p, known := e.get(n)
		if known && p.State.Settled() && s.again.Key == "" {
			continue
		}
		p, err := c.read(ctx, n, p, s)
		if errors.Is(err, jobs.ErrNoObject) {
			continue // deleted meanwhile
		}
		if err != nil {
			return err
		}
		e.put(p)
	}
	e.keep(found)
	return nil
}

// seen are the objects that S3 has of one picture; a key is empty for one
// that isn't there.
type seen struct{ original, again, enhanced, failed jobs.Object }

func (s *seen) add(name string, o jobs.Object) {
	switch name {
	case originalName:
		s.original = o
	case againName:
		s.again = o
	case string(VariantEnhanced):
		s.enhanced = o
	case failedName:
		s.failed = o
	}
}

// read makes a picture from its objects; p is what memory has of it.
func (c *Client) read(ctx context.Context, n int, p Picture, s *seen) (Picture, error) {
	if p.Number == 0 {
		p = Picture{Number: n, Name: "picture", State: jobs.StateQueued, Attempt: 1, Options: DefaultOptions()}
	}
	if s.original.Key != "" && p.Original.Size == 0 {
		o, err := c.opts.Bucket.Head(ctx, s.original.Key)
		if err != nil {
			return p, err
		}
		p.Name, p.Original = readOriginal(o)
		p.Submitted = o.Modified
	}
	if s.again.Key != "" {
		var a again
		if err := getJSON(ctx, c.opts.Bucket, s.again.Key, &a); err != nil {
			return p, err
		}
		if a.Attempt > p.Attempt {
			p.Attempt, p.Options = a.Attempt, Options{Preset: a.Preset, Strength: a.Strength}
			p.State, p.Result, p.Error, p.Answered = jobs.StateQueued, nil, "", time.Time{}
			p.Submitted = s.again.Modified
		}
	}
	if s.enhanced.Key != "" {
		o, err := c.opts.Bucket.Head(ctx, s.enhanced.Key)
		if err != nil {
			return p, err
		}
		if r, attempt := readResult(o); attempt >= p.Attempt {
			p.Attempt = attempt
			return p.done(r, o.Modified), nil
		}
	}
	if s.failed.Key != "" {
		var f failed
		if err := getJSON(ctx, c.opts.Bucket, s.failed.Key, &f); err != nil {
			return p, err
		}
		if f.Name != "" {
			p.Name = f.Name
		}
		if f.Attempt == p.Attempt {
			p.State, p.Code, p.Error, p.Answered = f.State, f.Code, f.Reason, s.failed.Modified
		}
	}
	return p, nil
}

func (p Picture) done(r Result, at time.Time) Picture {
	p.State, p.Result, p.Options, p.Answered = jobs.StateDone, &r, r.Options, at
	p.Error, p.Code = "", ""
	return p
}

// maxJSON bounds the small objects, in bytes.
const maxJSON = 1 << 16

func getJSON(ctx context.Context, b Bucket, key string, v any) error {
	o, err := b.Get(ctx, key)
	if err != nil {
		return err
	}
	defer o.Body.Close()
	if err := json.NewDecoder(io.LimitReader(o.Body, maxJSON)).Decode(v); err != nil {
		return fmt.Errorf("read %s: %w", key, err)
	}
	return nil
}
