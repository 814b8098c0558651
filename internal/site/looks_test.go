package site_test

import (
	"strings"
	"testing"

	"cloudworks/internal/chrome"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// emulate has the browser show pages as on paper or on a screen, and with what
// its user prefers.
func emulate(t *testing.T, b *chrome.Tab, media string, features ...*emulation.MediaFeature) {
	t.Helper()
	if _, err := chromedp.Call(b.Ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: media, Features: features}); err != nil {
		t.Fatal(err)
	}
}

// No page in any state is wider than its window, be that a small telephone's
// or a large desk's.
func TestWidths(t *testing.T) {
	w := newWorld(t)
	pages := states(w)
	b := chrome.New(t)
	emulate(t, b, "", &emulation.MediaFeature{Name: "prefers-reduced-motion", Value: "reduce"})
	for _, width := range []int64{320, 1600} {
		b.Do(chromedp.EmulateViewport(width, 800))
		for _, p := range pages {
			b.Do(chromedp.Navigate(w.server.URL + p.path))
			b.Until(`document.readyState === "complete"`)
			if p.script != "" {
				chrome.Eval[any](b, p.script)
			}
			if p.name == "home-wrong" {
				b.Do(chromedp.WaitVisible(chromedp.CSS("#problem")))
			}
			if over := chrome.Eval[int](b, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
				t.Errorf("%s at %d px is %d px too wide", p.name, width, over)
			}
			if got := chrome.Eval[int](b, `document.querySelectorAll("h1").length`); got != 1 {
				t.Errorf("%s has %d first headings", p.name, got)
			}
		}
	}
}

// On paper there is what was worked out, and nothing that can only be clicked.
func TestPrint(t *testing.T) {
	w := newWorld(t)
	list := w.postForm("/calc", numbers(nil)).Header.Get("Location")
	batch := w.postPics(nil, part{"pictures", "a.jpg", string(photo(600, 400))}).Header.Get("Location")
	b := chrome.New(t)
	emulate(t, b, "print", &emulation.MediaFeature{Name: "prefers-color-scheme", Value: "dark"})
	for path, shown := range map[string]string{list: ".figures .value, .sorted li, .plot svg, .steps li", batch: ".pane img, .gain, .facts div, .histogram svg"} {
		b.Do(chromedp.Navigate(w.server.URL + path))
		b.Until(`document.readyState === "complete"`)
		if got := chrome.Eval[string](b, `[...document.querySelectorAll("`+shown+`")].filter(e => !e.checkVisibility()).map(e => e.className || e.tagName).join(" ")`); got != "" {
			t.Errorf("%s: not on paper: %s", path, got)
		}
		const clicked = `[...document.querySelectorAll("button, nav a, [role=button], input, summary")].filter(e => e.checkVisibility() && e.getClientRects().length).map(e => e.outerHTML.slice(0, 80)).join(" ")`
		if got := chrome.Eval[string](b, clicked); got != "" {
			t.Errorf("%s: on paper: %s", path, got)
		}
		// Dark ink on white paper, whatever the screen prefers.
		const ink = `(c => c.match(/\d+/g).slice(0, 3).reduce((n, v) => n + Number(v), 0))`
		for _, e := range []string{"h1", ".lede", shown[:strings.IndexByte(shown, ',')]} {
			if got := chrome.Eval[int](b, ink+`(getComputedStyle(document.querySelector("`+e+`")).color)`); got > 330 {
				t.Errorf("%s: the ink of %s is light: %d of 765", path, e, got)
			}
		}
	}
}

// Nothing moves for those who want it so.
func TestReducedMotion(t *testing.T) {
	w := newWorld(t)
	w.calc.delay, w.pics.delay = -1, -1
	list := w.postForm("/calc", numbers(nil)).Header.Get("Location")
	batch := w.postPics(nil, part{"pictures", "a.jpg", jpg}).Header.Get("Location")
	b := chrome.New(t)
	for _, path := range []string{list, batch} {
		for preference, moves := range map[string]bool{"no-preference": true, "reduce": false} {
			emulate(t, b, "", &emulation.MediaFeature{Name: "prefers-reduced-motion", Value: preference})
			b.Do(chromedp.Navigate(w.server.URL + path))
			b.Until(`document.readyState === "complete"`)
			if got := chrome.Eval[int](b, `document.getAnimations().length`); (got > 0) != moves {
				t.Errorf("%s, %s: %d animations", path, preference, got)
			}
		}
	}
}
