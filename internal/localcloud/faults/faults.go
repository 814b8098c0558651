// Package faults makes an HTTP service misbehave on request, so that a test
// can see what its callers do about it: requests that fail before any work,
// requests that are throttled, answers that are lost after the work was done,
// and plain delay. It knows no protocol: how an operation is told from a
// request and what an error looks like are the caller's.
package faults

import (
	"io"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"time"
)

// Kind is a way in which a request goes wrong.
type Kind int

const (
	// Fail answers a server error (500) before any work is done.
	Fail Kind = iota
	// Throttle answers "slow down" (503 or 400, as the service has it) before
	// any work is done.
	Throttle
	// Lose does the work and then drops the connection, so that the caller
	// can't tell whether it was done.
	Lose
)

// Plan says what goes wrong and how often. It is read only once handed to an
// Injector; change behaviour by setting a new plan.
type Plan struct {
	// Seed makes the sequence of decisions repeatable. Which request meets
	// which decision still depends on the order in which they arrive.
	Seed uint64
	// FailRate, ThrottleRate and LoseRate are shares of the requests, 0 to 1;
	// together they are at most 1.
	FailRate, ThrottleRate, LoseRate float64
	// Delay is added before every request that the plan concerns.
	Delay time.Duration
	// Operations names the operations concerned; empty means all.
	Operations map[string]bool
}

// Service is what an Injector must know of the service that it disturbs.
type Service struct {
	// Operation names the request's operation, such as "PutObject".
	Operation func(*http.Request) string
	// WriteError answers a request that Fail or Throttle has struck, in the
	// service's own words.
	WriteError func(http.ResponseWriter, *http.Request, Kind)
}

// Injector is a handler that passes requests on to another, except where its
// plan has them go wrong. Without a plan it only passes on.
type Injector struct {
	service Service
	next    http.Handler
	active  atomic.Pointer[active]
}

// active is a plan with the number of decisions made under it.
type active struct {
	plan  Plan
	count atomic.Uint64
}

// New wraps next. The injector does nothing until Set gives it a plan.
func New(service Service, next http.Handler) *Injector {
	return &Injector{service: service, next: next}
}

// Set puts plan in force for the requests that arrive from now on; nil ends
// all faults. It may be called while requests are served.
func (in *Injector) Set(plan *Plan) {
	if plan == nil {
		in.active.Store(nil)
		return
	}
	in.active.Store(&active{plan: *plan})
}

// ServeHTTP passes the request on or lets it go wrong.
func (in *Injector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	act := in.active.Load()
	if act == nil || !act.concerns(in.service.Operation(r)) {
		in.next.ServeHTTP(w, r)
		return
	}
	if !wait(r, act.plan.Delay) {
		return
	}
	kind, struck := act.decide()
	switch {
	case !struck:
		in.next.ServeHTTP(w, r)
	case kind == Lose:
		in.next.ServeHTTP(&discard{header: http.Header{}}, r)
		panic(http.ErrAbortHandler) // net/http closes the connection without an answer
	default:
		// The body is read so that the client hears the answer instead of a
		// connection reset in the middle of its sending.
		_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, drainLimit))
		in.service.WriteError(w, r, kind)
	}
}

// drainLimit bounds what is read of the body of a refused request, in bytes.
const drainLimit = 64 << 20

// concerns reports whether the plan speaks of the operation.
func (a *active) concerns(operation string) bool {
	return len(a.plan.Operations) == 0 || a.plan.Operations[operation]
}

// decide draws the next decision. The nth draw of a seed is always the same.
func (a *active) decide() (kind Kind, struck bool) {
	n := a.count.Add(1)
	draw := rand.New(rand.NewPCG(a.plan.Seed, n)).Float64()
	for _, option := range []struct {
		kind Kind
		rate float64
	}{{Fail, a.plan.FailRate}, {Throttle, a.plan.ThrottleRate}, {Lose, a.plan.LoseRate}} {
		if draw < option.rate {
			return option.kind, true
		}
		draw -= option.rate
	}
	return 0, false
}

// wait lasts d, or ends early with false when the client has gone.
func wait(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// discard is a ResponseWriter whose answer goes nowhere.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(int)             {}
