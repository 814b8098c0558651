package site_test

import (
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cloudworks/internal/chrome"

	"github.com/chromedp/chromedp"
)

// troubled serves a world on an address of its own, which can be left and
// taken again, and can answer every poll with one status.
type troubled struct {
	t      *testing.T
	w      *world
	addr   string
	status atomic.Int64 // of polls, 0 for what the site says
	polls  atomic.Int64
	server *http.Server
}

func newTroubled(t *testing.T) *troubled {
	x := &troubled{t: t, w: newWorld(t), addr: "127.0.0.1:0"}
	x.w.calc.delay = -1
	x.serve()
	t.Cleanup(func() { x.server.Close() })
	return x
}

func (x *troubled) serve() {
	x.t.Helper()
	listener, err := net.Listen("tcp", x.addr)
	if err != nil {
		x.t.Fatal(err)
	}
	x.addr = listener.Addr().String()
	inner := x.w.server.Config.Handler
	x.server = &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/status") {
			x.polls.Add(1)
			if s := x.status.Load(); s != 0 {
				http.Error(rw, "not now", int(s))
				return
			}
		}
		inner.ServeHTTP(rw, r)
	})}
	server := x.server
	go func() { _ = server.Serve(listener) }()
}

// A page that waits outlasts ten seconds in which every poll is answered 503
// or 429, or in which nobody listens at all: the answer comes within two
// intervals of their end, by itself.
func TestPollsOutlastTrouble(t *testing.T) {
	for name, trouble := range map[string]struct{ begin, end func(*troubled) }{
		"503":     {func(x *troubled) { x.status.Store(503) }, func(x *troubled) { x.status.Store(0) }},
		"429":     {func(x *troubled) { x.status.Store(429) }, func(x *troubled) { x.status.Store(0) }},
		"refused": {func(x *troubled) { x.server.Close() }, func(x *troubled) { x.serve() }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := chrome.New(t)
			x := newTroubled(t)
			at := x.w.postForm("/calc", numbers(nil)).Header.Get("Location")
			b.Do(chromedp.Navigate("http://" + x.addr + at))
			waitFor(t, func() bool { return x.polls.Load() >= 1 })
			trouble.begin(x)
			<-time.After(10 * time.Second) // as long as the trouble is to last
			trouble.end(x)
			x.w.calc.finish(strings.TrimPrefix(at, "/calc/"))
			over := time.Now()
			b.Until(`document.querySelectorAll(".figures .value").length === 4 && !document.querySelector(".skeleton")`)
			if took := time.Since(over); took > 5*time.Second {
				t.Errorf("the answer came %s after the trouble's end, want two intervals of a second and what the browser needs", took)
			}
		})
	}
}
