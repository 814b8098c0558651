package site

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"cloudworks/internal/cloudcal"
	"cloudworks/internal/jobs"
	"cloudworks/templates"

	"github.com/go-chi/chi/v5"
)

// calcLog answers GET /calc/{id}/log: the list's own line, never the object,
// which may hold other visitors' lists.
func (s *Site) calcLog(w http.ResponseWriter, r *http.Request) {
	id := chi.URLParam(r, "id")
	noteOf(r).job = id
	line, key, err := s.logLine(r.Context(), id)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	private(w)
	l := templates.CalcLog{Line: line, Key: key}
	switch {
	case wantsJSON(r):
		s.sendJSON(w, r, http.StatusOK, struct {
			Line string `json:"line"`
			Key  string `json:"key"`
		}{line, key})
	case r.Header.Get("HX-Request") != "":
		s.render(w, r, http.StatusOK, templates.CalcLogLine(l))
	default:
		s.render(w, r, http.StatusOK, templates.CalcLogPage(s.page("Log line", "A list and its answer as the worker wrote them down."), l, "/calc/"+id))
	}
}

// The worker writes the log beside its answer, so the line of an answer that
// just came may be a moment away.
const (
	logPatience = time.Second
	logPause    = 100 * time.Millisecond
)

// logLine gives the line of the list, and waits a moment for it when the
// answer is there already.
func (s *Site) logLine(ctx context.Context, id string) (line, key string, err error) {
	line, key, err = s.opts.Calc.LogLine(ctx, id)
	if err == nil || jobs.Public(err).Code != jobs.CodeNotFound {
		return line, key, err
	}
	job, jobErr := s.opts.Calc.Job(ctx, id)
	if jobErr != nil || job.State != jobs.StateDone {
		return line, key, err
	}
	pause := time.NewTicker(logPause)
	defer pause.Stop()
	for range logPatience / logPause {
		select {
		case <-ctx.Done():
			return "", "", ctx.Err()
		case <-pause.C:
		}
		if line, key, err = s.opts.Calc.LogLine(ctx, id); err == nil {
			break
		}
	}
	return line, key, err
}

// calcCSV writes the list and its answer as one row below its heading.
func (s *Site) calcCSV(w http.ResponseWriter, r *http.Request, job cloudcal.Job) {
	if job.Summary == nil || job.Numbers == nil {
		s.fail(w, r, errorOf(codeConflict, "There is no answer to this list yet."))
		return
	}
	var b strings.Builder
	for i := range cloudcal.Count {
		b.WriteString("n" + strconv.Itoa(i+1) + ",")
	}
	b.WriteString("min,max,mean,median\r\n")
	for _, n := range job.Numbers {
		b.WriteString(strconv.FormatInt(n, 10) + ",")
	}
	b.WriteString(strings.Join(figureTexts(*job.Summary), ",") + "\r\n")
	w.Header().Set("Content-Type", "text/csv; charset=utf-8; header=present")
	w.Header().Set("Content-Disposition", `attachment; filename="cloudcal-`+job.Submitted.UTC().Format("2006-01-02-150405")+`.csv"`)
	_, _ = w.Write([]byte(b.String())) // the visitor may be gone
}

// figureTexts gives minimum, maximum, mean and median.
func figureTexts(m cloudcal.Summary) []string {
	return []string{strconv.FormatInt(m.Min, 10), strconv.FormatInt(m.Max, 10), m.Mean.String(), m.Median.String()}
}

// calcAnswer is a job in JSON.
type calcAnswer struct {
	ID        string            `json:"id"`
	State     jobs.State        `json:"state"`
	Numbers   *cloudcal.List    `json:"numbers"`
	Min       *int64            `json:"min"`
	Max       *int64            `json:"max"`
	Mean      *cloudcal.Decimal `json:"mean"`
	Median    *cloudcal.Decimal `json:"median"`
	Error     string            `json:"error,omitempty"`
	Submitted time.Time         `json:"submitted"`
	Answered  *time.Time        `json:"answered"`
	waitJSON
}

func calcJSON(job cloudcal.Job, w wait) calcAnswer {
	a := calcAnswer{waitJSON: w.json(), ID: job.ID, State: job.State, Numbers: job.Numbers, Error: job.Error, Submitted: job.Submitted.UTC()}
	if m := job.Summary; m != nil {
		a.Min, a.Max, a.Mean, a.Median = &m.Min, &m.Max, &m.Mean, &m.Median
	}
	if !job.Answered.IsZero() {
		at := job.Answered.UTC()
		a.Answered = &at
	}
	return a
}
