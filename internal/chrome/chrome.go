// Package chrome drives Chromium for the tests: a tab, keys, dropped files,
// and what the console says. It is used by tests alone.
package chrome

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Tab is a tab of a browser of its own.
type Tab struct {
	// Ctx is for calls of chromedp that Tab has no short form for.
	Ctx context.Context
	t   testing.TB

	mu   sync.Mutex
	said []string

	choosers chan cdp.BackendNodeID // file choosers that Choose has the page open
}

// limit bounds a whole test's use of the browser.
const limit = 3 * time.Minute

// New starts Chromium with an empty profile. Where there is none the test is
// skipped, unless CLOUDWORKS_REQUIRE says that everything has to be there.
func New(t testing.TB) *Tab {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser takes a while; not in -short")
	}
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CLOUDWORKS_REQUIRE") != "" {
			t.Fatal("chromium is required: ", err)
		}
		t.Skip("no chromium on this machine: ", err)
	}
	b := &Tab{t: t, choosers: make(chan cdp.BackendNodeID, 1)}
	ctx, cancel := chromedp.NewContext(context.Background(),
		chromedp.WithListener(b.listen),
		chromedp.WithAllocatorOptions(
			chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
			chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("disable-background-networking", true),
			chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
		))
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start chromium: %v", err)
	}
	limited, stop := context.WithTimeout(ctx, limit)
	t.Cleanup(stop)
	b.Ctx = limited
	if _, err := chromedp.Call(b.Ctx, log.Enable, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	return b
}

// listen collects what the console says; violations of the content policy
// are said there too.
func (b *Tab) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *page.EventFileChooserOpened:
		select {
		case b.choosers <- e.BackendNodeID:
		default: // nobody asks for a second one
		}
	case *runtime.EventConsoleAPICalled:
		var words []string
		for _, a := range e.Args {
			words = append(words, string(a.Value))
		}
		b.said = append(b.said, fmt.Sprintf("%s: %s", e.Type, strings.Join(words, " ")))
	case *runtime.EventExceptionThrown:
		b.said = append(b.said, "exception: "+e.ExceptionDetails.Text+" "+fmt.Sprint(e.ExceptionDetails.Exception))
	case *log.EventEntryAdded:
		b.said = append(b.said, fmt.Sprintf("%s: %s (%s)", e.Entry.Level, e.Entry.Text, e.Entry.URL))
	}
}

// Console gives what was said since the last time.
func (b *Tab) Console() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	said := b.said
	b.said = nil
	return said
}

// Do runs steps one after the other.
func (b *Tab) Do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.Ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// Open goes to an address.
func (b *Tab) Open(address string) {
	b.t.Helper()
	b.Do(chromedp.Navigate(address))
}

// WithoutScripts keeps the pages from running any.
func (b *Tab) WithoutScripts() {
	b.t.Helper()
	if _, err := chromedp.Call(b.Ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		b.t.Fatal(err)
	}
}

// Eval gives the value of an expression in the page.
func Eval[T any](b *Tab, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.Ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// Until waits for an expression to become true, across pages.
func (b *Tab) Until(expression string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.Ctx, time.Minute)
	defer cancel()
	for {
		_, err := chromedp.Run(ctx, chromedp.Poll[bool](expression, chromedp.WithPollingInterval(50*time.Millisecond)))
		switch {
		case err == nil:
			return
		case ctx.Err() != nil:
			b.t.Fatalf("waiting for %s: %v; console: %q", expression, err, b.Console())
		}
		// A page that gives way to the next one takes the poll with it: go on there.
		b.Do(chromedp.WaitReady(chromedp.CSS("body")))
	}
}

// Press sends keys to whatever has the focus.
func (b *Tab) Press(keys string) {
	b.t.Helper()
	b.Do(chromedp.KeyEvent(keys))
}

// Drop lets files fall on the page.
func (b *Tab) Drop(paths ...string) {
	b.t.Helper()
	for _, kind := range []input.DispatchDragEventType{input.DispatchDragEventTypeDragEnter, input.DispatchDragEventTypeDragOver, input.DispatchDragEventTypeDrop} {
		_, err := chromedp.Call(b.Ctx, input.DispatchDragEvent, input.DispatchDragEventParams{
			Type: kind, X: 30, Y: 300, Data: &input.DragData{Items: []*input.DragDataItem{}, Files: paths, DragOperationsMask: 1},
		})
		if err != nil {
			b.t.Fatal(err)
		}
	}
}
