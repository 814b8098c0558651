package ops

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/rs/zerolog"

	"cloudworks/internal/jobs"
)

const token = "a-token-that-is-for-tests"

// fakeDesk is a desk with two dead letters.
type fakeDesk struct {
	letters  []DeadLetter
	err      error
	redriven []string
	dropped  []string
	replies  error
}

func newFakeDesk() *fakeDesk {
	sent := time.Date(2026, 11, 26, 9, 15, 0, 0, time.UTC)
	return &fakeDesk{letters: []DeadLetter{
		{ID: "11111111-aaaa", Sent: sent, Receives: 7, Attributes: map[string]string{"JobID": "20261126T091500-x.1", "ReplyTo": "replies-one"}, Body: "uploads/x/1/original cloudworks"},
		{ID: "22222222-bbbb", Sent: sent, Receives: 1, Body: `<script>alert("x")</script> ` + strings.Repeat("long", 90)},
	}}
}

func (d *fakeDesk) DeadLetters(_ context.Context, requests string, _ int) ([]DeadLetter, error) {
	if requests != "inbox" || d.err != nil {
		return nil, d.err
	}
	return d.letters, nil
}

func (d *fakeDesk) Redrive(_ context.Context, requests string) (int, error) {
	d.redriven = append(d.redriven, requests)
	return len(d.letters), d.err
}

func (d *fakeDesk) Drop(_ context.Context, requests, id string) error {
	d.dropped = append(d.dropped, requests+" "+id)
	return d.err
}

func (d *fakeDesk) ReplyQueues(context.Context) ([]ReplyQueue, error) {
	if d.replies != nil {
		return nil, d.replies
	}
	return []ReplyQueue{
		{Name: "replies-one", Owner: "one", Heartbeat: time.Now(), Mine: true},
		{Name: "replies-two", Owner: "two", Heartbeat: time.Now().Add(-2 * time.Hour), Silent: true},
		{Name: "replies-three", Owner: "three", Unknown: true},
	}, nil
}

// visit is a page on a server, and a browser without scripts.
type visit struct {
	t      *testing.T
	desk   *fakeDesk
	log    *bytes.Buffer
	server *httptest.Server
	cookie *http.Cookie
}

func visitPage(t *testing.T) *visit {
	t.Helper()
	v := &visit{t: t, desk: newFakeDesk(), log: new(bytes.Buffer)}
	m := busy(t)
	h, err := Handler(Options{
		Metrics: m, Ready: func(context.Context) error { return nil }, Token: token, Desk: v.desk, Instance: "worker-1",
		Log: zerolog.New(zerolog.SyncWriter(v.log)),
		Sources: Sources{
			Pools: func() []jobs.PoolState {
				return []jobs.PoolState{
					{Kind: "cloudcal", Requests: "requestQueue", Slots: 128, InHand: 12, Working: 12, Cautious: true, Failing: true, Oldest: time.Now().Add(-4 * time.Second), Known: true, Waits: 2500 * time.Millisecond},
					{Kind: "cloudpic", Requests: "inbox", Slots: 3, InHand: 3, Working: 1, Cautious: true},
				}
			},
			Unanswered: func() map[string]jobs.Unanswered {
				return map[string]jobs.Unanswered{"cloudpic": {Requests: 2, Oldest: time.Now().Add(-time.Hour / 2)}}
			},
			Depths: func(context.Context) []Depth {
				return []Depth{
					{Kind: "cloudcal", Queue: "requestQueue", Visible: 123456, InFlight: 12, Delayed: 3},
					{Kind: "cloudcal", Queue: "requestQueue-dlq", Dead: true},
					{Kind: "cloudpic", Queue: "inbox", Err: errors.New("the queue doesn't answer")},
					{Kind: "cloudpic", Queue: "inbox-dlq", Dead: true, Visible: 2},
				}
			},
			Spared: func() map[string]float64 { return map[string]float64{"S3": 0.25} },
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	v.server = httptest.NewServer(h)
	t.Cleanup(v.server.Close)
	return v
}

// do asks for something, with the session's cookie where there is one.
func (v *visit) do(method, path string, form url.Values, header ...string) (*http.Response, []byte) {
	v.t.Helper()
	r, err := http.NewRequest(method, v.server.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	if v.cookie != nil {
		r.AddCookie(v.cookie)
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return answer, body
}

func (v *visit) logIn() *visit {
	v.t.Helper()
	answer, _ := v.do(http.MethodPost, loginPath, url.Values{"token": {token}})
	if len(answer.Cookies()) != 1 || answer.Header.Get("Location") != homePath {
		v.t.Fatalf("logging in answered %s, %v", answer.Status, answer.Header)
	}
	v.cookie = answer.Cookies()[0]
	return v
}

func document(t *testing.T, body []byte) *goquery.Document {
	t.Helper()
	d, err := goquery.NewDocumentFromReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func text(s *goquery.Selection) string { return strings.Join(strings.Fields(s.Text()), " ") }

// Without the token nothing is shown and nothing is done.
func TestNobodyGetsInWithoutTheToken(t *testing.T) {
	forged := func(d *door) string { return d.sign(time.Now().Add(time.Hour)) }
	other, err := newDoor(token + "x")
	if err != nil {
		t.Fatal(err)
	}
	own, err := newDoor(token)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, cookie, bearer string }{
		{"nothing", "", ""},
		{"an empty token", "", "Bearer "},
		{"a wrong token", "", "Bearer " + token[1:]},
		{"another scheme", "", "Basic " + token},
		{"the token as the cookie", token, ""},
		{"a cookie made with another token", forged(other), ""},
		{"a cookie that has expired", own.sign(time.Now().Add(-time.Second)), ""},
		{"a cookie cut short", forged(own)[:40], ""},
		{"no base64", "%%%", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := visitPage(t)
			if tt.cookie != "" {
				v.cookie = &http.Cookie{Name: cookieName, Value: tt.cookie}
			}
			var header []string
			if tt.bearer != "" {
				header = []string{"Authorization", tt.bearer}
			}
			for _, path := range []string{homePath, statePath, deadPath + "inbox"} {
				answer, body := v.do(http.MethodGet, path, nil, header...)
				if bytes.Contains(body, []byte("inbox")) || answer.StatusCode == http.StatusOK && path != statePath {
					t.Errorf("%s answers %s: %s", path, answer.Status, body)
				}
			}
			for _, path := range []string{"/redrive", "/drop"} {
				answer, _ := v.do(http.MethodPost, deadPath+"inbox"+path, url.Values{"all": {"yes"}}, header...)
				if answer.StatusCode != http.StatusUnauthorized {
					t.Errorf("%s answers %s", path, answer.Status)
				}
			}
			if len(v.desk.redriven)+len(v.desk.dropped) != 0 {
				t.Error("it was done")
			}
		})
	}
}

// The cookie that the form gives opens the page, tells nothing of the token,
// and isn't shown to scripts or other sites.
func TestLogIn(t *testing.T) {
	v := visitPage(t)
	answer, body := v.do(http.MethodPost, loginPath, url.Values{"token": {"a guess at the token"}})
	if answer.StatusCode != http.StatusForbidden || len(answer.Cookies()) != 0 || document(t, body).Find("#token-wrong").Length() != 1 {
		t.Errorf("a wrong token answers %s", answer.Status)
	}
	v.logIn()
	c := v.cookie
	if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.MaxAge <= 0 || strings.Contains(c.Value, token) {
		t.Errorf("the cookie is %v", c)
	}
	answer, body = v.do(http.MethodGet, homePath, nil)
	if answer.StatusCode != http.StatusOK || document(t, body).Find("#state").Length() != 1 {
		t.Errorf("the page answers %s", answer.Status)
	}
	for name, want := range map[string]string{"Cache-Control": "no-store", "Content-Security-Policy": contentPolicy, "Referrer-Policy": "same-origin"} {
		if got := answer.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	answer, _ = v.do(http.MethodPost, logoutPath, url.Values{})
	if c := answer.Cookies(); len(c) != 1 || c[0].MaxAge >= 0 || c[0].Value != "" {
		t.Errorf("logging out gives %v", c)
	}
	if strings.Contains(v.log.String(), token) || !strings.Contains(v.log.String(), "wrong token") {
		t.Errorf("the log says %s", v.log)
	}
}

// After ten guesses not even the token opens, for a while.
func TestGuessesAreFew(t *testing.T) {
	v := visitPage(t)
	for range maxGuesses {
		v.do(http.MethodPost, loginPath, url.Values{"token": {"a guess at the token"}})
	}
	for _, try := range []func() *http.Response{
		func() *http.Response {
			r, _ := v.do(http.MethodPost, loginPath, url.Values{"token": {token}})
			return r
		},
		func() *http.Response {
			r, _ := v.do(http.MethodGet, homePath, nil, "Authorization", "Bearer "+token)
			return r
		},
	} {
		if r := try(); r.StatusCode != http.StatusTooManyRequests || r.Header.Get("Retry-After") == "" {
			t.Errorf("got %s", r.Status)
		}
	}
	var f failures
	now := time.Now()
	for range 2 * maxGuesses {
		f.may("one", now)
	}
	if f.may("one", now.Add(guessTime-time.Second)) || !f.may("one", now.Add(guessTime+time.Second)) || !f.may("two", now) {
		t.Error("who guessed too often is held up for another time, or others are")
	}
	for i := range 3 * maxGuessers {
		f.may(fmt.Sprint(i), now)
	}
	if len(f.from) > maxGuessers {
		t.Errorf("%d addresses are remembered", len(f.from))
	}
}

// The page shows how each kind, each service and each reply queue stands, and
// what isn't known as such.
func TestPage(t *testing.T) {
	v := visitPage(t).logIn()
	_, body := v.do(http.MethodGet, homePath, nil)
	d := document(t, body)
	figures := func(kind int) (all []string) {
		d.Find(".ops-kinds .card").Eq(kind).Find(".figures .value").Each(func(_ int, s *goquery.Selection) { all = append(all, text(s)) })
		return all
	}
	if got := fmt.Sprint(figures(0)); got != "[123,456 12 2 s 0]" {
		t.Errorf("CloudCal's figures are %s", got)
	}
	if got := fmt.Sprint(figures(1)); got != "[– – 30 min 2]" {
		t.Errorf("CloudPic's figures are %s", got)
	}
	all := text(d.Find("#state"))
	for _, want := range []string{
		"2 dead letters of inbox", "the queue doesn't answer", "12 of 128 slots taken, 12 at work", "since work keeps failing", "the next may be what kills the process",
		"25 % of the calls are not made", "this process's own", "to be swept away", "heartbeat not asked for", "a codec", "worker-1", "1 done, 1 retry",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("the page lacks %q: %s", want, all)
		}
	}
	if got := d.Find("#state").AttrOr("data-hx-get", ""); got != statePath {
		t.Errorf("it polls %q", got)
	}
	_, fragment := v.do(http.MethodGet, statePath, nil)
	if f := document(t, fragment); f.Find("#state").Length() != 1 || f.Find("h1, header").Length() != 0 {
		t.Errorf("the fragment is %s", fragment)
	}
	v.desk.replies = fmt.Errorf("list: %w", jobs.ErrDenied)
	_, body = v.do(http.MethodGet, homePath, nil)
	if !strings.Contains(text(document(t, body).Find("#state")), "A worker's role may not list them") {
		t.Error("a refusal isn't told")
	}
}

// Programs get the same as JSON for the token itself.
func TestPageAsJSON(t *testing.T) {
	v := visitPage(t)
	answer, body := v.do(http.MethodGet, homePath, nil, "Authorization", "Bearer "+token)
	var s State
	if err := json.Unmarshal(body, &s); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %v: %s", answer.Status, err, body)
	}
	if len(s.Kinds) != 2 || s.Kinds[0].Queue.Visible != 123456 || *s.Kinds[0].Worker.Waits != 2.5 || s.Kinds[1].Worker.Waits != nil ||
		s.Kinds[1].Web.Requests != 2 || s.Kinds[0].Web != nil || s.Kinds[1].Queue.Error == "" || len(s.Replies) != 3 {
		t.Errorf("got %s", body)
	}
	answer, body = v.do(http.MethodPost, deadPath+"inbox/redrive", nil, "Authorization", "Bearer "+token)
	if answer.StatusCode != http.StatusOK || string(body) != `{"moved":["2"]}`+"\n" {
		t.Errorf("redrive: %s %s", answer.Status, body)
	}
	v.desk.err = fmt.Errorf("move: %w", jobs.ErrDenied)
	answer, body = v.do(http.MethodPost, deadPath+"inbox/redrive", nil, "Authorization", "Bearer "+token)
	if answer.StatusCode != http.StatusForbidden || !bytes.Contains(body, []byte("worker dlq")) {
		t.Errorf("refused: %s %s", answer.Status, body)
	}
	if answer, _ = v.do(http.MethodGet, homePath, nil, "Accept", "application/json"); answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("without a token: %s", answer.Status)
	}
}

// Dead letters are shown as they are, and redriven or dropped by a form alone.
func TestDeadLetters(t *testing.T) {
	v := visitPage(t).logIn()
	_, body := v.do(http.MethodGet, deadPath+"inbox", nil)
	d := document(t, body)
	if got := d.Find(".letter").Length(); got != 2 {
		t.Fatalf("%d letters", got)
	}
	if d.Find(".letter script").Length() != 0 || !strings.HasPrefix(text(d.Find(".letter pre").Eq(1)), "<script>") {
		t.Error("a letter's text is taken for HTML")
	}
	answer, _ := v.do(http.MethodPost, deadPath+"inbox/redrive", url.Values{})
	if got := answer.Header.Get("Location"); got != "/ops/dead/inbox?moved=2" || answer.StatusCode != http.StatusSeeOther {
		t.Errorf("redrive answers %s %s", answer.Status, got)
	}
	for _, form := range []url.Values{{"id": {"11111111-aaaa"}}, {"all": {"yes"}}} {
		if answer, _ := v.do(http.MethodPost, deadPath+"inbox/drop", form); answer.StatusCode != http.StatusSeeOther {
			t.Errorf("drop %v answers %s", form, answer.Status)
		}
	}
	for _, form := range []url.Values{{}, {"id": {"x"}, "all": {"yes"}}} {
		if answer, _ := v.do(http.MethodPost, deadPath+"inbox/drop", form); answer.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("drop %v answers %s", form, answer.Status)
		}
	}
	if got := fmt.Sprint(v.desk.redriven, v.desk.dropped); got != "[inbox] [inbox 11111111-aaaa inbox ]" {
		t.Errorf("done was %s", got)
	}
	for method, path := range map[string]string{http.MethodGet: deadPath + "nowhere", http.MethodPost: deadPath + "inbox-dlq/redrive"} {
		if answer, _ := v.do(method, path, nil); answer.StatusCode != http.StatusNotFound {
			t.Errorf("%s answers %s", path, answer.Status)
		}
	}
	for _, word := range []string{"redrive", "drop", `"queue":"inbox"`} {
		if !strings.Contains(v.log.String(), word) {
			t.Errorf("the log lacks %s: %s", word, v.log)
		}
	}
}

// What this process's role may not do is said, with what to do instead.
func TestRefused(t *testing.T) {
	v := visitPage(t).logIn()
	v.desk.err = fmt.Errorf("receive from inbox-dlq: %w", jobs.ErrDenied)
	for _, tt := range []struct{ method, path string }{{http.MethodGet, deadPath + "inbox"}, {http.MethodPost, deadPath + "inbox/redrive"}} {
		answer, body := v.do(tt.method, tt.path, nil)
		if answer.StatusCode != http.StatusForbidden || !strings.Contains(text(document(t, body).Find(".alert")), "worker dlq") {
			t.Errorf("%s answers %s: %s", tt.path, answer.Status, body)
		}
	}
}

// Another site's page can't have anything done.
func TestCrossOrigin(t *testing.T) {
	v := visitPage(t).logIn()
	for _, path := range []string{deadPath + "inbox/redrive", deadPath + "inbox/drop", logoutPath, loginPath} {
		answer, _ := v.do(http.MethodPost, path, url.Values{"all": {"yes"}}, "Origin", "https://elsewhere.example", "Sec-Fetch-Site", "cross-site")
		if answer.StatusCode != http.StatusForbidden {
			t.Errorf("%s answers %s", path, answer.Status)
		}
	}
	if len(v.desk.redriven)+len(v.desk.dropped) != 0 {
		t.Error("it was done")
	}
}
