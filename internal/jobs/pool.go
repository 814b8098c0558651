package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// pool works on the requests of one kind.
type pool struct {
	opts    RunnerOptions
	kind    Kind
	worker  Worker
	queue   Queue
	head    *head // the queue, as it is received from
	dead    Queue
	replies *senders
	deletes *Group[string, error]
	changes *Group[VisibilityChange, error]
	flights *flights
	caution *caution
	groups  *groups
	// slots are for requests in hand, working for those of them that are
	// worked on, settling for those that are answered and to be deleted.
	slots, working, settling *slots

	work     context.Context // ends when work is to be cancelled
	stopping context.Context // ends when nothing more is to be started
	jobs     sync.WaitGroup
}

// settlingMost bounds the requests of a pool that wait for their deletion.
const settlingMost = 1000

func newPool(ctx, work context.Context, w Worker, r *senders, opts RunnerOptions) (*pool, error) {
	kind := w.Kind()
	kind.MaxReceives = cmp.Or(kind.MaxReceives, DefaultMaxReceives)
	kind.Slots = max(1, kind.Slots)
	queue, err := opts.open(ctx, kind.Requests)
	if err != nil {
		return nil, err
	}
	dead, err := opts.open(ctx, kind.DeadLetters())
	if err != nil {
		return nil, err
	}
	return &pool{
		opts: opts, kind: kind, worker: w, queue: queue, head: newHead(queue), dead: dead, replies: r,
		// Nobody waits for a delete, so it may wait for company.
		deletes: NewGroup(GroupOptions[string]{Flights: 4, Linger: 20 * time.Millisecond}, queue.Delete),
		changes: NewGroup(GroupOptions[VisibilityChange]{Flights: 4}, queue.ChangeVisibility),
		flights: newFlights(queue, opts),
		caution: newCaution(kind.Alone),
		groups:  newGroups(kind.GroupSlots),
		slots:   newSlots(kind.Slots), working: newSlots(kind.Slots), settling: newSlots(settlingMost),
		work: work, stopping: ctx,
	}, nil
}

// open opens a queue, with growing pauses for as long as it doesn't answer.
func (o *RunnerOptions) open(ctx context.Context, name string) (Queue, error) {
	for failures := 1; ; failures++ {
		q, err := o.Queue(ctx, name)
		if err == nil {
			return q, nil
		}
		if errors.Is(err, ErrNoQueue) || ctx.Err() != nil {
			return nil, fmt.Errorf("open queue %s: %w", name, err)
		}
		o.Hooks.trouble("open queue "+name, err)
		pause(ctx, receivePause.Delay(failures))
	}
}

// run receives and works until stopping ends, then finishes what is in hand.
func (p *pool) run() {
	beating, still := context.WithCancel(context.WithoutCancel(p.work))
	var beats sync.WaitGroup
	beats.Go(func() { p.flights.run(beating) })

	in := &intake{
		queue: p.head, wait: p.opts.Wait, visibility: p.opts.Visibility, cut: p.opts.AbandonPolls,
		room: p.room, unused: p.slots.give, take: p.take, hooks: p.opts.Hooks,
	}
	in.run(p.stopping, p.work)
	p.jobs.Wait()
	p.deletes.Close()
	p.changes.Close()
	still()
	beats.Wait()
}

// company is how long a receive waits for more free slots when nearly all
// are taken, so that it comes back full.
const company = 10 * time.Millisecond

// room waits until requests may be received, and says how many.
func (p *pool) room(ctx context.Context) (limit, held int) {
	for {
		single, wait := p.caution.next()
		if wait > 0 {
			pause(ctx, wait)
		}
		least := 1
		if single { // and nothing else in hand
			least = p.slots.all
		}
		held = p.slots.take(ctx, least, max(least, MaxBatch), company)
		switch {
		case held == 0:
			return 0, 0
		case p.caution.single() != single: // times have changed meanwhile
			p.slots.give(held)
		case single:
			return 1, held
		default:
			return held, held
		}
	}
}

// take begins the work on what was received.
func (p *pool) take(got []Delivery) {
	for _, d := range got {
		alone := p.caution.received(d)
		p.jobs.Go(func() { p.handle(d, alone) })
	}
}

// handle sees one received message through. It has a slot, and gives it back.
func (p *pool) handle(d Delivery, alone bool) {
	slot := sync.OnceFunc(func() { p.slots.give(1) })
	defer slot()
	ctx, giveUp := context.WithCancelCause(p.work)
	defer giveUp(nil)
	ctx, trace, end := p.opts.Tracer.Process(ctx, p.kind, d)
	job := Job{ID: d.Attributes[AttrJobID], Delivery: d}
	fl := p.flights.add(d, giveUp)

	at, leave := p.enter(ctx, alone, d.Group)
	began := time.Now()
	outcome, err := OutcomeReturned, error(nil)
	if at > 0 {
		outcome, err = p.settle(ctx, job)
		p.working.give(at)
		leave()
	}
	p.flights.remove(fl)
	if errors.Is(context.Cause(ctx), errGivenUp) && outcome != OutcomeDone && outcome != OutcomeFailed {
		outcome, err = OutcomeGivenUp, errors.Join(errGivenUp, err)
	}
	p.caution.ended(d, outcome, err)
	switch outcome {
	case OutcomeDone, OutcomeFailed, OutcomeRefused:
		if p.settling.take(context.Background(), 1, 1, 0) == 1 {
			slot() // what is left needs none
		}
		p.delete(ctx, job)
		p.settling.give(1)
	case OutcomeRetry:
		p.hide(ctx, job, p.retryDelay(job, err))
	case OutcomeDead, OutcomeReturned: // shown again at once: the queue's redrive policy takes a dead one
		p.hide(ctx, job, 0)
	}
	f := Finished{
		Kind: p.kind.Name, ID: cmp.Or(job.ID, job.Delivery.ID), Attempt: job.ReceiveCount, Outcome: outcome,
		Waited: max(0, began.Sub(job.SentAt)), // the clocks may differ
		Took:   time.Since(began), Err: err, Trace: trace,
	}
	end(f)
	p.opts.Hooks.finished(f)
}

// enter waits until the work on a request may begin, and gives how many of
// the working slots it has, and how to leave its group; 0 when it is to be
// handed back.
func (p *pool) enter(ctx context.Context, alone bool, group string) (held int, leave func()) {
	if p.stopping.Err() != nil {
		return 0, nil
	}
	n := 1
	if alone {
		n = p.working.all
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(p.stopping, cancel)()
	if leave = p.groups.enter(ctx, group); leave == nil {
		return 0, nil
	}
	if held = p.working.take(ctx, n, n, 0); held == 0 {
		leave()
	}
	return held, leave
}

// settleTime bounds the last call for a message, which must be made even when
// work is cancelled.
const settleTime = 10 * time.Second

// deletePause is the time between tries to delete a message.
var deletePause = Backoff{First: time.Second, Max: 4 * time.Second}

func (p *pool) delete(ctx context.Context, job Job) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	end := p.opts.Tracer.Settle(ctx, "delete", p.queue.Name())
	for failures := 1; ; failures++ {
		deleted, err := p.deletes.Do(ctx, job.Receipt)
		if err = errors.Join(deleted, err); err == nil {
			end(nil)
			return
		}
		p.opts.Hooks.trouble("delete from "+p.queue.Name(), err)
		pause(ctx, deletePause.Delay(failures))
		if ctx.Err() != nil {
			end(err)
			return // it will be done again, to the same end
		}
	}
}

// poisonPause is the most that is waited between the tries of a request that
// may be what breaks the work.
const poisonPause = 10 * time.Second

// retryDelay is the time until the next try of a job.
func (p *pool) retryDelay(job Job, err error) time.Duration {
	pauses := p.opts.Retry
	if isPoison(err) {
		pauses.Max = min(pauses.Max, poisonPause)
	}
	return pauses.Delay(job.ReceiveCount)
}

// hide sets when the message shows again.
func (p *pool) hide(ctx context.Context, job Job, d time.Duration) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	end := p.opts.Tracer.Settle(ctx, "change visibility", p.queue.Name())
	changed, err := p.changes.Do(ctx, VisibilityChange{job.Receipt, d.Round(time.Second)})
	err = errors.Join(changed, err)
	end(err)
	if err != nil {
		p.opts.Hooks.trouble("change visibility in "+p.queue.Name(), err)
	}
}
