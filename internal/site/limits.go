package site

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5/middleware"
	"github.com/go-chi/httprate"
)

// limit holds each address to so many requests a minute. An IPv6 visitor has
// a whole network of addresses, which count as one.
func (s *Site) limit(perMinute, standard int) func(http.Handler) http.Handler {
	switch {
	case perMinute < 0:
		return func(next http.Handler) http.Handler { return next }
	case perMinute == 0:
		perMinute = standard
	}
	key := func(r *http.Request) (string, error) {
		return httprate.CanonicalizeIP(middleware.GetClientIP(r.Context())), nil
	}
	return httprate.LimitBy(perMinute, time.Minute, key, httprate.WithLimitHandler(func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, errorOf(codeRate, "More than %d requests of this kind came from your address within a minute.", perMinute))
	}))
}

// ended takes the deadline away once the body is read.
type ended struct {
	io.ReadCloser
	control *http.ResponseController
}

func (e *ended) Read(b []byte) (int, error) {
	n, err := e.ReadCloser.Read(b)
	if err != nil {
		hurry(e.control, 0)
	}
	return n, err
}

// hurry has reads of the connection fail after d; zero takes that back. A
// test's recorder has no deadlines, every real connection has.
func hurry(control *http.ResponseController, d time.Duration) {
	at := time.Time{}
	if d > 0 {
		at = time.Now().Add(d)
	}
	_ = control.SetReadDeadline(at)
}

const (
	maxForm     = 16 << 10
	maxFormTime = 15 * time.Second
	// maxUpload is the most that a batch takes, and room for what stands
	// between the files.
	maxUpload = 20*(25<<20) + 1<<20
)

// limitBody bounds what is read of a request. It stands outside the router,
// whose wrappers would keep it from closing the connection of who sends more.
func limitBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		most := int64(maxForm)
		if r.Method == http.MethodPost {
			switch strings.TrimSuffix(r.URL.Path, "/") {
			case "/pics":
				most = maxUpload
			case "/calc/bulk":
				most = maxBulk
			}
		}
		control, empty := http.NewResponseController(w), r.Body == nil || r.Body == http.NoBody
		r.Body = http.MaxBytesReader(w, r.Body, most)
		if most == maxForm && !empty {
			// A form is sent at once; an upload has a limit for its pauses.
			hurry(control, maxFormTime)
			r.Body = &ended{r.Body, control}
		}
		next.ServeHTTP(w, r)
	})
}

// tooLarge reports whether err is that of a body over its limit.
func tooLarge(err error) bool {
	var max *http.MaxBytesError
	return errors.As(err, &max)
}
