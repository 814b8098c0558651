package site

import (
	"context"
	"errors"
	"net/http"

	"cloudworks/internal/jobs"
	"cloudworks/templates"
)

// Codes of what only the site meets.
const (
	codeMethod    jobs.Code = "method_not_allowed"
	codeForbidden jobs.Code = "forbidden"
	codeRate      jobs.Code = "rate_limited"
	codeConflict  jobs.Code = "not_yet"
	codeMedia     jobs.Code = "media_type"
	codeSlow      jobs.Code = "too_slow"
)

func errorOf(code jobs.Code, format string, args ...any) error {
	return jobs.Errorf(code, format, args...)
}

// answer is how an error of some code is put to people and programs.
type answer struct {
	status      int
	title, next string
	retryAfter  string // seconds; empty for none
}

// answers is the one table from codes to statuses and pages.
var answers = map[jobs.Code]answer{
	jobs.CodeInvalid:     {http.StatusUnprocessableEntity, "That can't be taken as it is", "Go back, change what is named above, and send it again.", ""},
	jobs.CodeTooLarge:    {http.StatusRequestEntityTooLarge, "That is too large", "Send less at a time, or a smaller file.", ""},
	jobs.CodeUnsupported: {http.StatusUnsupportedMediaType, "That format isn't taken", "Pictures may be JPEG, PNG, WebP or GIF.", ""},
	codeMedia:            {http.StatusUnsupportedMediaType, "That format isn't taken", "Send what the address takes; the API's description lists it.", ""},
	jobs.CodeNotFound:    {http.StatusNotFound, "There is nothing here", "The address may be mistyped, or what was here has been deleted or has expired.", ""},
	jobs.CodeUnavailable: {http.StatusServiceUnavailable, "We can't reach our own services", "Nothing is wrong with what you sent. Try again in a few seconds.", "5"},
	jobs.CodeDead:        {http.StatusInternalServerError, "It was tried several times and given up", "Somebody looks at such cases. You can send it again.", ""},
	jobs.CodeInternal:    {http.StatusInternalServerError, "Something broke on our side", "It has been written down. Try again; if it happens twice, tell us the id below.", ""},
	codeMethod:           {http.StatusMethodNotAllowed, "That can't be done here", "Start from the first page.", ""},
	codeForbidden:        {http.StatusForbidden, "That was refused", "Open the page here and send the form again.", ""},
	codeRate:             {http.StatusTooManyRequests, "A little slower, please", "Wait a minute, then go on. Nothing that you sent before is lost.", "60"},
	codeSlow:             {http.StatusRequestTimeout, "It didn't arrive in time", "Your connection may be slow at the moment. Send it again.", ""},
	codeConflict:         {http.StatusConflict, "It isn't ready yet", "Have a look at its page and come back when it's done.", "1"},
}

// fail answers with what a visitor may know of err, and leaves the rest to
// the log.
func (s *Site) fail(w http.ResponseWriter, r *http.Request, err error) {
	n := noteOf(r)
	n.err = err
	p, a := public(err)
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	if a.retryAfter != "" && h.Get("Retry-After") == "" {
		h.Set("Retry-After", a.retryAfter)
	}
	if wantsJSON(r) {
		s.sendJSON(w, r, a.status, problem{Error: p.Message, Code: p.Code, Request: n.id})
		return
	}
	t := templates.Trouble{
		Status: http.StatusText(a.status), Title: a.title, Message: p.Message, Next: a.next, RequestID: n.id,
		Actions: []templates.Link{{URL: "/", Text: "To the first page"}},
	}
	if r.Header.Get("HX-Request") != "" {
		s.render(w, r, a.status, templates.TroubleFragment(t))
		return
	}
	if a.retryAfter != "" && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		t.Actions = append([]templates.Link{{URL: r.URL.RequestURI(), Text: "Try again"}}, t.Actions...)
	}
	s.render(w, r, a.status, templates.TroublePage(s.page(a.title, p.Message), t))
}

// public gives the part of err that may be shown, and how.
func public(err error) (*jobs.Error, answer) {
	if tooLarge(err) {
		err = errorOf(jobs.CodeTooLarge, "What you sent is larger than this address takes.")
	}
	if errors.Is(err, context.DeadlineExceeded) && !isPublic(err) {
		err = errorOf(jobs.CodeUnavailable, "It took too long to get an answer from our own services.")
	}
	p := jobs.Public(err)
	a, ok := answers[p.Code]
	if !ok {
		a = answers[jobs.CodeInternal]
	}
	return p, a
}

func isPublic(err error) bool {
	_, ok := errors.AsType[*jobs.Error](err)
	return ok
}

// problem is an error in JSON.
type problem struct {
	Error   string         `json:"error"`
	Code    jobs.Code      `json:"code"`
	Request string         `json:"request"`
	Fields  []problemField `json:"fields,omitempty"`
}

// problemField names one of the numbers, 1 to 20.
type problemField struct {
	Field int    `json:"field"`
	Error string `json:"error"`
}

func (s *Site) notFound(w http.ResponseWriter, r *http.Request) {
	s.fail(w, r, errorOf(jobs.CodeNotFound, "No page has this address."))
}
