package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// Work that outlasts the visibility time-out several times is done once.
func TestHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTestSystem(func(ctx context.Context, _ Job) (Reply, error) {
			pause(ctx, 5*time.Minute)
			return Reply{}, ctx.Err()
		})
		for i := range 15 {
			s.post(t, request(fmt.Sprint("j", i)))
		}
		r := s.start()
		time.Sleep(6 * time.Minute)
		r.stop(t)
		if got := len(s.worker.worked()); got != 15 {
			t.Errorf("worked %d times, want 15", got)
		}
		if n := len(s.fakes["work"].held()); n != 0 {
			t.Errorf("%d requests are left", n)
		}
		// 15 messages, ten in a call, every 10 to 12.5 s for 300 s.
		if n := s.fakes["work"].called("change"); n < 2*24 || n > 2*30 {
			t.Errorf("%d calls for heartbeats", n)
		}
	})
}

// A heartbeat that fails now and then is made up for.
func TestHeartbeatFailsSometimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTestSystem(func(ctx context.Context, _ Job) (Reply, error) {
			pause(ctx, 3*time.Minute)
			return Reply{}, ctx.Err()
		})
		n := 0
		s.fakes["work"].fail = func(operation string) error {
			if n++; operation == "change" && n%2 == 0 {
				return errFake
			}
			return nil
		}
		s.post(t, request("j1"))
		r := s.start()
		time.Sleep(4 * time.Minute)
		r.stop(t)
		if got := s.outcomes(); !slices.Equal(got, []Outcome{OutcomeDone}) {
			t.Errorf("got %v", got)
		}
	})
}

// Work whose message can't be kept hidden is cancelled before the message
// shows again, and nothing more is done for it.
func TestGivingUp(t *testing.T) {
	tests := []struct {
		name string
		fail func(q *fakeQueue)
	}{
		{"errors", func(q *fakeQueue) {
			q.fail = func(operation string) error {
				if operation == "change" {
					return errFake
				}
				return nil
			}
		}},
		{"calls that hang", func(q *fakeQueue) { q.delay, q.slow = time.Hour, "change" }},
	}
	for _, test := range tests {
		bubble(t, test.name, func(t *testing.T) {
			var cancelled time.Duration
			var cause error
			s := newTestSystem(nil)
			queue := s.fakes["work"]
			s.worker.do = func(ctx context.Context, job Job) (Reply, error) {
				if job.ReceiveCount > 1 {
					return Reply{}, nil
				}
				queue.set(test.fail)
				<-ctx.Done()
				cancelled, cause = time.Since(epoch), context.Cause(ctx)
				queue.set(func(q *fakeQueue) { q.delay, q.fail = 0, nil })
				return Reply{}, ctx.Err()
			}
			s.post(t, request("j1"))
			r := s.start()
			time.Sleep(2 * time.Minute)
			r.stop(t)
			if cancelled == 0 || cancelled >= 30*time.Second || !errors.Is(cause, errGivenUp) {
				t.Errorf("cancelled after %v for %v", cancelled, cause)
			}
			if got := s.outcomes(); !slices.Equal(got, []Outcome{OutcomeGivenUp, OutcomeDone}) {
				t.Errorf("got %v", got)
			}
			if n := queue.called("change"); n > 7 || test.name == "calls that hang" && n > 2 {
				t.Errorf("%d calls", n)
			}
		})
	}
}

// Work that doesn't heed its cancelling isn't kept hidden for ever.
func TestHeartbeatsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		s := newTestSystem(func(_ context.Context, job Job) (Reply, error) {
			if job.ReceiveCount == 1 {
				<-release
			}
			return Reply{}, nil
		})
		s.opts.MaxWork = time.Minute
		s.post(t, request("j1"))
		r := s.start()
		time.Sleep(3 * time.Minute)
		works := s.worker.worked()
		if len(works) != 2 || works[1].began > 130*time.Second {
			t.Errorf("got %+v", works)
		}
		close(release)
		synctest.Wait()
		r.stop(t)
	})
}

// A stop doesn't wait for ever for work that doesn't heed it.
func TestStuckWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		s := newTestSystem(func(context.Context, Job) (Reply, error) {
			<-release
			return Reply{}, nil
		})
		s.post(t, request("j1"))
		r := s.start()
		synctest.Wait()
		began := time.Now()
		r.soft()
		if err := <-r.done; !errors.Is(err, ErrStuck) {
			t.Errorf("got %v", err)
		}
		if took := time.Since(began); took > 46*time.Second {
			t.Errorf("took %v", took)
		}
		close(release)
		time.Sleep(time.Minute)
	})
}

// Work is cancelled when it takes too long, and tried again.
func TestMaxWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTestSystem(func(ctx context.Context, job Job) (Reply, error) {
			if job.ReceiveCount == 1 {
				<-ctx.Done()
			}
			return Reply{}, ctx.Err()
		})
		s.opts.MaxWork = time.Minute
		s.post(t, request("j1"))
		r := s.start()
		time.Sleep(2 * time.Minute)
		r.stop(t)
		if got := s.outcomes(); !slices.Equal(got, []Outcome{OutcomeRetry, OutcomeDone}) || s.finished[0].Took != time.Minute {
			t.Errorf("got %v, the first after %v", got, s.finished[0].Took)
		}
	})
}
