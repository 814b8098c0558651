package site

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
)

// late is a body whose second half never comes.
type late struct{ first io.Reader }

func (l late) Read(b []byte) (int, error) {
	n, err := l.first.Read(b)
	if errors.Is(err, io.EOF) {
		err = os.ErrDeadlineExceeded
	}
	return n, err
}

func TestLateBody(t *testing.T) {
	s := New(Options{Log: zerolog.Nop(), Retention: time.Hour, LogRetention: time.Hour})
	for path, kind := range map[string]string{"/calc": "text/plain", "/pics": "multipart/form-data; boundary=x", "/calc/bulk": "multipart/form-data; boundary=x"} {
		r := httptest.NewRequest(http.MethodPost, path, late{strings.NewReader("--x\r\n")})
		r.Header.Set("Content-Type", kind)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != http.StatusRequestTimeout {
			t.Errorf("%s: got %d, want 408", path, w.Code)
		}
	}
}
