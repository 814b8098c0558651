package e2e

import (
	"bytes"
	"image/jpeg"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"cloudworks/internal/chrome"
)

// figures is the script that reads the four figures off the page.
const figures = `[...document.querySelectorAll(".figures .value")].map(e => e.textContent).join(" ")`

// quiet checks that neither scripts nor the content policy had anything to
// complain of.
func quiet(t *testing.T, tab *chrome.Tab) {
	t.Helper()
	if said := tab.Console(); len(said) != 0 {
		t.Errorf("the console says %q", said)
	}
}

// Twenty numbers, typed by the keyboard alone, give the four figures.
func TestBrowserCalc(t *testing.T) {
	web := newSystem(t, unlimited).startWeb()
	tab := chrome.New(t)
	tab.Open(web.url)
	tab.Press(kb.Tab + kb.Enter + kb.Tab) // the skip link, then the first field
	for n := 1; n <= 20; n++ {
		tab.Press(strconv.Itoa(n*n) + kb.Enter)
	}
	tab.Do(chromedp.WaitVisible(chromedp.CSS(".figures .value")))
	if got := chrome.Eval[string](tab, figures); got != "1 400 143.5 110.5" {
		t.Errorf("the figures are %q", got)
	}
	quiet(t, tab)
}

func TestBrowserCalcWithoutScripts(t *testing.T) {
	web := newSystem(t, unlimited).startWeb()
	tab := chrome.New(t)
	tab.WithoutScripts()
	tab.Open(web.url)
	for n := 1; n <= 20; n++ {
		tab.Do(chromedp.SendKeys(chromedp.CSS("#n"+strconv.Itoa(n)), strconv.Itoa(-n)))
	}
	tab.Do(chromedp.Submit(chromedp.CSS("#calc-form")), chromedp.WaitVisible(chromedp.CSS(".figures .value")))
	text, err := chromedp.Run(tab.Ctx, chromedp.Text(chromedp.CSS(".figures")))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"-20", "-1", "-10.5"} {
		if !bytes.Contains([]byte(text), []byte(want)) {
			t.Errorf("the figures are %q, want %s among them", text, want)
		}
	}
	quiet(t, tab)
}

// photoFile writes a photo for a browser to take.
func photoFile(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, photograph(640, 480), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A picture that is dropped on the page shows before and after, and its
// download decodes and differs.
func TestBrowserPicture(t *testing.T) {
	web := newSystem(t, unlimited).startWeb()
	path := photoFile(t, "holiday.jpg")
	tab := chrome.New(t)
	tab.Open(web.url)
	tab.Drop(path)
	tab.Until(`location.pathname.startsWith("/pics/") && document.querySelectorAll("#pictures-list .pic[data-state=done]").length === 1`)
	tab.Until(`[...document.querySelectorAll("#p1 .compare img")].length >= 2 && [...document.querySelectorAll("#p1 .compare img")].every(i => i.complete && i.naturalWidth > 0)`)
	checkDownload(t, web, path, chrome.Eval[string](tab, `document.querySelector("#p1 a[download], #p1 a[href$='/enhanced']").getAttribute("href")`))
	quiet(t, tab)
}

func TestBrowserPictureWithoutScripts(t *testing.T) {
	web := newSystem(t, unlimited).startWeb()
	path := photoFile(t, "holiday.jpg")
	tab := chrome.New(t)
	tab.WithoutScripts()
	tab.Open(web.url)
	tab.Do(chromedp.SetUploadFiles(chromedp.CSS("#pictures"), []string{path}), chromedp.Submit(chromedp.CSS("#pics-form")),
		chromedp.WaitReady(chromedp.CSS("#pictures-list .pic")))
	// Without scripts a visitor reloads the page to see whether it is ready.
	eventually(t, time.Minute, "the picture is done", func() error {
		if err := chromedp.Do(tab.Ctx, chromedp.Reload(), chromedp.WaitReady(chromedp.CSS("#pictures-list .pic"))); err != nil {
			return err
		}
		done, err := chromedp.Run(tab.Ctx, chromedp.Nodes(chromedp.CSS("#pictures-list .pic[data-state=done]"), chromedp.AtLeast(0)))
		if err == nil && len(done) != 1 {
			err = errNotYet
		}
		return err
	})
	link, err := chromedp.Run(tab.Ctx, chromedp.AttributeValue(chromedp.CSS("#p1 a[href$='/enhanced']"), "href"))
	if err != nil {
		t.Fatal(err)
	}
	checkDownload(t, web, path, link.Value)
	quiet(t, tab)
}

func checkDownload(t *testing.T, web *process, path, link string) {
	t.Helper()
	original, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	result := download(t, web.url, link)
	picture, err := jpeg.Decode(bytes.NewReader(result))
	if err != nil {
		t.Fatalf("the download is no JPEG: %v", err)
	}
	if size := picture.Bounds().Size(); size.X != 640 || size.Y != 480 || bytes.Equal(result, original) {
		t.Errorf("the download has %v pixels, and differs: %v", size, !bytes.Equal(result, original))
	}
}
