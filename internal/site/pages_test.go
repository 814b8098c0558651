package site_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cloudworks/internal/chrome"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// TestPages looks at each page and state at two widths, in light and dark,
// with axe-core, whose source is in the file that CLOUDWORKS_AXE names; none
// may be wider than its window, or make the console speak. Into the folder
// that CLOUDWORKS_PAGES names it writes their HTML, for the validator.
func TestPages(t *testing.T) {
	if os.Getenv("CLOUDWORKS_AXE") == "" {
		t.Skip("CLOUDWORKS_AXE names no file")
	}
	axe, err := os.ReadFile(os.Getenv("CLOUDWORKS_AXE"))
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	pages := states(w)
	save(w, pages, os.Getenv("CLOUDWORKS_PAGES"))
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{360, 1280} {
			b := chrome.New(t)
			_, err := chromedp.Call(b.Ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
				{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
			}})
			if err != nil {
				t.Fatal(err)
			}
			b.Do(chromedp.EmulateViewport(width, 800))
			for _, p := range pages {
				t.Run(fmt.Sprintf("%s-%d-%s", p.name, width, scheme), func(t *testing.T) { p.check(t, b, w.server.URL, string(axe)) })
			}
		}
	}
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
	b.Until(`[...document.images].every(i => i.complete)`)
	if over := chrome.Eval[int](b, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
		t.Errorf("the page is %d px too wide", over)
	}
	chrome.Eval[any](b, axe+";0")
	for _, v := range chrome.Eval[[]string](b, `axe.run().then(r => r.violations.flatMap(v => v.nodes.map(n => v.id + " " + n.html.slice(0, 160) + " " + n.failureSummary)))`) {
		t.Errorf("axe: %s", v)
	}
	for _, said := range b.Console() {
		// That a page answers 4xx is said in the console, and is as it should be.
		if !strings.Contains(said, "the server responded with a status of 4") {
			t.Errorf("the console says %s", said)
		}
	}
}
