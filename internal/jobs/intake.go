package jobs

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// maxPollers bounds the polls that are open at once on one queue.
	maxPollers = 8
	// helperWait is how long a poll waits that was opened for a busy time.
	helperWait = time.Second
	// quick is how soon a poll gets something when times are busy: then the
	// next message may come while no poll is open.
	quick = 50 * time.Millisecond
	// cutAfter is how long after a stop polls are cut where they may be:
	// those that are just being answered get their messages.
	cutAfter = 300 * time.Millisecond
)

// intake receives from one queue. One poll is always open; a second joins
// while messages come in quick succession, so that none waits for the next
// poll to arrive, and more while polls come back full.
type intake struct {
	queue      Queue
	wait       time.Duration // how long an idle poll stays open
	visibility time.Duration
	// cut says that open polls are cut at a stop.
	cut bool
	// room waits until something may be received, and says how much; 0 when
	// ctx has ended. What it grants is held until unused or, for what was
	// received, until whoever takes it gives it back.
	room   func(ctx context.Context) (limit, held int)
	unused func(n int)
	// take takes what was received. It doesn't wait.
	take  func([]Delivery)
	hooks Hooks
	// restore makes the queue anew when it is gone; nil for never.
	restore func(context.Context) error

	helpers atomic.Int32
	failed  int // receives in a row; the first poller's own
}

// run receives until ctx ends and the open polls have, which hard cuts.
func (in *intake) run(ctx, hard context.Context) {
	polling, cut := context.WithCancel(hard)
	defer cut()
	if in.cut {
		uncut := context.AfterFunc(ctx, func() { time.AfterFunc(cutAfter, cut) })
		defer uncut()
	}
	var helpers sync.WaitGroup
	for ctx.Err() == nil {
		got := in.poll(ctx, polling, in.wait)
		if got.err != nil {
			in.failed++
			in.recover(ctx, got.err)
			continue
		}
		in.failed = 0
		if got.quickly() && in.helpers.Load() == 0 {
			in.help(ctx, polling, &helpers)
		}
	}
	helpers.Wait()
}

// recover pauses after a receive that failed, for longer each time, and makes
// the queue anew if that is what is wrong.
func (in *intake) recover(ctx context.Context, err error) {
	pause(ctx, receivePause.Delay(in.failed))
	if in.restore == nil || !errors.Is(err, ErrNoQueue) || ctx.Err() != nil {
		return
	}
	if err := in.restore(ctx); err != nil {
		in.hooks.trouble("restore "+in.queue.Name(), err)
	}
}

// help adds a poller for as long as it is of use.
func (in *intake) help(ctx, polling context.Context, helpers *sync.WaitGroup) {
	if in.helpers.Add(1) > maxPollers-1 {
		in.helpers.Add(-1)
		return
	}
	helpers.Go(func() {
		defer in.helpers.Add(-1)
		for ctx.Err() == nil {
			got := in.poll(ctx, polling, helperWait)
			switch {
			case got.full():
				in.help(ctx, polling, helpers) // this one counts in helpers still
			case !got.quickly() || in.helpers.Load() > 1:
				return
			}
		}
	})
}

// polled is what came of one poll.
type polled struct {
	n, limit int
	took     time.Duration
	err      error
}

func (p polled) full() bool { return p.n == MaxBatch }

func (p polled) quickly() bool { return p.n > 0 && p.limit > 1 && p.took < quick }

// poll receives once.
func (in *intake) poll(ctx, polling context.Context, wait time.Duration) polled {
	limit, held := in.room(ctx)
	if limit == 0 {
		return polled{}
	}
	began := time.Now()
	got, err := in.queue.Receive(polling, limit, wait, in.visibility)
	in.unused(held - len(got))
	if len(got) > 0 {
		in.take(got)
	}
	if err != nil && ctx.Err() == nil {
		in.hooks.trouble("receive from "+in.queue.Name(), err)
	}
	return polled{n: len(got), limit: limit, took: time.Since(began), err: err}
}

// receivePause is the time between a receive that failed and the next.
var receivePause = Backoff{First: 500 * time.Millisecond, Max: 30 * time.Second}

// pause waits for d, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
