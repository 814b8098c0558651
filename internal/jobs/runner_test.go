package jobs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Record and reply are confirmed before the request is deleted.
func TestDeleteComesLast(t *testing.T) {
	for _, slow := range []string{"record", "reply"} {
		bubble(t, slow, func(t *testing.T) {
			s := newTestSystem(nil)
			if slow == "record" {
				s.worker.record = func(ctx context.Context, _ Job, _ string) error {
					pause(ctx, 5*time.Second)
					return nil
				}
			} else {
				s.fakes["replies-web"].delay = 5 * time.Second
			}
			s.post(t, request("j1"))
			r := s.start()
			time.Sleep(4 * time.Second)
			if n := s.fakes["work"].called("delete"); n != 0 {
				t.Error("deleted before both were confirmed")
			}
			time.Sleep(2 * time.Second)
			if n := len(s.fakes["work"].held()); n != 0 {
				t.Error("not deleted")
			}
			r.stop(t)
		})
	}
}

// A failed record or reply means that it is done again, to the same end.
func TestAnswerFails(t *testing.T) {
	for _, broken := range []string{"record", "reply"} {
		bubble(t, broken, func(t *testing.T) {
			s := newTestSystem(nil)
			fails := 2
			fail := func() error {
				if fails--; fails >= 0 {
					return errFake
				}
				return nil
			}
			if broken == "record" {
				s.worker.record = func(context.Context, Job, string) error { return fail() }
			} else {
				s.fakes["replies-web"].fail = func(string) error { return fail() }
			}
			s.post(t, request("j1"))
			r := s.start()
			time.Sleep(5 * time.Minute)
			r.stop(t)
			if diff := cmp.Diff([]Outcome{OutcomeRetry, OutcomeRetry, OutcomeDone}, s.outcomes()); diff != "" {
				t.Errorf("outcomes (-want +got):\n%s", diff)
			}
			bodies := make(map[string]bool)
			for _, m := range s.fakes["replies-web"].held() {
				bodies[m.Body] = true
			}
			if want := map[string]bool{"re: j1": true}; !maps.Equal(bodies, want) {
				t.Errorf("replies %v", bodies)
			}
		})
	}
}

// Tries are spaced by delays that grow.
func TestRetriesGrow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTestSystem(func(context.Context, Job) (Reply, error) { return Reply{}, errFake })
		s.opts.Retry = Backoff{First: 2 * time.Second, Max: 5 * time.Minute, Factor: 4}
		s.post(t, request("j1"))
		r := s.start()
		time.Sleep(10 * time.Minute)
		r.stop(t)
		works := s.worker.worked()
		if len(works) != 5 {
			t.Fatalf("tried %d times", len(works))
		}
		for i, whole := range []time.Duration{2, 8, 32, 128} {
			whole *= time.Second
			got := works[i+1].began - works[i].began
			if got < whole/2-time.Second || got > whole+time.Second {
				t.Errorf("pause %d is %v, want %v to %v", i+1, got, whole/2, whole)
			}
		}
	})
}

// A worker that dies with work in hand: another does it again, and the
// records and replies are the same.
func TestCrash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTestSystem(nil)
		var victim *fakeQueue // the queue as the dying worker sees it
		crash := errors.New("connection lost: the process is dead")
		s.opts.Queue = func(ctx context.Context, name string) (Queue, error) {
			q, err := s.open(ctx, name)
			if name == "work" && victim == nil {
				victim = q.(*fakeQueue)
				return &dying{fakeQueue: victim, err: crash}, nil
			}
			return q, err
		}
		for i := range 30 {
			s.post(t, request(fmt.Sprint("j", i)))
		}
		first := s.start()
		time.Sleep(5 * time.Second)
		first.hard() // all is answered, nothing deleted
		first.soft()
		<-first.done
		if n := len(s.fakes["work"].held()); n != 30 {
			t.Fatalf("%d requests are left", n)
		}
		s.finished = nil
		second := s.start()
		time.Sleep(time.Minute)
		second.stop(t)
		if n := len(s.fakes["work"].held()); n != 0 {
			t.Errorf("%d requests are left", n)
		}
		if len(s.worker.records) != 30 {
			t.Errorf("%d records", len(s.worker.records))
		}
		for id, texts := range s.worker.records {
			if got := slices.Compact(texts); len(got) != 1 || got[0] != "re: "+id {
				t.Errorf("records of %s: %q", id, texts)
			}
		}
		if got := s.outcomes(); len(got) != 30 {
			t.Errorf("%d finished by the second worker", len(got))
		}
	})
}

// dying is a queue of a process that can't delete any more.
type dying struct {
	*fakeQueue
	err error
}

func (d *dying) Delete(_ context.Context, receipts []string) []error {
	return slices.Repeat([]error{d.err}, len(receipts))
}

func (d *dying) ChangeVisibility(_ context.Context, changes []VisibilityChange) []error {
	return slices.Repeat([]error{d.err}, len(changes))
}

// A delete that fails is tried again, so that what is finished stays so.
func TestDeleteIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTestSystem(nil)
		fails := 2
		s.fakes["work"].fail = func(operation string) error {
			if operation == "delete" && fails > 0 {
				fails--
				return errFake
			}
			return nil
		}
		s.post(t, request("j1"))
		r := s.start()
		time.Sleep(time.Minute)
		r.stop(t)
		if got := len(s.worker.worked()); got != 1 {
			t.Errorf("worked on %d times", got)
		}
		if n := len(s.fakes["work"].held()); n != 0 {
			t.Error("the request is left")
		}
	})
}

func TestOpenFails(t *testing.T) {
	tests := []struct {
		name string
		err  error // the first three times
		want error
	}{
		{"a start is patient", errFake, nil},
		{"a queue that isn't there ends it", fmt.Errorf("find: %w", ErrNoQueue), ErrNoQueue},
	}
	for _, test := range tests {
		bubble(t, test.name, func(t *testing.T) {
			s := newTestSystem(nil)
			opens := 0
			s.opts.Queue = func(ctx context.Context, name string) (Queue, error) {
				// The second queue, when one kind is open already.
				if opens++; opens > 2 && opens <= 5 {
					return nil, test.err
				}
				return s.open(ctx, name)
			}
			runner := NewRunner(s.opts)
			Register(runner, s.worker)
			Register(runner, s.worker)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if err := runner.Run(ctx, t.Context()); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

// Nothing of a job's text gets lost in the one line that is told of it.
func TestFinishedTells(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTestSystem(func(ctx context.Context, _ Job) (Reply, error) {
			pause(ctx, 3*time.Second)
			panic("oh no")
		})
		s.post(t, request("j1"))
		time.Sleep(2 * time.Second)
		r := s.start()
		time.Sleep(4 * time.Second)
		r.stop(t)
		if len(s.finished) == 0 {
			t.Fatal("nothing was told")
		}
		got := s.finished[0]
		if got.ID != "j1" || got.Kind != "work" || got.Attempt != 1 || got.Waited != 2*time.Second || got.Took < 3*time.Second {
			t.Errorf("got %+v", got)
		}
		if !strings.Contains(got.Err.Error(), "oh no") || !strings.Contains(got.Err.Error(), "runner_test.go") {
			t.Errorf("error without panic and stack: %v", got.Err)
		}
	})
}

// A request that died is with the dead letters at once.
func TestDeadAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTestSystem(func(context.Context, Job) (Reply, error) { return Reply{}, errFake })
		s.post(t, request("j1"))
		s.fakes["work"].set(func(q *fakeQueue) { q.messages[0].ReceiveCount = DefaultMaxReceives - 1 })
		r := s.start()
		time.Sleep(time.Second)
		if n := len(s.fakes["work-dlq"].held()); n != 1 {
			t.Errorf("%d dead letters", n)
		}
		r.stop(t)
	})
}
