package ops

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"cloudworks/internal/jobs"
)

func get(t *testing.T, h http.Handler, path string) (status int, body string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	text, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Code, string(text)
}

func TestHealthAndReadiness(t *testing.T) {
	down := errors.New("the bucket doesn't answer")
	for _, tt := range []struct {
		name, path string
		ready      error
		status     int
		body       string
	}{
		{"healthy", "/healthz", nil, http.StatusOK, "ok"},
		{"healthy though not ready", "/healthz", down, http.StatusOK, "ok"},
		{"ready", "/readyz", nil, http.StatusOK, "ready"},
		{"not ready", "/readyz", down, http.StatusServiceUnavailable, down.Error()},
		{"anything else", "/", nil, http.StatusNotFound, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := Handler(NewMetrics("a codec"), func(context.Context) error { return tt.ready })
			if status, body := get(t, h, tt.path); status != tt.status || !strings.Contains(body, tt.body) {
				t.Errorf("got %d %q, want %d %q", status, body, tt.status, tt.body)
			}
		})
	}
}

// What is counted can be read, under the names that docs/operations.md gives.
func TestMetrics(t *testing.T) {
	m := NewMetrics("a codec")
	m.Call("SQS", "SendMessageBatch", 6*time.Millisecond, nil)
	m.Call("S3", "PutObject", time.Second, errors.New("slow down"))
	m.Job(jobs.Finished{Kind: "cloudcal", Outcome: jobs.OutcomeDone, Waited: time.Millisecond, Took: 3 * time.Millisecond})
	m.Duplicate()
	m.Request("/calc/{id}", http.StatusOK, time.Millisecond)
	_, body := get(t, Handler(m, func(context.Context) error { return nil }), "/metrics")
	for _, want := range []string{
		`cloudworks_call_seconds_count{operation="SendMessageBatch",outcome="ok",service="SQS"} 1`,
		`cloudworks_call_seconds_count{operation="PutObject",outcome="error",service="S3"} 1`,
		`cloudworks_job_seconds_count{kind="cloudcal",outcome="done"} 1`,
		`cloudworks_job_wait_seconds_count{kind="cloudcal"} 1`,
		`cloudworks_duplicate_replies_total 1`,
		`cloudworks_http_request_seconds_count{route="/calc/{id}",status="200"} 1`,
		`cloudworks_jpeg_codec_info{codec="a codec"} 1`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("/metrics lacks %s", want)
		}
	}
}
