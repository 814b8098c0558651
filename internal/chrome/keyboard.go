package chrome

import (
	"fmt"
	"time"

	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// stops bounds how often TabTo presses Tab.
const stops = 80

// focused says what has the focus, and whether one sees that: whether the
// element, or the label that stands for it, looks otherwise without it.
const focused = `(wanted => {
	const e = document.activeElement;
	const look = () => [e, ...(e.labels ?? [])].map(x => { const s = getComputedStyle(x); return [s.outline, s.boxShadow, s.borderColor, s.color, s.backgroundColor, s.textDecoration, s.left].join() }).join("|");
	const box = (e.type === "file" && e.labels[0] || e).getBoundingClientRect();
	const held = look();
	e.blur();
	const without = look();
	e.focus();
	return {there: e.matches(wanted), name: e.outerHTML.slice(0, 120), seen: e === document.body || held !== without && box.width > 8 && box.bottom > 0 && box.top < innerHeight};
})`

// ByKeyboard has the page take the focus as if its window had it, and go from
// look to look at once, so that TabTo can compare them.
func (b *Tab) ByKeyboard() {
	b.t.Helper()
	_, err := chromedp.Call(b.Ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	if err == nil {
		_, err = chromedp.Call(b.Ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}}})
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// TabTo presses Tab until what the selector means has the focus. Each stop on
// the way has to lie within the window and show that it has the focus.
func (b *Tab) TabTo(selector string) {
	b.t.Helper()
	for range stops {
		b.Press(kb.Tab)
		at := Eval[struct {
			There, Seen bool
			Name        string
		}](b, fmt.Sprintf("%s(%q)", focused, selector))
		if !at.Seen {
			b.t.Errorf("on the way to %s: one doesn't see the focus on %s", selector, at.Name)
		}
		if at.There {
			return
		}
	}
	b.t.Fatalf("%s isn't reached by %d times Tab", selector, stops)
}

// Choose presses keys that open a file chooser, and chooses files there.
func (b *Tab) Choose(keys string, paths ...string) {
	b.t.Helper()
	if _, err := chromedp.Call(b.Ctx, page.SetInterceptFileChooserDialog, page.SetInterceptFileChooserDialogParams{Enabled: true}); err != nil {
		b.t.Fatal(err)
	}
	b.Press(keys)
	select {
	case node := <-b.choosers:
		if _, err := chromedp.Call(b.Ctx, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: paths, BackendNodeID: node}); err != nil {
			b.t.Fatal(err)
		}
	case <-time.After(20 * time.Second):
		b.t.Fatalf("%q opens no file chooser", keys)
	}
}
