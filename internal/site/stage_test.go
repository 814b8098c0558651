package site_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"cloudworks/internal/chrome"
	"cloudworks/internal/jobs"

	"github.com/chromedp/chromedp"
)

// A stage has its picture's shape, be that high or wide, alone or among
// others, and never outgrows a window; so does what stands there meanwhile.
func TestStage(t *testing.T) {
	w := newWorld(t)
	w.pics.delay = -1
	high, wide := part{"pictures", "high.jpg", string(photo(1000, 1500))}, part{"pictures", "wide.jpg", string(photo(1500, 1000))}
	var batches []string
	for _, parts := range [][]part{{high}, {wide}, {high, wide}} {
		batches = append(batches, w.postPics(nil, parts...).Header.Get("Location"))
	}
	b := chrome.New(t)
	seen := func(width int64, at, what string) string {
		b.Do(chromedp.EmulateViewport(width, 800), chromedp.Navigate(w.server.URL+at))
		b.Until(`document.readyState === "complete"`)
		var out strings.Builder
		for _, box := range chrome.Eval[[][2]float64](b, fmt.Sprintf(`[...document.querySelectorAll(%q)].map(e => e.getBoundingClientRect()).map(r => [r.width, r.height])`, what)) {
			ratio := box[0] / box[1]
			if math.Abs(ratio-1.5) > 0.02 && math.Abs(ratio-1/1.5) > 0.02 {
				t.Errorf("%s at %d px: %s is %.0f × %.0f, not of its picture's shape", at, width, what, box[0], box[1])
			}
			if box[1] > 641 || box[0] < 200 {
				t.Errorf("%s at %d px: %s is %.0f × %.0f", at, width, what, box[0], box[1])
			}
			fmt.Fprintf(&out, "%.0f×%.0f ", box[0], box[1])
		}
		return out.String()
	}
	for _, width := range []int64{360, 1280} {
		for _, at := range batches {
			waiting := seen(width, at, ".pic-wait")
			w.pics.finishAll(strings.TrimPrefix(at, "/pics/"))
			if done := seen(width, at, ".panes"); waiting == "" || waiting != done {
				t.Errorf("%s at %d px: %q became %q", at, width, waiting, done)
			}
			w.pics.restart(strings.TrimPrefix(at, "/pics/"))
		}
	}
}

// While a picture waits its original is shown, unless that is heavy or may
// move; and the page says that it is queued until a worker is at it.
func TestWaitingPicture(t *testing.T) {
	w := newWorld(t)
	w.pics.delay = -1
	at := w.postPics(nil, part{"pictures", "a.jpg", jpg}, part{"pictures", "b.jpg", jpg}, part{"pictures", "c.gif", jpg}).Header.Get("Location")
	id := strings.TrimPrefix(at, "/pics/")
	w.pics.mu.Lock()
	w.pics.picture(id, 2).Original.Size = 1<<20 + 1
	w.pics.picture(id, 3).Original.ContentType = "image/gif"
	w.pics.mu.Unlock()
	page := w.get(at).doc(t)
	if got := page.Find("img.pic-wait").AttrOr("src", ""); got != at+"/1/original" || page.Find("img.pic-wait").Length() != 1 || page.Find("svg.pic-wait").Length() != 2 {
		t.Errorf("shown while waiting: %q, %d images", got, page.Find("img.pic-wait").Length())
	}
	if got := text(page.Find("#progress .lede")); !strings.HasPrefix(got, "Queued.") {
		t.Errorf("nothing has begun: %q", got)
	}
	w.pics.mu.Lock()
	w.pics.picture(id, 2).State = jobs.StateWorking
	w.pics.mu.Unlock()
	if got := text(w.get(at).doc(t).Find("#progress .lede")); !strings.HasPrefix(got, "Being enhanced.") {
		t.Errorf("a worker is at it: %q", got)
	}
}
