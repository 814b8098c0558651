package cloudpic

import (
	"context"
	"io"
	"iter"

	"cloudworks/internal/jobs"
)

// Bucket is what both halves need of S3.
type Bucket interface {
	Name() string
	Get(ctx context.Context, key string) (jobs.Object, error)
	Head(ctx context.Context, key string) (jobs.Object, error)
	Put(ctx context.Context, o jobs.Object, body io.ReadSeeker) error
	PutIfAbsent(ctx context.Context, o jobs.Object, body io.ReadSeeker) error
	Delete(ctx context.Context, keys ...string) error
	List(ctx context.Context, prefix string) iter.Seq2[jobs.Object, error]
}

// Sender is what the client needs of the engine.
type Sender interface {
	Send(ctx context.Context, queue, id string, m jobs.Message, answered func(jobs.Answer)) error
}
