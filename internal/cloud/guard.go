package cloud

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// ErrSpared is the error of a call that was not made, to spare a service that
// fails most of what it is asked.
var ErrSpared = errors.New("call not made: the service fails most calls at the moment")

// guard is the circuit breaker of one service. It has no states to switch
// between: the more calls have failed lately, the more are not made at all.
// That is the client-side throttling of Google's "Site Reliability
// Engineering", chapter 21, except that only calls that were made count:
// in a full outage it lets through about the square root of what is asked,
// and lets everything through within seconds of its end.
type guard struct {
	mu      sync.Mutex
	seconds [guardWindow]guardSecond
}

type guardSecond struct {
	at           int64 // Unix time
	made, worked float64
}

const (
	// guardWindow is how far back calls count, in seconds.
	guardWindow = 10
	// guardFactor: calls are spared when fewer than one in guardFactor works.
	guardFactor = 2
	// guardFree is how many failures count for nothing.
	guardFree = 10
)

// admit says whether a call may be made; draw is even over [0, 1).
func (g *guard) admit(now time.Time, draw float64) bool { return draw >= g.spares(now) }

// spares gives the share of calls that are not made: below 1, and not above 0
// in good times.
func (g *guard) spares(now time.Time) float64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	var made, worked float64
	for _, s := range g.seconds {
		// A second in the future was before the clock was put back.
		if age := now.Unix() - s.at; 0 <= age && age < guardWindow {
			made += s.made
			worked += s.worked
		}
	}
	return (made - guardFactor*worked - guardFree) / (made + 1)
}

// ended takes note of a call that was made.
func (g *guard) ended(now time.Time, worked bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := &g.seconds[now.Unix()%guardWindow]
	if s.at != now.Unix() {
		*s = guardSecond{at: now.Unix()}
	}
	s.made++
	if worked {
		s.worked++
	}
}

// guards has a guard for each service.
type guards struct {
	sqs, s3 guard
	report  func(service, operation string) // of a call that was spared; nil for nobody
}

func (g *guards) of(service string) *guard {
	if service == "SQS" {
		return &g.sqs
	}
	return &g.s3
}

// middleware puts the guards behind the SDK's retries, so that a retry is
// spared as well.
func (g *guards) middleware(s *middleware.Stack) error {
	step := middleware.FinalizeMiddlewareFunc("Guard",
		func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
			service := g.of(awsmiddleware.GetServiceID(ctx))
			if !service.admit(time.Now(), rand.Float64()) {
				if g.report != nil {
					g.report(awsmiddleware.GetServiceID(ctx), awsmiddleware.GetOperationName(ctx))
				}
				return middleware.FinalizeOutput{}, middleware.Metadata{}, fmt.Errorf("%s: %w", awsmiddleware.GetServiceID(ctx), ErrSpared)
			}
			out, meta, err := next.HandleFinalize(ctx, in)
			if !errors.Is(err, context.Canceled) {
				service.ended(time.Now(), !serviceFailed(err))
			}
			return out, meta, err
		})
	return s.Finalize.Insert(step, "Retry", middleware.After)
}

// Spared gives, for each service, the share of calls that are not made at
// present, from 0 to 1, to spare a service that fails most of them.
func (c *Cloud) Spared() map[string]float64 {
	now := time.Now()
	return map[string]float64{"SQS": max(0, c.guards.sqs.spares(now)), "S3": max(0, c.guards.s3.spares(now))}
}

// serviceFailed reports whether err is the service's fault: no answer, an
// error of its own, or a request to slow down.
func serviceFailed(err error) bool {
	if err == nil {
		return false
	}
	answer, answered := errors.AsType[*smithyhttp.ResponseError](err)
	if !answered {
		return true
	}
	status := answer.HTTPStatusCode()
	return status == 0 || status >= http.StatusInternalServerError || status == http.StatusTooManyRequests || throttles.IsErrorThrottle(err).Bool()
}
