package app

import (
	"context"
	"net/http"
	"time"

	"cloudworks/internal/jobs"
	"cloudworks/internal/telemetry"
)

// openTracer begins to make traces, where the configuration names somebody
// who takes them.
func (a *App) openTracer(ctx context.Context) (err error) {
	t := a.Config.Tracing
	if t.Endpoint == "" {
		return nil
	}
	a.tracer, err = telemetry.Open(ctx, telemetry.Options{
		Endpoint: t.Endpoint, Headers: t.Headers, Timeout: t.Timeout,
		Sampler: t.Sampler, Ratio: t.Ratio, Service: t.Service, Attributes: t.Attributes,
		QueuePrefix: a.Config.QueuePrefix,
		Trouble:     func(err error) { a.Log.Warn().Err(err).Msg("send traces") },
	})
	return err
}

// follow gives the engine's Tracer, nil for none.
func (a *App) follow() jobs.Tracer {
	if a.tracer == nil {
		return nil
	}
	return a.tracer
}

// RequestTracer begins the trace of a request for a page, gives its id, and
// what is to be told of its end.
type RequestTracer = func(*http.Request) (ctx context.Context, id string, ended func(route string, status int, job string, err error))

// TraceRequests gives the pages' tracer, nil for none.
func (a *App) TraceRequests() RequestTracer {
	if a.tracer == nil {
		return nil
	}
	return a.tracer.Request
}

// flushTime bounds the sending of the last spans.
const flushTime = 3 * time.Second

// Close sends the last spans of what the process did. A collector that
// doesn't answer delays its end by no more than flushTime.
func (a *App) Close() {
	if a.tracer == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), flushTime)
	defer cancel()
	if err := a.tracer.Close(ctx); err != nil {
		a.Log.Warn().Err(err).Msg("send traces")
	}
}
