package site_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"cloudworks/internal/site"

	"github.com/PuerkitoBio/goquery"
	"github.com/rs/zerolog"
)

// world is a site with its fakes, a log, and a visitor with cookies.
type world struct {
	t      *testing.T
	calc   *fakeCalc
	pics   *fakePics
	queue  *fakeQueue // of both kinds
	log    *bytes.Buffer
	server *httptest.Server
	client *http.Client // doesn't follow redirects
}

func newWorld(t *testing.T, change ...func(*site.Options)) *world {
	t.Helper()
	w := &world{t: t, calc: newCalc(), pics: newPics(), queue: new(fakeQueue), log: new(bytes.Buffer)}
	o := site.Options{
		Calc: w.calc, Pics: w.pics, CalcQueue: w.queue, PicsQueue: w.queue, Log: zerolog.New(zerolog.SyncWriter(w.log)),
		Retention: 24 * time.Hour, LogRetention: 720 * time.Hour,
		Limits: site.Limits{Lists: -1, Uploads: -1, Reads: -1},
	}
	for _, c := range change {
		c(&o)
	}
	w.server = httptest.NewServer(site.New(o))
	t.Cleanup(w.server.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	w.client = &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return w
}

// reply is an answer with its body read.
type reply struct {
	*http.Response
	body []byte
}

func (w *world) do(method, path string, body io.Reader, header ...string) reply {
	w.t.Helper()
	req, err := http.NewRequest(method, w.server.URL+path, body)
	if err != nil {
		w.t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := w.client.Do(req)
	if err != nil {
		w.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatalf("%s %s: %v", method, path, err)
	}
	return reply{res, b}
}

func (w *world) get(path string, header ...string) reply {
	w.t.Helper()
	return w.do(http.MethodGet, path, nil, header...)
}

func (w *world) postForm(path string, form url.Values, header ...string) reply {
	w.t.Helper()
	header = append([]string{"Content-Type", "application/x-www-form-urlencoded"}, header...)
	return w.do(http.MethodPost, path, strings.NewReader(form.Encode()), header...)
}

// doc parses an answer as a page.
func (r reply) doc(t *testing.T) *goquery.Document {
	t.Helper()
	d, err := goquery.NewDocumentFromReader(bytes.NewReader(r.body))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// numbers is a form of twenty fields: 1 to 20, but for the changed ones.
func numbers(changed map[int]string) url.Values {
	form := url.Values{}
	for i := 1; i <= 20; i++ {
		v := strconv.Itoa(i)
		if c, ok := changed[i]; ok {
			v = c
		}
		form.Add("n", v)
	}
	return form
}

// part is one part of a multipart body; a file when name is set.
type part struct{ field, name, content string }

func multi(t *testing.T, parts ...part) (body io.Reader, contentType string) {
	t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for _, p := range parts {
		var w io.Writer
		var err error
		if p.name != "" {
			w, err = m.CreateFormFile(p.field, p.name)
		} else {
			w, err = m.CreateFormField(p.field)
		}
		if err == nil {
			_, err = io.WriteString(w, p.content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	return &b, m.FormDataContentType()
}

func (w *world) postPics(header []string, parts ...part) reply {
	w.t.Helper()
	body, kind := multi(w.t, parts...)
	return w.do(http.MethodPost, "/pics", body, append([]string{"Content-Type", kind}, header...)...)
}

// text gives a selection's text with its white space made single.
func text(s *goquery.Selection) string { return strings.Join(strings.Fields(s.Text()), " ") }
