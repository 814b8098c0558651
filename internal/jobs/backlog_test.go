package jobs

import (
	"context"
	"errors"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// line is a queue of which only the length is looked at: it begins full, and
// requests leave it at a pace from a moment on.
type line struct {
	full  int
	pace  float64 // requests a second
	begin time.Time

	mu    sync.Mutex
	added int
	asked int
	err   error
}

func (l *line) add(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.added += n
}

func (l *line) calls() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.asked
}

func (l *line) depth(context.Context) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked++
	gone := max(0, int(l.pace*time.Since(l.begin).Seconds()))
	return max(0, l.full+l.added-gone), l.err
}

// watch runs a Backlog of the line until the test's bubble ends.
func watch(t *testing.T, l *line) *Backlog {
	t.Helper()
	b := NewBacklog(BacklogOptions{Depth: l.depth, Send: func(_ context.Context, _, _ string, _ Message, answered func(Answer)) error {
		l.add(1)
		return nil
	}})
	ctx, cancel := context.WithCancel(context.Background())
	var run sync.WaitGroup
	run.Go(func() { b.Run(ctx) })
	t.Cleanup(func() { cancel(); run.Wait() })
	return b
}

// near tells whether an estimate is off by at most a part of the truth, or by two.
func near(got, want, part float64) bool { return math.Abs(got-want) <= max(want*part, 2) }

// A page asks once a second, from when its request was sent on. What it is told
// is right all the way, whoever else sends.
func TestBacklogCountsDown(t *testing.T) {
	for name, c := range map[string]struct {
		pace          float64
		later, others float64 // requests a second that come behind ours: of this process, of others
		bound         bool    // only a bound can be told
		rough         float64 // by how much of itself the wait may be off
	}{
		"nobody else":       {pace: 5},
		"more through us":   {pace: 5, later: 4},
		"more by others":    {pace: 5, others: 2, bound: true},
		"as many by others": {pace: 5, later: 1, others: 4, bound: true},
		"slowly":            {pace: 0.5, rough: 0.25},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const ahead = 100
				l := &line{full: ahead + 1, pace: c.pace, begin: time.Now()}
				b := watch(t, l)
				sent := time.Now()
				rough := max(0.1, c.rough)
				told := 0
				var before Place
				for second := 0; float64(second) < ahead/c.pace; second++ {
					p, ok := b.Place(sent, 1)
					left := max(0, ahead-c.pace*float64(second))
					wait := (left + 1) / c.pace
					switch {
					case !ok && second > 8:
						t.Errorf("after %d s nothing is told", second)
					case !ok:
					case c.bound && (float64(p.Ahead) < left-2 || p.Wait.Seconds() < wait*0.9-1):
						t.Errorf("after %d s: %d ahead, %s, which is less than %.0f and %.0f s", second, p.Ahead, p.Wait, left, wait)
					case !c.bound && (!near(float64(p.Ahead), left, 0.1) || !near(p.Wait.Seconds(), wait, rough)):
						t.Errorf("after %d s: %d ahead, %s, want %.0f and %.0f s", second, p.Ahead, p.Wait, left, wait)
					case before.Wait > 0 && p.Ahead > before.Ahead+1:
						t.Errorf("after %d s: %d ahead, which were %d before", second, p.Ahead, before.Ahead)
					}
					if ok {
						told++
						before = p
					}
					time.Sleep(time.Second)
					l.add(int(c.others))
					for range int(c.later) {
						if err := b.Send(t.Context(), "", "", Message{}, func(Answer) {}); err != nil {
							t.Fatal(err)
						}
					}
				}
				if told == 0 {
					t.Error("nothing was told")
				}
			})
		})
	}
}

// When a worker comes at last, the time without one doesn't count.
func TestBacklogForgetsAStandstill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const standstill, pace = 50, 2.0
		l := &line{full: 201, pace: pace, begin: time.Now().Add(standstill * time.Second)}
		b := watch(t, l)
		sent := time.Now()
		for second := range standstill + 30 {
			p, ok := b.Place(sent, 1)
			if want := (201 - pace*float64(second-standstill)) / pace; ok && !near(p.Wait.Seconds(), want, 0.5) {
				t.Errorf("%d s after the worker came: %s, want %.0f s", second-standstill, p.Wait, want)
			} else if !ok && second > standstill+8 {
				t.Errorf("%d s after the worker came nothing is told", second-standstill)
			}
			time.Sleep(time.Second)
		}
	})
}

// What is answered to this process has left the queue, though as many came.
func TestBacklogKnowsAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &line{full: 40}
		var answer func(Answer)
		b := NewBacklog(BacklogOptions{Depth: l.depth, Send: func(_ context.Context, _, _ string, _ Message, answered func(Answer)) error {
			answer = answered
			return nil
		}})
		if err := b.Send(t.Context(), "", "", Message{}, func(Answer) {}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go b.Run(ctx)
		sent := time.Now()
		for range 5 {
			b.Place(sent, 1)
			time.Sleep(3 * time.Second)
			synctest.Wait()
			for range 6 {
				answer(Answer{})
			}
		}
		// 39 were ahead, and 24 were answered before the last look, 12 s after the first.
		if p, ok := b.Place(sent, 1); !ok || !near(float64(p.Ahead), 39-24-6, 0.1) || !near(p.Wait.Seconds(), 5, 0.1) {
			t.Errorf("got %+v, %v", p, ok)
		}
	})
}

// The queue is asked only while somebody waits, and once for all of them.
func TestBacklogAsksSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &line{full: 1000, pace: 1, begin: time.Now()}
		b := watch(t, l)
		time.Sleep(time.Hour)
		if l.calls() != 0 {
			t.Errorf("asked %d times, though nobody waits", l.calls())
		}
		var pages sync.WaitGroup
		for range 50 {
			pages.Go(func() {
				sent := time.Now()
				for range 60 {
					b.Place(sent, 1)
					time.Sleep(time.Second)
				}
			})
		}
		pages.Wait()
		if l.calls() < 15 || l.calls() > 21 {
			t.Errorf("asked %d times within a minute, want one in 3 or 4 s", l.calls())
		}
		asked := l.calls()
		time.Sleep(time.Hour)
		if l.calls() > asked+1 {
			t.Errorf("asked %d times after everybody had gone", l.calls()-asked)
		}
	})
}

// Nothing is told that isn't known: nothing leaves, nobody answers, or what is
// known is old.
func TestBacklogKeepsSilent(t *testing.T) {
	for name, l := range map[string]*line{
		"nothing leaves": {full: 300},
		"no answer":      {full: 300, pace: 3, err: errors.New("service unavailable")},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l.begin = time.Now()
				b := watch(t, l)
				for range 60 {
					if p, ok := b.Place(time.Now(), 1); ok {
						t.Fatalf("told %+v", p)
					}
					time.Sleep(time.Second)
				}
				if l.err != nil && l.calls() > 3 {
					t.Errorf("asked %d times within a minute, though there is no answer", l.calls())
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		b := watch(t, &line{full: 1000, pace: 5, begin: time.Now()})
		sent := time.Now()
		for range 10 {
			b.Place(sent, 1)
			time.Sleep(time.Second)
		}
		if _, ok := b.Place(sent, 1); !ok {
			t.Fatal("nothing is told")
		}
		time.Sleep(time.Minute)
		if p, ok := b.Place(sent, 1); ok {
			t.Errorf("told %+v from what was seen a minute ago", p)
		}
	})
}
