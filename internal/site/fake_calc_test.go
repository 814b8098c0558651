package site_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"cloudworks/internal/cloudcal"
	"cloudworks/internal/jobs"
	"cloudworks/internal/site"
)

var _ site.Calc = (*fakeCalc)(nil)

// gone is what the real clients say of ids that they don't know.
var gone = jobs.Errorf(jobs.CodeNotFound, "There is no such job, or it has expired.")

// fakeCalc answers a list when delay has passed, or when finish is called.
type fakeCalc struct {
	mu    sync.Mutex
	jobs  map[string]*cloudcal.Job
	owner map[string]string
	delay time.Duration // negative: never by itself
	err   error         // of every call, when set
	noLog int           // how many times the log is not there yet
	fakeBulks
}

func newCalc() *fakeCalc {
	return &fakeCalc{jobs: make(map[string]*cloudcal.Job), owner: make(map[string]string)}
}

func (f *fakeCalc) Submit(_ context.Context, owner string, list cloudcal.List) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return "", f.err
	}
	now := time.Now()
	id := jobs.NewID(now) + "." + jobs.NewToken() + "ABCDEFGH"
	f.jobs[id] = &cloudcal.Job{ID: id, State: jobs.StateQueued, Numbers: &list, Submitted: now}
	f.owner[id] = owner
	return id, nil
}

// put places a job as it is.
func (f *fakeCalc) put(j cloudcal.Job) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	j.ID = jobs.NewID(j.Submitted) + "." + jobs.NewToken() + "ABCDEFGH"
	f.jobs[j.ID] = &j
	return j.ID
}

func (f *fakeCalc) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

// finish answers a list, whatever the delay.
func (f *fakeCalc) finish(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer(f.jobs[id])
}

func (f *fakeCalc) set(id string, change func(*cloudcal.Job)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f.jobs[id])
}

func (f *fakeCalc) answer(j *cloudcal.Job) {
	if j.State.Final() {
		return
	}
	m := cloudcal.Compute(*j.Numbers)
	j.State, j.Summary, j.Answered = jobs.StateDone, &m, j.Submitted.Add(38*time.Millisecond)
}

func (f *fakeCalc) Job(_ context.Context, id string) (cloudcal.Job, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	j, ok := f.jobs[id]
	switch {
	case f.err != nil:
		return cloudcal.Job{}, f.err
	case !ok:
		return cloudcal.Job{}, gone
	}
	if f.delay >= 0 && time.Since(j.Submitted) >= f.delay {
		f.answer(j)
	}
	return *j, nil
}

func (f *fakeCalc) Wait(ctx context.Context, id string) (cloudcal.Job, error) {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		j, err := f.Job(ctx, id)
		if err != nil || j.State.Final() {
			return j, err
		}
		select {
		case <-ctx.Done():
			return j, nil
		case <-tick.C:
		}
	}
}

func (f *fakeCalc) LogLine(ctx context.Context, id string) (string, string, error) {
	j, err := f.Job(ctx, id)
	if err != nil {
		return "", "", err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.noLog > 0 || j.Summary == nil {
		f.noLog--
		return "", "", gone
	}
	message, list, _ := strings.Cut(id, ".")
	return fmt.Sprintf("%s %s %s => %d %d %s %s", j.Submitted.UTC().Format(time.RFC3339), list, j.Numbers,
		j.Summary.Min, j.Summary.Max, j.Summary.Mean, j.Summary.Median), "logs/cloudcal/2026/11/24/" + message + ".txt", nil
}
