package app

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"sync"

	"cloudworks/internal/cloudcal"
	"cloudworks/internal/cloudpic"
	"cloudworks/internal/jobs"
)

// Web is the web half's share of the engine.
type Web struct {
	Calc *cloudcal.Client
	Pics *cloudpic.Client
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
	return &Web{
		Calc: cloudcal.NewClient(cloudcal.ClientOptions{Sender: client, Bucket: a.bucket, Bulk: a.bucket, Key: key, Retention: a.Config.LogRetention}),
		Pics: cloudpic.NewClient(cloudpic.ClientOptions{Sender: client, Bucket: a.bucket, Retention: a.Config.Retention}),
		Run: func(ctx context.Context) {
			var keeper sync.WaitGroup
			keeper.Go(func() { a.keepReplyQueue(ctx, replies) })
			client.Run(ctx)
			keeper.Wait()
		},
	}, nil
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
