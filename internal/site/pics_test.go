package site_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"cloudworks/internal/cloudpic"
	"cloudworks/internal/jobs"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"
)

var jpg = string(photo(60, 40))

// batchJSON is what the tests look at in a batch's JSON.
type batchJSON struct {
	ID       string
	URL      string
	Final    bool
	Pictures []struct {
		N                                                    int
		ID, Name, State, Error, Original, Enhanced, Download string
		Gain                                                 float64
	}
}

func decode[T any](t *testing.T, r reply) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(r.body, &v); err != nil {
		t.Fatalf("%v in %q", err, r.body)
	}
	return v
}

func TestPicturesByForm(t *testing.T) {
	w := newWorld(t)
	r := w.postPics(nil, part{"preset", "", "classic"}, part{"strength", "", "30"},
		part{"pictures", "holiday.jpeg", jpg}, part{"pictures", "notes.txt", "no picture"})
	at := r.Header.Get("Location")
	if r.StatusCode != http.StatusSeeOther || !strings.HasPrefix(at, "/pics/") {
		t.Fatalf("POST /pics: got %d to %q, want 303 to /pics/…", r.StatusCode, at)
	}
	doc := w.get(at).doc(t)
	got := doc.Find(".pic h2").Map(func(_ int, s *goquery.Selection) string { return text(s) })
	if diff := cmp.Diff([]string{"holiday.jpeg", "notes.txt"}, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if got := text(doc.Find("#p2 .wrong")); !strings.Contains(got, "not a picture") {
		t.Errorf("the refused file's reason: got %q", got)
	}
	if n := doc.Find("[data-hx-trigger^=every]").Length(); n != 0 {
		t.Errorf("a final page has %d pollers, want 0", n)
	}
	img := w.get(doc.Find("#p1 .before img").AttrOr("src", ""))
	if img.StatusCode != http.StatusOK || img.Header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("preview: got %d %s", img.StatusCode, img.Header.Get("Content-Type"))
	}
	b := decode[batchJSON](t, w.get(at, "Accept", "application/json"))
	if p := b.Pictures[0]; p.State != "done" || p.Gain != 14.1 || !strings.HasSuffix(p.Download, "/1/enhanced") || !strings.HasSuffix(p.Original, "/1/original") {
		t.Errorf("JSON: got %+v", p)
	}
}

// A script sends each file on its own; three may be on their way at once.
func TestPicturesOneByOne(t *testing.T) {
	w := newWorld(t)
	begun := decode[batchJSON](t, w.do(http.MethodPost, "/pics/begin", nil))
	for _, n := range []string{"2", "1"} {
		r := w.postPics([]string{"Accept", "application/json"}, part{"batch", "", begun.ID}, part{"n", "", n},
			part{"strength", "", "10"}, part{"pictures", n + ".jpg", jpg})
		got := decode[batchJSON](t, r)
		if r.StatusCode != http.StatusAccepted || got.ID != begun.ID || len(got.Pictures) != 1 || fmt.Sprint(got.Pictures[0].N) != n {
			t.Fatalf("picture %s: got %d %+v", n, r.StatusCode, got)
		}
	}
	again := w.postPics([]string{"Accept", "application/json"}, part{"batch", "", begun.ID}, part{"n", "", "1"}, part{"pictures", "1.jpg", jpg})
	if again.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a number that is taken: got %d, want 422", again.StatusCode)
	}
	if w.get("/pics/"+begun.ID).StatusCode != http.StatusOK {
		t.Error("the refusal took the whole batch along")
	}
}

func TestTwentyFirstPicture(t *testing.T) {
	w := newWorld(t)
	var parts []part
	for i := range 21 {
		parts = append(parts, part{"pictures", fmt.Sprintf("p%02d.jpg", i+1), jpg})
	}
	r := w.postPics(nil, parts...)
	doc := w.get(r.Header.Get("Location")).doc(t)
	if n := doc.Find("#pictures-list .pic").Length(); n != 20 {
		t.Errorf("pictures: got %d, want 20", n)
	}
	left := doc.Find(".left-out .pic")
	if left.Length() != 1 || text(left.Find("h2")) != "p21.jpg" || !strings.Contains(text(left), "takes 20") {
		t.Errorf("left out: got %q", text(left))
	}
	b := decode[batchJSON](t, w.postPics([]string{"Accept", "application/json"}, parts...))
	if len(b.Pictures) != 21 || b.Pictures[20].State != "failed" || !strings.Contains(b.Pictures[20].Error, "takes 20") {
		t.Errorf("JSON: got %d pictures", len(b.Pictures))
	}
}

func TestUploadRefusals(t *testing.T) {
	id := jobs.NewToken()
	for name, c := range map[string]struct {
		parts  []part
		status int
	}{
		"nothing chosen":  {[]part{{"preset", "", "auto"}}, 422},
		"a preset":        {[]part{{"preset", "", "sepia"}, {"pictures", "a.jpg", jpg}}, 422},
		"a late preset":   {[]part{{"pictures", "a.jpg", jpg}, {"preset", "", "sepia"}}, 422},
		"a strength":      {[]part{{"strength", "", "31"}, {"pictures", "a.jpg", jpg}}, 422},
		"a made-up batch": {[]part{{"batch", "", id}, {"pictures", "a.jpg", jpg}}, 404},
		"a number":        {[]part{{"batch", "", "20261124T101112-" + id}, {"n", "", "0"}, {"pictures", "a.jpg", jpg}}, 422},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if r := w.postPics(nil, c.parts...); r.StatusCode != c.status {
				t.Errorf("got %d, want %d: %s", r.StatusCode, c.status, text(r.doc(t).Find("main")))
			}
			if len(w.pics.batches) != 0 {
				t.Errorf("something was left behind: %v", w.pics.batches)
			}
		})
	}
	w := newWorld(t)
	if r := w.postForm("/pics", url.Values{"preset": {"auto"}}); r.StatusCode != http.StatusUnsupportedMediaType {
		t.Errorf("no multipart: got %d, want 415", r.StatusCode)
	}
}

// A body that says it is too large is refused before it is sent.
func TestUploadTooLarge(t *testing.T) {
	w := newWorld(t)
	r := httptest.NewRequest(http.MethodPost, "/pics", nil)
	r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	r.ContentLength = 600 << 20
	got := httptest.NewRecorder()
	w.server.Config.Handler.ServeHTTP(got, r)
	if got.Code != http.StatusRequestEntityTooLarge || !strings.Contains(got.Body.String(), "500 MB") {
		t.Errorf("got %d: %s", got.Code, got.Body)
	}
}

// When the queue doesn't take the request, no upload stays behind.
func TestUploadUndone(t *testing.T) {
	w := newWorld(t)
	w.pics.sendErr = &jobs.Error{Code: jobs.CodeUnavailable, Message: "Not now.", Err: errors.New("sqs: connection refused 10.0.0.7")}
	r := w.postPics(nil, part{"pictures", "a.jpg", jpg})
	if r.StatusCode != http.StatusServiceUnavailable || r.Header.Get("Retry-After") == "" {
		t.Errorf("got %d, Retry-After %q", r.StatusCode, r.Header.Get("Retry-After"))
	}
	if strings.Contains(string(r.body), "10.0.0.7") || !strings.Contains(w.log.String(), "10.0.0.7") {
		t.Error("the cause belongs in the log and nowhere else")
	}
	if len(w.pics.batches) != 0 {
		t.Errorf("left behind: %v", w.pics.batches)
	}
}

func TestBatchStatusSendsWhatChanged(t *testing.T) {
	w := newWorld(t)
	w.pics.delay = -1
	at := w.postPics(nil, part{"pictures", "a.jpg", jpg}, part{"pictures", "b.jpg", jpg}).Header.Get("Location")
	id := strings.TrimPrefix(at, "/pics/")
	doc := w.get(at).doc(t)
	if n := doc.Find("[data-hx-get]").Length(); n != 1 {
		t.Fatalf("the page has %d pollers, want one for the batch", n)
	}
	poll := doc.Find("#progress").AttrOr("data-hx-get", "")
	if r := w.get(poll); r.StatusCode != http.StatusNoContent {
		t.Errorf("no news: got %d, want 204", r.StatusCode)
	}
	w.pics.finish(id, 2)
	fragment := w.get(poll, "HX-Request", "true").doc(t)
	if fragment.Find("#p1").Length() != 0 || fragment.Find("#p2[data-hx-swap-oob]").Length() != 1 {
		t.Error("want picture 2 alone in the answer")
	}
	next := fragment.Find("#progress").AttrOr("data-hx-get", "")
	if next == "" || next == poll {
		t.Errorf("the next poll asks for %q", next)
	}
	w.pics.finish(id, 1)
	last := w.get(next).doc(t)
	if last.Find("#p1").Length() != 1 || last.Find("#p2").Length() != 0 || last.Find("[data-hx-trigger]").Length() != 0 {
		t.Error("the last answer has picture 1 alone and no poller")
	}
	if got := text(last.Find(`[data-hx-swap-oob="innerHTML:#live"]`)); got != "All finished." {
		t.Errorf("live region: got %q", got)
	}
}

func TestPictureFiles(t *testing.T) {
	w := newWorld(t)
	at := w.postPics(nil, part{"pictures", `C:\fakepath\Übung "1".JPG`, jpg}).Header.Get("Location")
	w.get(at)
	r := w.get(at + "/1/enhanced")
	if got := r.Header.Get("Content-Disposition"); got != `attachment; filename*=utf-8''%C3%9Cbung%20%221%22-enhanced.jpg` {
		t.Errorf("file name: got %q", got)
	}
	if got := r.Header.Get("Content-Security-Policy"); got != "default-src 'none'; sandbox" {
		t.Errorf("policy: got %q", got)
	}
	if again := w.get(at+"/1/enhanced", "If-None-Match", r.Header.Get("ETag")); again.StatusCode != http.StatusNotModified {
		t.Errorf("known file: got %d, want 304", again.StatusCode)
	}
	if head := w.do(http.MethodHead, at+"/1/original", nil); head.StatusCode != http.StatusOK || head.ContentLength != int64(len(jpg)) || len(head.body) != 0 {
		t.Errorf("HEAD: got %d, %d bytes", head.StatusCode, head.ContentLength)
	}
	for _, path := range []string{"/1/thumbnail", "/2/before", "/0/before", "/x/before"} {
		if got := w.get(at + path).StatusCode; got != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", path, got)
		}
	}
	if w.pics.opened != 0 {
		t.Errorf("%d bodies were left open", w.pics.opened)
	}
}

func TestZip(t *testing.T) {
	w := newWorld(t)
	w.pics.delay = -1
	at := w.postPics(nil, part{"pictures", "a.jpg", jpg}, part{"pictures", "a.jpg", jpg}, part{"pictures", "no.txt", "x"}).Header.Get("Location")
	if r := w.get(at + "/zip"); r.StatusCode != http.StatusConflict {
		t.Errorf("nothing ready: got %d, want 409", r.StatusCode)
	}
	w.pics.delay = 0
	r := w.get(at + "/zip")
	z, err := zip.NewReader(bytes.NewReader(r.body), int64(len(r.body)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
		if f.Method != zip.Store {
			t.Errorf("%s is compressed once more", f.Name)
		}
	}
	if diff := cmp.Diff([]string{"a-enhanced.jpg", "a-enhanced (2).jpg"}, names); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	if w.pics.opened != 0 || w.pics.most > 1 {
		t.Errorf("bodies: %d open, at most %d at once; want 0 and 1", w.pics.opened, w.pics.most)
	}
}

func TestAgainAndDelete(t *testing.T) {
	w := newWorld(t)
	at := w.postPics(nil, part{"pictures", "a.jpg", jpg}).Header.Get("Location")
	id := strings.TrimPrefix(at, "/pics/")
	w.get(at)
	r := w.postForm(at+"/1/again", url.Values{"preset": {"classic"}, "strength": {"5"}})
	if r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != at+"#p1" {
		t.Errorf("again: got %d to %q", r.StatusCode, r.Header.Get("Location"))
	}
	want := cloudpic.Options{Preset: "classic", Strength: 5}
	if diff := cmp.Diff(want, w.pics.batches[id].Pictures[0].Options); diff != "" {
		t.Errorf("options (-want +got):\n%s", diff)
	}
	if r := w.postForm(at+"/1/again", url.Values{"strength": {"-1"}}); r.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a strength of -1: got %d, want 422", r.StatusCode)
	}
	if w.get("/").doc(t).Find("#recent li a").Length() != 1 {
		t.Error("the batch isn't among the recent jobs")
	}
	if r := w.postForm(at+"/delete", nil); r.StatusCode != http.StatusSeeOther {
		t.Errorf("delete: got %d, want 303", r.StatusCode)
	}
	if w.get(at).StatusCode != http.StatusNotFound || w.get("/").doc(t).Find("#recent li").Length() != 0 {
		t.Error("the batch is still there, or still on the list")
	}
	if r := w.do(http.MethodDelete, at, nil); r.StatusCode != http.StatusNotFound {
		t.Errorf("delete once more: got %d, want 404", r.StatusCode)
	}
}
