package jobs

import (
	"sync"
	"time"
)

// caution says when a pool may not go on at full speed.
//
// While work keeps failing for reasons that may pass, such as S3 being down,
// it keeps from receiving: each receive would bring a request nearer to its
// death and load on what fails already. After pauses that grow it tries with
// one request; the first that comes out well ends it.
//
// A kind that works Alone has a request that was received before worked on
// with nothing else in hand, since it may be what kills the process. Its pool
// also begins so: it may just have been killed.
type caution struct {
	alone bool // see Kind.Alone

	mu      sync.Mutex
	suspect bool // what is received next may kill the process
	again   int  // requests in hand that were received before
	failed  int  // requests in a row to be tried again
	owed    bool // a pause, since the last one failed
	pauses  int  // made since one came out well
}

// failedMost is how many requests in a row may fail for reasons that may pass
// before that counts as a trouble of all.
const failedMost = 5

// failingPause is the time between tries while all work fails.
var failingPause = Backoff{First: time.Second, Max: 30 * time.Second}

func newCaution(alone bool) *caution { return &caution{alone: alone, suspect: alone} }

// next says whether requests are to be taken one at a time, and how long to
// pause before.
func (c *caution) next() (single bool, wait time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failed < failedMost {
		return c.suspect, 0
	}
	if !c.owed {
		return true, 0
	}
	c.owed = false
	c.pauses++
	return true, failingPause.Delay(c.pauses)
}

// single says whether requests are to be taken one at a time.
func (c *caution) single() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.suspect || c.failed >= failedMost
}

// failing says whether that is since work keeps failing.
func (c *caution) failing() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failed >= failedMost
}

// received takes note of a request, and says whether it must be alone.
func (c *caution) received(d Delivery) (alone bool) {
	if !c.alone || d.ReceiveCount < 2 {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.suspect = true
	c.again++
	return true
}

// ended takes note of how a request ended, and of why. One that is poison says
// nothing about the others.
func (c *caution) ended(d Delivery, o Outcome, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case d.ReceiveCount > 1 && c.alone:
		c.again--
	case c.again == 0:
		c.suspect = false
	}
	if isPoison(err) {
		return
	}
	switch o {
	case OutcomeRetry, OutcomeDead:
		c.failed++
		c.owed = true
	case OutcomeDone, OutcomeFailed, OutcomeRefused:
		c.failed, c.pauses, c.owed = 0, 0, false
	}
}
