package site_test

import (
	"net/http"
	"strings"
	"testing"

	"cloudworks/internal/chrome"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// lose has the connection break whenever a script of such a name is asked for.
func (w *world) lose(name string) {
	w.before(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, name) {
			panic(http.ErrAbortHandler)
		}
		return true
	})
}

// Where scripts may run but the one for uploads doesn't arrive, the plain form
// is there, whole, and takes pictures.
func TestUploadScriptLost(t *testing.T) {
	w := newWorld(t)
	w.lose("/upload.js")
	b := chrome.New(t)
	b.ByKeyboard()
	b.Do(chromedp.Navigate(w.server.URL))
	b.Until(`document.readyState === "complete"`)
	if got := chrome.Eval[string](b, `[...document.querySelectorAll("#pics-form .js-only")].filter(e => e.checkVisibility()).map(e => e.textContent).join()`); got != "" {
		t.Errorf("promised without a script: %q", got)
	}
	b.TabTo("#pictures")
	b.Choose(kb.Enter, pictureFiles(t, map[string]string{"a.jpg": jpg})...)
	if got := chrome.Eval[bool](b, `(e => e.checkVisibility() && e.getBoundingClientRect().width > 100 && e.files.length === 1)(document.getElementById("pictures"))`); !got {
		t.Error("the browser's own field doesn't show what was chosen")
	}
	b.TabTo("#pics-submit")
	b.Press(kb.Enter)
	b.Until(`document.querySelector("#p1 .after img")?.complete`)
}

// Where no script arrives, before and after stand side by side, and no page
// has a button that does nothing.
func TestAllScriptsLost(t *testing.T) {
	w := newWorld(t)
	w.lose(".js")
	list := w.postForm("/calc", numbers(nil)).Header.Get("Location")
	batch := w.postPics(nil, part{"pictures", "a.jpg", string(photo(600, 400))}).Header.Get("Location")
	b := chrome.New(t)
	for _, path := range []string{"/", list, batch} {
		b.Do(chromedp.Navigate(w.server.URL + path))
		b.Until(`document.readyState === "complete"`)
		if got := chrome.Eval[string](b, `[...document.querySelectorAll("button[type=button], .compare-tools")].filter(e => e.checkVisibility()).map(e => e.textContent).join()`); got != "" {
			t.Errorf("%s: %q does nothing without a script", path, got)
		}
	}
	if got := chrome.Eval[bool](b, `document.querySelector("#p1 .before img").getBoundingClientRect().right <= document.querySelector("#p1 .after img").getBoundingClientRect().left`); !got {
		t.Error("one picture covers the other, and there is nothing to part them with")
	}
}
