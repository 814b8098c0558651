package main

import (
	"context"
	"fmt"
	"os"
	"sync"

	"cloudworks/internal/cloud"
	"cloudworks/internal/cloudcal"
	"cloudworks/internal/jobs"
)

// ours is our engine, both halves in one process, over the real SDK.
func ours(ctx context.Context, l load) (submit, func(), error) {
	c, err := cloud.Open(ctx, cloud.Options{Endpoint: l.Endpoint, Region: "us-east-1", AccessKey: "a", SecretKey: "b"})
	if err != nil {
		return nil, nil, err
	}
	open := func(ctx context.Context, name string) (jobs.Queue, error) { return c.Queue(ctx, name) }
	hooks := jobs.Hooks{Trouble: func(doing string, err error) { fmt.Fprintln(os.Stderr, doing, err) }}
	client, err := jobs.NewClient(ctx, jobs.ClientOptions{Queue: open, Replies: "replies-bench", Hooks: hooks})
	if err != nil {
		return nil, nil, err
	}
	bucket := c.Bucket("bench")
	runner := jobs.NewRunner(jobs.RunnerOptions{Queue: open, Hooks: hooks, AbandonPolls: true})
	jobs.Register(runner, cloudcal.NewWorker(bucket))
	calc := cloudcal.NewClient(cloudcal.ClientOptions{Sender: client, Bucket: bucket, Key: []byte("bench")})
	ctx, cancel := context.WithCancel(ctx)
	var both sync.WaitGroup
	both.Go(func() { client.Run(ctx) })
	both.Go(func() {
		if err := runner.Run(ctx, context.WithoutCancel(ctx)); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	})
	do := func(ctx context.Context, list cloudcal.List) (cloudcal.Summary, error) {
		id, err := calc.Submit(ctx, "", list)
		if err != nil {
			return cloudcal.Summary{}, err
		}
		job, err := calc.Wait(ctx, id)
		if err != nil || job.Summary == nil {
			return cloudcal.Summary{}, fmt.Errorf("job %s is %s: %w", id, job.State, err)
		}
		return *job.Summary, nil
	}
	return do, func() { calc.Close(); cancel(); both.Wait() }, nil
}
