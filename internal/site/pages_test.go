package site_test

import (
	"os"
	"path/filepath"
	"testing"

	"cloudworks/internal/chrome"

	"github.com/chromedp/chromedp"
)

// TestPages looks at each page and state at two widths, in light and dark,
// with axe-core, whose source is in the file that CLOUDWORKS_AXE names; none
// may be wider than its window, or make the console speak. Into the folder
// that CLOUDWORKS_PAGES names it writes their HTML, for the validator.
func TestPages(t *testing.T) {
	axe := chrome.Axe(t)
	w := newWorld(t)
	pages := states(w)
	save(w, pages, os.Getenv("CLOUDWORKS_PAGES"))
	chrome.Looks(t, func(b *chrome.Tab, name string) {
		for _, p := range pages {
			t.Run(p.name+"-"+name, func(t *testing.T) { p.check(t, b, w.server.URL, axe) })
		}
	})
}

// save writes the pages as the server sends them.
func save(w *world, pages []screen, dir string) {
	w.t.Helper()
	if dir == "" {
		return
	}
	bodies := map[string][]byte{
		"refused-list": w.postForm("/calc", numbers(map[int]string{4: "3.5", 12: ""})).body,
		"refused-text": w.postForm("/calc", map[string][]string{"numbers": {"1 2 three"}}).body,
		"refused-bulk": w.postBulk(nil, part{"lists", "", "x"}).body,
		"refused-pics": w.postPics(nil, part{"strength", "", "31"}).body,
	}
	for _, p := range pages {
		bodies[p.name] = w.get(p.path).body
	}
	for name, body := range bodies {
		if err := os.WriteFile(filepath.Join(dir, name+".html"), body, 0o644); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (p screen) check(t *testing.T, b *chrome.Tab, base, axe string) {
	b.Do(chromedp.Navigate(base + p.path))
	b.Until(`document.readyState === "complete"`)
	if p.script != "" {
		chrome.Eval[any](b, p.script)
	}
	if p.name == "home-wrong" {
		b.Do(chromedp.WaitVisible(chromedp.CSS("#problem")))
	}
	b.Sound(t, axe)
}
