package site_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"cloudworks/internal/cloudcal"
	"cloudworks/internal/jobs"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"
)

const row = "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20\r\n"

// bulkJSON is what the tests look at in a bulk's JSON.
type bulkJSON struct {
	ID, URL, State, Result string
	Rows, Done             int
	Bad                    []cloudcal.BadRow
}

func (w *world) postBulk(header []string, parts ...part) reply {
	w.t.Helper()
	body, kind := multi(w.t, parts...)
	return w.do(http.MethodPost, "/calc/bulk", body, append([]string{"Content-Type", kind}, header...)...)
}

func TestBulkWays(t *testing.T) {
	for name, c := range map[string]struct {
		kind  string
		body  string
		parts []part
	}{
		"a file":                     {parts: []part{{"file", "lists.csv", row + row}, {"lists", "", ""}}},
		"pasted":                     {parts: []part{{"file", "", ""}, {"lists", "", row + row}}},
		"a file and something typed": {parts: []part{{"file", "lists.csv", row + row}, {"lists", "", row}}},
		"a body":                     {kind: "text/csv; charset=utf-8", body: row + row},
		"plain text":                 {kind: "text/plain", body: row + row},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			send := func(header ...string) reply {
				if c.kind == "" {
					return w.postBulk(header, c.parts...)
				}
				return w.do(http.MethodPost, "/calc/bulk", strings.NewReader(c.body), append(header, "Content-Type", c.kind)...)
			}
			r := send()
			if at := r.Header.Get("Location"); r.StatusCode != http.StatusSeeOther || !strings.HasPrefix(at, "/calc/bulk/") {
				t.Fatalf("got %d to %q, want 303 to /calc/bulk/…: %s", r.StatusCode, at, r.body)
			}
			r = send("Accept", "application/json")
			sent := decode[bulkJSON](t, r)
			if r.StatusCode != http.StatusAccepted || !strings.HasSuffix(sent.URL, "/calc/bulk/"+sent.ID) {
				t.Fatalf("JSON: got %d %+v", r.StatusCode, sent)
			}
			got := decode[bulkJSON](t, w.get("/calc/bulk/"+sent.ID, "Accept", "application/json"))
			if got.State != "queued" || got.Rows != 2 || got.Bad == nil || got.Result != "" {
				t.Errorf("state: got %+v", got)
			}
		})
	}
}

func TestBulkRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		parts  []part
		status int
		want   string
	}{
		"nothing":   {[]part{{"file", "empty.csv", ""}, {"lists", "", ""}}, 422, "Choose a file"},
		"no lists":  {[]part{{"file", "lists.csv", "a,b\r\n"}}, 422, "None of the rows"},
		"no parts":  {nil, 422, "Choose a file"},
		"one field": {[]part{{"other", "", row}}, 422, "Choose a file"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			r := w.postBulk(nil, c.parts...)
			doc := r.doc(t)
			if _, open := doc.Find("#bulk").Attr("open"); r.StatusCode != c.status || !open || !strings.Contains(text(doc.Find("#bulk-error")), c.want) {
				t.Errorf("got %d, open %v, %q", r.StatusCode, open, text(doc.Find("#bulk-error")))
			}
			if doc.Find(`#problem a[href="#bulk-file"]`).Length() != 1 {
				t.Error("the summary doesn't lead to the field")
			}
			api := w.postBulk([]string{"Accept", "application/json"}, c.parts...)
			if got := decode[map[string]any](t, api); api.StatusCode != c.status || got["code"] != "invalid" {
				t.Errorf("JSON: got %d %v", api.StatusCode, got)
			}
		})
	}
	w := newWorld(t)
	if r := w.postForm("/calc/bulk", numbers(nil)); r.StatusCode != http.StatusUnsupportedMediaType {
		t.Errorf("a plain form: got %d, want 415", r.StatusCode)
	}
	w.calc.fail(jobs.Errorf(jobs.CodeUnavailable, "The queue doesn't answer."))
	if r := w.postBulk(nil, part{"file", "lists.csv", row}); r.StatusCode != http.StatusServiceUnavailable || r.Header.Get("Retry-After") == "" {
		t.Errorf("no queue: got %d, want 503", r.StatusCode)
	}
}

// endless is a body of so many bytes of rows, which nobody ever holds.
type endless struct{ read, size int }

func (e *endless) Read(b []byte) (int, error) {
	if e.read >= e.size {
		return 0, io.EOF
	}
	n := 0
	for n < len(b) {
		n += copy(b[n:], row[(e.read+n)%len(row):])
	}
	e.read += n
	return n, nil
}

func TestBulkTooLarge(t *testing.T) {
	w := newWorld(t)
	said := httptest.NewRequest(http.MethodPost, "/calc/bulk", nil)
	said.Header.Set("Content-Type", "text/csv")
	said.ContentLength = 65 << 20
	unsaid := httptest.NewRequest(http.MethodPost, "/calc/bulk", &endless{size: 65 << 20})
	unsaid.Header.Set("Content-Type", "text/csv")
	for name, r := range map[string]*http.Request{"by its length": said, "by what came": unsaid} {
		got := httptest.NewRecorder()
		w.server.Config.Handler.ServeHTTP(got, r)
		if got.Code != http.StatusRequestEntityTooLarge || !strings.Contains(got.Body.String(), "64 MB") {
			t.Errorf("%s: got %d: %.300s", name, got.Code, got.Body)
		}
	}
	if r := w.do(http.MethodPost, "/calc/bulk", &endless{size: 20 << 20}, "Content-Type", "text/csv"); r.StatusCode != http.StatusSeeOther || w.calc.bytes < 19<<20 {
		t.Errorf("20 MB: got %d, %d bytes read", r.StatusCode, w.calc.bytes)
	}
}

func TestBulkPage(t *testing.T) {
	w := newWorld(t)
	at := w.postBulk(nil, part{"file", "lists.csv", strings.Repeat(row, 1500) + "1,2,three<\r\n" + "=9\r\n"}).Header.Get("Location")
	id := strings.TrimPrefix(at, "/calc/bulk/")
	doc := w.get(at).doc(t)
	poll := doc.Find("#job").AttrOr("data-hx-get", "")
	if poll == "" || doc.Find("#job").AttrOr("data-hx-trigger", "") != "every 1s" || doc.Find("#job progress").AttrOr("max", "") != "1500" {
		t.Fatalf("the page doesn't poll, or has no bar: %q", poll)
	}
	if !strings.Contains(doc.Find("noscript").Text()+"", "refresh") && doc.Find("noscript meta").Length() == 0 {
		t.Error("without scripts the page doesn't load itself anew")
	}
	bad := doc.Find(".bad-rows li").Map(func(_ int, s *goquery.Selection) string { return text(s.Find("strong")) + ": " + text(s.Find("code")) })
	if diff := cmp.Diff([]string{"Line 1501: 1,2,three<", "Line 1502: =9"}, bad); diff != "" {
		t.Errorf("bad rows (-want +got):\n%s", diff)
	}
	if r := w.get(poll); r.StatusCode != http.StatusNoContent || r.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("no news: got %d %q, want 204 no-store", r.StatusCode, r.Header.Get("Cache-Control"))
	}
	if r := w.get(at + ".csv"); r.StatusCode != http.StatusConflict {
		t.Errorf("the result before it is done: got %d, want 409", r.StatusCode)
	}
	w.calc.advance(id, 500)
	first := w.get(poll, "HX-Request", "true").doc(t)
	if first.Find("progress").AttrOr("value", "") != "500" || !strings.Contains(text(first.Find(".lede")), "500 of 1,500 lists") || first.Find(`[data-hx-swap-oob="innerHTML:#live"]`).Length() != 1 {
		t.Errorf("a third: got %q", text(first.Find("#job")))
	}
	w.calc.advance(id, 1000)
	second := w.get(first.Find("#job").AttrOr("data-hx-get", "")).doc(t)
	if second.Find(`[data-hx-swap-oob]`).Length() != 0 || text(second.Find(".figures dt").Last()) != "A second" {
		t.Errorf("two thirds: it speaks, or says no rate: %q", text(second.Find("#job")))
	}
	w.calc.advance(id, 1500)
	last := w.get(second.Find("#job").AttrOr("data-hx-get", "")).doc(t)
	if last.Find("[data-hx-get], progress").Length() != 0 || !strings.Contains(text(last.Find(`[data-hx-swap-oob="innerHTML:#live"]`)), "All 1,500 lists") {
		t.Errorf("done: got %q", text(last.Selection))
	}
	r := w.get(last.Find("#job a[download]").AttrOr("href", ""))
	if n := strings.Count(string(r.body), "\r\n"); r.StatusCode != http.StatusOK || n != 1500 || !strings.HasPrefix(r.Header.Get("Content-Disposition"), `attachment; filename="cloudcal-`) {
		t.Errorf("result: got %d, %d rows, %q", r.StatusCode, n, r.Header.Get("Content-Disposition"))
	}
	if got := decode[bulkJSON](t, w.get(at+"?format=json")); got.State != "done" || !strings.HasSuffix(got.Result, at+".csv") {
		t.Errorf("JSON: got %+v", got)
	}
	if got := text(w.get("/").doc(t).Find("#recent li a span")); got != "lists.csv" {
		t.Errorf("recent: got %q", got)
	}
	if got := w.get("/").doc(t).Find("#recent li a").AttrOr("href", ""); got != at {
		t.Errorf("recent leads to %q, want %q", got, at)
	}
}

// A result that breaks off must not look whole.
func TestBulkResultBreaksOff(t *testing.T) {
	w := newWorld(t)
	at := w.postBulk(nil, part{"file", "lists.csv", strings.Repeat(row, 4000)}).Header.Get("Location")
	w.calc.advance(strings.TrimPrefix(at, "/calc/bulk/"), 4000)
	w.calc.cut = true
	res, err := w.client.Get(w.server.URL + at + ".csv")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if _, err := io.ReadAll(res.Body); err == nil {
		t.Error("the half of the file ended as a whole one does")
	}
}

func TestBulkDead(t *testing.T) {
	w := newWorld(t)
	began := time.Now().Add(-25 * time.Hour)
	b := cloudcal.Bulk{ID: jobs.NewID(began), State: jobs.StateDead, Rows: 1500, Done: 1000, Submitted: began}
	w.calc.mu.Lock()
	w.calc.putBulk(b)
	w.calc.mu.Unlock()
	doc := w.get("/calc/bulk/" + b.ID).doc(t)
	if doc.Find("[data-hx-get], a[download]").Length() != 0 || !strings.Contains(text(doc.Find(".lede")), "1,000 of 1,500") {
		t.Errorf("got %q", text(doc.Find("main")))
	}
	for _, path := range []string{"/calc/bulk/" + jobs.NewID(time.Now()), "/calc/bulk/x/status", "/calc/bulk"} {
		if r := w.get(path); r.StatusCode != http.StatusNotFound && r.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("%s: got %d", path, r.StatusCode)
		}
	}
}
