package app

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"cloudworks/internal/cloudcal"
	"cloudworks/internal/cloudpic"
	"cloudworks/internal/jobs"
)

// Web is the web half's share of the engine.
type Web struct {
	Calc *cloudcal.Client
	Pics *cloudpic.Client
	// CalcQueue and PicsQueue tell how long a visitor waits.
	CalcQueue, PicsQueue *jobs.Backlog
	// Run receives replies and keeps the reply queue until its context ends.
	Run func(context.Context)
}

// Web makes the web half: this instance's reply queue, and a client for each
// kind of job.
func (a *App) Web(ctx context.Context) (*Web, error) {
	replies := jobs.ReplyQueue(a.Config.Instance)
	err := a.patiently(ctx, "create the reply queue", func(ctx context.Context) error {
		return a.createReplyQueue(ctx, replies)
	})
	if err != nil {
		return nil, err
	}
	client, err := jobs.NewClient(ctx, jobs.ClientOptions{
		Queue: a.queue, Replies: replies, Hooks: a.hooks(), Tracer: a.follow(),
		Restore: func(ctx context.Context) error { return a.createReplyQueue(ctx, replies) },
	})
	if err != nil {
		return nil, err
	}
	a.client.Store(client)
	var key []byte
	err = a.patiently(ctx, "read the shared key", func(ctx context.Context) (err error) {
		key, err = a.sharedKey(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	calc, pics := a.backlog(client, cloudcal.RequestQueue), a.backlog(client, cloudpic.InboxQueue)
	return &Web{
		CalcQueue: calc, PicsQueue: pics,
		Calc: cloudcal.NewClient(cloudcal.ClientOptions{Sender: calc, Bucket: a.bucket, Bulk: a.bucket, Key: key, Retention: a.Config.LogRetention}),
		Pics: cloudpic.NewClient(cloudpic.ClientOptions{Sender: pics, Bucket: a.bucket, Retention: a.Config.Retention}),
		Run: func(ctx context.Context) {
			var beside sync.WaitGroup
			beside.Go(func() { a.keepReplyQueue(ctx, replies) })
			beside.Go(func() { calc.Run(ctx) })
			beside.Go(func() { pics.Run(ctx) })
			client.Run(ctx)
			beside.Wait()
		},
	}, nil
}

// backlog watches how long a request queue is.
func (a *App) backlog(client *jobs.Client, queue string) *jobs.Backlog {
	return jobs.NewBacklog(jobs.BacklogOptions{
		Send: client.Send, Hooks: a.hooks(),
		Depth: func(ctx context.Context) (int, error) {
			d, _, err := a.depths.of(ctx, queue, time.Second)
			return d.All(), err
		},
	})
}

// sharedKey is the object with the secret that all web instances share.
const sharedKey = "state/ids.key"

// sharedKey gives the secret for the check in ids. The first instance makes
// it.
func (a *App) sharedKey(ctx context.Context) ([]byte, error) {
	key, err := a.readKey(ctx)
	if !errors.Is(err, jobs.ErrNoObject) {
		return key, err
	}
	fresh := make([]byte, keyBytes)
	_, _ = rand.Read(fresh) // never fails
	err = a.bucket.PutIfAbsent(ctx, jobs.Object{Key: sharedKey, ContentType: "application/octet-stream"}, bytes.NewReader(fresh))
	if err != nil && !errors.Is(err, jobs.ErrObjectExists) {
		return nil, err
	}
	return a.readKey(ctx) // somebody else's, if they were first
}

const keyBytes = 32

func (a *App) readKey(ctx context.Context) ([]byte, error) {
	o, err := a.bucket.Get(ctx, sharedKey)
	if err != nil {
		return nil, err
	}
	defer o.Body.Close()
	key, err := io.ReadAll(io.LimitReader(o.Body, keyBytes+1))
	if err == nil && len(key) != keyBytes {
		err = fmt.Errorf("object %q has %d bytes, want %d", sharedKey, len(key), keyBytes)
	}
	return key, err
}
