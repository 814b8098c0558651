package cloud

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cloudworks/internal/jobs"
)

// What share of calls is made, by the share that fails and the load.
func TestGuard(t *testing.T) {
	tests := []struct {
		rate        int     // calls asked for, a second
		fail        float64 // share of the calls that fail
		least, most float64 // share of the calls that are made
	}{
		{1000, 0, 1, 1},
		{1000, .1, 1, 1},
		{1000, .3, 1, 1},
		{1000, .45, .95, 1},
		{1000, .75, .2, .7},
		{1000, 1, .01, .06},
		{100, 1, .03, .2},
		{1, 1, .3, 1},
		{1, .5, .8, 1},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%d a second, %.0f %% fail", test.rate, test.fail*100), func(t *testing.T) {
			draws := rand.New(rand.NewPCG(1, 2))
			var g guard
			now := time.Unix(1e9, 0)
			made := 0
			const seconds = 100
			for i := range seconds * test.rate {
				at := now.Add(time.Duration(i) * time.Second / time.Duration(test.rate))
				if g.admit(at, draws.Float64()) {
					made++
					g.ended(at, draws.Float64() >= test.fail)
				}
			}
			if got := float64(made) / float64(seconds*test.rate); got < test.least || got > test.most {
				t.Errorf("%.3f of the calls are made, want %.2f to %.2f", got, test.least, test.most)
			}
		})
	}
}

// Within ten seconds of an outage's end all calls are made again.
func TestGuardRecovers(t *testing.T) {
	for _, rate := range []int{1, 30, 1000} {
		draws := rand.New(rand.NewPCG(1, 2))
		var g guard
		spared := make(map[int]int) // by second
		for i := range 90 * rate {
			second := i / rate
			at := time.Unix(1e9, 0).Add(time.Duration(i) * time.Second / time.Duration(rate))
			if !g.admit(at, draws.Float64()) {
				spared[second]++
				continue
			}
			g.ended(at, second >= 60)
		}
		if spared[59] == 0 && rate > 1 {
			t.Errorf("%d a second: none spared in the outage", rate)
		}
		for second := 71; second < 90; second++ {
			if spared[second] > 0 {
				t.Errorf("%d a second: %d spared %d s after its end", rate, spared[second], second-60)
			}
		}
	}
}

func TestServiceFailed(t *testing.T) {
	status := func(code int, body string) *httptest.Server {
		return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(code)
			fmt.Fprint(w, body)
		}))
	}
	tests := []struct {
		name string
		code int
		body string
		want bool
	}{
		{"not found", 404, "<Error><Code>NoSuchKey</Code></Error>", false},
		{"forbidden", 403, "<Error><Code>AccessDenied</Code></Error>", false},
		{"broken", 500, "<Error><Code>InternalError</Code></Error>", true},
		{"busy", 503, "<Error><Code>SlowDown</Code></Error>", true},
		{"throttled by 400", 400, "<Error><Code>ThrottlingException</Code></Error>", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := status(test.code, test.body)
			defer server.Close()
			_, err := open(t, server.URL, nil).Bucket("b").Get(t.Context(), "k")
			if got := serviceFailed(err); got != test.want || err == nil {
				t.Errorf("got %v for %v", got, err)
			}
		})
	}
	gone := status(200, "")
	gone.Close()
	if _, err := open(t, gone.URL, nil).Bucket("b").Get(t.Context(), "k"); !serviceFailed(err) {
		t.Errorf("a refused connection is no failure: %v", err)
	}
}

func open(t *testing.T, url string, observe func(Call)) *Cloud {
	t.Helper()
	c, err := Open(t.Context(), Options{Endpoint: url, Region: "us-east-1", AccessKey: "a", SecretKey: "b", Observe: observe})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A service that fails everything sees fewer calls than it is asked for, and
// is heard to be back; the other service is not touched.
func TestFailingServiceSeesLess(t *testing.T) {
	var down atomic.Bool
	var calls, sqs atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.Header.Get("X-Amz-Target"), "SQS") {
			sqs.Add(1)
			fmt.Fprint(w, `{"QueueUrl":"http://127.0.0.1/q"}`)
			return
		}
		calls.Add(1)
		if down.Load() {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	defer server.Close()
	var observed atomic.Int32
	stop := func() {} // the present put; there is one at a time
	c := open(t, server.URL, func(call Call) {
		if call.Service == "S3" {
			observed.Add(1)
			stop()
		}
	})
	down.Store(true)
	const asked = 300
	spared := 0
	for range asked {
		ctx, cancel := context.WithCancel(t.Context())
		stop = cancel // after the first try: no retries
		err := c.Bucket("b").Put(ctx, jobs.Object{Key: "k"}, strings.NewReader("x"))
		cancel()
		if err == nil {
			t.Fatal("put to a service that is down worked")
		}
		if errors.Is(err, ErrSpared) {
			spared++
		}
	}
	if got := int(calls.Load()); got > asked/2 || got < 5 || spared < asked/2 {
		t.Errorf("%d calls for %d asked, %d spared", got, asked, spared)
	}
	if share := c.Spared(); share["S3"] < 0.5 || share["S3"] >= 1 || share["SQS"] != 0 {
		t.Errorf("the shares spared are %v", share)
	}
	if calls.Load() != observed.Load() {
		t.Errorf("%d calls, %d observed: what isn't made isn't billed", calls.Load(), observed.Load())
	}
	if _, err := c.Queue(t.Context(), "q"); err != nil || sqs.Load() != 1 {
		t.Errorf("SQS was spared as well: %v", err)
	}
}

// At 30 % errors every call comes about; at 100 % the budget keeps retries
// from multiplying the load.
func TestRetryBudget(t *testing.T) {
	for _, test := range []struct {
		name string
		fail func(n int32) bool
		most int32 // attempts for 2,000 calls
		work bool
	}{
		{"30 %", func(n int32) bool { return n%10 < 3 }, 3000, true},
		{"100 %", func(int32) bool { return true }, 2000 + retryBudget/retryCost, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRetryer()
			attempts, refused := int32(0), 0
			for range 2000 {
				token, err := r.(interface {
					GetAttemptToken(context.Context) (func(error) error, error)
				}).GetAttemptToken(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for {
					attempts++
					var failed error
					if test.fail(attempts) {
						failed = errors.New("500")
					}
					if err := token(failed); err != nil {
						t.Fatal(err)
					}
					if failed == nil {
						break
					}
					if token, err = r.GetRetryToken(t.Context(), failed); err != nil {
						refused++
						break
					}
				}
			}
			if attempts > test.most || test.work != (refused == 0) {
				t.Errorf("%d attempts, %d retries refused", attempts, refused)
			}
		})
	}
}

// What failed before the clock was put back is forgotten.
func TestGuardClockPutBack(t *testing.T) {
	var g guard
	now := time.Unix(1e9, 0)
	for range 1000 {
		g.ended(now, false)
	}
	if g.admit(now, .9) {
		t.Error("a call is made to a service that fails all calls")
	}
	if !g.admit(now.Add(-time.Hour), .9) {
		t.Error("a call is spared for what was an hour from now")
	}
}
