package ops

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
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

// plain is what is served without a token.
func plain(t *testing.T, m *Metrics, ready error) http.Handler {
	t.Helper()
	h, err := Handler(Options{Metrics: m, Ready: func(context.Context) error { return ready }})
	if err != nil {
		t.Fatal(err)
	}
	return h
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
		{"no page without a token", "/ops", nil, http.StatusNotFound, ""},
		{"no login without a token", "/ops/login", nil, http.StatusNotFound, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := plain(t, NewMetrics("a codec"), tt.ready)
			if status, body := get(t, h, tt.path); status != tt.status || !strings.Contains(body, tt.body) {
				t.Errorf("got %d %q, want %d %q", status, body, tt.status, tt.body)
			}
		})
	}
}
