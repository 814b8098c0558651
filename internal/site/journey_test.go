package site_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cloudworks/internal/chrome"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// By the keyboard alone: from the skip link to the answer.
func TestListByKeyboard(t *testing.T) {
	w := newWorld(t)
	b := chrome.New(t)
	b.Do(chromedp.Navigate(w.server.URL))
	b.Press(kb.Tab)
	if got := chrome.Eval[string](b, `document.activeElement.className`); got != "skip" {
		t.Errorf("the first stop is %q, want the skip link", got)
	}
	b.Press(kb.Enter)
	if got := chrome.Eval[string](b, `document.activeElement.id`); got != "main" {
		t.Errorf("the skip link leads to %q", got)
	}
	b.Press(kb.Tab)
	for n := 1; n <= 20; n++ {
		if got := chrome.Eval[string](b, `document.activeElement.id`); got != "n"+strconv.Itoa(n) {
			t.Fatalf("before number %d the focus is on %q", n, got)
		}
		b.Press(strconv.Itoa(n))
		if n == 17 {
			if got := chrome.Eval[string](b, `document.getElementById("filled").textContent`); got != "17 of 20" {
				t.Errorf("count: got %q, want 17 of 20", got)
			}
		}
		b.Press(kb.Enter)
	}
	b.Do(chromedp.WaitVisible(chromedp.CSS(".figures .value")))
	if got := chrome.Eval[string](b, `[...document.querySelectorAll(".figures .value")].map(e => e.textContent).join(" ")`); got != "1 20 10.5 10.5" {
		t.Errorf("figures: got %q", got)
	}
	if said := b.Console(); len(said) != 0 {
		t.Errorf("the console says %q", said)
	}
}

func TestPasteFillsOnward(t *testing.T) {
	w := newWorld(t)
	b := chrome.New(t)
	b.Do(chromedp.Navigate(w.server.URL))
	const paste = `(text, id) => { const d = new DataTransfer(); d.setData("text", text); const f = document.getElementById(id); f.focus(); f.dispatchEvent(new ClipboardEvent("paste", {clipboardData: d, bubbles: true, cancelable: true})) }`
	for _, c := range []struct{ text, id, first, last, note, filled string }{
		{`1\n2\n3\n`, "n5", "1", "", "3 numbers filled in.", "3 of 20"},
		{`7, 8; 9`, "n18", "7", "9", "3 numbers filled in.", "6 of 20"},
		{`1\t2\t3\t4`, "n19", "1", "2", "2 numbers filled in. 2 left over: 3, 4", "6 of 20"},
	} {
		chrome.Eval[any](b, "("+paste+`)("`+c.text+`", "`+c.id+`"); 0`)
		if got := chrome.Eval[string](b, `document.getElementById("`+c.id+`").value`); got != c.first {
			t.Errorf("%q: the first is %q, want %q", c.text, got, c.first)
		}
		if got := chrome.Eval[string](b, `document.getElementById("n20").value`); got != c.last {
			t.Errorf("%q: number 20 is %q, want %q", c.text, got, c.last)
		}
		if got := chrome.Eval[string](b, `document.getElementById("paste-note").textContent`); got != c.note {
			t.Errorf("%q: got %q, want %q", c.text, got, c.note)
		}
		if got := chrome.Eval[string](b, `document.getElementById("filled").textContent`); got != c.filled {
			t.Errorf("%q: got %q, want %q", c.text, got, c.filled)
		}
	}
	b.Do(chromedp.Click(chromedp.CSS("#clear")))
	if got := chrome.Eval[string](b, `document.getElementById("filled").textContent + " " + document.getElementById("clear").textContent`); got != "0 of 20 Undo" {
		t.Errorf("after Clear: %q", got)
	}
	b.Do(chromedp.Click(chromedp.CSS("#clear")))
	if got := chrome.Eval[string](b, `document.getElementById("filled").textContent`); got != "6 of 20" {
		t.Errorf("after Undo: %q", got)
	}
	b.Do(chromedp.Click(chromedp.CSS("#sample")))
	if got := chrome.Eval[string](b, `document.getElementById("filled").textContent`); got != "20 of 20" {
		t.Errorf("after Sample: %q", got)
	}
}

func TestChecksOnLeaving(t *testing.T) {
	w := newWorld(t)
	b := chrome.New(t)
	b.Do(chromedp.Navigate(w.server.URL), chromedp.Focus(chromedp.CSS("#n1")))
	b.Press("1.5" + kb.Tab)
	if got := chrome.Eval[string](b, `document.getElementById(document.getElementById("n1").getAttribute("aria-describedby")).textContent`); !strings.Contains(got, "fraction") {
		t.Errorf("after leaving: %q", got)
	}
	b.Do(chromedp.Focus(chromedp.CSS("#n1")))
	b.Press(kb.Backspace + kb.Backspace)
	if chrome.Eval[bool](b, `document.getElementById("n1").hasAttribute("aria-invalid")`) {
		t.Error("it is still marked after it was put right")
	}
}

// Polls go on through refusals and failures, and end with the answer, which
// the live region says once.
func TestPollingSurvives(t *testing.T) {
	w := newWorld(t)
	w.calc.delay = -1
	var polls, mode atomic.Int64
	inner := w.server.Config.Handler
	w.server.Config.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/status") {
			polls.Add(1)
			switch mode.Load() {
			case 1:
				http.Error(rw, "busy", http.StatusServiceUnavailable)
				return
			case 2:
				http.Error(rw, "slower", http.StatusTooManyRequests)
				return
			case 3:
				panic(http.ErrAbortHandler)
			}
		}
		inner.ServeHTTP(rw, r)
	})
	at := w.postForm("/calc", numbers(nil)).Header.Get("Location")
	b := chrome.New(t)
	b.Do(chromedp.Navigate(w.server.URL + at))
	for m := range int64(4) {
		mode.Store(m)
		before := polls.Load()
		waitFor(t, func() bool { return polls.Load() >= before+2 })
	}
	mode.Store(0)
	if got := chrome.Eval[string](b, `document.getElementById("live").textContent`); got != "" {
		t.Errorf("the live region spoke without news: %q", got)
	}
	w.calc.finish(strings.TrimPrefix(at, "/calc/"))
	b.Until(`document.querySelectorAll(".figures .value").length === 4 && !document.querySelector(".skeleton")`)
	b.Until(`document.getElementById("live").textContent === "Answered in 38 ms."`)
	if got := chrome.Eval[string](b, `document.title`); !strings.HasPrefix(got, "Your twenty numbers") {
		t.Errorf("title: %q", got)
	}
	ended := polls.Load()
	time.Sleep(2500 * time.Millisecond) // there is nothing to wait for: nothing is to come
	if got := polls.Load(); got != ended {
		t.Errorf("%d polls after the answer", got-ended)
	}
}

// waitFor polls a condition of the test's own server.
func waitFor(t *testing.T, done func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 1000 {
		if done() {
			return
		}
		<-tick.C
	}
	t.Fatal("it didn't happen within 20 s")
}

// pictureFiles writes files to drop, and gives their paths.
func pictureFiles(t *testing.T, files map[string]string) []string {
	t.Helper()
	dir := t.TempDir()
	var paths []string
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths
}

func TestDropPictures(t *testing.T) {
	w := newWorld(t)
	w.pics.delay = -1
	b := chrome.New(t)
	b.Do(chromedp.Navigate(w.server.URL))
	b.Drop(pictureFiles(t, map[string]string{"a.jpg": jpg, "b.jpg": jpg, "c.jpg": jpg, "d.jpg": jpg})...)
	b.Until(`location.pathname.startsWith("/pics/") && document.querySelectorAll("#pictures-list .pic").length === 4`)
	id := strings.TrimPrefix(chrome.Eval[string](b, `location.pathname`), "/pics/")
	for n := 1; n <= 4; n++ {
		w.pics.finish(id, n)
	}
	b.Until(`document.querySelectorAll("#pictures-list .pic[data-state=done]").length === 4`)
	b.Until(`document.getElementById("live").textContent === "All finished."`)

	// The slider goes by arrow keys, and by 1, 2 and 3.
	b.Do(chromedp.Focus(chromedp.CSS("#p1 .compare input[type=range]")))
	b.Press(kb.ArrowRight)
	for keys, want := range map[string]string{"1": "100", "2": "50", "3": "0"} {
		b.Press(keys)
		if got := chrome.Eval[string](b, `document.querySelector("#p1 .compare input[type=range]").value`); got != want {
			t.Errorf("key %s: the slider is at %s, want %s", keys, got, want)
		}
	}
	if said := b.Console(); len(said) != 0 {
		t.Errorf("the console says %q", said)
	}
}

// A refused file keeps its row with the reason; the others go on.
func TestRefusedFileKeepsItsRow(t *testing.T) {
	w := newWorld(t)
	b := chrome.New(t)
	b.Do(chromedp.Navigate(w.server.URL))
	b.Drop(pictureFiles(t, map[string]string{"a.jpg": jpg, "fake.jpg": "no picture", "text.txt": "x"})...)
	b.Until(`!document.getElementById("upload-results").hidden`)
	got := chrome.Eval[string](b, `[...document.querySelectorAll("#upload-list li")].map(l => l.querySelector(".name").textContent + ": " + l.querySelector("p").textContent).sort().join("; ")`)
	for _, want := range []string{"a.jpg: Uploaded", "fake.jpg: This is not a picture", "text.txt: This isn't a picture"} {
		if !strings.Contains(got, want) {
			t.Errorf("rows %q lack %q", got, want)
		}
	}
	b.Do(chromedp.Reload())
	b.Until(`document.querySelectorAll("#pictures-list .pic").length === 2`)
}

// What is on its way can be called back, and is no part of the batch then.
func TestCancelUpload(t *testing.T) {
	w := newWorld(t)
	hold := make(chan struct{})
	inner := w.server.Config.Handler
	w.server.Config.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/pics" {
			<-hold
		}
		inner.ServeHTTP(rw, r)
	})
	b := chrome.New(t)
	b.Do(chromedp.Navigate(w.server.URL))
	b.Drop(pictureFiles(t, map[string]string{"a.jpg": jpg})...)
	b.Until(`document.querySelector("#upload-list .fine")?.textContent !== "Waiting"`)
	b.Do(chromedp.Click(chromedp.CSS("#upload-list button")))
	b.Until(`document.querySelector("#upload-list .fine").textContent === "Cancelled"`)
	close(hold)
	if got := chrome.Eval[string](b, `location.pathname`); got != "/" {
		t.Errorf("nothing was uploaded, yet the page is %s", got)
	}
}

// A failed upload can be tried again, one by one or all.
func TestUploadRetry(t *testing.T) {
	w := newWorld(t)
	var broken atomic.Bool
	broken.Store(true)
	inner := w.server.Config.Handler
	w.server.Config.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if broken.Load() && r.URL.Path == "/pics" {
			http.Error(rw, "busy", http.StatusServiceUnavailable)
			return
		}
		inner.ServeHTTP(rw, r)
	})
	b := chrome.New(t)
	b.Do(chromedp.Navigate(w.server.URL))
	b.Drop(pictureFiles(t, map[string]string{"a.jpg": jpg, "b.jpg": jpg})...)
	b.Until(`!document.getElementById("retry-all").hidden`)
	broken.Store(false)
	b.Do(chromedp.Click(chromedp.CSS("#retry-all")))
	b.Until(`document.querySelectorAll("#pictures-list .pic").length === 2`)
}

// Both jobs can be done without scripts, and a file of lists sent.
func TestWithoutScripts(t *testing.T) {
	w := newWorld(t)
	b := chrome.New(t)
	b.WithoutScripts()
	b.Do(chromedp.Navigate(w.server.URL + "/?numbers=" + strings.Join(numbers(nil)["n"], ",")))
	b.Do(chromedp.Submit(chromedp.CSS("#calc-form")), chromedp.WaitVisible(chromedp.CSS(".figures .value")))
	b.Do(chromedp.Navigate(w.server.URL))
	b.Do(chromedp.SetUploadFiles(chromedp.CSS("#pictures"), pictureFiles(t, map[string]string{"a.jpg": jpg})))
	b.Do(chromedp.Submit(chromedp.CSS("#pics-form")), chromedp.WaitVisible(chromedp.CSS("#p1 .after img")))
	b.Do(chromedp.Navigate(w.server.URL))
	b.Do(chromedp.SetUploadFiles(chromedp.CSS("#bulk-file"), pictureFiles(t, map[string]string{"lists.csv": row})))
	b.Do(chromedp.Submit(chromedp.CSS("#bulk-form")), chromedp.WaitVisible(chromedp.CSS("#job progress")))
}

// A CSV file that is dropped is looked through, shown, and sent on.
func TestDropLists(t *testing.T) {
	w := newWorld(t)
	b := chrome.New(t)
	b.Do(chromedp.Navigate(w.server.URL))
	b.Until(`document.readyState === "complete"`)
	b.Drop(pictureFiles(t, map[string]string{"lists.csv": "a,b,c\r\n" + row + "1,2,three\r\n" + row})...)
	b.Until(`document.querySelector("#bulk-preview p")?.textContent === "lists.csv: 2 lists, 1 row that will be left out."`)
	if got := chrome.Eval[string](b, `[...document.querySelectorAll("#bulk-preview li")].map(l => l.textContent).join("; ")`); strings.Count(got, "1, 2, 3, 4") != 2 || !strings.Contains(got, "Line 3: Number 3: Not a whole number") {
		t.Errorf("the preview shows %q", got)
	}
	if got := chrome.Eval[string](b, `document.activeElement.id + ": " + document.activeElement.textContent`); got != "bulk-submit: Work out 2 lists" {
		t.Errorf("the focus is on %q", got)
	}
	b.Press(kb.Enter)
	b.Until(`location.pathname.startsWith("/calc/bulk/")`)
	w.calc.advance(strings.TrimPrefix(chrome.Eval[string](b, `location.pathname`), "/calc/bulk/"), 2)
	b.Until(`document.querySelector("#job a[download]") && document.getElementById("live").textContent.includes("worked out")`)
	if said := b.Console(); len(said) != 0 {
		t.Errorf("the console says %q", said)
	}
}
