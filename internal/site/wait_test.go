package site_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"cloudworks/internal/cloudcal"
	"cloudworks/internal/jobs"
	"cloudworks/internal/site"
)

var _ site.Queue = (*fakeQueue)(nil)

// fakeQueue tells everybody the same place; nothing while there is none.
type fakeQueue struct {
	mu    sync.Mutex
	place *jobs.Place
	own   int // that was asked for last
}

func (f *fakeQueue) Place(_ time.Time, own int) (jobs.Place, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.own = own
	if f.place == nil {
		return jobs.Place{}, false
	}
	return *f.place, true
}

func (f *fakeQueue) set(ahead int, wait time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.place = &jobs.Place{Ahead: ahead, Wait: wait}
}

// waitJSON is what an answer in JSON says of the wait.
type waitJSON struct {
	Ahead       *int `json:"ahead"`
	WaitSeconds *int `json:"wait_seconds"`
}

// Every page of something that waits says how long that takes, once it is
// known and worth a word, and so does its JSON.
func TestWaiting(t *testing.T) {
	w := newWorld(t)
	w.calc.delay, w.pics.delay = -1, -1
	bulk := cloudcal.Bulk{ID: jobs.NewID(time.Now()), State: jobs.StateQueued, Rows: 2_300, Submitted: time.Now()}
	w.calc.mu.Lock()
	w.calc.putBulk(bulk)
	w.calc.mu.Unlock()
	for name, c := range map[string]struct {
		path, said string
		own        int
	}{
		"list":    {w.postForm("/calc", numbers(nil)).Header.Get("Location"), "Up to 120 requests are ahead of yours: it is worked out in about 40 s.", 1},
		"bulk":    {"/calc/bulk/" + bulk.ID, "Up to 120 requests are ahead of yours: the file is worked out in about 40 s.", 5},
		"batch":   {w.postPics(nil, part{"pictures", "a.jpg", jpg}, part{"pictures", "b.jpg", jpg}, part{"pictures", "c.txt", "x"}).Header.Get("Location"), "Up to 120 pictures are ahead of yours: yours are ready in about 40 s. Visitors take turns, so it may be sooner.", 2},
		"picture": {w.postPics(nil, part{"pictures", "a.jpg", jpg}).Header.Get("Location"), "Up to 120 pictures are ahead of yours: it is ready in about 40 s. Visitors take turns, so it may be sooner.", 1},
	} {
		t.Run(name, func(t *testing.T) {
			w.queue.mu.Lock()
			w.queue.place = nil
			w.queue.mu.Unlock()
			if got := decode[waitJSON](t, w.get(c.path, "Accept", "application/json")); got.Ahead != nil || got.WaitSeconds != nil {
				t.Errorf("unknown, and yet the JSON says %+v", got)
			}
			for _, place := range []struct {
				ahead int
				wait  time.Duration
				said  string
			}{{118, 36500 * time.Millisecond, c.said}, {8, 4900 * time.Millisecond, ""}} {
				w.queue.set(place.ahead, place.wait)
				if got := text(w.get(c.path).doc(t).Find(".waiting")); got != place.said {
					t.Errorf("%d ahead: the page says %q, want %q", place.ahead, got, place.said)
				}
				want := int(place.wait.Seconds()) + 1
				if got := decode[waitJSON](t, w.get(c.path, "Accept", "application/json")); got.Ahead == nil || *got.Ahead != place.ahead || got.WaitSeconds == nil || *got.WaitSeconds != want {
					t.Errorf("%d ahead: the JSON has other numbers", place.ahead)
				}
			}
			if w.queue.own != c.own {
				t.Errorf("%d are said to be one's own, want %d", w.queue.own, c.own)
			}
		})
	}
}

// A wait that grows shorter is drawn anew, but not read out, and nothing else
// is touched; what is said the same is no news.
func TestWaitingIsDrawnQuietly(t *testing.T) {
	w := newWorld(t)
	w.calc.delay, w.pics.delay = -1, -1
	for name, at := range map[string]string{
		"list":  w.postForm("/calc", numbers(nil)).Header.Get("Location"),
		"batch": w.postPics(nil, part{"pictures", "a.jpg", jpg}).Header.Get("Location"),
	} {
		t.Run(name, func(t *testing.T) {
			w.queue.set(120, 40*time.Second)
			poll := w.get(at).doc(t).Find("[data-hx-get][data-hx-trigger^=every]").AttrOr("data-hx-get", "")
			w.queue.set(119, 39*time.Second)
			if r := w.get(poll); r.StatusCode != http.StatusNoContent {
				t.Errorf("the same words are drawn anew: %d", r.StatusCode)
			}
			for _, left := range []struct {
				ahead int
				said  string
			}{{60, "Up to 60 "}, {0, ""}} {
				w.queue.set(left.ahead, time.Duration(left.ahead)*time.Second/3)
				doc := w.get(poll, "HX-Request", "true").doc(t)
				if got := text(doc.Find(".waiting")); !strings.HasPrefix(got, left.said) || left.said == "" && got != "" {
					t.Errorf("%d ahead: the page says %q", left.ahead, got)
				}
				if n := doc.Find("[data-hx-swap-oob]").Length(); n != 0 {
					t.Errorf("%d ahead: %d more parts of the page are drawn anew or read out", left.ahead, n)
				}
				poll = doc.Find("[data-hx-get][data-hx-trigger^=every]").AttrOr("data-hx-get", "")
			}
		})
	}
}
