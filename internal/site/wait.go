package site

import (
	"math"
	"strconv"
	"time"

	"cloudworks/internal/cloudcal"
	"cloudworks/internal/cloudpic"
	"cloudworks/internal/jobs"
)

// Queue is what the pages need to know of a kind's queue: where requests of
// one's own stand in it that are unanswered, the last sent then. ok is false
// while that can't be told.
type Queue interface {
	Place(sent time.Time, own int) (p jobs.Place, ok bool)
}

// worthSaying is the shortest wait that a page speaks of.
const worthSaying = 5 * time.Second

// wait is how long a visitor waits, as far as that is known.
type wait struct {
	jobs.Place
	known bool
}

func waitIn(q Queue, sent time.Time, own int) (w wait) {
	if q != nil && own > 0 {
		w.Place, w.known = q.Place(sent, own)
	}
	return w
}

// listWait is how long a list waits: it travels in one request.
func (s *Site) listWait(job cloudcal.Job) wait {
	if job.State.Final() {
		return wait{}
	}
	return waitIn(s.opts.CalcQueue, job.Submitted, 1)
}

// bulkWait is how long a file of lists waits for its last request.
func (s *Site) bulkWait(b cloudcal.Bulk) wait {
	if b.State.Final() {
		return wait{}
	}
	requests := func(lists int) int { return (lists + cloudcal.MaxLists - 1) / cloudcal.MaxLists }
	return waitIn(s.opts.CalcQueue, b.Submitted, requests(b.Rows)-requests(b.Done))
}

// batchWait is how long a batch waits for its last picture.
func (s *Site) batchWait(b cloudpic.Batch) wait {
	own := 0
	for _, p := range b.Pictures {
		if !p.State.Final() {
			own++
		}
	}
	return waitIn(s.opts.PicsQueue, latest(b), own)
}

// seen names what a page says of the wait.
func (w wait) seen() string {
	if w.unsaid() {
		return ""
	}
	return strconv.Itoa(roughly(w.Ahead)) + "in" + strconv.Itoa(int(roundWait(w.Wait).Seconds()))
}

func (w wait) unsaid() bool { return !w.known || w.Wait < worthSaying }

// text says how many are ahead, at most, and how long it takes: "Up to 120
// pictures are ahead of yours, which are ready in about 40 s." Empty where it
// isn't worth a word.
func (w wait) text(one, ready string) string {
	if w.unsaid() {
		return ""
	}
	about := "about " + shortly(roundWait(w.Wait))
	switch n := roughly(w.Ahead); n {
	case 0:
		return "Nobody is ahead of you: " + ready + " in " + about + "."
	case 1:
		return "At most 1 " + one + " is ahead of yours: " + ready + " in " + about + "."
	default:
		return "Up to " + grouped(n) + " " + one + "s are ahead of yours: " + ready + " in " + about + "."
	}
}

// roughly keeps as much of a count as is known of it, and rounds up: it is a
// bound.
func roughly(n int) int {
	step := 1
	for ; n > 20*step; step *= 10 {
		if n <= 100*step {
			step *= 5
			break
		}
	}
	return (n + step - 1) / step * step
}

// roundWait rounds a wait up to what can be said of it.
func roundWait(d time.Duration) time.Duration {
	step := 5 * time.Second
	switch {
	case d > 10*time.Minute:
		step = 5 * time.Minute
	case d > 3*time.Minute:
		step = time.Minute
	case d > time.Minute:
		step = 30 * time.Second
	}
	return (d + step - 1).Truncate(step)
}

// shortly gives a rounded wait as people say it: "40 s", "1½ minutes".
func shortly(d time.Duration) string {
	switch {
	case d < time.Minute:
		return strconv.Itoa(int(d.Seconds())) + " s"
	case d < 3*time.Minute && d%time.Minute != 0:
		return strconv.Itoa(int(d.Minutes())) + "½ minutes"
	case d == time.Minute:
		return "a minute"
	default:
		return spoken(d)
	}
}

// waitJSON is a wait in JSON, both numbers or none.
type waitJSON struct {
	Ahead       *int `json:"ahead,omitempty"`        // requests of others, at most
	WaitSeconds *int `json:"wait_seconds,omitempty"` // until one's own are answered
}

func (w wait) json() (out waitJSON) {
	if w.known {
		seconds := int(math.Ceil(w.Wait.Seconds()))
		out.Ahead, out.WaitSeconds = &w.Ahead, &seconds
	}
	return out
}
