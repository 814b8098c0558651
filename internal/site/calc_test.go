package site_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"cloudworks/internal/cloudcal"
	"cloudworks/internal/jobs"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"
)

func TestListByForm(t *testing.T) {
	w := newWorld(t)
	r := w.postForm("/calc", numbers(nil))
	if r.StatusCode != http.StatusSeeOther || !strings.HasPrefix(r.Header.Get("Location"), "/calc/") {
		t.Fatalf("POST /calc: got %d to %q, want 303 to /calc/…", r.StatusCode, r.Header.Get("Location"))
	}
	page := w.get(r.Header.Get("Location"))
	if page.StatusCode != http.StatusOK {
		t.Fatalf("result page: got %d, want 200", page.StatusCode)
	}
	doc := page.doc(t)
	got := doc.Find(".figures .value").Map(func(_ int, s *goquery.Selection) string { return text(s) })
	if diff := cmp.Diff([]string{"1", "20", "10.5", "10.5"}, got); diff != "" {
		t.Errorf("figures (-want +got):\n%s", diff)
	}
	if n := doc.Find("[data-hx-trigger^=every]").Length(); n != 0 {
		t.Errorf("a final page has %d pollers, want 0", n)
	}
	if got := text(doc.Find(".sorted .middle mark")); got != "1011" {
		t.Errorf("marked pair: got %q, want 10 and 11", got)
	}
	if n := doc.Find("svg .dots circle").Length(); n != 20 {
		t.Errorf("dots: got %d, want 20", n)
	}
}

func TestListJSON(t *testing.T) {
	const first = "9223372036854775807"
	nineteen := strings.Repeat(",9007199254740993", 19)
	for name, c := range map[string]struct {
		body   string
		status int
		want   string // in the error
		field  int
	}{
		"exact beyond 2^53": {`{"numbers":[` + first + nineteen + `]}`, 202, "", 0},
		"a string":          {`{"numbers":["1"` + nineteen + `]}`, 422, "Number 1 is a string", 1},
		"a fraction":        {`{"numbers":[1,2.5` + strings.Repeat(",3", 18) + `]}`, 422, "Number 2", 2},
		"an exponent":       {`{"numbers":[1e3` + nineteen + `]}`, 422, "Number 1", 1},
		"out of range":      {`{"numbers":[9223372036854775808` + nineteen + `]}`, 422, "out of range", 1},
		"null inside":       {`{"numbers":[null` + nineteen + `]}`, 422, "not a number", 1},
		"too few":           {`{"numbers":[1,2,3]}`, 422, "has 3", 0},
		"too many":          {`{"numbers":[1,1` + nineteen + `]}`, 422, "has 21", 0},
		"missing":           {`{}`, 422, "missing", 0},
		"null":              {`{"numbers":null}`, 422, "missing", 0},
		"another field":     {`{"numbers":[],"x":1}`, 422, "form", 0},
		"not JSON":          {`numbers`, 422, "form", 0},
		"two values":        {`{"numbers":[1` + nineteen + `]}{}`, 422, "more after", 0},
		"too large":         {`{"numbers":[` + strings.Repeat(" ", 17<<10) + `]}`, 413, "16 KiB", 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			r := w.do(http.MethodPost, "/calc", strings.NewReader(c.body), "Content-Type", "application/json")
			if r.StatusCode != c.status {
				t.Fatalf("got %d, want %d: %s", r.StatusCode, c.status, r.body)
			}
			var got struct {
				ID, URL, Error, Code, Request string
				Fields                        []struct{ Field int }
			}
			if err := json.Unmarshal(r.body, &got); err != nil {
				t.Fatalf("%v in %s", err, r.body)
			}
			if !strings.Contains(got.Error, c.want) {
				t.Errorf("error %q doesn't name %q", got.Error, c.want)
			}
			if c.field > 0 && (len(got.Fields) == 0 || got.Fields[0].Field != c.field) {
				t.Errorf("fields %v, want %d first", got.Fields, c.field)
			}
			if c.status == 202 {
				answer := w.get("/calc/"+got.ID, "Accept", "application/json")
				for _, want := range []string{`"max":` + first, `"min":9007199254740993`, `"state":"done"`} {
					if !strings.Contains(string(answer.body), want) {
						t.Errorf("answer lacks %s: %s", want, answer.body)
					}
				}
			}
		})
	}
}

func TestWrongListKeepsTheForm(t *testing.T) {
	w := newWorld(t)
	r := w.postForm("/calc", numbers(map[int]string{3: "x<y", 7: "", 9: "1.5"}))
	if r.StatusCode != http.StatusUnprocessableEntity {
		t.Fatalf("got %d, want 422", r.StatusCode)
	}
	doc := r.doc(t)
	for _, n := range []string{"3", "7", "9"} {
		field := doc.Find("#n" + n)
		if field.AttrOr("aria-invalid", "") != "true" {
			t.Errorf("number %s isn't marked as invalid", n)
		}
		if describedBy := field.AttrOr("aria-describedby", "none"); text(doc.Find("#"+describedBy)) == "" {
			t.Errorf("number %s has no error text at %q", n, describedBy)
		}
		if doc.Find(`#problem a[href="#n`+n+`"]`).Length() != 1 {
			t.Errorf("the summary has no link to number %s", n)
		}
	}
	if got := doc.Find("#n3").AttrOr("value", ""); got != "x<y" {
		t.Errorf("number 3 was not kept: %q", got)
	}
	if got := doc.Find("#n20").AttrOr("value", ""); got != "20" {
		t.Errorf("number 20 was not kept: %q", got)
	}
	if _, ok := doc.Find("#problem").Attr("autofocus"); !ok {
		t.Error("the summary doesn't take the focus")
	}
	if got := text(doc.Find("#filled")); got != "19 of 20" {
		t.Errorf("filled: got %q, want 19 of 20", got)
	}
}

// When the queue can't be reached, what was typed is not lost.
func TestUnsentListKeepsTheForm(t *testing.T) {
	w := newWorld(t)
	w.calc.fail(jobs.Errorf(jobs.CodeUnavailable, "The queue doesn't answer."))
	r := w.postForm("/calc", numbers(map[int]string{4: "-44"}))
	doc := r.doc(t)
	if r.StatusCode != http.StatusServiceUnavailable || r.Header.Get("Retry-After") == "" {
		t.Errorf("got %d, Retry-After %q", r.StatusCode, r.Header.Get("Retry-After"))
	}
	if got := doc.Find("#n4").AttrOr("value", ""); got != "-44" || !strings.Contains(text(doc.Find("#problem")), "doesn't answer") {
		t.Errorf("number 4 is %q, the message %q", got, text(doc.Find("#problem")))
	}
}

func TestPastedText(t *testing.T) {
	w := newWorld(t)
	good := strings.Join(numbers(nil)["n"], ", ")
	if r := w.do(http.MethodPost, "/calc", strings.NewReader(good), "Content-Type", "text/plain"); r.StatusCode != http.StatusSeeOther {
		t.Errorf("plain text: got %d, want 303", r.StatusCode)
	}
	r := w.postForm("/calc", map[string][]string{"numbers": {"1 2 three"}})
	doc := r.doc(t)
	if _, open := doc.Find("#numbers").Closest("details").Attr("open"); !open || text(doc.Find("#numbers")) != "1 2 three" {
		t.Errorf("the pasted text was not kept in sight: %s", text(doc.Find("#numbers")))
	}
	if got := text(doc.Find("#numbers-error")); !strings.Contains(got, "Number 3") {
		t.Errorf("the error %q doesn't name number 3", got)
	}
}

func TestStatusFragment(t *testing.T) {
	w := newWorld(t)
	w.calc.delay = -1
	at := w.postForm("/calc", numbers(nil)).Header.Get("Location")
	doc := w.get(at).doc(t)
	poll, ok := doc.Find("#job").Attr("data-hx-get")
	if !ok || doc.Find("#job").AttrOr("data-hx-trigger", "") != "every 1s" {
		t.Fatalf("the waiting page doesn't poll every second: %q", poll)
	}
	if got := doc.Find("noscript meta[http-equiv=refresh]").Length() + strings.Count(doc.Find("noscript").Text(), "refresh"); got == 0 {
		t.Error("without scripts the waiting page doesn't load itself anew")
	}
	if r := w.get(poll); r.StatusCode != http.StatusNoContent || r.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("no news: got %d %q, want 204 no-store", r.StatusCode, r.Header.Get("Cache-Control"))
	}
	w.calc.finish(strings.TrimPrefix(at, "/calc/"))
	r := w.get(poll, "HX-Request", "true")
	fragment := r.doc(t)
	if fragment.Find("#job[data-hx-get], #job[data-hx-trigger]").Length() != 0 || fragment.Find("#job .figures .value").Length() != 4 {
		t.Errorf("the last fragment still polls or has no figures:\n%s", r.body)
	}
	if got := text(fragment.Find(`[data-hx-swap-oob="innerHTML:#live"]`)); got != "Answered in 38 ms." {
		t.Errorf("live region: got %q", got)
	}
	if fragment.Find("main").Length() != 0 {
		t.Error("the fragment is a whole page")
	}
}

// Where S3 alone tells of an answer, it was written in the second in which the
// list was sent.
func TestAnsweredToTheSecond(t *testing.T) {
	w := newWorld(t)
	at := w.postForm("/calc", numbers(nil)).Header.Get("Location")
	w.get(at)
	w.calc.set(strings.TrimPrefix(at, "/calc/"), func(j *cloudcal.Job) { j.Answered = j.Submitted })
	if got := text(w.get(at).doc(t).Find("#job .lede")); got != "Answered in under a second." {
		t.Errorf("the page says %q", got)
	}
}

func TestCSVAndLog(t *testing.T) {
	w := newWorld(t)
	at := w.postForm("/calc", numbers(nil)).Header.Get("Location")
	for _, path := range []string{at + ".csv", at + "?format=csv"} {
		r := w.get(path)
		lines := strings.Split(string(r.body), "\r\n")
		if len(lines) != 3 || !strings.HasSuffix(lines[0], "n20,min,max,mean,median") || !strings.HasSuffix(lines[1], ",20,1,20,10.5,10.5") {
			t.Errorf("%s: got %q", path, r.body)
		}
		if got := r.Header.Get("Content-Disposition"); !strings.HasPrefix(got, `attachment; filename="cloudcal-`) {
			t.Errorf("%s: disposition %q", path, got)
		}
	}
	w.calc.noLog = 2
	if got := text(w.get(at + "/log").doc(t).Find("pre code")); !strings.Contains(got, "1 20 10.5 10.5") {
		t.Errorf("log line: got %q", got)
	}
}
