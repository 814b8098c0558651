package jobs

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// A soft stop in the middle of much work: what is in work is finished, what
// isn't begun goes back at once, and nothing finished is done again.
func TestSoftStop(t *testing.T) {
	for _, cut := range []bool{true, false} {
		bubble(t, fmt.Sprint("cut polls: ", cut), func(t *testing.T) {
			s := newTestSystem(func(ctx context.Context, _ Job) (Reply, error) {
				pause(ctx, 2*time.Second)
				return Reply{}, ctx.Err()
			})
			s.opts.AbandonPolls = cut
			s.fakes["work"].delay = 5 * time.Millisecond
			s.fakes["work"].back = 5 * time.Millisecond
			s.fakes["work"].thief = !cut // that is what "not cut" is for
			const n = 500
			for i := range n {
				s.post(t, request(fmt.Sprint("j", i)))
			}
			first := s.start()
			time.Sleep(9 * time.Second)
			if took := first.stop(t); took > 3*time.Second {
				t.Errorf("the stop took %v", took)
			}
			done := s.outcomes()
			if slices.ContainsFunc(done, func(o Outcome) bool { return o != OutcomeDone && o != OutcomeReturned }) {
				t.Errorf("outcomes %v", done)
			}
			if n := s.fakes["work"].hidden(); n > 0 {
				t.Errorf("%d requests are still hidden", n)
			}
			second := s.start()
			time.Sleep(2 * time.Minute)
			second.stop(t)
			for id, texts := range s.worker.records {
				if len(texts) != 1 {
					t.Errorf("%s was done %d times", id, len(texts))
				}
			}
			if len(s.worker.records) != n || len(s.fakes["work"].held()) != 0 {
				t.Errorf("%d done of %d, %d left", len(s.worker.records), n, len(s.fakes["work"].held()))
			}
		})
	}
}

// An idle stop: at once where polls may be cut, else when the open poll ends.
func TestIdleStop(t *testing.T) {
	for _, test := range []struct {
		cut         bool
		least, most time.Duration
	}{{true, 0, time.Second}, {false, 14 * time.Second, 15 * time.Second}} {
		bubble(t, fmt.Sprint("cut polls: ", test.cut), func(t *testing.T) {
			s := newTestSystem(nil)
			s.opts.AbandonPolls = test.cut
			r := s.start()
			time.Sleep(65 * time.Second)
			if took := r.stop(t); took < test.least || took > test.most {
				t.Errorf("took %v", took)
			}
		})
	}
}

// What the last polls bring after a stop goes back at once, unworked.
func TestStopHandsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTestSystem(nil)
		r := s.start()
		time.Sleep(time.Second)
		r.soft()
		s.fakes["work"].set(func(q *fakeQueue) { q.delay = 5 * time.Millisecond })
		s.fakes["work"].Send(t.Context(), slices.Repeat([]Message{request("j")}, 10))
		if err := <-r.done; err != nil {
			t.Error(err)
		}
		if n := len(s.worker.worked()); n != 0 {
			t.Errorf("%d were worked on", n)
		}
		if n := s.fakes["work"].hidden(); n > 0 {
			t.Errorf("%d are hidden", n)
		}
		// One call hands back the first, another the nine that came with it.
		if n := s.fakes["work"].called("change"); n > 2 {
			t.Errorf("%d calls to hand back", n)
		}
	})
}

// A hard stop cancels what is in work and hands it back, uncounted as a
// failure.
func TestHardStop(t *testing.T) {
	for _, how := range []string{"second signal", "soft stop takes too long"} {
		bubble(t, how, func(t *testing.T) {
			s := newTestSystem(func(ctx context.Context, _ Job) (Reply, error) {
				pause(ctx, time.Hour)
				return Reply{}, ctx.Err()
			})
			for i := range 5 {
				s.post(t, request(fmt.Sprint("j", i)))
			}
			r := s.start()
			time.Sleep(time.Minute)
			began := time.Now()
			r.soft()
			most := 26 * time.Second
			if how == "second signal" {
				time.Sleep(time.Second)
				r.hard()
				most = 2 * time.Second
			}
			if err := <-r.done; err != nil {
				t.Error(err)
			}
			if took := time.Since(began); took > most {
				t.Errorf("took %v", took)
			}
			if got := s.outcomes(); len(got) != 5 || slices.ContainsFunc(got, func(o Outcome) bool { return o != OutcomeReturned }) {
				t.Errorf("got %v", got)
			}
			if n := s.fakes["work"].hidden(); n > 0 {
				t.Errorf("%d are hidden", n)
			}
			r.hard()
		})
	}
}

// What is finished when a hard stop comes is still deleted.
func TestHardStopDeletes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTestSystem(nil)
		s.post(t, request("j1"))
		r := s.start()
		synctest.Wait() // answered; the delete waits for company
		if n := s.fakes["work"].called("delete"); n != 0 {
			t.Fatal("deleted already")
		}
		r.hard()
		if err := <-r.done; err != nil {
			t.Error(err)
		}
		if n := len(s.fakes["work"].held()); n != 0 {
			t.Error("the request is left")
		}
		r.soft()
	})
}

// What waits to be alone when a stop comes goes back at once.
func TestStopWhileWaitingToBeAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTestSystem(func(ctx context.Context, job Job) (Reply, error) {
			pause(ctx, 10*time.Second)
			return Reply{}, nil
		})
		s.worker.kind.Alone = true
		s.opts.AbandonPolls = true
		s.post(t, request("first"))
		r := s.start()
		time.Sleep(11 * time.Second) // a kind that works alone begins with one
		s.post(t, request("fresh"))
		time.Sleep(time.Second)
		s.fakes["work"].set(func(q *fakeQueue) { q.delay = time.Millisecond })
		s.post(t, request("again"))
		s.fakes["work"].set(func(q *fakeQueue) { q.messages[1].ReceiveCount++ })
		time.Sleep(time.Second)
		r.soft()
		time.Sleep(time.Second)
		got := s.fakes["work"].held()
		if len(got) != 2 || got[1].visible.After(time.Now()) || !got[0].visible.After(time.Now()) {
			t.Errorf("got %+v", got)
		}
		if err := <-r.done; err != nil {
			t.Error(err)
		}
		if _, ok := s.worker.records["fresh"]; !ok || len(s.worker.records) != 2 {
			t.Errorf("records %v", s.worker.records)
		}
		r.hard()
	})
}
