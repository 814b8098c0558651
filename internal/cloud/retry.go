package cloud

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

// throttles tells errors that ask to slow down.
var throttles = retry.IsErrorThrottles(retry.DefaultThrottles)

// The retry budget of one service. A retry costs retryCost tokens, given back
// if it works; a call that works at the first try adds retryGain. It pays for
// all retries as long as about 40 % of calls fail (the SDK's own numbers as
// long as 10 % do); beyond, retries are a share of the calls that work, so
// that a failing service sees less load and not four times as much.
const (
	retryBudget = 500
	retryCost   = 5
	retryGain   = 2
)

// newRetryer tries a call up to four times, with jitter and within the
// service's budget.
func newRetryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = 4
		o.MaxBackoff = 2 * time.Second
		o.RateLimiter = ratelimit.NewTokenRateLimit(retryBudget)
		o.RetryCost, o.ThrottlingRetryCost = retryCost, retryCost
		o.NoRetryIncrement = retryGain
	})
}
