package site

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"cloudworks/internal/jobs"
	"cloudworks/templates"

	"github.com/go-chi/chi/v5"
)

// patience is how long a page waits for an answer, so that most are there at
// first sight.
const patience = 300 * time.Millisecond

// submit answers POST /calc.
func (s *Site) submit(w http.ResponseWriter, r *http.Request) {
	sub, err := decodeList(r)
	if err != nil {
		s.refuseList(w, r, sub, err)
		return
	}
	id, err := s.opts.Calc.Submit(r.Context(), s.owner(w, r), sub.list)
	if err != nil {
		s.keepList(w, r, sub, err)
		return
	}
	noteOf(r).job = id
	s.remember(w, r, id, strings.ReplaceAll(sub.list.String(), " ", ", "))
	at := "/calc/" + id
	if wantsJSON(r) {
		w.Header().Set("Location", at)
		s.sendJSON(w, r, http.StatusAccepted, accepted{ID: id, URL: s.base(r) + at})
		return
	}
	http.Redirect(w, r, at, http.StatusSeeOther)
}

// accepted is the answer to a job that was taken.
type accepted struct {
	ID  string `json:"id"`
	URL string `json:"url"`
}

// refuseList says what is wrong with a list: the form again, with what was
// typed, or JSON. Other errors have their own pages.
func (s *Site) refuseList(w http.ResponseWriter, r *http.Request, sub submission, err error) {
	p, a := public(err)
	if p.Code != jobs.CodeInvalid {
		s.fail(w, r, err)
		return
	}
	noteOf(r).err = err
	w.Header().Set("Cache-Control", "no-store")
	if wantsJSON(r) {
		out := problem{Error: p.Message, Code: p.Code, Request: noteOf(r).id}
		for _, f := range sub.wrong {
			out.Fields = append(out.Fields, problemField{f.Field, f.Message})
		}
		s.sendJSON(w, r, a.status, out)
		return
	}
	s.showHome(w, r, a.status, withErrors(s.calcForm(sub.typed), sub, p.Message), s.picsForm())
}

// keepList says that a list could not be sent; a form keeps what was typed.
func (s *Site) keepList(w http.ResponseWriter, r *http.Request, sub submission, err error) {
	p, a := public(err)
	if wantsJSON(r) || p.Code != jobs.CodeUnavailable {
		s.fail(w, r, err)
		return
	}
	noteOf(r).err = err
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Retry-After", a.retryAfter)
	f := s.calcForm(sub.typed)
	f.Summary = &templates.Summary{Title: p.Message + " Your numbers are still here; send them again in a few seconds."}
	s.showHome(w, r, a.status, f, s.picsForm())
}

// withErrors puts the errors at the head of the form and at its fields.
func withErrors(f templates.CalcForm, sub submission, message string) templates.CalcForm {
	f.Summary = &templates.Summary{Title: summaryTitle(sub, message)}
	if sub.typed.asText {
		f.TextError = message
		f.Summary.Items = []templates.Link{{URL: "#numbers", Text: "Go to the pasted numbers"}}
		return f
	}
	for _, wrong := range sub.wrong {
		field := &f.Fields[wrong.Field-1]
		field.Error = capital(wrong.Message)
		f.Summary.Items = append(f.Summary.Items, templates.Link{URL: "#" + field.ID, Text: "Number " + field.Label + " " + wrong.Message})
	}
	return f
}

// summaryTitle is short where the items below say the rest; that something
// is missing is best said by the count.
func summaryTitle(sub submission, message string) string {
	wrong := 0
	for _, f := range sub.wrong {
		if strings.TrimSpace(sub.typed.fields[f.Field-1]) != "" {
			wrong++
		}
	}
	switch {
	case sub.typed.asText || wrong == 0:
		return message
	case len(sub.wrong) == 1:
		return "One of the numbers needs another look."
	default:
		return strconv.Itoa(len(sub.wrong)) + " of the 20 numbers need another look."
	}
}

// capital has a message begin as a sentence of its own.
func capital(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// calcPage answers GET /calc/{id}, and GET /calc/{id}.csv for the table. It
// waits a moment for the answer.
func (s *Site) calcPage(w http.ResponseWriter, r *http.Request) {
	id, asCSV := strings.CutSuffix(chi.URLParam(r, "id"), ".csv")
	asCSV = asCSV || r.URL.Query().Get("format") == "csv"
	asJSON := wantsJSON(r) || r.URL.Query().Get("format") == "json"
	noteOf(r).job = id
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	job, err := s.opts.Calc.Wait(ctx, id)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	private(w)
	switch {
	case asCSV:
		s.calcCSV(w, r, job)
	case asJSON:
		s.sendJSON(w, r, http.StatusOK, calcJSON(job, s.listWait(job)))
	default:
		v := s.calcView(job, s.listWait(job))
		s.render(w, r, http.StatusOK, templates.CalcPage(s.calcFrame(v), v))
	}
}

// calcStatus answers a poll: with the job when there is news, else with 204,
// which leaves the page and the screen reader alone.
func (s *Site) calcStatus(w http.ResponseWriter, r *http.Request) {
	id := chi.URLParam(r, "id")
	noteOf(r).job = id
	w.Header().Set("Cache-Control", "no-store")
	job, err := s.opts.Calc.Job(r.Context(), id)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	seen, left := r.URL.Query().Get("seen"), s.listWait(job)
	if seen == calcSeen(job, s.now(), left) {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	v := s.calcView(job, left)
	if !strings.HasPrefix(seen, calcHeard(job, s.now())+"-") {
		v.Said = v.Lede
	}
	s.render(w, r, http.StatusOK, templates.CalcStatus(s.calcFrame(v), v))
}

func (s *Site) calcFrame(v templates.Calc) templates.Page {
	p := polling(s.page(v.Heading, "Minimum, maximum, mean and median of twenty numbers, and how they lie."))
	if !v.Final {
		p.Refresh = "3"
	}
	return p
}
