package cloudpic

import (
	"testing"
	"time"

	"cloudworks/internal/jobs"
)

// A batch takes pictures for an hour, by clocks that are up to an hour apart.
func TestClockApart(t *testing.T) {
	now := time.Now()
	for _, test := range []struct {
		age  time.Duration // of the batch, by the clock of who looks
		open bool
	}{
		{0, true}, {time.Hour, true}, {2 * time.Hour, true}, {-time.Hour, true}, {3 * time.Hour, false}, {-2 * time.Hour, false},
	} {
		if got := (*Client)(nil).open(jobs.NewID(now.Add(-test.age)), now); got != test.open {
			t.Errorf("a batch of age %v is open: %v, want %v", test.age, got, test.open)
		}
	}
}
