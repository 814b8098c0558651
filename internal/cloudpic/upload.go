package cloudpic

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"cloudworks/internal/cloudpic/codec"
	"cloudworks/internal/jobs"
)

// Begin gives the id of a new batch. Nothing is stored for it yet.
func (c *Client) Begin() string { return jobs.NewID(time.Now()) }

// Add stores one file as picture n of a batch. Its bytes pass through a
// temporary file, so that nothing is held in memory and what is no picture
// never reaches S3. Such a file comes back as a picture in StateFailed that
// says why, for the batch's page; an error means trouble of ours, or a number
// that is taken.
func (c *Client) Add(ctx context.Context, batch string, n int, _, name string, body io.Reader) (Picture, error) {
	if !c.open(batch, time.Now()) || n < 1 || n > MaxPictures {
		return Picture{}, jobs.Errorf(jobs.CodeInvalid, "Pictures are numbered 1 to %d, in a batch begun a short while ago.", MaxPictures)
	}
	p := Picture{Number: n, Name: CleanName(name), State: jobs.StateQueued, Attempt: 1, Submitted: time.Now()}
	file, size, err := spool(body)
	if err != nil {
		return p, err
	}
	defer discard(file)
	header, err := codec.ReadHeader(file, size)
	if err != nil {
		return c.refuse(ctx, batch, p, err)
	}
	p.Original = File{ContentType: header.ContentType(), Size: size}
	p.Original.Width, p.Original.Height = header.Upright()
	o := jobs.Object{Key: uploadKey(batch, n, originalName), ContentType: p.Original.ContentType, Metadata: originalMetadata(p.Name, p.Original)}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return p, fmt.Errorf("rewind upload: %w", err)
	}
	putting, end := jobs.Step(ctx, "upload")
	err = c.opts.Bucket.PutIfAbsent(putting, o, file)
	end(err)
	if errors.Is(err, jobs.ErrObjectExists) {
		return p, jobs.Errorf(jobs.CodeInvalid, "The batch has a picture number %d already.", n)
	}
	if err != nil {
		return p, unavailable(err)
	}
	c.recall(batch).put(p)
	return p, nil
}

const (
	// growFor is how long after its beginning a batch may grow.
	growFor = time.Hour
	// clockError is how far the clock that a batch began by may be from the one
	// that looks at it: another instance's, or this one's before it was set.
	clockError = time.Hour + time.Minute
)

// open reports whether pictures may still be added to the batch.
func (c *Client) open(batch string, now time.Time) bool {
	began, ok := jobs.IDTime(batch)
	return ok && now.Sub(began) < growFor+clockError && began.Sub(now) < clockError
}

// refuse records why a file isn't taken, so that every instance can show it.
func (c *Client) refuse(ctx context.Context, batch string, p Picture, err error) (Picture, error) {
	why := jobs.Public(err)
	if !jobs.Permanent(why) {
		return p, err
	}
	p.State, p.Code, p.Error, p.Answered = jobs.StateFailed, why.Code, why.Message, time.Now()
	record := failed{Attempt: 1, State: p.State, Code: why.Code, Reason: why.Message, Name: p.Name}
	if err := putJSON(ctx, c.opts.Bucket, resultKey(batch, p.Number, failedName), record); err != nil {
		return p, unavailable(err)
	}
	c.recall(batch).put(p)
	return p, nil
}

// spool writes an upload to a temporary file: at most one byte more than a
// picture may have.
func spool(body io.Reader) (*os.File, int64, error) {
	file, err := os.CreateTemp("", "cloudworks-upload-*")
	if err != nil {
		return nil, 0, fmt.Errorf("spool upload: %w", err)
	}
	size, err := io.Copy(file, io.LimitReader(body, codec.MaxBytes+1))
	if err != nil {
		discard(file)
		return nil, 0, fmt.Errorf("spool upload: %w", err)
	}
	return file, size, nil
}

func discard(file *os.File) {
	_ = file.Close()
	_ = os.Remove(file.Name())
}

// Send asks for the enhancement of pictures that were added. When the queue
// doesn't take a request, its upload is removed again.
func (c *Client) Send(ctx context.Context, batch, owner string, numbers []int, o Options) error {
	errs := make([]error, len(numbers))
	var all sync.WaitGroup
	for i, n := range numbers {
		all.Go(func() {
			r := Request{Key: uploadKey(batch, n, originalName), Options: o, Attempt: 1, Batch: batch, Number: n}
			if errs[i] = c.send(ctx, r, owner); errs[i] != nil {
				c.withdraw(ctx, batch, n)
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

func (c *Client) send(ctx context.Context, r Request, owner string) error {
	b := c.recall(r.Batch)
	b.requested(r)
	return c.opts.Sender.Send(ctx, InboxQueue, jobID(r.Batch, r.Number), message(r, c.opts.Bucket.Name(), owner),
		func(a jobs.Answer) { b.answered(r, a) })
}

// withdraw removes an upload that nobody will work on.
func (c *Client) withdraw(ctx context.Context, batch string, n int) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	c.recall(batch).drop(n)
	// What can't be removed now goes when its time is up.
	_ = c.opts.Bucket.Delete(ctx, uploadKey(batch, n, originalName))
}

// Again asks for another enhancement of a picture that is there already.
func (c *Client) Again(ctx context.Context, batch string, n int, owner string, o Options) error {
	b, err := c.Batch(ctx, batch)
	if err != nil {
		return err
	}
	p, ok := b.Picture(n)
	if !ok || p.Original.Size == 0 {
		return errNotFound
	}
	if !p.State.Final() {
		return jobs.Errorf(jobs.CodeInvalid, "This picture is still being worked on; wait for it, then try another strength.")
	}
	r := Request{Key: uploadKey(batch, n, originalName), Options: o, Attempt: p.Attempt + 1, Batch: batch, Number: n}
	if err := c.send(ctx, r, owner); err != nil {
		c.recall(batch).put(p)
		return err
	}
	// For the other instances' pages. Without it they show the new result
	// only once it is there.
	_ = putJSON(ctx, c.opts.Bucket, uploadKey(batch, n, againName), again{Attempt: r.Attempt, Preset: o.Preset, Strength: o.Strength})
	return nil
}

// Delete removes everything of a batch, now.
func (c *Client) Delete(ctx context.Context, batch string) error {
	if !IsBatchID(batch) {
		return errNotFound
	}
	var keys []string
	for _, prefix := range []string{uploads + batch + "/", results + batch + "/"} {
		for o, err := range c.opts.Bucket.List(ctx, prefix) {
			if err != nil {
				return unavailable(err)
			}
			keys = append(keys, o.Key)
		}
	}
	if len(keys) == 0 {
		return errNotFound
	}
	c.forget(batch)
	if err := c.opts.Bucket.Delete(ctx, keys...); err != nil {
		return unavailable(err)
	}
	return nil
}

// Open opens one of a picture's files; the caller closes its Body.
func (c *Client) Open(ctx context.Context, batch string, n int, v Variant) (jobs.Object, error) {
	key, ok := variantKey(batch, n, v)
	if !ok || !IsBatchID(batch) {
		return jobs.Object{}, errNotFound
	}
	o, err := c.opts.Bucket.Get(ctx, key)
	switch {
	case errors.Is(err, jobs.ErrNoObject):
		return o, errNotFound
	case err != nil:
		return o, unavailable(err)
	}
	return o, nil
}

func putJSON(ctx context.Context, b Bucket, key string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write %s: %w", key, err)
	}
	return b.Put(ctx, jobs.Object{Key: key, ContentType: "application/json"}, bytes.NewReader(text))
}

func unavailable(err error) error {
	return &jobs.Error{Code: jobs.CodeUnavailable, Message: "The picture store doesn't answer at the moment. Please try again in a little while.", Err: err}
}

var errNotFound = jobs.Errorf(jobs.CodeNotFound, "There are no such pictures, or they have expired.")
