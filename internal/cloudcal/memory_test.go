package cloudcal

import (
	"testing"
	"testing/synctest"
	"time"

	"cloudworks/internal/jobs"
)

// Memory is bounded by lists and by time, oldest first.
func TestMemoryIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		y := newMemory()
		full := func() *message {
			m := newMessage(jobs.NewID(time.Now()), time.Now())
			for range MaxLists {
				m.lists[jobs.NewToken()] = &Job{}
			}
			y.remember(m)
			return m
		}
		first := full()
		for range keepMost/MaxLists - 1 {
			full()
		}
		if y.messages[first.id] == nil || y.weight != keepMost {
			t.Fatalf("holds %d lists, the first: %v", y.weight, y.messages[first.id] != nil)
		}
		full()
		if y.messages[first.id] != nil || y.weight != keepMost {
			t.Errorf("holds %d lists, the first: %v", y.weight, y.messages[first.id] != nil)
		}
		time.Sleep(keepFor + time.Second) // of the test's own clock
		last := full()
		if len(y.messages) != 1 || y.messages[last.id] == nil || y.weight != MaxLists {
			t.Errorf("after a while it holds %d messages, %d lists", len(y.messages), y.weight)
		}
	})
}
