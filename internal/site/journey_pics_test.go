package site_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"cloudworks/internal/chrome"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// before has a handler run in front of the site's; it says whether to go on.
func (w *world) before(look func(http.ResponseWriter, *http.Request) bool) {
	inner := w.server.Config.Handler
	w.server.Config.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if look(rw, r) {
			inner.ServeHTTP(rw, r)
		}
	})
}

// rows counts the rows of uploads that say so.
func rows(b *chrome.Tab, said string) int {
	return chrome.Eval[int](b, `[...document.querySelectorAll("#upload-list li > div > p")].filter(p => p.textContent === "`+said+`").length`)
}

func manyFiles(t *testing.T, n int) []string {
	t.Helper()
	files := make(map[string]string)
	for i := range n {
		files[fmt.Sprintf("p%02d.jpg", i)] = jpg
	}
	return pictureFiles(t, files)
}

// A finished picture stays the same element while others become ready, and
// keeps its slider where it was; so does an open question whether to delete.
func TestFinishedRowsStay(t *testing.T) {
	w := newWorld(t)
	w.pics.delay = -1
	at := w.postPics(nil, part{"pictures", "a.jpg", jpg}, part{"pictures", "b.jpg", jpg}, part{"pictures", "c.jpg", jpg}).Header.Get("Location")
	id := strings.TrimPrefix(at, "/pics/")
	w.pics.finish(id, 1)
	b := chrome.New(t)
	b.Do(chromedp.Navigate(w.server.URL + at))
	b.Until(`document.querySelector("#p1 .after img")?.complete`)
	chrome.Eval[any](b, `first = document.getElementById("p1"); image = first.querySelector(".after img"); r = first.querySelector("[type=range]"); r.value = 80; r.dispatchEvent(new Event("input", {bubbles: true})); 0`)
	for n := 2; n <= 3; n++ {
		w.pics.finish(id, n)
		b.Until(fmt.Sprintf(`document.querySelector("#p%d .after img") !== null`, n))
		if !chrome.Eval[bool](b, `first === document.getElementById("p1") && image.isConnected && first.querySelector("[type=range]").value === "80" && first.querySelector(".compare").style.getPropertyValue("--cut") === "80%"`) {
			t.Errorf("picture 1 was drawn anew when picture %d was finished", n)
		}
	}
}

// 100 % shows the full files pixel for pixel, Fit the previews again.
func TestFullSize(t *testing.T) {
	w := newWorld(t)
	at := w.postPics(nil, part{"pictures", "a.jpg", string(photo(1500, 1000))}).Header.Get("Location")
	b := chrome.New(t)
	b.Do(chromedp.EmulateViewport(1280, 800), chromedp.Navigate(w.server.URL+at))
	const shown = `document.querySelector("#p1 .after img")`
	b.Until(shown + `?.complete`)
	if got := chrome.Eval[float64](b, shown+`.getBoundingClientRect().width`); got < 600 || got > 1280 {
		t.Errorf("a lone picture is %g px wide on a page of 1280", got)
	}
	b.Do(chromedp.Click(chromedp.CSS("[data-zoom]")))
	b.Until(shown + `.src.includes("/enhanced") && ` + shown + `.getBoundingClientRect().width === 1500`)
	if got := chrome.Eval[string](b, `document.querySelector("[data-zoom]").textContent + " " + document.querySelector(".panes").tabIndex`); got != "Fit 0" {
		t.Errorf("the button and the reach by keyboard: %q, want Fit and 0", got)
	}
	b.Do(chromedp.Click(chromedp.CSS("[data-zoom]")))
	b.Until(shown + `.src.includes("/after") && ` + shown + `.getBoundingClientRect().width < 1280`)
	if said := b.Console(); len(said) != 0 {
		t.Errorf("the console says %q", said)
	}
}

// A picture in the clipboard is as good as a file.
func TestPastePicture(t *testing.T) {
	w := newWorld(t)
	b := chrome.New(t)
	b.Do(chromedp.Navigate(w.server.URL))
	b.Until(`document.readyState === "complete"`)
	chrome.Eval[any](b, `new Promise(done => { const c = document.createElement("canvas"); c.getContext("2d").fillRect(0, 0, 20, 20); c.toBlob(blob => { const d = new DataTransfer(); d.items.add(new File([blob], "image.jpg", {type: "image/jpeg"})); dispatchEvent(new ClipboardEvent("paste", {clipboardData: d, cancelable: true})); done() }, "image/jpeg") })`)
	b.Until(`location.pathname.startsWith("/pics/") && document.querySelector("#p1 h2")?.textContent === "image.jpg"`)
}

// Files are chosen by a button of ours that the keyboard reaches, several at
// once; three are on their way at a time, and each has its thumbnail.
func TestThreeAtOnce(t *testing.T) {
	w := newWorld(t)
	hold := make(chan struct{})
	release := sync.OnceFunc(func() { close(hold) })
	defer release()
	var now, most atomic.Int64
	w.before(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/pics" {
			n := now.Add(1)
			most.Store(max(most.Load(), n))
			<-hold
			now.Add(-1)
		}
		return true
	})
	b := chrome.New(t)
	if _, err := chromedp.Call(b.Ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}); err != nil {
		t.Fatal(err)
	}
	b.Do(chromedp.Navigate(w.server.URL), chromedp.Focus(chromedp.CSS("#pictures")))
	if got := chrome.Eval[string](b, `getComputedStyle(document.querySelector("label[for=pictures]")).boxShadow`); got == "none" {
		t.Error("the button doesn't show that it has the focus")
	}
	b.Do(chromedp.SetUploadFiles(chromedp.CSS("#pictures"), manyFiles(t, 7)))
	waitFor(t, func() bool { return now.Load() == 3 })
	if got := rows(b, "Waiting"); got != 4 {
		t.Errorf("%d of 7 wait, want 4", got)
	}
	b.Until(`[...document.querySelectorAll("#upload-list canvas")].every(c => c.getContext("2d").getImageData(56, 56, 1, 1).data[3] === 255)`)
	release()
	b.Until(`document.querySelectorAll("#pictures-list .pic").length === 7`)
	if got := most.Load(); got != 3 {
		t.Errorf("%d were on their way at once, want 3", got)
	}
}

// A reload in the middle of it loses nothing that was uploaded.
func TestReloadInTheMiddle(t *testing.T) {
	w := newWorld(t)
	var sent atomic.Int64
	w.before(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/pics" && sent.Add(1) > 2 {
			_, _ = io.Copy(io.Discard, r.Body) // else a client that goes isn't missed
			<-r.Context().Done()
			return false
		}
		return true
	})
	b := chrome.New(t)
	b.Do(chromedp.Navigate(w.server.URL))
	b.Drop(manyFiles(t, 6)...)
	b.Until(`location.pathname.startsWith("/pics/") && [...document.querySelectorAll("#upload-list li > div > p")].filter(p => p.textContent === "Uploaded").length === 2`)
	b.Do(chromedp.Reload())
	b.Until(`document.querySelectorAll("#pictures-list .pic[data-state=done]").length === 2`)
	if got := chrome.Eval[string](b, `document.getElementById("pics-form").dataset.batch`); got == "" || "/pics/"+got != chrome.Eval[string](b, `location.pathname`) {
		t.Errorf("more can be added to batch %q", got)
	}
}

// What one takes along: the figures, the link, the line of the log.
func TestTakeAlong(t *testing.T) {
	w := newWorld(t)
	at := w.postForm("/calc", numbers(nil)).Header.Get("Location")
	b := chrome.New(t)
	b.Do(chromedp.Navigate(w.server.URL + at))
	chrome.Eval[any](b, `copied = []; Object.defineProperty(navigator, "clipboard", {value: {writeText: async t => copied.push(t)}}); 0`)
	b.Do(chromedp.Click(chromedp.CSS("[data-copy]")), chromedp.Click(chromedp.CSS("[data-copy-link]")))
	b.Until(`document.querySelector("[data-copy-link]").textContent === "Copied"`)
	if got, want := chrome.Eval[string](b, `copied.join("|")`), "min 1\nmax 20\nmean 10.5\nmedian 10.5\n|"+w.server.URL+at; got != want {
		t.Errorf("copied %q, want %q", got, want)
	}
	b.Do(chromedp.Click(chromedp.CSS("#job details.other summary")))
	b.Until(`document.querySelector(".log pre")?.textContent.includes("=> 1 20 10.5 10.5")`)
	b.Do(chromedp.Click(chromedp.CSS(`#job a[href^="/?numbers="]`)))
	b.Until(`document.getElementById("filled")?.textContent === "20 of 20" && document.getElementById("n7").value === "7"`)
	if said := b.Console(); len(said) != 0 {
		t.Errorf("the console says %q", said)
	}
}
