package site_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"cloudworks/internal/chrome"

	"github.com/chromedp/chromedp"
)

// A first visit loads little, from nobody else, and nothing on the page jumps.
func TestWeight(t *testing.T) {
	w := newWorld(t)
	list := w.postForm("/calc", numbers(nil)).Header.Get("Location")
	r := w.postPics(nil, part{"pictures", "a.jpg", string(photo(900, 600))}, part{"pictures", "b.jpg", string(photo(600, 900))})
	if r.StatusCode != http.StatusSeeOther {
		t.Fatalf("upload: got %d", r.StatusCode)
	}
	w.before(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, ".js") {
			time.Sleep(late)
		}
		return true
	})
	for _, width := range []int64{360, 1280} {
		for _, path := range []string{"/", list, r.Header.Get("Location")} {
			weigh(t, w, path, width)
		}
	}
}

// late is how much later than the page its scripts come: that moves nothing.
const late = 600 * time.Millisecond

func weigh(t *testing.T, w *world, path string, width int64) {
	t.Helper()
	b := chrome.New(t)
	b.Do(chromedp.EmulateViewport(width, 800), chromedp.Navigate(w.server.URL+path))
	b.Until(`document.readyState === "complete"`)
	const sent = `[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource").filter(e => !e.name.includes("/pics/"))].reduce((n, e) => n + e.encodedBodySize, 0)`
	if got := chrome.Eval[int](b, sent); got == 0 || got > 50_000 {
		t.Errorf("%s: %d bytes, want at most 50,000", path, got)
	} else {
		t.Logf("%s: %d bytes", path, got)
	}
	const shift = `new Promise(r => { let n = 0; new PerformanceObserver(l => l.getEntries().forEach(e => n += e.value)).observe({type: "layout-shift", buffered: true}); setTimeout(() => r(n), 500) })`
	if got := chrome.Eval[float64](b, shift); got > 0.02 {
		t.Errorf("%s at %d px: layout shift of %.3f, want at most 0.02", path, width, got)
	}
	if got := chrome.Eval[int](b, `performance.getEntriesByType("resource").filter(e => !e.name.startsWith(location.origin)).length`); got != 0 {
		t.Errorf("%s: %d files from elsewhere", path, got)
	}
	if said := b.Console(); len(said) != 0 {
		t.Errorf("%s: the console says %q", path, said)
	}
}
