package jobs

import (
	"math/rand/v2"
	"time"
)

// Backoff gives delays that grow with each failure, with full jitter: even
// over [half, whole) of first·2^n, and at most Max.
type Backoff struct {
	First, Max time.Duration
}

// Delay is the pause after the given number of failures, from 1.
func (b Backoff) Delay(failures int) time.Duration {
	d := b.First
	for range max(0, failures-1) {
		if d >= b.Max {
			break
		}
		d *= 2
	}
	d = min(d, b.Max)
	return d/2 + rand.N(d/2+1)
}
