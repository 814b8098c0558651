package jobs

import (
	"context"
	"errors"
	"fmt"
	"maps"
)

// settle works on a job and answers it. Only an outcome of done or failed
// means that reply and record are safe.
func (p *pool) settle(ctx context.Context, job Job) (Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, p.opts.MaxWork)
	defer cancel()
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
		sent := p.fail(ctx, job, replyTo, why)
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
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	return OutcomeDead, errors.Join(why, p.bury(ctx, job, replyTo, why))
}

// try runs the kind's work. A panic counts as a failure that may pass.
func (p *pool) try(ctx context.Context, job Job) (reply Reply, err error) {
	ctx, end := Step(ctx, "work")
	defer func() { end(err) }()
	defer recovered(&err)
	return p.worker.Work(ctx, job)
}

// fail answers a job that failed.
func (p *pool) fail(ctx context.Context, job Job, replyTo string, why *Error) error {
	r, err := p.word(job, why)
	if err != nil {
		return err
	}
	return p.answer(ctx, job, replyTo, StateFailed, r)
}

// bury answers a job that died. Its record comes first, since that knows
// whether the job was answered after all: by an earlier try that got no
// further.
func (p *pool) bury(ctx context.Context, job Job, replyTo string, why *Error) error {
	r, err := p.word(job, why)
	if err != nil {
		return err
	}
	err = record(ctx, r)
	if errors.Is(err, ErrAnswered) {
		return err
	}
	return errors.Join(err, p.reply(ctx, replyTo, job.ID, Message{Body: r.Body, Attributes: replyAttributes(job, StateDead, r)}))
}

// word gives the kind's reply to a job that failed or died, with what every
// such reply says.
func (p *pool) word(job Job, why *Error) (r Reply, err error) {
	defer recovered(&err)
	r = p.worker.Fail(job, why)
	attrs := map[string]string{AttrCode: string(why.Code), AttrReason: why.Message}
	maps.Copy(attrs, r.Attributes)
	r.Attributes = attrs
	return r, nil
}

// answer stores the record and sends the reply, side by side.
func (p *pool) answer(ctx context.Context, job Job, replyTo string, status State, r Reply) error {
	recorded := make(chan error, 1)
	go func() { recorded <- record(ctx, r) }()
	sent := p.reply(ctx, replyTo, job.ID, Message{Body: r.Body, Attributes: replyAttributes(job, status, r)})
	if err := errors.Join(sent, <-recorded); err != nil {
		return err
	}
	p.opts.Hooks.answered(p.kind.Name, r.Jobs)
	return nil
}

func record(ctx context.Context, r Reply) (err error) {
	if r.Record == nil {
		return nil
	}
	ctx, end := Step(ctx, "store")
	defer func() { end(err) }()
	defer recovered(&err)
	return r.Record(ctx)
}

// reply sends an answer. A reply queue that is gone is no error: the web
// instance that owned it is gone too, and the record is what counts.
func (p *pool) reply(ctx context.Context, queue, id string, m Message) error {
	parent, sent := p.opts.Tracer.Send(ctx, queue, id)
	if parent != "" && m.Attributes != nil { // a bare reply stays one
		m.Attributes[AttrTrace] = parent
	}
	err := p.replies.send(ctx, queue, m)
	sent(err)
	if errors.Is(err, ErrNoQueue) && IsReplyQueue(queue) {
		return nil
	}
	return err
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
	maps.Copy(attrs, r.Attributes)
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
