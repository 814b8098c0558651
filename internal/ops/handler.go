package ops

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/rs/zerolog"
)

// readyTime bounds one check of readiness.
const readyTime = 3 * time.Second

// Options set what the ops address serves.
type Options struct {
	Metrics *Metrics
	// Ready says what keeps the process from its work, or nil.
	Ready func(context.Context) error
	// Token opens the operators' page; without one it isn't served.
	Token string
	// Desk and Sources are what the page shows.
	Desk    Desk
	Sources Sources
	// Instance names the process.
	Instance string
	Log      zerolog.Logger
}

// Handler serves /healthz (the process runs), /readyz (it can do its work)
// and /metrics, and the operators' page for whoever has the token.
func Handler(o Options) (http.Handler, error) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), readyTime)
		defer cancel()
		if err := o.Ready(ctx); err != nil {
			http.Error(w, "not ready: "+err.Error(), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready")
	})
	mux.Handle("GET /metrics", o.Metrics.handler())
	if o.Token == "" {
		return mux, nil
	}
	door, err := newDoor(o.Token)
	if err != nil {
		return nil, err
	}
	p := &page{opts: o, door: door, started: time.Now()}
	p.routes(mux)
	return mux, nil
}
