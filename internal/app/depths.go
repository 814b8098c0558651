package app

import (
	"context"
	"sync"
	"time"

	"cloudworks/internal/cloud"
	"cloudworks/internal/jobs"
	"cloudworks/internal/ops"
)

// depthAge is how old a queue's depth may be when it is told again. A process
// that is asked all day makes one call a queue in that time: four queues at
// list prices cost 28 cents a month.
const depthAge = 15 * time.Second

// depths knows how deep queues are. It asks only when it is asked, and what
// one learns serves all: the metrics, the operators' page, and the estimate
// for visitors, which wants younger ones.
type depths struct {
	queue func(ctx context.Context, name string) (*cloud.Queue, error)

	mu   sync.Mutex
	kept map[string]*keptDepth
}

type keptDepth struct {
	mu    sync.Mutex
	at    time.Time
	depth jobs.Depth
	err   error
}

func newDepths(c *cloud.Cloud) *depths {
	return &depths{queue: c.Queue, kept: make(map[string]*keptDepth)}
}

// of gives a queue's depth, at most that old, and when it was asked.
func (d *depths) of(ctx context.Context, name string, age time.Duration) (jobs.Depth, time.Time, error) {
	d.mu.Lock()
	k := d.kept[name]
	if k == nil {
		k = new(keptDepth)
		d.kept[name] = k
	}
	d.mu.Unlock()
	k.mu.Lock() // the others wait for the answer to the first
	defer k.mu.Unlock()
	if time.Since(k.at) < age {
		return k.depth, k.at, k.err
	}
	q, err := d.queue(ctx, name)
	if err == nil {
		k.depth, err = q.Depth(ctx)
	}
	if ctx.Err() != nil {
		return jobs.Depth{}, time.Now(), err // who asked is gone: nothing to go by
	}
	k.at, k.err = time.Now(), err
	return k.depth, k.at, k.err
}

// forget has a queue asked anew: somebody has just changed it.
func (d *depths) forget(names ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, name := range names {
		delete(d.kept, name)
	}
}

// all gives the depths of every request queue and its dead-letter queue.
func (d *depths) all(ctx context.Context, workers []jobs.Worker) []ops.Depth {
	all := make([]ops.Depth, 2*len(workers))
	var asked sync.WaitGroup
	for i, w := range workers {
		k := w.Kind()
		for j, name := range []string{k.Requests, k.DeadLetters()} {
			asked.Go(func() {
				n, at, err := d.of(ctx, name, depthAge)
				all[2*i+j] = ops.Depth{
					Kind: k.Name, Queue: name, Dead: j == 1,
					Visible: n.Visible, InFlight: n.InFlight, Delayed: n.Delayed, At: at, Err: err,
				}
			})
		}
	}
	asked.Wait()
	return all
}
