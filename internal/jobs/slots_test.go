package jobs

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestSlotsTake(t *testing.T) {
	const ms = time.Millisecond
	tests := []struct {
		name        string
		all, taken  int
		frees       []time.Duration // when one of those taken comes free
		least, most int
		patience    time.Duration
		got         int
		after       time.Duration
	}{
		{"enough", 20, 0, nil, 1, 10, 5 * ms, 10, 0},
		{"never more than there are", 3, 0, nil, 1, 10, 5 * ms, 3, 0},
		{"some, after waiting for more", 20, 15, nil, 1, 10, 5 * ms, 5, 5 * ms},
		{"more come in time", 20, 12, []time.Duration{2 * ms, 3 * ms}, 1, 10, 5 * ms, 10, 3 * ms},
		{"more come, not enough", 20, 15, []time.Duration{2 * ms, 3 * ms, 9 * ms}, 1, 10, 5 * ms, 7, 5 * ms},
		{"patience begins with the first", 20, 20, []time.Duration{100 * ms, 103 * ms, 120 * ms}, 1, 10, 5 * ms, 2, 105 * ms},
		{"no patience", 20, 20, []time.Duration{7 * ms, 8 * ms}, 1, 10, 0, 1, 7 * ms},
		{"all", 2, 2, []time.Duration{7 * ms, 9 * ms}, 2, 2, 0, 2, 9 * ms},
		{"the caller goes", 2, 2, []time.Duration{7 * ms}, 2, 2, 0, 0, time.Second},
	}
	for _, test := range tests {
		bubble(t, test.name, func(t *testing.T) {
			s := newSlots(test.all)
			s.take(t.Context(), test.taken, test.taken, 0)
			for _, d := range test.frees {
				time.AfterFunc(d, func() { s.give(1) })
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			began := time.Now()
			got := s.take(ctx, test.least, test.most, test.patience)
			if took := time.Since(began); got != test.got || took != test.after {
				t.Errorf("got %d after %v, want %d after %v", got, took, test.got, test.after)
			}
		})
	}
}

// Who waits for all isn't starved by those who want one.
func TestSlotsInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSlots(3)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		for range 5 {
			go func() {
				for s.take(ctx, 1, 1, 0) > 0 {
					pause(ctx, time.Second)
					s.give(1)
				}
			}()
		}
		time.Sleep(10500 * time.Millisecond)
		began := time.Now()
		if got := s.take(ctx, 3, 3, 0); got != 3 || time.Since(began) > 4*time.Second {
			t.Errorf("got %d after %v", got, time.Since(began))
		}
	})
}
