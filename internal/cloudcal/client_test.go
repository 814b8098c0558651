package cloudcal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cloudworks/internal/jobs"
)

// store is a bucket in memory.
type store struct {
	mu      sync.Mutex
	objects map[string][]byte
	gets    int
}

func newStore() *store { return &store{objects: make(map[string][]byte)} }

func (s *store) Put(_ context.Context, o jobs.Object, body io.ReadSeeker) error {
	text, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.objects[o.Key] = text
	return nil
}

func (s *store) PutIfAbsent(ctx context.Context, o jobs.Object, body io.ReadSeeker) error {
	s.mu.Lock()
	_, there := s.objects[o.Key]
	s.mu.Unlock()
	if there {
		return fmt.Errorf("put %q: %w", o.Key, jobs.ErrObjectExists)
	}
	return s.Put(ctx, o, body)
}

func (s *store) Get(_ context.Context, key string) (jobs.Object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gets++
	text, ok := s.objects[key]
	if !ok {
		return jobs.Object{}, fmt.Errorf("get %q: %w", key, jobs.ErrNoObject)
	}
	return jobs.Object{Key: key, Size: int64(len(text)), Body: io.NopCloser(bytes.NewReader(text))}, nil
}

func (s *store) Keys(_ context.Context, prefix string) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var keys []string
	for key := range s.objects {
		if strings.HasPrefix(key, prefix) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys, nil
}

// desk is an engine whose worker works when it is told to.
type desk struct {
	worker *Worker
	mu     sync.Mutex
	waits  []func() error
	err    error // of every send
	sent   []jobs.Message
}

func (d *desk) Send(_ context.Context, queue, id string, m jobs.Message, answered func(jobs.Answer)) error {
	if d.err != nil {
		return d.err
	}
	if queue != RequestQueue {
		return fmt.Errorf("sent to %s", queue)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sent = append(d.sent, m)
	d.waits = append(d.waits, func() error {
		job := jobs.Job{ID: id, Delivery: jobs.Delivery{Message: m, SentAt: time.Now()}}
		reply, err := d.worker.Work(context.Background(), job)
		if err != nil {
			return err
		}
		if err := reply.Record(context.Background()); err != nil {
			return err
		}
		answered(jobs.Answer{JobID: id, Status: jobs.StateDone, Body: reply.Body, At: time.Now()})
		return nil
	})
	return nil
}

// work does what was sent.
func (d *desk) work(t *testing.T) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, w := range d.waits {
		if err := w(); err != nil {
			t.Fatal(err)
		}
	}
	d.waits = nil
}

var testKey = []byte("0123456789abcdef0123456789abcdef")

func newTestClient(s *store, d *desk) *Client {
	return NewClient(ClientOptions{Sender: d, Bucket: s, Bulk: s, Key: testKey, Retention: 24 * time.Hour})
}

func TestSubmitAndAnswer(t *testing.T) {
	s := newStore()
	d := &desk{worker: NewWorker(s)}
	c := newTestClient(s, d)
	list := mustList(t, twenty)
	id, err := c.Submit(t.Context(), "owner", list)
	if err != nil {
		t.Fatal(err)
	}
	if job, err := c.Job(t.Context(), id); err != nil || job.State != jobs.StateQueued || *job.Numbers != list {
		t.Errorf("before the answer: %+v, %v", job, err)
	}
	if s.gets != 0 {
		t.Errorf("S3 was asked %d times before its time", s.gets)
	}
	d.work(t)
	job, err := c.Wait(t.Context(), id)
	if err != nil || job.State != jobs.StateDone || *job.Summary != Compute(list) {
		t.Errorf("after the answer: %+v, %v", job, err)
	}

	// Another instance knows it from S3 alone, and so its log line.
	other := newTestClient(s, d)
	job, err = other.Job(t.Context(), id)
	if err != nil || job.State != jobs.StateDone || *job.Numbers != list || *job.Summary != Compute(list) {
		t.Errorf("at another instance: %+v, %v", job, err)
	}
	line, key, err := other.LogLine(t.Context(), id)
	if err != nil || !strings.Contains(line, "median=10.5") || !strings.HasPrefix(key, "logs/cloudcal/") {
		t.Errorf("log line %q in %q, %v", line, key, err)
	}
}

// Another instance can't know the numbers before the log is there, but it
// knows that the id was given out; one that wasn't is not found.
func TestOtherInstanceBeforeTheAnswer(t *testing.T) {
	s := newStore()
	d := &desk{worker: NewWorker(s)}
	id, err := newTestClient(s, d).Submit(t.Context(), "owner", mustList(t, twenty))
	if err != nil {
		t.Fatal(err)
	}
	other := newTestClient(s, d)
	job, err := other.Job(t.Context(), id)
	if err != nil || job.State != jobs.StateQueued || job.Numbers != nil {
		t.Errorf("got %+v, %v", job, err)
	}
	if _, err := other.Job(t.Context(), id); err != nil || s.gets != 1 {
		t.Errorf("S3 was asked %d times within a second, %v", s.gets, err)
	}
	forged := id[:len(id)-1] + "2"
	if forged == id {
		forged = id[:len(id)-1] + "3"
	}
	for _, unknown := range []string{forged, "nonsense", ""} {
		if _, err := other.Job(t.Context(), unknown); jobs.Public(err).Code != jobs.CodeNotFound {
			t.Errorf("%q gives %v, want not found", unknown, err)
		}
	}
}

func TestSubmitWithoutQueue(t *testing.T) {
	down := &jobs.Error{Code: jobs.CodeUnavailable, Message: "down"}
	c := newTestClient(newStore(), &desk{err: down})
	if _, err := c.Submit(t.Context(), "owner", List{}); !errors.Is(err, down) {
		t.Errorf("got %v, want %v", err, down)
	}
}

func TestBulk(t *testing.T) {
	s := newStore()
	d := &desk{worker: NewWorker(s)}
	c := newTestClient(s, d)
	var csv strings.Builder
	csv.WriteString("\ufeffa,b,c\r\n")
	const rows = 1203
	for i := range rows {
		switch i {
		case 7:
			csv.WriteString("1,2,three\r\n")
		case 1200:
			csv.WriteString("=1+2,5\r\n")
		default:
			fmt.Fprintf(&csv, "%d,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20\r\n", i)
		}
	}
	id, err := c.SubmitBulk(t.Context(), "owner", strings.NewReader(csv.String()))
	if err != nil {
		t.Fatal(err)
	}
	if len(d.sent) != 3 || d.sent[0].Group != "owner" {
		t.Errorf("sent %d messages, want 3 of the owner's", len(d.sent))
	}
	b, err := c.BulkJob(t.Context(), id)
	if err != nil || b.State != jobs.StateQueued || b.Rows != rows-2 || b.Done != 0 || len(b.Bad) != 2 || b.Bad[0].Line != 9 {
		t.Errorf("before: %+v, %v", b, err)
	}
	d.work(t)
	c = newTestClient(s, d) // another instance, which hasn't asked S3 yet
	if b, err = c.BulkJob(t.Context(), id); err != nil || b.State != jobs.StateDone || b.Done != rows-2 {
		t.Errorf("after: %+v, %v", b, err)
	}
	var out strings.Builder
	if err := c.WriteBulk(t.Context(), id, &out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\r\n"), "\r\n")
	if len(lines) != rows+1 {
		t.Fatalf("the result has %d lines, want %d", len(lines), rows+1)
	}
	for i, want := range map[int]string{
		1:    "0,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,0,20,10.45,10.5,",
		8:    `"1,2,three",,,,,,,,,,,,,,,,,,,,,,,,"line 9: Number 3: “three” is not a whole number, such as 42 or -7."`,
		1201: `"'=1+2,5",,,,,,,,,,,,,,,,,,,,,,,,"line 1202: Number 1: “=1+2” is not a whole number, such as 42 or -7."`,
		1203: "1202,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,2,1202,70.55,11.5,",
	} {
		if lines[i] != want {
			t.Errorf("line %d is %s\nwant %s", i, lines[i], want)
		}
	}
}

func TestBulkBad(t *testing.T) {
	c := newTestClient(newStore(), &desk{worker: NewWorker(newStore())})
	for name, csv := range map[string]string{
		"empty":     "\n\n",
		"no lists":  "1,2\n3,4\n",
		"long row":  strings.Repeat("1", 5000),
		"not a csv": strings.Repeat("x y z\n", 1500),
	} {
		if _, err := c.SubmitBulk(t.Context(), "owner", strings.NewReader(csv)); jobs.Public(err).Code != jobs.CodeInvalid {
			t.Errorf("%s: got %v, want it invalid", name, err)
		}
	}
	if _, err := c.BulkJob(t.Context(), jobs.NewID(time.Now())); jobs.Public(err).Code != jobs.CodeNotFound {
		t.Errorf("unknown: got %v", err)
	}
}
