package jobs

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// state gives the one pool's, with Oldest as an age.
func (r *running) state(t *testing.T) (PoolState, time.Duration) {
	t.Helper()
	synctest.Wait()
	all := r.State()
	if len(all) != 1 {
		t.Fatalf("%d pools", len(all))
	}
	s, age := all[0], time.Duration(0)
	if !s.Oldest.IsZero() {
		age = time.Since(s.Oldest)
	}
	s.Oldest = time.Time{}
	return s, age
}

// A pool tells what it has in hand and, once its slots are taken, how long the
// rest waits.
func TestPoolState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTestSystem(func(ctx context.Context, _ Job) (Reply, error) {
			pause(ctx, 25*time.Second)
			return Reply{}, ctx.Err()
		})
		slots := s.worker.Kind().Slots
		r := s.start()
		time.Sleep(3 * time.Second)
		idle := PoolState{Kind: s.worker.Kind().Name, Requests: "work", Slots: slots, Known: true}
		got, _ := r.state(t)
		if diff := cmp.Diff(idle, got); diff != "" {
			t.Errorf("idle (-want +got):\n%s", diff)
		}
		for i := range slots + 3 {
			s.post(t, request(fmt.Sprint("j", i)))
		}
		time.Sleep(24 * time.Second)
		busy := idle
		busy.InHand, busy.Working, busy.Waits, busy.Heartbeats = slots, slots, 24*time.Second, 2*slots
		got, age := r.state(t)
		if diff := cmp.Diff(busy, got); diff != "" {
			t.Errorf("busy (-want +got):\n%s", diff)
		}
		if age != 24*time.Second {
			t.Errorf("the oldest in hand is %v old, want 24s", age)
		}
		time.Sleep(2 * time.Minute)
		got, _ = r.state(t)
		if got.InHand != 0 || got.Working != 0 || got.Waits != 0 {
			t.Errorf("afterwards %+v", got)
		}
		r.stop(t)
	})
}

// Polls that fail say nothing of the queue.
func TestWaitsUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTestSystem(nil)
		s.fakes["work"].fail = func(string) error { return errFake }
		r := s.start()
		time.Sleep(5 * time.Second)
		if got, _ := r.state(t); got.Known {
			t.Errorf("got %+v", got)
		}
		r.stop(t)
	})
}

// What is sent and not answered is counted by queue, until it is too old, and
// so are the jobs that requests hold.
func TestUnanswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sent := map[string]int{}
		a := ask(t, ClientOptions{Hooks: Hooks{Sent: func(queue string, jobs int) { sent[queue] += jobs }}})
		defer a.stop()
		for i, m := range []Message{{Jobs: 40}, {}} {
			if err := a.Send(t.Context(), "work", fmt.Sprint("j", i), m, a.answered); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
		}
		if diff := cmp.Diff(map[string]int{"work": 41}, sent); diff != "" {
			t.Error(diff)
		}
		got := a.Unanswered()["work"]
		if got.Requests != 2 || time.Since(got.Oldest) != 2*time.Minute {
			t.Errorf("got %+v, %v old", got, time.Since(got.Oldest))
		}
		time.Sleep(time.Hour + time.Minute)
		if got := a.Unanswered(); len(got) != 0 {
			t.Errorf("after an hour %+v", got)
		}
	})
}

// Only an answer that is safe counts, with the jobs it held; a dead request
// isn't answered.
func TestAnsweredHook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTestSystem(func(_ context.Context, job Job) (Reply, error) {
			switch job.ID {
			case "poison":
				return Reply{}, errFake
			case "wrong":
				return Reply{}, Errorf(CodeInvalid, "No.")
			}
			return Reply{Body: "yes", Jobs: 7}, nil
		})
		var mu sync.Mutex
		answered := []int{}
		s.opts.Hooks.Answered = func(_ string, jobs int) {
			mu.Lock()
			defer mu.Unlock()
			answered = append(answered, jobs)
		}
		for _, id := range []string{"good", "wrong", "poison"} {
			s.post(t, request(id))
			time.Sleep(time.Second)
		}
		r := s.start()
		time.Sleep(10 * time.Minute)
		r.stop(t)
		if len(answered) != 2 || answered[0]+answered[1] != 8 {
			t.Errorf("got %v, want 7 and 1", answered)
		}
	})
}
