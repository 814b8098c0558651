package chrome

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// Axe gives the source of axe-core, which is in the file that CLOUDWORKS_AXE
// names; the test is skipped where that names none.
func Axe(t *testing.T) string {
	t.Helper()
	if os.Getenv("CLOUDWORKS_AXE") == "" {
		t.Skip("CLOUDWORKS_AXE names no file")
	}
	axe, err := os.ReadFile(os.Getenv("CLOUDWORKS_AXE"))
	if err != nil {
		t.Fatal(err)
	}
	return string(axe)
}

// Looks calls look with a new tab for each of two widths, in light and dark;
// name says which.
func Looks(t *testing.T, look func(b *Tab, name string)) {
	t.Helper()
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{360, 1280} {
			b := New(t)
			_, err := chromedp.Call(b.Ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
				{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
			}})
			if err != nil {
				t.Fatal(err)
			}
			b.Do(chromedp.EmulateViewport(width, 800))
			look(b, fmt.Sprintf("%d-%s", width, scheme))
		}
	}
}

// Sound checks that the page in the tab is no wider than its window, that axe
// finds nothing, and that the console is silent.
func (b *Tab) Sound(t *testing.T, axe string) {
	t.Helper()
	b.Until(`[...document.images].every(i => i.complete)`)
	if over := Eval[int](b, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
		t.Errorf("the page is %d px too wide", over)
	}
	Eval[any](b, axe+";0")
	for _, v := range Eval[[]string](b, `axe.run().then(r => r.violations.flatMap(v => v.nodes.map(n => v.id + " " + n.html.slice(0, 160) + " " + n.failureSummary)))`) {
		t.Errorf("axe: %s", v)
	}
	for _, said := range b.Console() {
		// That a page answers 4xx is said in the console, and is as it should be.
		if !strings.Contains(said, "the server responded with a status of 4") {
			t.Errorf("the console says %s", said)
		}
	}
}
