package e2e

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"cloudworks/internal/chrome"
)

// A picture goes the whole way by the keyboard alone: preset and strength, the
// file, before and after, the download, and deleting it all.
func TestBrowserPictureByKeyboard(t *testing.T) {
	web := newSystem(t, unlimited).startWeb()
	tab := chrome.New(t)
	tab.ByKeyboard()
	tab.Open(web.url)
	tab.Until(`document.readyState === "complete"`)

	tab.TabTo("[name=preset]:checked")
	tab.Press(kb.ArrowRight)
	tab.TabTo("[name=strength]")
	tab.Press(kb.ArrowLeft + kb.ArrowLeft + kb.ArrowLeft)
	if got := chrome.Eval[string](tab, `document.querySelector("[data-value]").textContent`); got != "27" {
		t.Errorf("three steps down the strength is said to be %s, want 27", got)
	}
	tab.TabTo("#pictures")
	tab.Choose(kb.Enter, photoFile(t, "holiday.jpg"))
	tab.Until(`location.pathname.startsWith("/pics/") && document.querySelectorAll("#pictures-list .pic[data-state=done]").length === 1`)
	id := chrome.Eval[string](tab, `location.pathname`)
	if got := chrome.Eval[string](tab, `document.querySelector(".facts dd").textContent`); got != "classic, strength 27" {
		t.Errorf("the picture was enhanced by %q", got)
	}

	compareByKeyboard(t, tab)
	downloadByKeyboard(t, tab, web)
	tab.Open(web.url + id) // from its top
	tab.TabTo(".sure summary")
	tab.Press(kb.Enter)
	tab.TabTo(".sure button")
	tab.Press(kb.Enter)
	tab.Until(`location.pathname === "/"`)
	answer, err := http.Get(web.url + id)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusNotFound {
		t.Errorf("deleted, the batch answers %d", answer.StatusCode)
	}
	quiet(t, tab)
}

// compareByKeyboard moves the line between before and after by the arrows and
// by 1, 2 and 3, and goes to the full size and back.
func compareByKeyboard(t *testing.T, tab *chrome.Tab) {
	t.Helper()
	tab.TabTo("#p1 .compare input[type=range]")
	for _, step := range []struct{ key, want string }{
		{kb.ArrowRight, "51"}, {kb.ArrowLeft, "50"}, {kb.ArrowLeft, "49"}, {"1", "100"}, {"3", "0"}, {"2", "50"},
	} {
		tab.Press(step.key)
		if got := chrome.Eval[string](tab, `(c => c.querySelector("input").value + " " + c.style.getPropertyValue("--cut"))(document.querySelector("#p1 .compare"))`); got != step.want+" "+step.want+"%" {
			t.Errorf("after %q the line is at %s, want %s", step.key, got, step.want)
		}
	}
	tab.TabTo("#p1 [data-zoom]")
	for _, want := range []string{"Fit", "100 %"} {
		tab.Press(kb.Enter)
		if got := chrome.Eval[string](tab, `document.activeElement.textContent`); got != want {
			t.Errorf("the button of the full size says %q, want %q", got, want)
		}
	}
}

// downloadByKeyboard presses the download's link: the file lands on the disk.
func downloadByKeyboard(t *testing.T, tab *chrome.Tab, web *process) {
	t.Helper()
	dir := t.TempDir()
	_, err := chromedp.Call(tab.Ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: dir,
	})
	if err != nil {
		t.Fatal(err)
	}
	tab.TabTo("#p1 a[download]")
	link := chrome.Eval[string](tab, `document.activeElement.getAttribute("href")`)
	tab.Press(kb.Enter)
	eventually(t, 30*time.Second, "the download is on the disk", func() error {
		got, err := os.ReadFile(filepath.Join(dir, "holiday-enhanced.jpg"))
		if err == nil && !bytes.Equal(got, download(t, web.url, link)) {
			err = errNotYet
		}
		return err
	})
}
