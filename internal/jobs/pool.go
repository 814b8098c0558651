package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// pool works on the jobs of one kind.
type pool struct {
	opts    RunnerOptions
	kind    Kind
	worker  Worker
	queue   Queue
	dead    Queue
	replies *replies
	deletes *Group[string, error]
	flights *flights
	slots   *slots

	work     context.Context // ends when work is to be cancelled
	stopping context.Context // ends when nothing more is to be started
	jobs     sync.WaitGroup
	// alone: a message that was received before may be what kills the
	// process, so it is worked on with no neighbours.
	alone sync.RWMutex
}

func newPool(ctx, work context.Context, w Worker, r *replies, opts RunnerOptions) (*pool, error) {
	kind := w.Kind()
	kind.MaxReceives = cmp.Or(kind.MaxReceives, DefaultMaxReceives)
	kind.Slots = max(1, kind.Slots)
	queue, err := opts.Queue(ctx, kind.Requests)
	if err != nil {
		return nil, fmt.Errorf("open queue %s: %w", kind.Requests, err)
	}
	dead, err := opts.Queue(ctx, kind.DeadLetters())
	if err != nil {
		return nil, fmt.Errorf("open queue %s: %w", kind.DeadLetters(), err)
	}
	return &pool{
		opts: opts, kind: kind, worker: w, queue: queue, dead: dead, replies: r,
		// Nobody waits for a delete, so it may wait for company.
		deletes: NewGroup(GroupOptions[string]{Flights: 4, Linger: 20 * time.Millisecond}, queue.Delete),
		flights: newFlights(queue, opts),
		slots:   newSlots(kind.Slots),
		work:    work, stopping: ctx,
	}, nil
}

// run receives and works until stopping ends, then finishes what is in hand.
func (p *pool) run(ctx context.Context) {
	beating, still := context.WithCancel(context.WithoutCancel(ctx))
	var beats sync.WaitGroup
	beats.Go(func() { p.flights.run(beating) })

	p.receive(ctx)
	p.jobs.Wait()
	p.deletes.Close()
	still()
	beats.Wait()
}

// handle sees one received message through. It has a slot, and gives it back.
func (p *pool) handle(d Delivery) {
	defer p.slots.give(1)
	ctx, giveUp := context.WithCancelCause(p.work)
	defer giveUp(nil)
	ctx, cancel := context.WithTimeout(ctx, p.opts.MaxWork)
	defer cancel()
	fl := p.flights.add(d.Receipt, giveUp)

	if d.ReceiveCount > 1 {
		p.alone.Lock()
		defer p.alone.Unlock()
	} else {
		p.alone.RLock()
		defer p.alone.RUnlock()
	}
	job := Job{ID: d.Attributes[AttrJobID], Delivery: d}
	if p.stopping.Err() != nil {
		p.flights.remove(fl)
		p.hide(job, 0)
		p.tell(job, OutcomeReturned, time.Now(), nil)
		return
	}
	began := time.Now()
	outcome, err := p.settle(ctx, job)
	p.flights.remove(fl)
	if errors.Is(context.Cause(ctx), errGivenUp) {
		outcome, err = OutcomeGivenUp, errors.Join(errGivenUp, err)
	}
	switch outcome {
	case OutcomeDone, OutcomeFailed, OutcomeRefused:
		p.delete(job)
	case OutcomeRetry:
		p.hide(job, p.opts.Retry.Delay(job.ReceiveCount))
	case OutcomeDead, OutcomeReturned: // shown again at once: the queue's redrive policy takes a dead one
		p.hide(job, 0)
	}
	p.tell(job, outcome, began, err)
}

// settle works on a job and answers it. Only an outcome of done or failed
// means that reply and record are safe.
func (p *pool) settle(ctx context.Context, job Job) (Outcome, error) {
	replyTo, err := p.replyTo(job)
	if err != nil {
		return p.refuse(ctx, job, err)
	}
	reply, err := p.try(ctx, job)
	if err == nil {
		err = p.answer(ctx, job, replyTo, StateDone, reply)
		return p.orLater(ctx, job, replyTo, OutcomeDone, err)
	}
	if _, ok := errors.AsType[*Refused](err); ok {
		return p.refuse(ctx, job, err)
	}
	if Permanent(err) {
		why := Public(err)
		sent := p.answer(ctx, job, replyTo, StateFailed, failure(p.worker.Fail(job, why), why))
		return p.orLater(ctx, job, replyTo, OutcomeFailed, sent, err)
	}
	return p.orLater(ctx, job, replyTo, OutcomeFailed, err)
}

// orLater turns the outcome into a retry when err says that it didn't come
// about, and that into a death when there were tries enough.
func (p *pool) orLater(ctx context.Context, job Job, replyTo string, outcome Outcome, err error, known ...error) (Outcome, error) {
	switch {
	case err == nil:
		return outcome, errors.Join(known...)
	case p.work.Err() != nil: // cancelled by the stop: no fault of the job's
		return OutcomeReturned, err
	case job.ReceiveCount < p.kind.MaxReceives || errors.Is(context.Cause(ctx), errGivenUp):
		return OutcomeRetry, err
	}
	why := &Error{Code: CodeDead, Message: fmt.Sprintf("This job was tried %d times without success. It is kept for the operator, who can start it again.", job.ReceiveCount), Err: err}
	// Best effort: what fails now may be what failed before.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	sent := p.answer(ctx, job, replyTo, StateDead, failure(p.worker.Fail(job, why), why))
	return OutcomeDead, errors.Join(why, sent)
}

// failure completes the reply of a job that failed or died with what every
// such reply says.
func failure(r Reply, why *Error) Reply {
	attrs := map[string]string{AttrCode: string(why.Code), AttrReason: why.Message}
	for k, v := range r.Attributes {
		attrs[k] = v
	}
	r.Attributes = attrs
	return r
}

// try runs the kind's work. A panic counts as a failure that may pass.
func (p *pool) try(ctx context.Context, job Job) (reply Reply, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &panicked{value: v, stack: stack()}
		}
	}()
	return p.worker.Work(ctx, job)
}

// answer stores the record and sends the reply, side by side.
func (p *pool) answer(ctx context.Context, job Job, replyTo string, status State, r Reply) error {
	recorded := make(chan error, 1)
	go func() {
		if r.Record == nil {
			recorded <- nil
			return
		}
		recorded <- r.Record(ctx)
	}()
	sent := p.replies.send(ctx, replyTo, Message{Body: r.Body, Attributes: replyAttributes(job, status, r)})
	return errors.Join(sent, <-recorded)
}

func replyAttributes(job Job, status State, r Reply) map[string]string {
	if job.Bare() && status == StateDone {
		return nil // plain text was asked for
	}
	attrs := map[string]string{AttrStatus: string(status)}
	if !job.Bare() {
		attrs[AttrJobID] = job.ID
	}
	if a := job.Attributes[AttrAttempt]; a != "" {
		attrs[AttrAttempt] = a
	}
	for k, v := range r.Attributes {
		attrs[k] = v
	}
	return attrs
}

// replyTo names the queue for the answer, if the request may have one there.
func (p *pool) replyTo(job Job) (string, error) {
	name := job.Attributes[AttrReplyTo]
	switch {
	case name == "":
		return p.kind.Replies, nil
	case !IsReplyQueue(name):
		return "", &Refused{Why: fmt.Sprintf("ReplyTo %q is no reply queue of this system", name)}
	default:
		return name, nil
	}
}

// refuse moves a message that isn't to be trusted to the dead-letter queue.
func (p *pool) refuse(ctx context.Context, job Job, why error) (Outcome, error) {
	for _, err := range p.dead.Send(ctx, []Message{job.Message}) {
		if err != nil {
			return OutcomeRetry, errors.Join(why, fmt.Errorf("send to %s: %w", p.dead.Name(), err))
		}
	}
	return OutcomeRefused, why
}

// settleTime bounds the last call for a message, which must be made even when
// work is cancelled.
const settleTime = 10 * time.Second

func (p *pool) delete(job Job) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.work), settleTime)
	defer cancel()
	deleted, err := p.deletes.Do(ctx, job.Receipt)
	if err := errors.Join(deleted, err); err != nil {
		// It will be done again, to the same end.
		p.opts.Hooks.trouble("delete from "+p.queue.Name(), err)
	}
}

// hide sets when the message shows again.
func (p *pool) hide(job Job, d time.Duration) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.work), settleTime)
	defer cancel()
	change := VisibilityChange{job.Receipt, d.Round(time.Second)}
	for _, err := range p.queue.ChangeVisibility(ctx, []VisibilityChange{change}) {
		if err != nil {
			p.opts.Hooks.trouble("change visibility in "+p.queue.Name(), err)
		}
	}
}

func (p *pool) tell(job Job, o Outcome, began time.Time, err error) {
	p.opts.Hooks.finished(Finished{
		Kind: p.kind.Name, ID: cmp.Or(job.ID, job.Delivery.ID), Attempt: job.ReceiveCount, Outcome: o,
		Waited: began.Sub(job.SentAt), Took: time.Since(began), Err: err,
	})
}
