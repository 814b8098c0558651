package cloudpic

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"

	"golang.org/x/sync/semaphore"

	"cloudworks/internal/cloudpic/codec"
	"cloudworks/internal/jobs"
)

// WorkerOptions set how a Worker works.
type WorkerOptions struct {
	Bucket Bucket
	// Memory is what the pictures in work may take together, in bytes, by
	// codec's estimates; 0 means 1 GiB. Their files may take a quarter as much
	// besides. One picture is always let in.
	Memory int64
	// Child is the command that calls RunChild, for pictures that may kill
	// the process. Without it they are worked on like all others.
	Child []string
}

// Worker is CloudPic's worker half.
type Worker struct {
	bucket Bucket
	memory int64
	budget *semaphore.Weighted // for pictures while they are enhanced
	files  *semaphore.Weighted // for files from their reading to the end; taken first
	child  []string
}

// filesPart: files may take one part in so many of what pictures may.
const filesPart = 4

var _ jobs.Worker = (*Worker)(nil)

// NewWorker makes a Worker.
func NewWorker(o WorkerOptions) *Worker {
	if o.Memory == 0 {
		o.Memory = 1 << 30
	}
	return &Worker{
		bucket: o.Bucket, child: o.Child, memory: o.Memory,
		budget: semaphore.NewWeighted(o.Memory), files: semaphore.NewWeighted(o.Memory / filesPart),
	}
}

// Kind gives the name and the queues. A job is mostly computing, so there is
// one for each core, and one more that can wait for S3 meanwhile. A picture
// may be what kills the process.
func (w *Worker) Kind() jobs.Kind {
	return jobs.Kind{Name: KindName, Requests: InboxQueue, Replies: OutboxQueue, Slots: runtime.GOMAXPROCS(0) + 1, Alone: true}
}

// Work enhances one picture and stores the result, which is the record: the
// reply names it, and so comes after it.
func (w *Worker) Work(ctx context.Context, job jobs.Job) (jobs.Reply, error) {
	r, err := ParseRequest(job, w.bucket.Name())
	if err != nil {
		return jobs.Reply{}, err
	}
	data, done, err := w.fetch(ctx, r.Key)
	if err != nil {
		return jobs.Reply{}, err
	}
	defer done()
	out, err := w.enhance(ctx, data, r.Options, job.ReceiveCount > 1 && len(w.child) > 0)
	if err != nil {
		return jobs.Reply{}, err
	}
	if err := w.store(ctx, r, out); err != nil {
		return jobs.Reply{}, err
	}
	return jobs.Reply{Body: r.resultKey(string(VariantEnhanced))}, nil
}

// fetch reads the picture, once there is room for its file; the caller says
// when that is done with. One that is gone was deleted, or its time was up.
func (w *Worker) fetch(ctx context.Context, key string) (_ []byte, done func(), err error) {
	ctx, end := jobs.Step(ctx, "fetch")
	defer func() { end(err) }()
	o, err := w.bucket.Get(ctx, key)
	if errors.Is(err, jobs.ErrNoObject) {
		return nil, nil, &jobs.Error{Code: jobs.CodeNotFound, Message: "The picture is no longer there: it was deleted, or its time was up.", Err: err}
	}
	if err != nil {
		return nil, nil, err
	}
	defer o.Body.Close()
	size := min(o.Size, codec.MaxBytes+1)
	share := min(size, w.memory/filesPart)
	if err := w.files.Acquire(ctx, share); err != nil {
		return nil, nil, fmt.Errorf("wait for room for a file: %w", err)
	}
	var data bytes.Buffer
	data.Grow(int(size) + bytes.MinRead) // so that it is read into one piece
	if _, err := data.ReadFrom(io.LimitReader(o.Body, codec.MaxBytes+1)); err != nil {
		w.files.Release(share)
		return nil, nil, fmt.Errorf("read object %q: %w", key, err)
	}
	return data.Bytes(), func() { w.files.Release(share) }, nil
}

// enhance waits for its share of memory, by what the header says, and works
// in this process or apart from it.
func (w *Worker) enhance(ctx context.Context, data []byte, o Options, apart bool) (_ Output, err error) {
	ctx, end := jobs.Step(ctx, "enhance")
	defer func() { end(err) }()
	header, err := codec.ReadHeader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return Output{}, err
	}
	share := min(header.CostIn(mode(o))+int64(len(data)), w.memory)
	if err := w.budget.Acquire(ctx, share); err != nil {
		return Output{}, fmt.Errorf("wait for memory: %w", err)
	}
	defer w.budget.Release(share)
	if apart {
		return w.enhanceApart(ctx, data, o, share)
	}
	return Enhance(data, o)
}

// store puts previews first, then the result: where that is, all is. A
// picture that was deleted meanwhile leaves nothing behind.
func (w *Worker) store(ctx context.Context, r Request, out Output) (err error) {
	ctx, end := jobs.Step(ctx, "store")
	defer func() { end(err) }()
	preview := func(v Variant, data []byte) error {
		return w.put(ctx, jobs.Object{Key: r.resultKey(string(v)), ContentType: "image/jpeg"}, data)
	}
	before := make(chan error, 1)
	go func() { before <- preview(VariantBefore, out.BeforePreview) }()
	err = errors.Join(preview(VariantAfter, out.AfterPreview), <-before)
	if err != nil {
		return err
	}
	key := r.resultKey(string(VariantEnhanced))
	if err := w.put(ctx, jobs.Object{Key: key, ContentType: out.ContentType, Metadata: resultMetadata(out.Result, r.Attempt)}, out.Data); err != nil {
		return err
	}
	if _, err := w.bucket.Head(ctx, r.Key); !errors.Is(err, jobs.ErrNoObject) {
		return err
	}
	return w.bucket.Delete(ctx, key, r.resultKey(string(VariantBefore)), r.resultKey(string(VariantAfter)))
}

func (w *Worker) put(ctx context.Context, o jobs.Object, data []byte) error {
	return w.bucket.Put(ctx, o, bytes.NewReader(data))
}

// Fail words the answer to a picture that can't be enhanced, and records it
// for the page.
func (w *Worker) Fail(job jobs.Job, why *jobs.Error) jobs.Reply {
	reply := jobs.Reply{Body: "error: " + why.Message}
	r, err := ParseRequest(job, w.bucket.Name())
	switch {
	case err != nil, why.Code == jobs.CodeNotFound:
	case why.Code == jobs.CodeDead:
		reply.Record = func(ctx context.Context) error { return w.recordDead(ctx, job, r, why) }
	case r.Batch != "":
		reply.Record = func(ctx context.Context) error {
			return putJSON(ctx, w.bucket, r.resultKey(failedName), failure(r, jobs.StateFailed, why))
		}
	}
	return reply
}
