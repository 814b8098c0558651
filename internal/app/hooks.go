package app

import (
	"cloudworks/internal/cloud"
	"cloudworks/internal/jobs"
)

func (a *App) observe(c cloud.Call) {
	a.Metrics.Call(c.Service, c.Operation, c.Took, c.Err)
}

// hooks send what the engine tells to the log and the metrics.
func (a *App) hooks() jobs.Hooks {
	return jobs.Hooks{
		Finished:  a.finished,
		Trouble:   func(doing string, err error) { a.Log.Warn().Err(err).Msg(doing) },
		Duplicate: a.Metrics.Duplicate,
	}
}

// finished writes the one line of a finished job.
func (a *App) finished(f jobs.Finished) {
	a.Metrics.Job(f)
	event := a.Log.Info()
	switch f.Outcome {
	case jobs.OutcomeRetry, jobs.OutcomeGivenUp, jobs.OutcomeRefused:
		event = a.Log.Warn()
	case jobs.OutcomeDead:
		event = a.Log.Error()
	}
	event.Str("job", f.ID).Str("kind", f.Kind).Int("attempt", f.Attempt).Str("outcome", string(f.Outcome)).
		Dur("waited_ms", f.Waited).Dur("took_ms", f.Took).AnErr("error", f.Err).Msg("job")
}
