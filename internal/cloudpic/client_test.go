package cloudpic

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cloudworks/internal/cloudpic/enhance"
	"cloudworks/internal/jobs"
)

// store is a bucket in memory.
type store struct {
	mu      sync.Mutex
	objects map[string]stored
	down    bool
}

type stored struct {
	jobs.Object
	data []byte
}

func newStore() *store { return &store{objects: make(map[string]stored)} }

var errDown = errors.New("the store is down")

func (s *store) Name() string { return bucket }

func (s *store) Head(_ context.Context, key string) (jobs.Object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, ok := s.objects[key]
	switch {
	case s.down:
		return jobs.Object{}, errDown
	case !ok:
		return jobs.Object{}, fmt.Errorf("head %q: %w", key, jobs.ErrNoObject)
	}
	return o.Object, nil
}

func (s *store) Get(ctx context.Context, key string) (jobs.Object, error) {
	o, err := s.Head(ctx, key)
	if err == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		o.Body = io.NopCloser(bytes.NewReader(s.objects[key].data))
	}
	return o, err
}

func (s *store) Put(_ context.Context, o jobs.Object, body io.ReadSeeker) error {
	data, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return errDown
	}
	o.Size, o.Modified = int64(len(data)), time.Now()
	s.objects[o.Key] = stored{o, data}
	return nil
}

func (s *store) PutIfAbsent(ctx context.Context, o jobs.Object, body io.ReadSeeker) error {
	if _, err := s.Head(ctx, o.Key); err == nil {
		return jobs.ErrObjectExists
	}
	return s.Put(ctx, o, body)
}

func (s *store) Delete(_ context.Context, keys ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, key := range keys {
		delete(s.objects, key)
	}
	return nil
}

func (s *store) List(_ context.Context, prefix string) iter.Seq2[jobs.Object, error] {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []jobs.Object
	for _, key := range slices.Sorted(maps.Keys(s.objects)) {
		if strings.HasPrefix(key, prefix) {
			found = append(found, s.objects[key].Object)
		}
	}
	return func(yield func(jobs.Object, error) bool) {
		for _, o := range found {
			if !yield(o, nil) {
				return
			}
		}
	}
}

func (s *store) keys() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.objects))
}

// desk is an engine whose worker works when it is told to.
type desk struct {
	worker *Worker
	err    error // of every send

	mu    sync.Mutex
	waits []func()
	sent  []jobs.Message
}

func (d *desk) Send(_ context.Context, _, id string, m jobs.Message, answered func(jobs.Answer)) error {
	if d.err != nil {
		return d.err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sent = append(d.sent, m)
	d.waits = append(d.waits, func() {
		request := job(id, m.Body, m.Attributes)
		reply, err := d.worker.Work(context.Background(), request)
		a := jobs.Answer{JobID: id, Status: jobs.StateDone, Body: reply.Body, At: time.Now()}
		if err != nil {
			why := jobs.Public(err)
			reply = d.worker.Fail(request, why)
			a.Status, a.Code, a.Reason = jobs.StateFailed, why.Code, why.Message
		}
		if reply.Record != nil {
			if err := reply.Record(context.Background()); err != nil {
				return // no answer without its record
			}
		}
		answered(a)
	})
	return nil
}

func (d *desk) work() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, w := range d.waits {
		w()
	}
	d.waits = nil
}

func newHalves() (*Client, *store, *desk) {
	s := newStore()
	d := &desk{worker: NewWorker(WorkerOptions{Bucket: s})}
	return NewClient(ClientOptions{Sender: d, Bucket: s, Retention: time.Hour}), s, d
}

// photo is a small flat JPEG, so that there is something to better.
func photo(t *testing.T) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 64, 48))
	for y := range 48 {
		for x := range 64 {
			m.SetRGBA(x, y, color.RGBA{uint8(100 + x/2), uint8(100 + y/2), uint8(110 + (x*y)%17), 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var classic = Options{Preset: enhance.Classic, Strength: 30}

func add(t *testing.T, c *Client, batch string, n int, name string, data []byte) Picture {
	t.Helper()
	p, err := c.Add(t.Context(), batch, n, "owner", name, bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func only(t *testing.T, c *Client, batch string) Picture {
	t.Helper()
	b, err := c.Batch(t.Context(), batch)
	if err != nil || len(b.Pictures) != 1 {
		t.Fatalf("got %+v, %v; want one picture", b, err)
	}
	return b.Pictures[0]
}

func TestPictureFromUploadToResult(t *testing.T) {
	c, s, d := newHalves()
	batch := c.Begin()
	add(t, c, batch, 1, `C:\photos\Ünder way.jpg`, photo(t))
	if err := c.Send(t.Context(), batch, "owner", []int{1}, classic); err != nil {
		t.Fatal(err)
	}
	if p := only(t, c, batch); p.State != jobs.StateQueued || p.Name != "Ünder way.jpg" {
		t.Errorf("before: %+v", p)
	}
	if got := d.sent[0]; got.Group != "owner" || got.Body != "uploads/"+batch+"/1/original cloudworks" {
		t.Errorf("sent %+v", got)
	}
	d.work()
	p := only(t, c, batch)
	if p.State != jobs.StateDone || p.Result == nil || p.Result.Options != classic || p.Result.Width != 64 || p.Original.Height != 48 {
		t.Errorf("after: %+v", p)
	}

	// Another instance knows it all from S3.
	other := NewClient(ClientOptions{Sender: d, Bucket: s, Retention: time.Hour})
	if q := only(t, other, batch); q.State != jobs.StateDone || q.Name != p.Name || q.Result.Gain != p.Result.Gain {
		t.Errorf("at another instance: %+v", q)
	}
	for _, v := range []Variant{VariantOriginal, VariantEnhanced, VariantBefore, VariantAfter} {
		o, err := other.Open(t.Context(), batch, 1, v)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := jpeg.Decode(o.Body); err != nil {
			t.Errorf("%s is no JPEG: %v", v, err)
		}
	}
	if _, err := other.Open(t.Context(), batch, 1, "again"); jobs.Public(err).Code != jobs.CodeNotFound {
		t.Errorf("an unknown variant gives %v", err)
	}
}

func TestRefusedAtTheDoor(t *testing.T) {
	c, s, d := newHalves()
	batch := c.Begin()
	p := add(t, c, batch, 1, "notes.jpg", []byte("Dear diary"))
	if p.State != jobs.StateFailed || p.Error == "" {
		t.Errorf("got %+v", p)
	}
	if keys := s.keys(); len(keys) != 1 || !strings.HasSuffix(keys[0], "/1/failed") {
		t.Errorf("stored: %v", keys)
	}
	other := NewClient(ClientOptions{Sender: d, Bucket: s, Retention: time.Hour})
	if q := only(t, other, batch); q.State != jobs.StateFailed || q.Error != p.Error || q.Name != "notes.jpg" {
		t.Errorf("at another instance: %+v", q)
	}
}

// A picture that only shows in the work that it is broken fails with a
// reason, on every instance.
func TestFailsInTheWork(t *testing.T) {
	c, s, d := newHalves()
	batch := c.Begin()
	whole := photo(t)
	half := append(bytes.Clone(whole[:len(whole)-60]), 0xff, 0xd9) // and an end
	if p := add(t, c, batch, 1, "half.jpg", half); p.State.Final() {
		t.Fatalf("refused at the door: %+v", p)
	}
	if err := c.Send(t.Context(), batch, "owner", []int{1}, classic); err != nil {
		t.Fatal(err)
	}
	d.work()
	p := only(t, c, batch)
	if p.State != jobs.StateFailed || p.Error == "" {
		t.Errorf("got %+v", p)
	}
	other := NewClient(ClientOptions{Sender: d, Bucket: s, Retention: time.Hour})
	if q := only(t, other, batch); q.State != jobs.StateFailed || q.Error != p.Error {
		t.Errorf("at another instance: %+v", q)
	}
}

// When the queue doesn't take the request, nothing is left behind.
func TestSendFails(t *testing.T) {
	c, s, d := newHalves()
	d.err = &jobs.Error{Code: jobs.CodeUnavailable, Message: "down"}
	batch := c.Begin()
	add(t, c, batch, 1, "a.jpg", photo(t))
	if err := c.Send(t.Context(), batch, "owner", []int{1}, classic); !errors.Is(err, d.err) {
		t.Errorf("got %v", err)
	}
	if keys := s.keys(); len(keys) != 0 {
		t.Errorf("left behind: %v", keys)
	}
}

func TestAgain(t *testing.T) {
	c, s, d := newHalves()
	batch := c.Begin()
	add(t, c, batch, 1, "a.jpg", photo(t))
	if err := c.Send(t.Context(), batch, "owner", []int{1}, classic); err != nil {
		t.Fatal(err)
	}
	weak := Options{Preset: enhance.Classic, Strength: 5}
	if err := c.Again(t.Context(), batch, 1, "owner", weak); jobs.Public(err).Code != jobs.CodeInvalid {
		t.Errorf("again before the first answer gives %v", err)
	}
	d.work()
	if err := c.Again(t.Context(), batch, 1, "owner", weak); err != nil {
		t.Fatal(err)
	}
	other := NewClient(ClientOptions{Sender: d, Bucket: s, Retention: time.Hour})
	for name, at := range map[string]*Client{"own": c, "another": other} {
		if p := only(t, at, batch); p.State != jobs.StateQueued || p.Attempt != 2 || p.Options != weak {
			t.Errorf("waiting, at %s instance: %+v", name, p)
		}
	}
	d.work()
	if p := only(t, c, batch); p.State != jobs.StateDone || p.Result.Options != weak || p.Attempt != 2 {
		t.Errorf("done: %+v", p)
	}
}

// Deleted is deleted: also what a worker still writes.
func TestDeleteDuringTheWork(t *testing.T) {
	c, s, d := newHalves()
	batch := c.Begin()
	add(t, c, batch, 1, "a.jpg", photo(t))
	if err := c.Send(t.Context(), batch, "owner", []int{1}, classic); err != nil {
		t.Fatal(err)
	}
	late := uploadKey(batch, 1, originalName)
	data := s.objects[late].data
	if err := c.Delete(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Batch(t.Context(), batch); jobs.Public(err).Code != jobs.CodeNotFound {
		t.Errorf("the batch after its deletion: %v", err)
	}
	out, err := Enhance(data, classic) // a worker that has fetched it already
	if err != nil {
		t.Fatal(err)
	}
	if err := d.worker.store(t.Context(), Request{Key: late, Options: classic, Attempt: 1, Batch: batch, Number: 1}, out); err != nil {
		t.Fatal(err)
	}
	d.work() // and one that finds it gone
	if keys := s.keys(); len(keys) != 0 {
		t.Errorf("left behind: %v", keys)
	}
}

func TestAddBounds(t *testing.T) {
	c, s, _ := newHalves()
	batch := c.Begin()
	add(t, c, batch, 1, "a.jpg", photo(t))
	for name, at := range map[string]struct {
		batch string
		n     int
	}{
		"taken": {batch, 1}, "zero": {batch, 0}, "21": {batch, 21}, "no id": {"../x", 1},
		"old batch":  {jobs.NewID(time.Now().Add(-3 * time.Hour)), 1},
		"from ahead": {jobs.NewID(time.Now().Add(2 * time.Hour)), 1},
	} {
		if _, err := c.Add(t.Context(), at.batch, at.n, "owner", "b.jpg", bytes.NewReader(photo(t))); jobs.Public(err).Code != jobs.CodeInvalid {
			t.Errorf("%s: got %v, want it invalid", name, err)
		}
	}
	s.down = true
	if _, err := c.Add(t.Context(), batch, 2, "owner", "b.jpg", bytes.NewReader(photo(t))); jobs.Public(err).Code != jobs.CodeUnavailable {
		t.Errorf("with the store down: %v", err)
	}
}
