package jobs

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// An idle worker has one long poll open and makes no other calls.
func TestIdlePolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTestSystem(nil)
		r := s.start()
		time.Sleep(10*time.Minute - time.Second)
		q := s.fakes["work"]
		_, most := q.pollsOpen()
		if n := q.called("receive"); n != 30 || most != 1 {
			t.Errorf("%d receives, %d at once; want 30, 1", n, most)
		}
		r.stop(t)
		if len(q.calls) != 1 {
			t.Errorf("calls %v", q.calls)
		}
	})
}

// A busy worker polls by several, and by one again when all is done.
func TestBusyPolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTestSystem(func(ctx context.Context, _ Job) (Reply, error) {
			pause(ctx, 25*time.Millisecond)
			return Reply{}, nil
		})
		s.worker.kind.Slots = 128
		q := s.fakes["work"]
		for i := range 2000 {
			s.post(t, request(fmt.Sprint("j", i)))
		}
		q.set(func(q *fakeQueue) { q.delay = 6 * time.Millisecond })
		began := time.Now()
		r := s.start()
		for len(q.held()) > 0 {
			time.Sleep(10 * time.Millisecond)
		}
		took := time.Since(began)
		// By one poll alone 200 receives take 1.2 s.
		if took > 900*time.Millisecond {
			t.Errorf("2,000 took %v", took)
		}
		if _, most := q.pollsOpen(); most < 3 || most > maxPollers {
			t.Errorf("%d polls at once", most)
		}
		// Receives come back full, deletes leave full.
		if n := q.called("receive"); n > 240 {
			t.Errorf("%d receives", n)
		}
		if n := q.called("delete"); n > 240 {
			t.Errorf("%d deletes", n)
		}
		time.Sleep(30 * time.Second)
		if open, _ := q.pollsOpen(); open != 1 {
			t.Errorf("%d polls are open when idle", open)
		}
		r.stop(t)
	})
}

// Messages that come one by one in quick succession don't wait for the next
// poll to arrive: a second is open.
func TestSecondPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTestSystem(nil)
		q := s.fakes["work"]
		r := s.start()
		synctest.Wait()
		q.set(func(q *fakeQueue) { q.delay, q.slow = 6*time.Millisecond, "receive" })
		for i := range 50 {
			s.post(t, request(fmt.Sprint("j", i)))
			time.Sleep(4 * time.Millisecond)
		}
		synctest.Wait()
		for i, f := range s.finished {
			if i > 2 && f.Waited > 2*time.Millisecond {
				t.Errorf("%s waited for %v", f.ID, f.Waited)
			}
		}
		if n := q.called("receive"); n > 55 {
			t.Errorf("%d receives", n)
		}
		time.Sleep(5 * time.Second)
		if open, _ := q.pollsOpen(); open != 1 {
			t.Errorf("%d polls are open when idle", open)
		}
		r.stop(t)
	})
}

// At a moderate pace deletes go together all the same.
func TestDeletesWaitForCompany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTestSystem(nil)
		r := s.start()
		for i := range 100 {
			s.post(t, request(fmt.Sprint("j", i)))
			time.Sleep(3 * time.Millisecond)
		}
		time.Sleep(time.Second)
		if n := s.fakes["work"].called("delete"); n > 20 {
			t.Errorf("%d deletes of 100 messages", n)
		}
		r.stop(t)
	})
}

// What is answered and waits for its deletion takes no slot.
func TestSettlingTakesNoSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTestSystem(func(ctx context.Context, _ Job) (Reply, error) {
			pause(ctx, 100*time.Millisecond)
			return Reply{}, nil
		})
		s.worker.kind.Slots = 2
		q := s.fakes["work"]
		for i := range 20 {
			s.post(t, request(fmt.Sprint("j", i)))
		}
		q.set(func(q *fakeQueue) { q.delay, q.slow = 5*time.Second, "delete" })
		r := s.start()
		time.Sleep(1500 * time.Millisecond)
		if n := len(s.worker.worked()); n != 20 {
			t.Errorf("%d worked on in 1.5 s", n)
		}
		r.stop(t)
	})
}

// There is never more in hand than there are slots, whatever is waiting.
func TestSlots(t *testing.T) {
	for _, n := range []int{1, 3, 10, 25} {
		bubble(t, fmt.Sprint(n), func(t *testing.T) {
			s := newTestSystem(func(ctx context.Context, _ Job) (Reply, error) {
				pause(ctx, time.Second)
				return Reply{}, nil
			})
			s.worker.kind.Slots = n
			q := s.fakes["work"]
			for i := range 200 {
				s.post(t, request(fmt.Sprint("j", i)))
			}
			q.set(func(q *fakeQueue) { q.delay = 5 * time.Millisecond })
			r := s.start()
			for range 100 {
				time.Sleep(97 * time.Millisecond)
				// Besides those in hand there are those answered, on their
				// way to be deleted.
				if hidden := q.hidden(); hidden > 2*n {
					t.Errorf("%d in hand, %d slots", hidden, n)
				}
			}
			if got := len(s.worker.worked()); got < 9*n-n {
				t.Errorf("%d worked on in 9.7 s by %d slots", got, n)
			}
			r.stop(t)
			if s.worker.most > n {
				t.Errorf("%d at once, %d slots", s.worker.most, n)
			}
		})
	}
}

// Receives that fail come ever more seldom, and go on when they work again.
func TestReceiveFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTestSystem(nil)
		q := s.fakes["work"]
		q.fail = func(string) error { return errFake }
		r := s.start()
		time.Sleep(10 * time.Minute)
		n := q.called("receive")
		if n < 20 || n > 50 {
			t.Errorf("%d receives in 10 min", n)
		}
		q.set(func(q *fakeQueue) { q.fail = nil })
		s.post(t, request("j1"))
		time.Sleep(31 * time.Second)
		if got := s.outcomes(); !slices.Equal(got, []Outcome{OutcomeDone}) {
			t.Errorf("got %v", got)
		}
		r.stop(t)
	})
}

// Duplicates, disorder, errors and lost answers: every request is answered,
// every record is there, the queue is empty.
func TestFaultyQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTestSystem(func(ctx context.Context, _ Job) (Reply, error) {
			pause(ctx, 30*time.Millisecond)
			return Reply{}, nil
		})
		s.worker.kind.Slots = 64
		q := s.fakes["work"]
		q.maxReceives = 1000
		s.worker.kind.MaxReceives = 1000
		q.duplicate, q.shuffle = true, true
		const n = 1000
		for i := range n {
			s.post(t, request(fmt.Sprint("j", i)))
		}
		for _, name := range []string{"work", "replies-web"} {
			calls := 0
			every := func(k int) func(string) error {
				return func(string) error {
					if calls++; calls%k == 0 {
						return errFake
					}
					return nil
				}
			}
			s.fakes[name].set(func(q *fakeQueue) {
				q.delay, q.fail, q.lose = 6*time.Millisecond, every(5), every(7)
			})
		}
		r := s.start()
		time.Sleep(5 * time.Hour)
		r.stop(t)
		if got := len(s.worker.records); got != n {
			t.Errorf("%d records, want %d", got, n)
		}
		answered := make(map[string]bool)
		for _, m := range s.fakes["replies-web"].held() {
			answered[m.Attributes[AttrJobID]] = true
		}
		if len(answered) != n {
			t.Errorf("%d answered, want %d", len(answered), n)
		}
		if left := len(q.held()); left != 0 {
			t.Errorf("%d requests are left", left)
		}
	})
}
