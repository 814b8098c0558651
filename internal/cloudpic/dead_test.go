package cloudpic

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"cloudworks/internal/jobs"
)

var errDied = jobs.Errorf(jobs.CodeDead, "No worker lived to answer it.")

// deadRecord is what becomes of the record of a job that died.
func deadRecord(t *testing.T, w *Worker, request jobs.Job) error {
	t.Helper()
	reply := w.Fail(request, errDied)
	if reply.Record == nil {
		t.Fatal("nothing to record")
	}
	return reply.Record(t.Context())
}

// ask asks for a picture, or once more, and gives the request.
func ask(t *testing.T, c *Client, d *desk, batch string) jobs.Job {
	t.Helper()
	var err error
	if b, known := c.Batch(t.Context(), batch); known == nil && b.Final() {
		err = c.Again(t.Context(), batch, 1, "owner", classic)
	} else {
		err = c.Send(t.Context(), batch, "owner", []int{1}, classic)
	}
	if err != nil {
		t.Fatal(err)
	}
	m := d.sent[len(d.sent)-1]
	return job(jobID(batch, 1), m.Body, m.Attributes)
}

// stranger is another instance's client, which knows nothing yet.
func stranger(s *store) *Client {
	return NewClient(ClientOptions{Bucket: s, Retention: time.Hour})
}

// A picture that died is shown so by every instance, and shows its result once
// it was redriven; no word of a death takes a later answer's place.
func TestDeadPicture(t *testing.T) {
	c, s, d := newHalves()
	batch := c.Begin()
	add(t, c, batch, 1, "a.jpg", photo(t))
	first := ask(t, c, d, batch)
	if err := deadRecord(t, d.worker, first); err != nil {
		t.Fatal(err)
	}
	if p := only(t, stranger(s), batch); p.State != jobs.StateDead || p.Error != errDied.Message || p.Code != jobs.CodeDead {
		t.Errorf("dead: %+v", p)
	}
	if err := deadRecord(t, d.worker, first); !errors.Is(err, jobs.ErrAnswered) {
		t.Errorf("the second death: %v, want ErrAnswered", err)
	}
	d.work() // as after a redrive
	if p := only(t, stranger(s), batch); p.State != jobs.StateDone || p.Error != "" {
		t.Errorf("redriven: %+v", p)
	}
	if err := deadRecord(t, d.worker, first); !errors.Is(err, jobs.ErrAnswered) {
		t.Errorf("a death after the answer: %v, want ErrAnswered", err)
	}
	second := ask(t, c, d, batch)
	if err := deadRecord(t, d.worker, second); err != nil {
		t.Errorf("the second request's death: %v", err)
	}
	if p := only(t, stranger(s), batch); p.State != jobs.StateDead || p.Attempt != 2 {
		t.Errorf("the second request's death: %+v", p)
	}
	if err := deadRecord(t, d.worker, first); !errors.Is(err, jobs.ErrAnswered) {
		t.Errorf("a death before the one that is recorded: %v, want ErrAnswered", err)
	}
}

// Nothing is recorded of a picture that was deleted, or while S3 is down.
func TestDeadPictureGone(t *testing.T) {
	c, s, d := newHalves()
	batch := c.Begin()
	add(t, c, batch, 1, "a.jpg", photo(t))
	request := ask(t, c, d, batch)
	s.down = true
	if err := deadRecord(t, d.worker, request); !errors.Is(err, errDown) {
		t.Errorf("S3 is down: %v", err)
	}
	s.down = false
	if err := c.Delete(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	if err := deadRecord(t, d.worker, request); !errors.Is(err, jobs.ErrAnswered) {
		t.Errorf("deleted: %v, want ErrAnswered", err)
	}
	if keys := s.keys(); len(keys) != 0 {
		t.Errorf("left behind: %v", keys)
	}
}

// A bare request's death is told once, not after a result and not much later.
func TestDeadBarePicture(t *testing.T) {
	s := newStore()
	w := NewWorker(WorkerOptions{Bucket: s})
	if err := s.Put(t.Context(), jobs.Object{Key: "my photo"}, bytes.NewReader(photo(t))); err != nil {
		t.Fatal(err)
	}
	bare := func(id string, sent time.Time) jobs.Job {
		request := job("", "my photo "+bucket, nil)
		request.Delivery.ID, request.SentAt = id, sent
		return request
	}
	if err := deadRecord(t, w, bare("m1", time.Now())); err != nil {
		t.Error(err)
	}
	if err := deadRecord(t, w, bare("m2", time.Now())); err != nil {
		t.Errorf("another request for the same picture: %v", err)
	}
	for name, request := range map[string]jobs.Job{
		"told already": bare("m1", time.Now()),
		"long ago":     bare("m3", time.Now().Add(-bareWait-time.Second)),
	} {
		if err := deadRecord(t, w, request); !errors.Is(err, jobs.ErrAnswered) {
			t.Errorf("%s: %v, want ErrAnswered", name, err)
		}
	}
	answered := bare("m4", time.Now())
	if _, err := w.Work(t.Context(), answered); err != nil {
		t.Fatal(err)
	}
	if err := deadRecord(t, w, answered); !errors.Is(err, jobs.ErrAnswered) {
		t.Errorf("answered: %v, want ErrAnswered", err)
	}
}

// There is no record for a request that is refused.
func TestDeadRefused(t *testing.T) {
	w := NewWorker(WorkerOptions{Bucket: newStore()})
	batch := jobs.NewID(time.Now())
	key := uploadKey(batch, 1, originalName)
	for name, request := range map[string]jobs.Job{
		"another bucket":      job("", "photo elsewhere", nil),
		"no picture's key":    job("", "state/ids.key "+bucket, nil),
		"another job's key":   job(batch+".2", key+" "+bucket, nil),
		"an id that is none":  job("x", key+" "+bucket, nil),
		"an attempt of words": job(batch+".1", key+" "+bucket, map[string]string{jobs.AttrAttempt: "last"}),
	} {
		if reply := w.Fail(request, errDied); reply.Record != nil {
			t.Errorf("%s: there is a record", name)
		}
	}
}
