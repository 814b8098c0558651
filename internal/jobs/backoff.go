package jobs

import (
	"math/rand/v2"
	"time"
)

// Backoff gives delays that grow with each failure, with jitter: even over
// [half, whole] of First·Factor^n, and at most Max.
type Backoff struct {
	First, Max time.Duration
	Factor     int // 0 means 2
}

// Delay is the pause after the given number of failures, from 1.
func (b Backoff) Delay(failures int) time.Duration {
	d, factor := min(b.First, b.Max), time.Duration(max(b.Factor, 0))
	if factor == 0 {
		factor = 2
	}
	for range failures - 1 {
		if d >= b.Max/factor { // before it overflows
			d = b.Max
			break
		}
		d *= factor
	}
	return d/2 + rand.N(d-d/2+1)
}
