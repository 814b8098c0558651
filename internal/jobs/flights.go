package jobs

import (
	"context"
	"sync"
	"time"
)

// flight is one received message that isn't settled yet.
type flight struct {
	receipt string
	giveUp  context.CancelCauseFunc
	due     time.Time // when the next heartbeat is to be sent
	until   time.Time // when the message shows again without one
}

// flights keeps the messages in work hidden from other workers.
type flights struct {
	opts  RunnerOptions
	queue Queue

	mu   sync.Mutex
	open map[*flight]struct{}
}

func newFlights(q Queue, opts RunnerOptions) *flights {
	return &flights{opts: opts, queue: q, open: make(map[*flight]struct{})}
}

// add begins to keep a message hidden, received just now.
func (f *flights) add(receipt string, giveUp context.CancelCauseFunc) *flight {
	now := time.Now()
	fl := &flight{receipt, giveUp, now.Add(f.opts.Beat), now.Add(f.opts.Visibility)}
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
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			f.beat(ctx, now)
		}
	}
}

func (f *flights) beat(ctx context.Context, now time.Time) {
	due := f.due(now)
	for len(due) > 0 {
		n := min(len(due), MaxBatch)
		f.extend(ctx, due[:n])
		due = due[n:]
	}
}

// due gives the flights whose heartbeat is due, and has the next try soon.
func (f *flights) due(now time.Time) []*flight {
	f.mu.Lock()
	defer f.mu.Unlock()
	var due []*flight
	for fl := range f.open {
		if !now.Before(fl.due) {
			fl.due = now.Add(f.opts.Beat / 4)
			due = append(due, fl)
		}
	}
	return due
}

// extend keeps up to ten messages hidden for another visibility time. A job
// whose message can't be kept until its time is nearly up is given up:
// another worker will get it.
func (f *flights) extend(ctx context.Context, batch []*flight) {
	changes := make([]VisibilityChange, len(batch))
	for i, fl := range batch {
		changes[i] = VisibilityChange{fl.receipt, f.opts.Visibility}
	}
	asked := time.Now()
	errs := f.queue.ChangeVisibility(ctx, changes)
	if ctx.Err() != nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, err := range errs {
		fl := batch[i]
		if _, open := f.open[fl]; !open {
			continue
		}
		if err == nil {
			fl.due, fl.until = asked.Add(f.opts.Beat), asked.Add(f.opts.Visibility)
			continue
		}
		f.opts.Hooks.trouble("extend visibility in "+f.queue.Name(), err)
		if time.Until(fl.until) < f.opts.Beat/2 {
			fl.giveUp(errGivenUp)
		}
	}
}
