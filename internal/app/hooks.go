package app

import (
	"context"

	"cloudworks/internal/cloud"
	"cloudworks/internal/jobs"
	"cloudworks/internal/ops"
)

func (a *App) observe(c cloud.Call) { a.Metrics.Call(ops.Call(c)) }

// hooks send what the engine tells to the log and the metrics.
func (a *App) hooks() jobs.Hooks {
	return jobs.Hooks{
		Finished:  a.finished,
		Trouble:   func(doing string, err error) { a.Log.Warn().Err(err).Msg(doing) },
		Duplicate: a.Metrics.Duplicate,
		Sent:      func(queue string, n int) { a.Metrics.Sent(a.kindOf(queue), n) },
		Answered:  a.Metrics.Answered,
	}
}

// kindOf names the kind of job that a request queue is for.
func (a *App) kindOf(queue string) string {
	for _, w := range a.workers {
		if k := w.Kind(); k.Requests == queue {
			return k.Name
		}
	}
	return queue
}

// sources tell the ops address how things stand.
func (a *App) sources() ops.Sources {
	return ops.Sources{
		Pools: func() []jobs.PoolState {
			if r := a.runner.Load(); r != nil {
				return r.State()
			}
			return nil
		},
		Unanswered: a.unanswered,
		Depths:     func(ctx context.Context) []ops.Depth { return a.depths.all(ctx, a.workers) },
		Spared:     a.cloud.Spared,
	}
}

// unanswered tells, by kind, what a web process waits for.
func (a *App) unanswered() map[string]jobs.Unanswered {
	client := a.client.Load()
	if client == nil {
		return nil
	}
	byQueue, byKind := client.Unanswered(), make(map[string]jobs.Unanswered)
	for _, w := range a.workers {
		k := w.Kind()
		byKind[k.Name] = byQueue[k.Requests] // none is worth a nought
	}
	return byKind
}

// finished writes the one line of a finished job.
func (a *App) finished(f jobs.Finished) {
	a.Metrics.Job(f)
	event := a.Log.Info()
	switch f.Outcome {
	case jobs.OutcomeRetry, jobs.OutcomeGivenUp, jobs.OutcomeRefused:
		event = a.Log.Warn()
	case jobs.OutcomeDead, jobs.OutcomeFoundDead:
		event = a.Log.Error()
	}
	if f.Trace != "" {
		event = event.Str("trace_id", f.Trace)
	}
	event.Str("job", f.ID).Str("kind", f.Kind).Int("attempt", f.Attempt).Str("outcome", string(f.Outcome)).
		Dur("waited_ms", f.Waited).Dur("took_ms", f.Took).AnErr("error", f.Err).Msg("job")
}
