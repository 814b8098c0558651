package jobs

import (
	"context"
	"slices"
	"sync"
	"time"
)

// BacklogOptions set how a Backlog works. Zero values are the defaults named.
type BacklogOptions struct {
	// Send is what Backlog.Send counts the requests of: a Client's.
	Send func(ctx context.Context, queue, id string, m Message, answered func(Answer)) error
	// Depth asks the queue how many requests it holds, those in work too.
	Depth func(ctx context.Context) (int, error)
	// Every is the least time between two such questions: 3 s.
	Every time.Duration
	// Window is how far the rate looks back, and up to four times as far where
	// fewer than ten have left: 15 s.
	Window time.Duration
	Hooks  Hooks
}

// Backlog tells those who wait on one request queue how many requests are
// before theirs, and how long they take at the present pace. It asks the
// queue only while somebody wants to know, and for all of them together.
//
// Requests come and go between two looks at the depth, so what is told is a
// bound. At most that many are ahead: whatever was in the queue when a request
// was sent, or at a later look, less what has left it since. At least as many
// have left as the depth fell by, after what this process put in, and as were
// answered to this process. A lone instance sees every request, and both are
// exact; where there are several, the fall of the depth tells of the others'.
// A queue that is fair between groups can only bring a request forward, unless
// its sender has very many of them.
type Backlog struct {
	opts   BacklogOptions
	wanted chan struct{} // holds one value when a look at the depth is due

	mu             sync.Mutex
	sent, answered int    // by and to this process, ever
	looks          []look // oldest first
}

// look is what was seen at one moment.
type look struct {
	at                    time.Time
	depth, sent, answered int
}

// How many must have left for a rate to be told, and for one that doesn't jump
// about.
const (
	few    = 3
	enough = 10
)

// maxLooks bounds what is kept: 15 minutes of it.
const maxLooks = 300

// Place is where a request stands in its queue.
type Place struct {
	// Ahead is how many requests of others are before one's own, at most.
	Ahead int
	// Wait is how long it takes, at the present pace, until one's own are
	// answered.
	Wait time.Duration
}

// NewBacklog makes a Backlog. It asks nothing before it runs.
func NewBacklog(opts BacklogOptions) *Backlog {
	if opts.Every == 0 {
		opts.Every = 3 * time.Second
	}
	if opts.Window == 0 {
		opts.Window = 15 * time.Second
	}
	return &Backlog{opts: opts, wanted: make(chan struct{}, 1)}
}

// Send is the Client's, and counts what was sent and answered.
func (b *Backlog) Send(ctx context.Context, queue, id string, m Message, answered func(Answer)) error {
	err := b.opts.Send(ctx, queue, id, m, func(a Answer) {
		b.count(&b.answered)
		answered(a)
	})
	if err == nil {
		b.count(&b.sent)
	}
	return err
}

func (b *Backlog) count(what *int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	*what++
}

// Run looks at the depth when somebody wants to know, until ctx ends.
func (b *Backlog) Run(ctx context.Context) {
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		select {
		case <-pause.C:
		case <-ctx.Done():
			return
		}
		select {
		case <-b.wanted:
		case <-ctx.Done():
			return
		}
		next := b.opts.Every
		if err := b.look(ctx); err != nil && ctx.Err() == nil {
			b.opts.Hooks.trouble("ask for a queue's depth", err)
			next *= 10 // others find out sooner that it works again
		}
		pause.Reset(next)
	}
}

// look asks for the depth and writes down what was seen.
func (b *Backlog) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	depth, err := b.opts.Depth(ctx)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.looks) == maxLooks {
		b.looks = slices.Delete(b.looks, 0, 1)
	}
	b.looks = append(b.looks, look{time.Now(), depth, b.sent, b.answered})
	return nil
}

// Place tells where requests stand that were sent at a time; own is how many
// of one's own are unanswered, the last sent then. ok is false while that can't
// be told: nobody has looked yet, or nothing leaves the queue.
func (b *Backlog) Place(sent time.Time, own int) (p Place, ok bool) {
	now := time.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.looks) == 0 || now.Sub(b.last().at) >= b.opts.Every {
		select {
		case b.wanted <- struct{}{}:
		default: // it is wanted already
		}
	}
	rate := b.rate(now)
	if rate == 0 {
		return Place{}, false
	}
	ahead := b.ahead(sent, own)
	if ahead < 0 {
		return Place{}, false
	}
	// What has left since the last look is reckoned by the rate.
	before := max(0, float64(ahead)-rate*now.Sub(b.last().at).Seconds())
	return Place{
		Ahead: int(before + 0.5),
		Wait:  time.Duration((before + float64(own)) / rate * float64(time.Second)),
	}, true
}

func (b *Backlog) last() look { return b.looks[len(b.looks)-1] }

// rate gives how many requests leave the queue a second, 0 while that is
// unknown. The lock is held.
func (b *Backlog) rate(now time.Time) float64 {
	if len(b.looks) == 0 || now.Sub(b.last().at) > 3*b.opts.Every {
		return 0
	}
	last := b.last()
	from := len(b.looks) - 1
	for ; from > 0; from-- {
		span := last.at.Sub(b.looks[from-1].at)
		if span > 4*b.opts.Window || span > b.opts.Window && left(b.looks[from], last) >= enough {
			break
		}
	}
	// A while in which nothing left says nothing of the pace: there was no worker.
	// One came at some time between the next two looks.
	began := from
	for began < len(b.looks)-1 && left(b.looks[began], b.looks[began+1]) == 0 {
		began++
	}
	if began > from && began < len(b.looks)-1 {
		began++
	}
	gone := left(b.looks[began], last)
	if gone < few {
		return 0
	}
	return float64(gone) / last.at.Sub(b.looks[began].at).Seconds()
}

// ahead gives how many requests were before those sent then, at the last look;
// negative where nobody has looked since. The lock is held.
func (b *Backlog) ahead(sent time.Time, own int) int {
	last, least := b.last(), -1
	for _, l := range b.looks {
		if l.at.Before(sent) {
			continue
		}
		ahead := max(0, l.depth-own-left(l, last))
		if least < 0 || ahead < least {
			least = ahead
		}
	}
	return least
}

// left gives how many requests left the queue between two looks, at least.
func left(from, to look) int {
	return max(0, from.depth-to.depth+to.sent-from.sent, to.answered-from.answered)
}
