package cloudpic

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"cloudworks/internal/jobs"
)

// recordDead records that a picture's request died: beside its results, where
// pages look. The error is jobs.ErrAnswered when there is a record of the same
// attempt or a later one, or nothing left to tell of, since the picture was
// deleted or its time was up.
func (w *Worker) recordDead(ctx context.Context, job jobs.Job, r Request, why *jobs.Error) error {
	put := w.bucket.Put
	answered, other, err := w.answered(ctx, job, r)
	switch {
	case err != nil:
		return err
	case answered:
		return jobs.ErrAnswered
	case !other: // so of several workers one is the first
		put = w.bucket.PutIfAbsent
	}
	text, err := json.Marshal(failure(r, jobs.StateDead, why))
	if err != nil {
		return fmt.Errorf("write %s: %w", r.deadKey(job), err)
	}
	err = put(ctx, jobs.Object{Key: r.deadKey(job), ContentType: "application/json"}, bytes.NewReader(text))
	if errors.Is(err, jobs.ErrObjectExists) {
		return jobs.ErrAnswered
	}
	return err
}

// answered reports whether the request has its record or needs none, and
// whether there is one of an earlier attempt in its place.
func (w *Worker) answered(ctx context.Context, job jobs.Job, r Request) (answered, other bool, err error) {
	if needless, err := w.needless(ctx, job, r); needless || err != nil {
		return needless, false, err
	}
	result, err := w.bucket.Head(ctx, r.resultKey(string(VariantEnhanced)))
	if err == nil && r.answeredBy(result, job) {
		return true, false, nil
	}
	if err != nil && !errors.Is(err, jobs.ErrNoObject) {
		return false, false, err
	}
	var f failed
	err = getJSON(ctx, w.bucket, r.deadKey(job), &f)
	if errors.Is(err, jobs.ErrNoObject) {
		return false, false, nil
	}
	return f.Attempt >= r.Attempt, true, err
}

// bareWait is how long after a bare request its death is told. Records are kept
// for at least that long, so none is told twice.
const bareWait = time.Hour

// needless reports whether nobody would see a record.
func (w *Worker) needless(ctx context.Context, job jobs.Job, r Request) (bool, error) {
	if r.Batch == "" {
		return time.Since(job.SentAt) > bareWait, nil
	}
	_, err := w.bucket.Head(ctx, r.Key)
	if errors.Is(err, jobs.ErrNoObject) {
		return true, nil
	}
	return false, err
}

// answeredBy reports whether a result is this request's or a later one's.
// Bare requests have no number; theirs is whatever was made since.
func (r Request) answeredBy(result jobs.Object, job jobs.Job) bool {
	if r.Batch == "" {
		return !result.Modified.Before(job.SentAt.Truncate(time.Second))
	}
	_, attempt := readResult(result)
	return attempt >= r.Attempt
}

// deadKey is where it is recorded that the request died. For a bare one, which
// has no page, it is there to have it answered once.
func (r Request) deadKey(job jobs.Job) string {
	if r.Batch == "" {
		return r.resultKey(failedName + "-" + job.Delivery.ID)
	}
	return r.resultKey(failedName)
}

// failure is the record of a request that failed or died of why.
func failure(r Request, state jobs.State, why *jobs.Error) failed {
	return failed{Attempt: r.Attempt, State: state, Code: why.Code, Reason: why.Message}
}
