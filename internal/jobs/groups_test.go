package jobs

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Of one group no more than its share is worked on at once, others go on beside
// it, and all are done.
func TestGroupSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		now, most := make(map[string]int), make(map[string]int)
		s := newTestSystem(func(ctx context.Context, job Job) (Reply, error) {
			count := func(by int) {
				mu.Lock()
				defer mu.Unlock()
				now[job.Group] += by
				most[job.Group] = max(most[job.Group], now[job.Group])
			}
			count(1)
			defer count(-1)
			pause(ctx, time.Second)
			return Reply{}, nil
		})
		s.worker.kind.Slots, s.worker.kind.GroupSlots = 30, 3
		post := func(group string, n int) {
			for i := range n {
				m := request(fmt.Sprint(group, i))
				m.Group = group
				s.post(t, m)
			}
		}
		post("crowd", 20)
		post("", 5)
		r := s.start()
		time.Sleep(500 * time.Millisecond)
		post("one", 1)
		time.Sleep(1100 * time.Millisecond)
		if got := len(s.outcomes()); got != 3+5+1 {
			t.Errorf("%d done after a second, want 3 of the crowd, 5 of no group and the one", got)
		}
		time.Sleep(10 * time.Second)
		r.stop(t)
		if most["crowd"] != 3 || most[""] != 5 || len(s.outcomes()) != 26 {
			t.Errorf("at once were %v, and %d are done; want 3 of the crowd, 5 of no group, and 26", most, len(s.outcomes()))
		}
	})
}

// A group that has nothing in hand is forgotten, also when its turn didn't come.
func TestGroupsForget(t *testing.T) {
	g := newGroups(1)
	leave := g.enter(t.Context(), "a")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if g.enter(ended, "a") != nil {
		t.Error("a second turn was given where there is one")
	}
	leave()
	if len(g.turns) != 0 {
		t.Errorf("left are %v", g.turns)
	}
}
