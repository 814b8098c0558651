package site_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"cloudworks/internal/jobs"
	"cloudworks/internal/site"
)

// Every answer carries the same protection, errors too.
func TestHeaders(t *testing.T) {
	w := newWorld(t, func(o *site.Options) { o.Secure = true })
	at := w.postForm("/calc", numbers(nil)).Header.Get("Location")
	for _, path := range []string{"/", at, "/nowhere", "/calc/none", "/pics/none/status"} {
		r := w.get(path)
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
			"Strict-Transport-Security": "max-age=31536000",
		} {
			if got := r.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		if got := r.Header.Get("Content-Security-Policy"); !strings.HasPrefix(got, "default-src 'none'; script-src 'self'; style-src 'self'") {
			t.Errorf("%s: policy %q", path, got)
		}
		if r.Header.Get("X-Request-Id") == "" {
			t.Errorf("%s: no request id", path)
		}
	}
}

func TestCrossOriginRefused(t *testing.T) {
	w := newWorld(t)
	for name, value := range map[string]string{"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"} {
		r := w.postForm("/calc", numbers(nil), name, value)
		if r.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %s: got %d, want 403", name, value, r.StatusCode)
		}
	}
	if len(w.calc.jobs) != 0 {
		t.Error("the list was sent all the same")
	}
	if r := w.postForm("/calc", numbers(nil), "Sec-Fetch-Site", "same-origin"); r.StatusCode != http.StatusSeeOther {
		t.Errorf("our own page: got %d, want 303", r.StatusCode)
	}
}

// Each code has its status and a page that says what to do next; causes stay
// in the log.
func TestErrors(t *testing.T) {
	for code, want := range map[jobs.Code]int{
		jobs.CodeInvalid: 422, jobs.CodeTooLarge: 413, jobs.CodeUnsupported: 415, jobs.CodeNotFound: 404,
		jobs.CodeUnavailable: 503, jobs.CodeDead: 500, jobs.CodeInternal: 500, "unheard of": 500,
	} {
		t.Run(string(code), func(t *testing.T) {
			w := newWorld(t)
			w.calc.fail(&jobs.Error{Code: code, Message: "What happened.", Err: errors.New("secret cause")})
			page := w.get("/calc/x")
			doc := page.doc(t)
			if page.StatusCode != want || text(doc.Find("main .lede")) != "What happened." || doc.Find("main a[role=button]").Length() == 0 {
				t.Errorf("page: got %d %q, want %d", page.StatusCode, text(doc.Find("main")), want)
			}
			if got := text(doc.Find("main code")); got != page.Header.Get("X-Request-Id") {
				t.Errorf("request id: got %q", got)
			}
			api := w.get("/calc/x", "Accept", "application/json")
			if got := decode[map[string]string](t, api); api.StatusCode != want || got["error"] != "What happened." || got["code"] != string(code) {
				t.Errorf("JSON: got %d %v", api.StatusCode, got)
			}
			if strings.Contains(string(page.body)+string(api.body), "secret") || !strings.Contains(w.log.String(), "secret cause") {
				t.Error("the cause belongs in the log and nowhere else")
			}
		})
	}
}

// An error that was made for nobody is shown to nobody.
func TestRawErrorIsHidden(t *testing.T) {
	w := newWorld(t)
	w.calc.fail(errors.New("dial tcp 10.0.0.7: refused"))
	r := w.postForm("/calc", numbers(nil))
	if r.StatusCode != http.StatusInternalServerError || strings.Contains(string(r.body), "10.0.0.7") {
		t.Errorf("got %d: %s", r.StatusCode, text(r.doc(t).Find("main")))
	}
}

func TestMethodsAndTypes(t *testing.T) {
	w := newWorld(t)
	if r := w.do(http.MethodPut, "/calc", nil); r.StatusCode != http.StatusMethodNotAllowed || r.Header.Get("Allow") != "POST" {
		t.Errorf("PUT /calc: got %d, Allow %q", r.StatusCode, r.Header.Get("Allow"))
	}
	if r := w.do(http.MethodPost, "/calc", strings.NewReader("<x/>"), "Content-Type", "text/xml"); r.StatusCode != http.StatusUnsupportedMediaType {
		t.Errorf("XML: got %d, want 415", r.StatusCode)
	}
	if r := w.postForm("/calc", url.Values{"numbers": {strings.Repeat("1 ", 9000)}}); r.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a form of 18 kB: got %d, want 413", r.StatusCode)
	}
	if r := w.do(http.MethodHead, "/", nil); r.StatusCode != http.StatusOK || len(r.body) != 0 {
		t.Errorf("HEAD /: got %d", r.StatusCode)
	}
}

func TestRateLimit(t *testing.T) {
	w := newWorld(t, func(o *site.Options) { o.Limits.Lists = 2 })
	for range 2 {
		w.postForm("/calc", numbers(nil))
	}
	r := w.postForm("/calc", numbers(nil))
	if r.StatusCode != http.StatusTooManyRequests || r.Header.Get("Retry-After") != "60" {
		t.Errorf("the third of two: got %d, Retry-After %q", r.StatusCode, r.Header.Get("Retry-After"))
	}
	if got := text(r.doc(t).Find("main")); !strings.Contains(got, "More than 2 requests") {
		t.Errorf("the page says %q", got)
	}
	if r := w.get("/"); r.StatusCode != http.StatusOK {
		t.Errorf("reading is another limit: got %d", r.StatusCode)
	}
}

func TestVisitorAndRecent(t *testing.T) {
	w := newWorld(t)
	r := w.postForm("/calc", numbers(nil))
	for _, c := range r.Cookies() {
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" {
			t.Errorf("cookie %v", c)
		}
	}
	w.postForm("/calc", numbers(nil))
	owners := map[string]bool{}
	for _, o := range w.calc.owner {
		owners[o] = true
	}
	if len(owners) != 1 {
		t.Errorf("one browser, %d owners", len(owners))
	}
	doc := w.get("/").doc(t)
	if n := doc.Find("#recent li").Length(); n != 2 {
		t.Fatalf("recent: got %d, want 2", n)
	}
	if got := text(doc.Find("#recent li a span").First()); got != "1, 2, 3, 4, 5, 6, 7, 8, 9, 10…" {
		t.Errorf("hint: got %q", got)
	}
	id := doc.Find("#recent li input[name=id]").First().AttrOr("value", "")
	w.postForm("/recent/forget", url.Values{"id": {id}})
	doc = w.get("/").doc(t)
	if n := doc.Find("#recent li").Length(); n != 1 || doc.Find(`#recent a[href="/calc/`+id+`"]`).Length() != 0 {
		t.Errorf("after taking one off: %d are listed", n)
	}
	if w.get("/calc/"+id).StatusCode != http.StatusOK {
		t.Error("taking it off the list deleted it")
	}
}

func TestLogLineAndHook(t *testing.T) {
	type seen struct {
		route  string
		status int
	}
	var got []seen
	w := newWorld(t, func(o *site.Options) {
		o.Observe = func(route string, status int, _ time.Duration) { got = append(got, seen{route, status}) }
	})
	at := w.postForm("/calc", numbers(nil)).Header.Get("Location")
	w.log.Reset()
	r := w.get(at)
	var line map[string]any
	if err := json.Unmarshal(w.log.Bytes(), &line); err != nil {
		t.Fatalf("%v: want one line, got %q", err, w.log)
	}
	for name, want := range map[string]any{
		"request": r.Header.Get("X-Request-Id"), "method": "GET", "route": "/calc/{id}", "status": 200.0, "job": strings.TrimPrefix(at, "/calc/"),
	} {
		if line[name] != want {
			t.Errorf("log: %s is %v, want %v", name, line[name], want)
		}
	}
	if len(got) != 2 || got[1] != (seen{"/calc/{id}", 200}) {
		t.Errorf("hook: got %v", got)
	}
}

func TestCompression(t *testing.T) {
	w := newWorld(t)
	r := w.get("/", "Accept-Encoding", "gzip")
	if r.Header.Get("Content-Encoding") != "gzip" {
		t.Error("the page is not compressed")
	}
	style, _ := w.get("/").doc(t).Find("link[rel=stylesheet]").Attr("href")
	s := w.get(style, "Accept-Encoding", "gzip")
	if s.Header.Get("Content-Encoding") != "gzip" || !strings.Contains(s.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("stylesheet: %v", s.Header)
	}
	if again := w.get(style, "Accept-Encoding", "gzip", "If-None-Match", s.Header.Get("ETag")); again.StatusCode != http.StatusNotModified {
		t.Errorf("known stylesheet: got %d, want 304", again.StatusCode)
	}
	old := w.get("/static/000000000000/style.css")
	if old.StatusCode != http.StatusOK || old.Header.Get("Cache-Control") != "no-cache" {
		t.Errorf("another version's address: got %d %q", old.StatusCode, old.Header.Get("Cache-Control"))
	}
}

// What is for operators has an address of its own: nothing of it is public.
func TestOperatorsAddressesAreNotPublic(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/ops", "/ops/", "/ops/state", "/ops/login", "/ops/dead/inbox", "/metrics", "/healthz", "/readyz"} {
		if got := w.get(path, "Authorization", "Bearer a-token-that-is-for-tests").StatusCode; got != http.StatusNotFound {
			t.Errorf("%s answers %d, want 404", path, got)
		}
	}
	for _, path := range []string{"/ops/login", "/ops/dead/inbox/redrive", "/ops/dead/inbox/drop"} {
		if got := w.postForm(path, url.Values{"token": {"a-token-that-is-for-tests"}}).StatusCode; got != http.StatusNotFound {
			t.Errorf("POST %s answers %d, want 404", path, got)
		}
	}
}
