package jobs

import (
	"context"
	"errors"
	"sync"
	"time"
)

// RunnerOptions set how a Runner works. Zero values are the defaults named.
type RunnerOptions struct {
	// Queue opens a queue by its name; ErrNoQueue when there is none.
	Queue func(ctx context.Context, name string) (Queue, error)
	// Wait is how long an idle poll stays open: 20 s.
	Wait time.Duration
	// Visibility is how long a received message stays hidden without a
	// heartbeat: 30 s. Beat is the time between heartbeats: 10 s.
	Visibility, Beat time.Duration
	// MaxWork is how long one job may take before it is cancelled: 10 min.
	// MaxHold is how long its message is kept hidden, even from work that
	// doesn't heed the cancelling: MaxWork and one Visibility.
	MaxWork, MaxHold time.Duration
	// SoftStop is how long jobs in hand may go on after a stop: 25 s.
	SoftStop time.Duration
	// Retry spaces the tries of one job: 2 s, four times as long after each,
	// at most 5 min; so five tries outlast a trouble of a minute.
	Retry Backoff
	// Letters is the time between looks at a dead-letter queue, give or take
	// a third: 45 s.
	Letters time.Duration
	// AbandonPolls says that a poll may be cut at a stop because the queue
	// gives nothing to a client that is gone. SQS does, so there a stop
	// waits for the open polls.
	AbandonPolls bool
	// Hooks hear what happens.
	Hooks Hooks
	// Tracer follows jobs; nil for none.
	Tracer Tracer
}

// Hooks are functions that are called when something happens worth a line in
// the log or a count. Any may be nil. They must be quick and safe to call
// from many goroutines.
type Hooks struct {
	Finished func(Finished)
	// Trouble reports what went wrong outside any one job.
	Trouble func(doing string, err error)
	// Duplicate counts replies that were dropped since one was there.
	Duplicate func()
	// Sent tells of a request that its queue has, and how many visitors' jobs
	// it holds.
	Sent func(queue string, jobs int)
	// Answered tells of a request whose reply and record are safe, and how
	// many visitors' jobs it held.
	Answered func(kind string, jobs int)
}

// Finished tells how one receive of a job ended.
type Finished struct {
	Kind    string
	ID      string // JobID, or the message's own id for a bare request
	Attempt int    // receive count
	Outcome Outcome
	Waited  time.Duration // from send to the start of the work
	Took    time.Duration // from the start of the work to the delete
	Err     error         // why, unless done
	Trace   string        // the trace's id; empty where none is made
}

// Outcome is how one receive of a job ended.
type Outcome string

const (
	OutcomeDone   Outcome = "done"
	OutcomeFailed Outcome = "failed" // answered: will never work
	OutcomeRetry  Outcome = "retry"  // to be tried again after a delay
	OutcomeDead   Outcome = "dead"   // left to the dead-letter queue
	// OutcomeFoundDead: found in the dead-letter queue, unanswered. It is no
	// receive of the job's, and has waited for nothing.
	OutcomeFoundDead Outcome = "found dead"
	OutcomeRefused   Outcome = "refused"  // sent to the dead-letter queue unanswered
	OutcomeReturned  Outcome = "returned" // handed back at a stop
	OutcomeGivenUp   Outcome = "given up" // another worker may have it
)

func (o *RunnerOptions) fill() {
	set := func(d *time.Duration, value time.Duration) {
		if *d == 0 {
			*d = value
		}
	}
	if o.Tracer == nil {
		o.Tracer = untraced{}
	}
	set(&o.Wait, 20*time.Second)
	set(&o.Visibility, 30*time.Second)
	set(&o.Beat, 10*time.Second)
	set(&o.MaxWork, 10*time.Minute)
	set(&o.MaxHold, o.MaxWork+o.Visibility)
	set(&o.SoftStop, 25*time.Second)
	set(&o.Letters, 45*time.Second)
	if o.Retry.Factor == 0 {
		o.Retry.Factor = 4
	}
	set(&o.Retry.First, 2*time.Second)
	set(&o.Retry.Max, 5*time.Minute)
}

func (h Hooks) finished(f Finished) {
	if h.Finished != nil {
		h.Finished(f)
	}
}

func (h Hooks) trouble(doing string, err error) {
	if h.Trouble != nil {
		h.Trouble(doing, err)
	}
}

func (h Hooks) sent(queue string, jobs int) {
	if h.Sent != nil {
		h.Sent(queue, max(1, jobs))
	}
}

func (h Hooks) answered(kind string, jobs int) {
	if h.Answered != nil {
		h.Answered(kind, max(1, jobs))
	}
}

// Runner is the worker half: it receives requests of all registered kinds
// and has them worked on.
type Runner struct {
	opts    RunnerOptions
	workers []Worker

	mu    sync.Mutex
	pools []*pool // of the present Run
}

// NewRunner makes a Runner without any kinds yet.
func NewRunner(opts RunnerOptions) *Runner {
	opts.fill()
	return &Runner{opts: opts}
}

// Register adds a kind of job to r. All kinds are registered before Run.
func Register(r *Runner, w Worker) { r.workers = append(r.workers, w) }

// ErrStuck says that work went on after it was cancelled, so that Run could
// not wait for it.
var ErrStuck = errors.New("work doesn't end though it was cancelled")

// Run works until ctx ends, then stops softly: it receives nothing more,
// finishes what is in hand within SoftStop, hands back the rest and returns.
// When hard ends, work is cancelled at once.
func (r *Runner) Run(ctx, hard context.Context) error {
	work, cancel := context.WithCancel(hard)
	defer cancel()
	ctx, stop := context.WithCancel(ctx)
	defer context.AfterFunc(work, stop)()
	senders := newSenders(r.opts.Queue)
	pools := make([]*pool, len(r.workers))
	for i, w := range r.workers {
		p, err := newPool(ctx, work, w, senders, r.opts)
		if err != nil {
			return err
		}
		pools[i] = p
	}
	r.mu.Lock()
	r.pools = pools
	r.mu.Unlock()
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		var all sync.WaitGroup
		for _, p := range pools {
			all.Go(p.run)
			all.Go(newLetters(p).run)
		}
		all.Wait()
		senders.close()
	}()
	return r.wait(ctx, work, cancel, stopped)
}

// wait sees the stop through: soft, then hard, then without those that don't
// heed it.
func (r *Runner) wait(ctx, work context.Context, cancel func(), stopped <-chan struct{}) error {
	select {
	case <-stopped: // without any kinds there is nothing to do
		return nil
	case <-ctx.Done():
	}
	soft := time.AfterFunc(r.opts.SoftStop, cancel)
	defer soft.Stop()
	select {
	case <-stopped:
		return nil
	case <-work.Done():
	}
	stuck := time.NewTimer(2 * settleTime)
	defer stuck.Stop()
	select {
	case <-stopped:
		return nil
	case <-stuck.C:
		return ErrStuck
	}
}
