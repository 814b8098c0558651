package jobs

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// While all work fails, load falls: few receives, few tries, and none of many
// requests dies of a trouble of a minute. Then all are done.
func TestAllWorkFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var broken atomic.Bool
		broken.Store(true)
		s := newTestSystem(nil)
		s.worker.kind.Slots = 64
		s.worker.record = func(ctx context.Context, _ Job, _ string) error {
			pause(ctx, 25*time.Millisecond)
			if broken.Load() {
				return errFake
			}
			return nil
		}
		const n = 500
		for i := range n {
			s.post(t, request(fmt.Sprint("j", i)))
		}
		r := s.start()
		time.Sleep(80 * time.Second)
		if tries := len(s.worker.worked()); tries > 64+20 {
			t.Errorf("%d tries", tries)
		}
		if got := s.fakes["work"].called("receive"); got > 64+20 {
			t.Errorf("%d receives", got)
		}
		broken.Store(false)
		time.Sleep(5 * time.Minute)
		r.stop(t)
		if got := len(s.worker.records); got != n {
			t.Errorf("%d of %d done", got, n)
		}
		if got := len(s.fakes["work-dlq"].held()); got != 0 {
			t.Errorf("%d died", got)
		}
	})
}

// However many requests are poison, others are worked on at once, and the
// poison is dead within a minute.
func TestPoison(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTestSystem(func(_ context.Context, job Job) (Reply, error) {
			if job.ID[0] == 'p' {
				return Reply{}, &Poison{errFake}
			}
			return Reply{}, nil
		})
		s.worker.kind.Alone = true
		const n = 50
		for i := range n {
			s.post(t, request(fmt.Sprint("p", i)))
		}
		r := s.start()
		for i := range 5 {
			time.Sleep(5 * time.Second)
			s.post(t, request(fmt.Sprint("j", i)))
			time.Sleep(time.Second)
			done := slices.DeleteFunc(s.outcomes(), func(o Outcome) bool { return o != OutcomeDone })
			if len(done) != i+1 {
				t.Errorf("%d done, want %d", len(done), i+1)
			}
		}
		time.Sleep(30 * time.Second)
		r.stop(t)
		if got := len(s.fakes["work-dlq"].held()); got != n {
			t.Errorf("%d died, want %d", got, n)
		}
	})
}

// A few requests that fail for themselves slow nobody down.
func TestSomeWorkFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTestSystem(func(ctx context.Context, job Job) (Reply, error) {
			pause(ctx, 25*time.Millisecond)
			if job.ID[len(job.ID)-1] == '7' {
				panic("poison")
			}
			return Reply{}, nil
		})
		for i := range 500 {
			s.post(t, request(fmt.Sprint("j", i)))
		}
		r := s.start()
		time.Sleep(2 * time.Second)
		synctest.Wait()
		s.mu.Lock()
		done := 0
		for _, f := range s.finished {
			if f.Outcome == OutcomeDone {
				done++
			}
		}
		s.mu.Unlock()
		if done != 450 {
			t.Errorf("%d done", done)
		}
		r.stop(t)
	})
}

// A kind that works alone: what was received before has no neighbours, the
// others have.
func TestAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTestSystem(func(ctx context.Context, _ Job) (Reply, error) {
			pause(ctx, time.Second)
			return Reply{}, nil
		})
		s.worker.kind.Alone = true
		for i := range 40 {
			s.post(t, request(fmt.Sprint("j", i)))
		}
		for i, m := range s.fakes["work"].messages {
			if i >= 20 && i%5 == 0 {
				m.ReceiveCount = 1
			}
		}
		r := s.start()
		time.Sleep(time.Minute)
		r.stop(t)
		works := s.worker.worked()
		if len(works) != 40 {
			t.Fatalf("worked on %d", len(works))
		}
		for _, w := range works {
			if w.receive > 1 && w.neighbours > 0 {
				t.Errorf("%s was received %d times and had %d neighbours", w.body, w.receive, w.neighbours)
			}
		}
		if s.worker.most < 5 {
			t.Errorf("at most %d at once", s.worker.most)
		}
	})
}

// A kind that works alone begins with one request, and takes one at a time
// after one that was received before, until a fresh one came out well.
func TestAloneBegins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTestSystem(func(ctx context.Context, _ Job) (Reply, error) {
			pause(ctx, time.Second)
			return Reply{}, nil
		})
		s.worker.kind.Alone = true
		for i := range 25 {
			s.post(t, request(fmt.Sprint("j", i)))
		}
		s.fakes["work"].messages[5].ReceiveCount = 1
		s.fakes["work"].messages[11].ReceiveCount = 1
		r := s.start()
		time.Sleep(time.Minute)
		r.stop(t)
		// 1, then 2 to 11 with the sixth among them, which is done before
		// anything else is received; 12 comes for itself, and 13.
		if got := s.fakes["work"].limits; !slices.Equal(got[:2], []int{1, 10}) {
			t.Errorf("receives of at most %v", got)
		}
		works := s.worker.worked()
		if works[1].began < works[0].began+time.Second {
			t.Errorf("the second began at %v", works[1].began)
		}
		sixth := works[slices.IndexFunc(works, func(w work) bool { return w.body == "j5" })]
		for _, w := range works {
			if w.receive > 1 && w.neighbours > 0 {
				t.Errorf("%s had %d neighbours", w.body, w.neighbours)
			}
			if n, _ := strconv.Atoi(w.body[1:]); n > 10 && w.began < sixth.began+time.Second {
				t.Errorf("%s began at %v, j5 at %v", w.body, w.began, sixth.began)
			}
		}
	})
}

// After a request that was received before, requests come one at a time until
// a fresh one came out well.
func TestAloneGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTestSystem(func(ctx context.Context, _ Job) (Reply, error) {
			pause(ctx, time.Second)
			return Reply{}, nil
		})
		s.worker.kind.Alone = true
		for i := range 30 {
			s.post(t, request(fmt.Sprint("j", i)))
		}
		for i := range 4 {
			s.fakes["work"].messages[i].ReceiveCount = 1
		}
		r := s.start()
		time.Sleep(time.Minute)
		r.stop(t)
		if got := s.fakes["work"].limits; !slices.Equal(got[:6], []int{1, 1, 1, 1, 1, 10}) {
			t.Errorf("receives of at most %v", got)
		}
		if s.worker.most < 10 {
			t.Errorf("at most %d at once", s.worker.most)
		}
	})
}

// A request that kills the process takes no others to the dead-letter queue,
// however often the process starts again.
func TestKillerAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var victims []string
		dies := make(chan struct{}, 100)
		s := newTestSystem(func(ctx context.Context, job Job) (Reply, error) {
			pause(ctx, 100*time.Millisecond)
			if job.ID == "killer" {
				dies <- struct{}{}
				<-ctx.Done() // the process ends here
				return Reply{}, ctx.Err()
			}
			return Reply{}, nil
		})
		s.worker.kind.Alone, s.worker.kind.Slots = true, 4
		q := s.fakes["work"]
		q.shuffle = true
		s.opts.Queue = func(ctx context.Context, name string) (Queue, error) {
			got, err := s.open(ctx, name)
			if name == "work" {
				return &mortal{Queue: got}, nil
			}
			return got, err
		}
		for i := range 30 {
			s.post(t, request(fmt.Sprint("j", i)))
		}
		s.post(t, request("killer"))
		deaths := 0
		r := s.start()
		for alive := true; alive; {
			select {
			case <-dies:
				deaths++
				r.hard()
				<-r.done
				r = s.start()
			case <-time.After(5 * time.Minute):
				alive = false
			}
		}
		r.stop(t)
		for _, m := range s.fakes["work-dlq"].held() {
			victims = append(victims, m.Body)
		}
		if !slices.Equal(victims, []string{"killer"}) || deaths != DefaultMaxReceives {
			t.Errorf("%d deaths, dead letters %v", deaths, victims)
		}
		most := 0
		for _, w := range s.worker.worked() {
			if w.body != "killer" {
				most = max(most, w.receive)
			}
		}
		if most > 3 {
			t.Errorf("an innocent was received %d times", most)
		}
		if n := len(s.worker.records); n != 31 || !slices.Equal(s.worker.records["killer"], []string{"dead"}) {
			t.Errorf("%d records, the killer's %v", n, s.worker.records["killer"])
		}
		told := slices.DeleteFunc(s.fakes["replies-web"].repliesHeld(), func(r replyOf) bool { return r.Attributes[AttrStatus] == "done" })
		if diff := cmp.Diff(toldDead("killer"), told); diff != "" {
			t.Errorf("told of the dead (-want +got):\n%s", diff)
		}
	})
}

// mortal is a queue of a process that hands nothing back when it is killed.
type mortal struct{ Queue }

func (m *mortal) ChangeVisibility(ctx context.Context, changes []VisibilityChange) []error {
	if changes[0].Timeout == 0 {
		return make([]error, len(changes))
	}
	return m.Queue.ChangeVisibility(ctx, changes)
}

// A kind that doesn't ask for it never works alone: hundreds that come again
// after a kill are worked on side by side.
func TestManyAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTestSystem(func(ctx context.Context, _ Job) (Reply, error) {
			pause(ctx, time.Second)
			return Reply{}, nil
		})
		for i := range 100 {
			s.post(t, request(fmt.Sprint("j", i)))
		}
		for _, m := range s.fakes["work"].messages {
			m.ReceiveCount = 1
		}
		r := s.start()
		time.Sleep(7 * time.Second) // 20 slots, a second each
		r.stop(t)
		if len(s.worker.records) != 100 {
			t.Errorf("%d done", len(s.worker.records))
		}
	})
}
