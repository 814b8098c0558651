package site_test

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"cloudworks/internal/cloudcal"
	"cloudworks/internal/jobs"
)

// screen is one page in one state; script is run on it first.
type screen struct{ name, path, script string }

// states places jobs in every state and gives the pages that show them. The
// visitor of these pages is the browser, which has no recent jobs but those
// that the script of "home-recent" makes.
func states(w *world) []screen {
	w.t.Helper()
	w.calc.delay = -1
	w.queue.set(118, 37*time.Second) // what waits says for how long
	list := cloudcal.List{12, 7, 3, 25, 18, 9, -4, 31, 16, 22, 7, 14, 11, 28, 5, 19, 40, 8, 13, 21}
	big := cloudcal.List{1 << 62, -1 << 63, 9007199254740993, 5, 4, 3, 2, 1, 0, -1, 1<<63 - 1, 7, 7, 7, 7, 7, 7, 7, 7, 8}
	now := time.Now()
	place := func(age time.Duration, l cloudcal.List, state jobs.State, message string) string {
		return "/calc/" + w.calc.put(cloudcal.Job{State: state, Numbers: &l, Submitted: now.Add(-age), Error: message})
	}
	done := w.calc.put(cloudcal.Job{State: jobs.StateQueued, Numbers: &list, Submitted: now.Add(-time.Minute)})
	w.calc.finish(done)
	huge := w.calc.put(cloudcal.Job{State: jobs.StateQueued, Numbers: &big, Submitted: now.Add(-time.Minute)})
	w.calc.finish(huge)
	dead := place(time.Hour, list, jobs.StateDead, "It was tried 5 times and given up.")
	w.calc.set(strings.TrimPrefix(dead, "/calc/"), func(j *cloudcal.Job) { j.Answered = j.Submitted.Add(3 * time.Minute) })
	batch := pictures(w)
	bulk := func(age time.Duration, state jobs.State, done int) string {
		b := cloudcal.Bulk{ID: jobs.NewID(now.Add(-age)), State: state, Rows: 100_000, Done: done, Submitted: now.Add(-age), Bad: []cloudcal.BadRow{
			{Line: 17, Text: "1,2,three", Message: "Number 3: “three” is not a whole number, such as 42 or -7."},
			{Line: 230, Text: strings.Repeat("x<y ", 10) + "…", Message: "Number 1: “x<y” is not a whole number, such as 42 or -7."},
		}}
		w.calc.mu.Lock()
		defer w.calc.mu.Unlock()
		w.calc.putBulk(b)
		return "/calc/bulk/" + b.ID
	}
	return []screen{
		{"home", "/", ""},
		{"home-recent", "/", recentScript},
		{"home-filled", "/?numbers=" + url.QueryEscape("12,7,3,25,18,9,-4,31,16,22,7,14,11,28,5,19,40"), ""},
		{"home-wrong", "/", `const f = document.getElementById("calc-form"); f.elements.n.forEach((e, i) => e.value = i); f.elements.n[3].value = "3.5"; f.elements.n[11].value = "eleven"; f.elements.n[19].value = "99999999999999999999"; setTimeout(() => f.submit())`},
		{"calc-queued", place(2*time.Second, list, jobs.StateQueued, ""), ""},
		{"calc-working", place(20*time.Second, list, jobs.StateWorking, ""), ""},
		{"calc-late", place(2*time.Minute, list, jobs.StateQueued, ""), ""},
		{"calc-done", "/calc/" + done, ""},
		{"calc-huge", "/calc/" + huge, ""},
		{"calc-dead", dead, ""},
		{"bulk-queued", bulk(2*time.Second, jobs.StateQueued, 0), ""},
		{"bulk-working", bulk(20*time.Second, jobs.StateWorking, 41_500), ""},
		{"bulk-done", bulk(time.Minute, jobs.StateDone, 100_000), ""},
		{"bulk-dead", bulk(25*time.Hour, jobs.StateDead, 99_500), ""},
		{"home-bulk", "/", bulkScript},
		{"pics-mixed", batch, "scrollTo(0, document.body.scrollHeight); new Promise(r => setTimeout(() => { scrollTo(0, 0); r() }, 300))"},
		{"pics-full-size", batch, `document.querySelector("#p1 [data-zoom]").click(); document.querySelector("#p2 .again").open = true; document.querySelector(".sure").open = true; new Promise(r => setTimeout(r, 400))`},
		{"home-uploads", "/", uploadScript},
		{"home-pasting", "/", `document.querySelector("details.other").open = true; document.documentElement.classList.add("dragging")`},
		{"error-404", "/nowhere", ""},
	}
}

// bulkScript drops a file of lists, and waits for its preview.
const bulkScript = `new Promise(done => {
	const d = new DataTransfer();
	d.items.add(new File(["1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20\n1,2,three\n"], "measurements.csv", {type: "text/csv"}));
	new MutationObserver((_, o) => { o.disconnect(); done() }).observe(document.getElementById("bulk-preview"), {childList: true});
	dispatchEvent(new DragEvent("drop", {dataTransfer: d, cancelable: true}));
})`

// recentScript sends a list as the browser and comes back.
const recentScript = `fetch("/calc", {method: "POST", headers: {"Content-Type": "text/plain"}, body: "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20"}).then(() => fetch("/")).then(r => r.text()).then(t => { document.querySelector("#recent").outerHTML = new DOMParser().parseFromString(t, "text/html").querySelector("#recent").outerHTML; scrollTo(0, 0) })`

// uploadScript drops a picture and two files that aren't any.
const uploadScript = `new Promise(done => { const c = document.createElement("canvas"); c.width = 300; c.height = 200; const x = c.getContext("2d"); x.fillStyle = "#2a7"; x.fillRect(0, 0, 300, 200); x.fillStyle = "#fc6"; x.arc(200, 80, 50, 0, 7); x.fill(); c.toBlob(b => {
	const d = new DataTransfer();
	d.items.add(new File([b], "sun over meadow.jpg", {type: "image/jpeg"})); d.items.add(new File(["x"], "notes.txt", {type: "text/plain"})); d.items.add(new File(["x"], "broken.jpg", {type: "image/jpeg"}));
	dispatchEvent(new DragEvent("drop", {dataTransfer: d, cancelable: true}));
	setTimeout(done, 600);
}, "image/jpeg") })`

// pictures makes a batch with a picture in each state.
func pictures(w *world) string {
	w.t.Helper()
	w.pics.delay = -1
	r := w.postPics([]string{"Accept", "application/json"},
		part{"pictures", "harbour at dusk.jpg", string(photo(1500, 1000))},
		part{"pictures", "IMG_2041.jpg", string(photo(900, 1200))},
		part{"pictures", "minutes-of-the-meeting.pdf", "%PDF-1.7"},
		part{"pictures", "a-rather-long-file-name-from-a-telephone-20261124-101112-portrait.jpg", string(photo(640, 480))},
		part{"pictures", "meadow.jpg", string(photo(640, 480))},
	)
	if r.StatusCode != http.StatusAccepted {
		w.t.Fatalf("upload: got %d: %s", r.StatusCode, r.body)
	}
	at := r.Header.Get("Location")
	id := strings.TrimPrefix(at, "/pics/")
	w.pics.finish(id, 1)
	w.pics.finish(id, 2)
	w.pics.mu.Lock()
	w.pics.picture(id, 4).State = jobs.StateWorking
	w.pics.mu.Unlock()
	return at
}
