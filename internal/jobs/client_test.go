package jobs

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// asker is a client that runs, and what it was answered.
type asker struct {
	*Client
	fakes
	mu         sync.Mutex
	answers    []Answer
	duplicates int
	troubles   int
	stop       func()
}

func ask(t *testing.T, opts ClientOptions) *asker {
	t.Helper()
	a := &asker{fakes: newFakes()}
	opts.Replies = "replies-web"
	if opts.Queue == nil {
		opts.Queue = a.open
	}
	opts.Hooks = Hooks{
		Sent:      opts.Hooks.Sent,
		Duplicate: func() { a.mu.Lock(); a.duplicates++; a.mu.Unlock() },
		Trouble:   func(string, error) { a.mu.Lock(); a.troubles++; a.mu.Unlock() },
	}
	client, err := NewClient(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	a.Client = client
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		client.Run(ctx)
	}()
	a.stop = sync.OnceFunc(func() { cancel(); <-done })
	return a
}

func (a *asker) answered(answer Answer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.answers = append(a.answers, answer)
}

func (a *asker) got() []Answer {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]Answer(nil), a.answers...)
}

// reply has a worker reply.
func (a *asker) reply(t *testing.T, body string, attrs ...string) {
	t.Helper()
	m := Message{Body: body, Attributes: make(map[string]string)}
	for i := 0; i < len(attrs); i += 2 {
		m.Attributes[attrs[i]] = attrs[i+1]
	}
	for _, err := range a.fakes["replies-web"].Send(t.Context(), []Message{m}) {
		if err != nil {
			t.Fatal(err)
		}
	}
	synctest.Wait()
}

func TestClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := ask(t, ClientOptions{})
		defer a.stop()
		sent := Message{Body: "1 2", Attributes: map[string]string{AttrPreset: "auto"}, Group: "owner"}
		if err := a.Send(t.Context(), "work", "j1", sent, a.answered); err != nil {
			t.Fatal(err)
		}
		want := Message{Body: "1 2", Group: "owner", Attributes: map[string]string{AttrPreset: "auto", AttrJobID: "j1", AttrReplyTo: "replies-web"}}
		if diff := cmp.Diff(want, a.fakes["work"].held()[0].Message); diff != "" {
			t.Errorf("message (-want +got):\n%s", diff)
		}
		if len(sent.Attributes) != 1 {
			t.Errorf("the caller's attributes were changed: %v", sent.Attributes)
		}
		time.Sleep(time.Second)
		a.reply(t, "error: no", AttrJobID, "j1", AttrStatus, "failed", AttrCode, "invalid", AttrReason, "no")
		a.reply(t, "again", AttrJobID, "j1", AttrStatus, "done")
		a.reply(t, "stranger", AttrJobID, "j9", AttrStatus, "done")
		a.reply(t, "nobody's")
		answer := Answer{JobID: "j1", Status: StateFailed, Body: "error: no", Code: CodeInvalid, Reason: "no", At: epoch.Add(time.Second)}
		if diff := cmp.Diff([]Answer{answer}, a.got()); diff != "" {
			t.Errorf("answers (-want +got):\n%s", diff)
		}
		if a.duplicates != 3 {
			t.Errorf("%d duplicates, want 3", a.duplicates)
		}
		time.Sleep(time.Second)
		if n := len(a.fakes["replies-web"].held()); n != 0 {
			t.Errorf("%d replies are left", n)
		}
	})
}

// Each attempt of a job has its own answer.
func TestClientAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := ask(t, ClientOptions{})
		defer a.stop()
		for _, attempt := range []string{"1", "2"} {
			m := Message{Body: "x", Attributes: map[string]string{AttrAttempt: attempt}}
			if err := a.Send(t.Context(), "work", "j1", m, a.answered); err != nil {
				t.Fatal(err)
			}
		}
		a.reply(t, "second", AttrJobID, "j1", AttrStatus, "done", AttrAttempt, "2")
		a.reply(t, "first", AttrJobID, "j1", AttrStatus, "done", AttrAttempt, "1")
		a.reply(t, "none", AttrJobID, "j1", AttrStatus, "done")
		var bodies []string
		for _, answer := range a.got() {
			bodies = append(bodies, answer.Body)
		}
		if diff := cmp.Diff([]string{"second", "first"}, bodies); diff != "" || a.duplicates != 1 {
			t.Errorf("%d duplicates; answers (-want +got):\n%s", a.duplicates, diff)
		}
	})
}

func TestClientKeeps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := ask(t, ClientOptions{Keep: 10 * time.Minute})
		defer a.stop()
		for _, id := range []string{"early", "late"} {
			if err := a.Send(t.Context(), "work", id, Message{Body: "x"}, a.answered); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(9 * time.Minute)
		a.reply(t, "in time", AttrJobID, "early", AttrStatus, "done")
		time.Sleep(3 * time.Minute)
		a.reply(t, "too late", AttrJobID, "late", AttrStatus, "done")
		if got := a.got(); len(got) != 1 || got[0].JobID != "early" || len(a.waiting) != 0 {
			t.Errorf("got %v, %d waiting", got, len(a.waiting))
		}
	})
}

func TestClientSendFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := ask(t, ClientOptions{})
		defer a.stop()
		a.fakes["work"].set(func(q *fakeQueue) { q.lose = func(string) error { return errFake } })
		err := a.Send(t.Context(), "work", "j1", Message{Body: "x"}, a.answered)
		if Public(err).Code != CodeUnavailable || !errors.Is(err, errFake) {
			t.Errorf("got %v", err)
		}
		a.reply(t, "the answer was lost, the message wasn't", AttrJobID, "j1", AttrStatus, "done")
		if len(a.got()) != 0 || len(a.waiting) != 0 {
			t.Errorf("a failed request was answered: %v, %d waiting", a.got(), len(a.waiting))
		}
		err = a.Send(t.Context(), "nowhere", "j2", Message{Body: "x"}, a.answered)
		if Public(err).Code != CodeUnavailable || !errors.Is(err, ErrNoQueue) {
			t.Errorf("got %v", err)
		}
		a.stop()
		if err := a.Send(t.Context(), "work", "j3", Message{Body: "x"}, a.answered); !errors.Is(err, ErrClosed) {
			t.Errorf("after the end: %v", err)
		}
	})
}

// Many replies are received by several polls and deleted in batches.
func TestClientBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := ask(t, ClientOptions{})
		defer a.stop()
		const n = 500
		for i := range n {
			if err := a.Send(t.Context(), "work", fmt.Sprint("j", i), Message{Body: "x"}, a.answered); err != nil {
				t.Fatal(err)
			}
		}
		q := a.fakes["replies-web"]
		batch := make([]Message, n)
		for i := range batch {
			batch[i] = Message{Body: "y", Attributes: map[string]string{AttrJobID: fmt.Sprint("j", i), AttrStatus: "done"}}
		}
		q.set(func(q *fakeQueue) { q.delay = 6 * time.Millisecond })
		q.Send(t.Context(), batch)
		time.Sleep(time.Second)
		if got := len(a.got()); got != n {
			t.Errorf("%d answers", got)
		}
		if calls := q.called("receive") + q.called("delete"); calls > n/MaxBatch*3 {
			t.Errorf("%d calls for %d replies", calls, n)
		}
		if len(q.held()) != 0 {
			t.Errorf("%d replies are left", len(q.held()))
		}
	})
}

// A reply queue that is deleted is made anew.
func TestClientRestores(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a *asker
		gone := func(string) error { return fmt.Errorf("receive: %w", ErrNoQueue) }
		restored := 0
		a = ask(t, ClientOptions{Restore: func(context.Context) error {
			if restored++; restored < 3 {
				return errFake // it takes SQS a minute
			}
			a.fakes["replies-web"].set(func(q *fakeQueue) { q.fail = nil })
			return nil
		}})
		defer a.stop()
		if err := a.Send(t.Context(), "work", "j1", Message{Body: "x"}, a.answered); err != nil {
			t.Fatal(err)
		}
		a.fakes["replies-web"].set(func(q *fakeQueue) { q.fail = gone })
		time.Sleep(time.Minute)
		a.reply(t, "y", AttrJobID, "j1", AttrStatus, "done")
		if restored != 3 || len(a.got()) != 1 {
			t.Errorf("restored %d times, answers %v", restored, a.got())
		}
	})
}

// A queue that comes and goes while replies are sent to it: whoever sends
// hears that it is gone, never that a sender is closed.
func TestSendersForget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakes()
		q := f["replies-web"]
		q.delay = time.Millisecond
		n := 0
		q.fail = func(string) error {
			if n++; n%3 == 0 {
				return fmt.Errorf("send: %w", ErrNoQueue)
			}
			return nil
		}
		s := newSenders(f.open)
		var all sync.WaitGroup
		for i := range 1000 {
			all.Go(func() {
				pause(t.Context(), time.Duration(i)*130*time.Microsecond)
				if err := s.send(t.Context(), "replies-web", Message{Body: "x"}); err != nil && !errors.Is(err, ErrNoQueue) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		q.set(func(q *fakeQueue) { q.fail = nil })
		if err := s.send(t.Context(), "replies-web", Message{Body: "x"}); err != nil {
			t.Fatal(err)
		}
		s.groups["replies-web"].Close() // as another does who finds it gone
		if err := s.send(t.Context(), "replies-web", Message{Body: "x"}); err != nil {
			t.Errorf("after another closed the sender: %v", err)
		}
		s.close()
		if err := s.send(t.Context(), "replies-web", Message{}); !errors.Is(err, ErrClosed) {
			t.Errorf("after close: %v", err)
		}
	})
}
