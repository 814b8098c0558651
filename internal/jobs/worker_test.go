package jobs

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// fakeWorker does the work of the kind "work": do, or an echo.
type fakeWorker struct {
	kind   Kind
	do     func(ctx context.Context, job Job) (Reply, error)
	record func(ctx context.Context, job Job, text string) error

	mu      sync.Mutex
	works   []work
	records map[string][]string // by job id
	refused map[string]bool     // likewise
	working int
	most    int
}

// work is one call of Work.
type work struct {
	body       string
	receive    int
	began      time.Duration // since the start of the test
	neighbours int
}

func newFakeWorker(do func(context.Context, Job) (Reply, error)) *fakeWorker {
	return &fakeWorker{
		kind: Kind{Name: "work", Requests: "work", Replies: "answers", Slots: 20},
		do:   do, records: make(map[string][]string), refused: make(map[string]bool),
	}
}

func (w *fakeWorker) Kind() Kind { return w.kind }

func (w *fakeWorker) Work(ctx context.Context, job Job) (Reply, error) {
	w.mu.Lock()
	w.works = append(w.works, work{job.Body, job.ReceiveCount, time.Since(epoch), w.working})
	w.working++
	w.most = max(w.most, w.working)
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		w.working--
		w.mu.Unlock()
	}()
	reply := Reply{Body: "re: " + job.Body}
	if w.do != nil {
		r, err := w.do(ctx, job)
		if _, ok := errors.AsType[*Refused](err); ok {
			w.mu.Lock()
			w.refused[job.ID] = true
			w.mu.Unlock()
		}
		if err != nil {
			return Reply{}, err
		}
		if r.Body != "" {
			reply = r
		}
	}
	reply.Record = w.store(job, reply.Body)
	return reply, nil
}

func (w *fakeWorker) Fail(job Job, why *Error) Reply {
	r := Reply{Body: "error: " + why.Message}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.refused[job.ID] {
		r.Record = w.store(job, string(why.Code))
	}
	return r
}

func (w *fakeWorker) store(job Job, text string) func(context.Context) error {
	return func(ctx context.Context) error {
		if w.record != nil {
			if err := w.record(ctx, job, text); err != nil {
				return err
			}
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		id := job.ID
		if job.Bare() {
			id = job.Delivery.ID
		}
		if text == string(CodeDead) && len(w.records[id]) > 0 {
			return ErrAnswered
		}
		w.records[id] = append(w.records[id], text)
		return nil
	}
}

func (w *fakeWorker) worked() []work {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.works)
}

// epoch is when every synctest bubble's clock begins.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// system is a runner with a fake worker on fake queues.
type system struct {
	fakes
	worker   *fakeWorker
	opts     RunnerOptions
	mu       sync.Mutex
	finished []Finished
	troubles []string
}

func newTestSystem(do func(context.Context, Job) (Reply, error)) *system {
	s := &system{fakes: newFakes(), worker: newFakeWorker(do)}
	s.opts = RunnerOptions{Queue: s.open, Hooks: Hooks{
		Finished: func(f Finished) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.finished = append(s.finished, f)
		},
		Trouble: func(doing string, err error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.troubles = append(s.troubles, doing+": "+err.Error())
		},
	}}
	return s
}

// running is a runner that runs.
type running struct {
	*Runner
	soft, hard context.CancelFunc
	done       chan error
}

func (s *system) start() *running {
	runner := NewRunner(s.opts)
	Register(runner, s.worker)
	ctx, soft := context.WithCancel(context.Background())
	hardCtx, hard := context.WithCancel(context.Background())
	r := &running{runner, soft, hard, make(chan error, 1)}
	go func() { r.done <- runner.Run(ctx, hardCtx) }()
	return r
}

// stop stops softly and says how long that took.
func (r *running) stop(t *testing.T) time.Duration {
	t.Helper()
	began := time.Now()
	r.soft()
	if err := <-r.done; err != nil {
		t.Errorf("Run: %v", err)
	}
	r.hard()
	return time.Since(began)
}

func (s *system) outcomes() []Outcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Outcome
	for _, f := range s.finished {
		all = append(all, f.Outcome)
	}
	return all
}

// bubble runs a test in a bubble of synctest: no real time passes in it, and
// it fails when goroutines are left behind.
func bubble(t *testing.T, name string, test func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
}
