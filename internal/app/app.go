// Package app is the wiring that the two processes share: it opens the
// backend, makes sure that queues and bucket are there, registers the kinds
// of job, and sends what happens to the log and the metrics. Only here does
// it matter whether the backend is local.
package app

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"cloudworks/internal/cloud"
	"cloudworks/internal/cloudcal"
	"cloudworks/internal/cloudpic"
	"cloudworks/internal/cloudpic/codec"
	"cloudworks/internal/config"
	"cloudworks/internal/jobs"
	"cloudworks/internal/ops"
	"cloudworks/internal/telemetry"
)

// The local backend's key pair and region. They guard against accidents, not
// against people: the backend listens on loopback alone.
const (
	LocalAccessKey = "cloudworks"
	LocalSecretKey = "cloudworks" // #nosec G101 -- known to everyone, on purpose
	LocalRegion    = "us-east-1"
)

// App is an open backend and what both processes need around it.
type App struct {
	Config  config.Config
	Log     zerolog.Logger
	Metrics *ops.Metrics
	tracer  *telemetry.Tracer // nil for no traces
	cloud   *cloud.Cloud
	bucket  *cloud.Bucket
	workers []jobs.Worker
	depths  *depths
	runner  atomic.Pointer[jobs.Runner] // of a process that works
	client  atomic.Pointer[jobs.Client] // of a process with pages
}

// Open connects to the backend and makes sure that everything is there. With
// the local backend somebody must be serving it already (see ServeLocal), or
// do so soon: calls are tried again for a while.
func Open(ctx context.Context, cfg config.Config, log zerolog.Logger) (*App, error) {
	a, err := connect(ctx, cfg, log)
	if err != nil {
		return nil, err
	}
	return a, a.prepare(ctx)
}

// connect makes the clients and the kinds of job. It calls nothing yet.
func connect(ctx context.Context, cfg config.Config, log zerolog.Logger) (*App, error) {
	a := &App{Config: cfg, Log: log, Metrics: ops.NewMetrics(codec.Library())}
	if err := a.openTracer(ctx); err != nil {
		return nil, err
	}
	opts := cloud.Options{QueuePrefix: cfg.QueuePrefix, Observe: a.observe, Spared: a.Metrics.Spared}
	if a.tracer != nil {
		opts.Begin = a.tracer.Call
	}
	if cfg.Backend == config.Local {
		opts.Endpoint, opts.Region = "http://"+cfg.LocalAddr, LocalRegion
		opts.AccessKey, opts.SecretKey = LocalAccessKey, LocalSecretKey
	}
	var err error
	if a.cloud, err = cloud.Open(ctx, opts); err != nil {
		return nil, err
	}
	a.bucket = a.cloud.Bucket(cfg.Bucket)
	a.workers = kinds(a.bucket)
	a.depths = newDepths(a.cloud)
	a.Metrics.Watch(a.sources())
	return a, nil
}

// prepare creates what is missing, where that is wanted, or else names it.
func (a *App) prepare(ctx context.Context) error {
	prepare := a.cloud.Check
	if a.Config.CreateResources || a.Config.Backend == config.Local {
		prepare = a.cloud.Create
	}
	return a.patiently(ctx, "prepare queues and bucket", func(ctx context.Context) error {
		return prepare(ctx, resources(a.Config.Bucket, a.workers))
	})
}

// kinds lists every kind of job: a new one is a line here.
func kinds(bucket *cloud.Bucket) []jobs.Worker {
	return []jobs.Worker{
		cloudcal.NewWorker(bucket),
		cloudpic.NewWorker(cloudpic.WorkerOptions{Bucket: bucket, Memory: pictureMemory(), Child: child()}),
	}
}

// pictureMemory is what pictures in work may take together, in bytes: three
// quarters of GOMEMLIMIT where that is set, else 0 for the default.
func pictureMemory() int64 {
	limit := debug.SetMemoryLimit(-1) // only asks
	if limit == math.MaxInt64 {
		return 0
	}
	return limit / 4 * 3
}

// child is this program with the argument that enhances one picture.
func child() []string {
	self, err := os.Executable()
	if err != nil {
		return nil // pictures are then worked on like all others
	}
	return []string{self, cloudpic.ChildCommand}
}

// RunChild does the work of a child process when the program was called as
// one, and says whether it was.
func RunChild(args []string) (bool, error) {
	if len(args) == 0 || args[0] != cloudpic.ChildCommand {
		return false, nil
	}
	return true, cloudpic.RunChild(args[1:], os.Stdin, os.Stdout)
}

// resources names the bucket and every kind's queues.
func resources(bucket string, workers []jobs.Worker) cloud.Resources {
	r := cloud.Resources{Bucket: bucket, MaxReceives: jobs.DefaultMaxReceives}
	for _, w := range workers {
		k := w.Kind()
		r.Requests = append(r.Requests, k.Requests)
		r.Replies = append(r.Replies, k.Replies)
	}
	return r
}

// patience is how long a start waits for a backend that doesn't answer yet.
const patience = 30 * time.Second

// patiently tries do again, with growing pauses, until it works or patience
// runs out: a backend may start at the same time as we do.
func (a *App) patiently(ctx context.Context, doing string, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	pauses := jobs.Backoff{First: 100 * time.Millisecond, Max: 2 * time.Second}
	for failures := 1; ; failures++ {
		err := do(ctx)
		if err == nil {
			return nil
		}
		if failures == 1 {
			a.Log.Warn().Err(err).Msg("waiting for the backend: " + doing)
		}
		select {
		case <-time.After(pauses.Delay(failures)):
		case <-ctx.Done():
			return fmt.Errorf("%s: %w", doing, err)
		}
	}
}

// Ready says what keeps the process from doing its work, or nil.
func (a *App) Ready(ctx context.Context) error {
	_, err := a.bucket.Head(ctx, sharedKey)
	if errors.Is(err, jobs.ErrNoObject) {
		err = nil
	}
	if err != nil {
		return err
	}
	return a.cloud.Ping(ctx, cloudcal.RequestQueue)
}

// queue opens a queue as the engine wants it.
func (a *App) queue(ctx context.Context, name string) (jobs.Queue, error) {
	return a.cloud.Queue(ctx, name)
}

// localLetters is the time between looks at a dead-letter queue of the local
// backend, where a call costs nothing.
const localLetters = 3 * time.Second

// Runner makes the worker half, with every kind of job registered.
func (a *App) Runner() *jobs.Runner {
	opts := jobs.RunnerOptions{Queue: a.queue, Hooks: a.hooks(), Tracer: a.follow()}
	if a.Config.Backend == config.Local {
		opts.AbandonPolls = true // it gives nothing to a poll that is cut; SQS may
		opts.Letters = localLetters
	}
	r := jobs.NewRunner(opts)
	for _, w := range a.workers {
		jobs.Register(r, w)
	}
	a.runner.Store(r)
	return r
}
