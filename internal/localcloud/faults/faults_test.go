package faults_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cloudworks/internal/localcloud/faults"
)

// start serves a counting handler behind an injector. The operation is the
// request's path without its slash.
func start(t *testing.T) (*faults.Injector, *httptest.Server, *atomic.Int64) {
	t.Helper()
	var worked atomic.Int64
	injector := faults.New(faults.Service{
		Operation: func(r *http.Request) string { return strings.TrimPrefix(r.URL.Path, "/") },
		WriteError: func(w http.ResponseWriter, _ *http.Request, kind faults.Kind) {
			if kind == faults.Throttle {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			w.WriteHeader(http.StatusInternalServerError)
		},
	}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		worked.Add(1)
		_, _ = io.WriteString(w, "done")
	}))
	server := httptest.NewServer(injector)
	t.Cleanup(server.Close)
	return injector, server, &worked
}

func TestPlan(t *testing.T) {
	tests := []struct {
		name       string
		plan       *faults.Plan
		path       string
		wantStatus int // 0: no answer at all
		wantWorked int64
	}{
		{"no plan", nil, "/Put", 200, 1},
		{"fail", &faults.Plan{FailRate: 1}, "/Put", 500, 0},
		{"throttle", &faults.Plan{ThrottleRate: 1}, "/Put", 503, 0},
		{"lose", &faults.Plan{LoseRate: 1}, "/Put", 0, 1},
		{"another operation", &faults.Plan{FailRate: 1, Operations: map[string]bool{"Get": true}}, "/Put", 200, 1},
		{"this operation", &faults.Plan{FailRate: 1, Operations: map[string]bool{"Put": true}}, "/Put", 500, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			injector, server, worked := start(t)
			injector.Set(test.plan)
			got := status(t, server, test.path)
			if got != test.wantStatus || worked.Load() != test.wantWorked {
				t.Errorf("status %d, worked %d times; want %d and %d", got, worked.Load(), test.wantStatus, test.wantWorked)
			}
		})
	}
}

// status posts a body and returns the answer's status, 0 when there was none.
func status(t *testing.T, server *httptest.Server, path string) int {
	t.Helper()
	resp, err := server.Client().Post(server.URL+path, "text/plain", strings.NewReader("body"))
	if errors.Is(err, io.EOF) {
		return 0
	}
	if err != nil {
		t.Fatalf("post %s: %v", path, err)
	}
	defer resp.Body.Close()
	return resp.StatusCode
}

func TestSeedRepeats(t *testing.T) {
	sequence := func(seed uint64) string {
		injector, server, _ := start(t)
		injector.Set(&faults.Plan{Seed: seed, FailRate: 0.3, ThrottleRate: 0.3})
		var b strings.Builder
		for range 50 {
			b.WriteString(http.StatusText(status(t, server, "/Put"))[:2])
		}
		return b.String()
	}
	first, again, other := sequence(1), sequence(1), sequence(2)
	if first != again {
		t.Errorf("seed 1 gave %s, then %s", first, again)
	}
	if first == other {
		t.Errorf("seeds 1 and 2 both gave %s", first)
	}
	for _, want := range []string{"OK", "In", "Se"} {
		if !strings.Contains(first, want) {
			t.Errorf("50 requests at 30%% and 30%% never gave %s: %s", want, first)
		}
	}
}

func TestDelay(t *testing.T) {
	injector, server, _ := start(t)
	const delay = 50 * time.Millisecond
	injector.Set(&faults.Plan{Delay: delay})
	begin := time.Now()
	status(t, server, "/Put")
	if took := time.Since(begin); took < delay {
		t.Errorf("took %v, want at least %v", took, delay)
	}
}
