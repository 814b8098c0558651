package jobs

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// flight is one received message that isn't settled yet.
type flight struct {
	receipt string
	sent    time.Time // when the request was sent
	giveUp  context.CancelCauseFunc
	due     time.Time // when the next heartbeat is to be sent
	asked   bool      // one is under way
	until   time.Time // when the message shows again without one
	last    time.Time // when no more are sent, whatever the work does
}

// flights keeps the messages in work hidden from other workers.
type flights struct {
	opts  RunnerOptions
	queue Queue

	mu   sync.Mutex
	open map[*flight]struct{}
	// beats counts the times that a message's time was extended, unheard those
	// that this failed.
	beats, unheard int
}

func newFlights(q Queue, opts RunnerOptions) *flights {
	return &flights{opts: opts, queue: q, open: make(map[*flight]struct{})}
}

// add begins to keep a message hidden, received just now.
func (f *flights) add(d Delivery, giveUp context.CancelCauseFunc) *flight {
	now := time.Now()
	fl := &flight{
		receipt: d.Receipt, sent: d.SentAt, giveUp: giveUp,
		due: now.Add(f.opts.Beat), until: now.Add(f.opts.Visibility), last: now.Add(f.opts.MaxHold),
	}
	f.mu.Lock()
	f.open[fl] = struct{}{}
	f.mu.Unlock()
	return fl
}

// remove ends it: before any other change to the message's visibility.
func (f *flights) remove(fl *flight) {
	f.mu.Lock()
	delete(f.open, fl)
	f.mu.Unlock()
}

// run sends heartbeats until ctx ends.
func (f *flights) run(ctx context.Context) {
	tick := time.NewTicker(f.opts.Beat / 4)
	defer tick.Stop()
	var calls sync.WaitGroup
	defer calls.Wait()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			// Side by side, and not waited for: a call that hangs holds up
			// nothing else.
			for batch := range slices.Chunk(f.due(now), MaxBatch) {
				calls.Go(func() { f.extend(ctx, batch) })
			}
		}
	}
}

// due gives the flights whose heartbeat is due. A job whose message shows
// again soon is given up, for another worker will get it; so is work that
// goes on past all limits.
func (f *flights) due(now time.Time) []*flight {
	f.mu.Lock()
	defer f.mu.Unlock()
	var due []*flight
	for fl := range f.open {
		switch {
		case fl.until.Sub(now) < f.opts.Beat/2 || now.After(fl.last):
			fl.giveUp(errGivenUp)
			delete(f.open, fl)
		case !now.Before(fl.due) && !fl.asked:
			fl.asked = true
			due = append(due, fl)
		}
	}
	return due
}

// extend keeps up to ten messages hidden for another visibility time. Where
// that fails it is tried again soon.
func (f *flights) extend(ctx context.Context, batch []*flight) {
	ctx, cancel := context.WithTimeout(ctx, f.opts.Beat)
	defer cancel()
	changes := make([]VisibilityChange, len(batch))
	for i, fl := range batch {
		changes[i] = VisibilityChange{fl.receipt, f.opts.Visibility}
	}
	asked := time.Now()
	errs := f.queue.ChangeVisibility(ctx, changes)
	stopped := errors.Is(ctx.Err(), context.Canceled)
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, err := range errs {
		fl := batch[i]
		fl.asked = false
		if err == nil {
			f.beats++
			fl.due, fl.until = asked.Add(f.opts.Beat), asked.Add(f.opts.Visibility)
			continue
		}
		fl.due = time.Now().Add(f.opts.Beat / 4)
		if _, open := f.open[fl]; open && !stopped {
			f.unheard++
			f.opts.Hooks.trouble("extend visibility in "+f.queue.Name(), err)
		}
	}
}
