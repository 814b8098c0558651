package site

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/rs/zerolog"
)

// note is what is written down about a request while it is handled.
type note struct {
	id    string // the request's
	trace string // the trace's id, where there is one
	job   string // the id of the job that it is about
	err   error  // what went wrong, for the log alone
	ended func(route string, status int, job string, err error)
}

type noteKey struct{}

// noteOf gives the request's note; a request that bypassed record has an
// empty one.
func noteOf(r *http.Request) *note {
	if n, ok := r.Context().Value(noteKey{}).(*note); ok {
		return n
	}
	return &note{}
}

// record gives the request its id, and writes one line about it at the end.
func (s *Site) record(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := s.now()
		n := &note{id: rand.Text()[:16]}
		w.Header().Set("X-Request-Id", n.id)
		ctx := r.Context()
		if s.opts.Trace != nil {
			ctx, n.trace, n.ended = s.opts.Trace(r)
		}
		r = r.WithContext(context.WithValue(ctx, noteKey{}, n))
		ww := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		defer func() { s.write(r, n, ww, s.now().Sub(began)) }()
		next.ServeHTTP(ww, r)
	})
}

func (s *Site) write(r *http.Request, n *note, ww middleware.WrapResponseWriter, took time.Duration) {
	status := ww.Status()
	if status == 0 {
		status = http.StatusOK
	}
	route := "none"
	if rc := chi.RouteContext(r.Context()); rc != nil && rc.RoutePattern() != "" {
		route = rc.RoutePattern()
	}
	level := zerolog.InfoLevel
	if status >= 500 {
		level = zerolog.ErrorLevel
	}
	e := s.opts.Log.WithLevel(level).Str("request", n.id).Str("method", r.Method).Str("route", route).
		Int("status", status).Int("bytes", ww.BytesWritten()).Dur("took_ms", took)
	if n.trace != "" {
		e = e.Str("trace_id", n.trace)
	}
	if n.job != "" {
		e = e.Str("job", n.job)
	}
	if n.err != nil {
		e = e.AnErr("error", n.err)
	}
	e.Msg("request")
	if s.opts.Observe != nil {
		s.opts.Observe(route, status, took)
	}
	if n.ended != nil {
		n.ended(route, status, n.job, n.err)
	}
}

// recovered turns a panic into the page of a fault of ours.
func (s *Site) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			switch v := recover(); v {
			case nil:
			case http.ErrAbortHandler:
				panic(v) // the server cuts the connection, as was asked
			default:
				s.fail(w, r, fmt.Errorf("panic: %v\n%s", v, debug.Stack()))
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// contentPolicy lets a page load what we serve and nothing else. data: is for
// the small icons inside the stylesheet.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// headers sets what every answer carries, errors too. Referrer-Policy is
// same-origin, as no-referrer would have browsers post forms over plain HTTP
// with "Origin: null", which the cross-origin protection refuses.
func (s *Site) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
		if s.secure(r) {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Site) secure(r *http.Request) bool { return s.opts.Secure || r.TLS != nil }

// crossOrigin refuses requests that another site's page makes in a visitor's
// name.
func (s *Site) crossOrigin() func(http.Handler) http.Handler {
	p := http.NewCrossOriginProtection()
	p.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, errorOf(codeForbidden, "This came from another site's page, so it was not done."))
	}))
	return p.Handler
}

func (s *Site) clientIP() func(http.Handler) http.Handler {
	if len(s.opts.Proxies) > 0 {
		return middleware.ClientIPFromXFF(s.opts.Proxies...)
	}
	return middleware.ClientIPFromRemoteAddr
}
