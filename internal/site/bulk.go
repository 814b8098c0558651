package site

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"cloudworks/internal/cloudcal"
	"cloudworks/internal/jobs"
	"cloudworks/templates"

	"github.com/go-chi/chi/v5"
)

// bulkPage answers GET /calc/bulk/{id}, and GET /calc/bulk/{id}.csv for the
// result.
func (s *Site) bulkPage(w http.ResponseWriter, r *http.Request) {
	id, asCSV := strings.CutSuffix(chi.URLParam(r, "id"), ".csv")
	noteOf(r).job = id
	b, err := s.opts.Calc.BulkJob(r.Context(), id)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	private(w)
	switch {
	case asCSV || r.URL.Query().Get("format") == "csv":
		s.bulkCSV(w, r, b)
	case wantsJSON(r) || r.URL.Query().Get("format") == "json":
		s.sendJSON(w, r, http.StatusOK, s.bulkJSON(r, b))
	default:
		v := s.bulkView(b, s.bulkWait(b))
		s.render(w, r, http.StatusOK, templates.BulkPage(s.bulkFrame(v), v))
	}
}

// bulkStatus answers a poll: with how far it is when that has changed, else
// with 204.
func (s *Site) bulkStatus(w http.ResponseWriter, r *http.Request) {
	id := chi.URLParam(r, "id")
	noteOf(r).job = id
	w.Header().Set("Cache-Control", "no-store")
	b, err := s.opts.Calc.BulkJob(r.Context(), id)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	seen, left := r.URL.Query().Get("seen"), s.bulkWait(b)
	if seen == bulkSeen(b, s.now(), left) {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	v := s.bulkView(b, left)
	if !strings.HasPrefix(seen, bulkHeard(b, s.now())+"-") {
		v.Said = v.Heading + ". " + v.Lede // a new state is worth saying, a new count isn't
	}
	s.render(w, r, http.StatusOK, templates.BulkStatus(s.bulkFrame(v), v))
}

func (s *Site) bulkFrame(v templates.Bulk) templates.Page {
	p := polling(s.page(v.Heading, "Minimum, maximum, mean and median of every list of a file."))
	if !v.Final {
		p.Refresh = "3"
	}
	return p
}

// bulkSeen names what a page of the bulk shows, for the next poll.
func bulkSeen(b cloudcal.Bulk, now time.Time, w wait) string {
	age := now.Sub(b.Submitted)
	return fmt.Sprintf("%s-%d-%s-%s", bulkHeard(b, now), b.Done, pace(age), w.seen())
}

// bulkHeard names what of it is worth hearing: the state, and that it is late.
func bulkHeard(b cloudcal.Bulk, now time.Time) string {
	if b.Done > 0 {
		return string(b.State)
	}
	return string(b.State) + lateness(now.Sub(b.Submitted))
}

// bulkCSV streams the result.
func (s *Site) bulkCSV(w http.ResponseWriter, r *http.Request, b cloudcal.Bulk) {
	if b.State != jobs.StateDone {
		s.fail(w, r, errorOf(codeConflict, "%s of %s are worked out so far.", grouped(b.Done), lists(b.Rows)))
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8; header=present")
	h.Set("Content-Disposition", `attachment; filename="cloudcal-`+b.Submitted.UTC().Format("2006-01-02-150405")+`.csv"`)
	if r.Method == http.MethodHead {
		return
	}
	if err := s.opts.Calc.WriteBulk(r.Context(), b.ID, patient(w)); err != nil {
		noteOf(r).err = fmt.Errorf("result of bulk %q: %w", b.ID, err)
		panic(http.ErrAbortHandler) // a cut-off file must not look whole
	}
}

// bulkAnswer is a bulk in JSON.
type bulkAnswer struct {
	ID    string     `json:"id"`
	State jobs.State `json:"state"`
	Rows  int        `json:"rows"` // lists that were taken
	Done  int        `json:"done"` // of these
	// Bad are the rows that are no lists.
	Bad       []cloudcal.BadRow `json:"bad"`
	Result    string            `json:"result,omitempty"` // address, when done
	Submitted time.Time         `json:"submitted"`
	waitJSON
}

func (s *Site) bulkJSON(r *http.Request, b cloudcal.Bulk) bulkAnswer {
	a := bulkAnswer{waitJSON: s.bulkWait(b).json(), ID: b.ID, State: b.State, Rows: b.Rows, Done: b.Done, Bad: b.Bad, Submitted: b.Submitted.UTC()}
	if a.Bad == nil {
		a.Bad = []cloudcal.BadRow{}
	}
	if b.State == jobs.StateDone {
		a.Result = s.base(r) + bulkPath + b.ID + ".csv"
	}
	return a
}
