package e2e

import (
	"bytes"
	"fmt"
	"image/png"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"cloudworks/internal/chrome"
)

// TestScreens takes pictures of the pages, as the running system shows them,
// into the folder that CLOUDWORKS_SCREENS names:
//
//	CLOUDWORKS_SCREENS=$PWD/docs/screens go test -count=1 -run TestScreens ./internal/e2e
//
// The photographs are those of Debian's lomiri-wallpapers-16.04: "seeding" by
// Clements Engelhardt (CC0), "friends" and "aitzgorri" by Aitzol Berasategi
// (CC-BY-4.0); docs/screens/README.md names them too.
func TestScreens(t *testing.T) {
	dir := os.Getenv("CLOUDWORKS_SCREENS")
	if dir == "" {
		t.Skip("CLOUDWORKS_SCREENS names no folder")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s := newSystem(t, unlimited)
	web := s.startWeb("CLOUDWORKS_WORKER=none")
	waiting := sendAll(t, web.url)
	shoot(t, dir, web.url, []shot{
		{name: "calc-queued", path: "/calc/" + waiting.list},
		{name: "bulk-queued", path: "/calc/bulk/" + waiting.bulk},
		{name: "pics-queued", path: "/pics/" + waiting.batch},
	})
	shootWaiting(t, s, dir, web.url)
	s.startWorker()
	shoot(t, dir, web.url, finishedShots(t, web.url))
}

// shootWaiting takes the page of a picture behind many others, while a worker
// is at them to which S3 and SQS are far away.
func shootWaiting(t *testing.T, s *system, dir, base string) {
	t.Helper()
	for range 15 {
		if _, err := upload(base, pictureFiles(20), nil); err != nil {
			t.Fatal(err)
		}
	}
	last, err := upload(base, []file{wallpaper(t, "friends_by_Aitzol_Berasategi.jpg", "friends.jpg")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	line := newBadLine(t, s.local)
	line.late.Store(int64(400 * time.Millisecond))
	worker := s.startWorker("CLOUDWORKS_BACKEND=aws", "AWS_ENDPOINT_URL=http://"+line.addr,
		"AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=cloudworks", "AWS_SECRET_ACCESS_KEY=cloudworks")
	shoot(t, dir, base, []shot{{name: "pics-waiting", path: "/pics/" + last.ID, until: `document.querySelector(".waiting")`}})
	line.late.Store(0)
	worker.stop()
}

// shot is one page to take a picture of.
type shot struct {
	name, path string
	script     string // that is run first
	until      string // condition to wait for
}

// sent are the ids of one job of each sort.
type sent struct{ list, bulk, batch string }

// sample is what the page's own button fills in.
var sample = []int64{12, 7, 3, 25, 18, 9, -4, 31, 16, 22, 7, 14, 11, 28, 5, 19, 40, 8, 13, 21}

func sendAll(t *testing.T, base string) sent {
	t.Helper()
	list, err := submit(base, sample)
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Repeat("12,7,3,25,18,9,-4,31,16,22,7,14,11,28,5,19,40,8,13,21\r\n", 2500)
	bulk, err := submitBulk(base, rows+"1,2,3\r\n"+rows+strings.Repeat("5,", 19)+"six\r\n")
	if err != nil {
		t.Fatal(err)
	}
	batch, err := upload(base, []file{
		wallpaper(t, "seeding_by_Clements_Engelhardt.jpg", "seeding.jpg"),
		wallpaper(t, "aitzgorri_by_Aitzol_Berasategi.jpg", "aitzgorri.jpg"),
		{"minutes-of-the-meeting.pdf", []byte("%PDF-1.7")},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return sent{list.ID, bulk.ID, batch.ID}
}

func submitBulk(base, csv string) (calcJob, error) {
	r, err := http.NewRequest(http.MethodPost, base+"/calc/bulk", strings.NewReader(csv))
	if err != nil {
		return calcJob{}, err
	}
	r.Header.Set("Content-Type", "text/csv")
	return fetch[calcJob](r, http.StatusAccepted)
}

func wallpaper(t *testing.T, path, name string) file {
	t.Helper()
	data, err := os.ReadFile("/usr/share/backgrounds/" + path)
	if err != nil {
		t.Skip(err)
	}
	return file{name, data}
}

func finishedShots(t *testing.T, base string) []shot {
	t.Helper()
	job := sendAll(t, base)
	finished(t, base, job.batch)
	one, err := upload(base, []file{wallpaper(t, "friends_by_Aitzol_Berasategi.jpg", "friends.jpg")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	finished(t, base, one.ID)
	huge, err := submit(base, []int64{1 << 62, -1 << 63, 9007199254740993, 5, 4, 3, 2, 1, 0, -1, 1<<63 - 1, 7, 7, 7, 7, 7, 7, 7, 7, 8})
	if err != nil {
		t.Fatal(err)
	}
	const figures = `document.querySelectorAll(".figures .value").length === 4`
	return []shot{
		{name: "home", path: "/"},
		{name: "home-wrong", path: "/", script: `f = document.getElementById("calc-form"); f.elements.n.forEach((e, i) => e.value = i + 1); f.elements.n[3].value = "3.5"; f.elements.n[11].value = "eleven"; setTimeout(() => f.submit())`, until: `document.getElementById("problem")`},
		{name: "home-bulk", path: "/", script: dropScript(`new File(["` + strings.Repeat(`12,7,3,25,18,9,-4,31,16,22,7,14,11,28,5,19,40,8,13,21\n`, 40) + `1,2,three\n"], "measurements.csv", {type: "text/csv"})`), until: `document.querySelector("#bulk-preview li")`},
		{name: "home-uploads", path: "/", script: dropScript(`new File(["x"], "notes.txt", {type: "text/plain"}), new File(["x"], "broken.jpg", {type: "image/jpeg"})`), until: `document.querySelectorAll("#upload-list .wrong").length === 2`},
		{name: "home-recent", path: "/", script: recentScript(job), until: `document.querySelectorAll("#recent li").length >= 2`},
		{name: "calc-done", path: "/calc/" + job.list, until: figures},
		{name: "calc-huge", path: "/calc/" + huge.ID, until: figures},
		{name: "bulk-done", path: "/calc/bulk/" + job.bulk, until: `document.querySelector("#job a[download]")`},
		{name: "pics-done", path: "/pics/" + one.ID, until: previewsLoaded},
		{name: "pics-mixed", path: "/pics/" + job.batch, until: previewsLoaded},
		{name: "error-404", path: "/nowhere"},
	}
}

// previewsLoaded has lazy images load as well.
const previewsLoaded = `(document.querySelectorAll(".compare img").forEach(i => i.loading = "eager"), [...document.querySelectorAll(".compare img")].length > 1 && [...document.querySelectorAll(".compare img")].every(i => i.complete && i.naturalWidth > 0))`

func dropScript(files string) string {
	return `{ const d = new DataTransfer(); for (const f of [` + files + `]) d.items.add(f); dispatchEvent(new DragEvent("drop", {dataTransfer: d, cancelable: true})); } 0`
}

// recentScript sends a list and a file of lists as the browser itself.
func recentScript(sent) string {
	return `fetch("/calc", {method: "POST", headers: {"Content-Type": "text/plain"}, body: "12 7 3 25 18 9 -4 31 16 22 7 14 11 28 5 19 40 8 13 21"}).then(() => { const f = new FormData(); f.append("file", new File(["1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20"], "measurements.csv")); return fetch("/calc/bulk", {method: "POST", body: f}) }).then(() => location.reload())`
}

// shoot takes each page in light and dark, as a telephone and a desk show it.
func shoot(t *testing.T, dir, base string, shots []shot) {
	t.Helper()
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{360, 1280} {
			tab := chrome.New(t)
			_, err := chromedp.Call(tab.Ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
				{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
			}})
			if err != nil {
				t.Fatal(err)
			}
			tab.Do(chromedp.EmulateViewport(width, 800))
			for _, s := range shots {
				take(t, tab, base, s, filepath.Join(dir, fmt.Sprintf("%s-%d-%s.png", s.name, width, scheme)))
			}
		}
	}
}

func take(t *testing.T, tab *chrome.Tab, base string, s shot, path string) {
	t.Helper()
	tab.Open(base + s.path)
	tab.Until(`document.readyState === "complete"`)
	if s.script != "" {
		chrome.Eval[any](tab, s.script)
	}
	if s.until != "" {
		tab.Until("Boolean(" + s.until + ")")
	}
	chrome.Eval[any](tab, `scrollTo(0, 0); new Promise(r => requestAnimationFrame(() => requestAnimationFrame(() => r(0))))`)
	if over := chrome.Eval[int](tab, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
		t.Errorf("%s: the page is %d px too wide", path, over)
	}
	raw, err := chromedp.Run(tab.Ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	small, err := shrink(raw)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, small, 0o644); err != nil {
		t.Fatal(err)
	}
}

// shrink gives a PNG its own palette of 256 colours.
func shrink(raw []byte) ([]byte, error) {
	picture, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("decode screenshot: %w", err)
	}
	var b bytes.Buffer
	e := png.Encoder{CompressionLevel: png.BestCompression}
	if err := e.Encode(&b, reduce(picture)); err != nil {
		return nil, fmt.Errorf("encode screenshot: %w", err)
	}
	return b.Bytes(), nil
}
