package site

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"cloudworks/internal/cloudpic"
	"cloudworks/internal/jobs"
	"cloudworks/templates"

	"github.com/go-chi/chi/v5"
)

// picsPage answers GET /pics/{batch}.
func (s *Site) picsPage(w http.ResponseWriter, r *http.Request) {
	id := chi.URLParam(r, "batch")
	noteOf(r).job = id
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	b, err := s.opts.Pics.Wait(ctx, id)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	private(w)
	if wantsJSON(r) || r.URL.Query().Get("format") == "json" {
		s.sendJSON(w, r, http.StatusOK, s.batchJSON(r, b))
		return
	}
	v := s.picsView(b, s.batchWait(b))
	v.LeftOut = s.leftOut(r)
	s.render(w, r, http.StatusOK, templates.PicsPage(picsFrame(s, v), v))
}

func picsFrame(s *Site, v templates.Pics) templates.Page {
	p := polling(s.page(v.Heading, "Pictures before and after, what was gained, and the files to take away.", "upload.js", "compare.js"))
	if !v.Progress.Final {
		p.Refresh = "5"
	}
	return p
}

// picsStatus answers a poll: with the pictures that changed since the page
// was drawn, or with 204 when none did.
func (s *Site) picsStatus(w http.ResponseWriter, r *http.Request) {
	id := chi.URLParam(r, "batch")
	noteOf(r).job = id
	w.Header().Set("Cache-Control", "no-store")
	b, err := s.opts.Pics.Batch(r.Context(), id)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	seen, left := r.URL.Query().Get("seen"), s.batchWait(b)
	if seen == s.picsSeen(b, left) {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	v := s.picsView(b, left)
	v.Cards = changed(v.Cards, b, seen)
	v.Same = strings.HasPrefix(seen, s.picsHeard(b)+"~")
	if !v.Same {
		v.Said = strings.TrimSpace(v.Progress.Text + " " + v.Poll.Note)
	}
	s.render(w, r, http.StatusOK, templates.PicsStatus(picsFrame(s, v), v))
}

// picsSeen names what a page of the batch shows: each picture's number,
// attempt and state, the pace of the polls, and how long is left.
// "1-1done.2-1queued.~1s~120in40"
func (s *Site) picsSeen(b cloudpic.Batch, w wait) string {
	return s.picsHeard(b) + "~" + pace(s.now().Sub(latest(b))) + "~" + w.seen()
}

// picsHeard names what of it is worth hearing: each picture's state, and that
// they are late.
func (s *Site) picsHeard(b cloudpic.Batch) string {
	var out strings.Builder
	for _, p := range b.Pictures {
		out.WriteString(pictureSeen(p))
		out.WriteByte('.')
	}
	return out.String() + lateness(s.now().Sub(latest(b)))
}

func pictureSeen(p cloudpic.Picture) string {
	return strconv.Itoa(p.Number) + "-" + strconv.Itoa(p.Attempt) + string(p.State)
}

// latest is when a picture of the batch was last sent off.
func latest(b cloudpic.Batch) time.Time {
	at := b.Created
	for _, p := range b.Pictures {
		if p.Submitted.After(at) {
			at = p.Submitted
		}
	}
	return at
}

// changed keeps the cards of pictures that the page doesn't show as they are.
// A picture that the page doesn't have at all can't be put in its place, so
// it waits for the next load.
func changed(cards []templates.Card, b cloudpic.Batch, seen string) []templates.Card {
	known := make(map[string]bool)
	for item := range strings.SplitSeq(seen, ".") {
		known[item] = true
	}
	var out []templates.Card
	for i, p := range b.Pictures {
		if !known[pictureSeen(p)] {
			out = append(out, cards[i])
		}
	}
	return out
}

// pollURL is where a page that shows the batch as it is asks for news.
func (s *Site) pollURL(b cloudpic.Batch, w wait) string {
	return "/pics/" + b.ID + "/status?seen=" + url.QueryEscape(s.picsSeen(b, w))
}

// batchAnswer is a batch in JSON.
type batchAnswer struct {
	ID       string        `json:"id"`
	Created  time.Time     `json:"created"`
	Expires  time.Time     `json:"expires"`
	Final    bool          `json:"final"`
	Zip      string        `json:"zip,omitempty"`
	Pictures []pictureJSON `json:"pictures"`
	waitJSON
}

type pictureJSON struct {
	ID     string     `json:"id"`
	Number int        `json:"n"`
	Name   string     `json:"name"`
	State  jobs.State `json:"state"`
	// Original and Enhanced are addresses, and so is Download, of what is
	// best to take away.
	Original string    `json:"original,omitempty"`
	Enhanced string    `json:"enhanced,omitempty"`
	Download string    `json:"download,omitempty"`
	Before   *fileJSON `json:"before,omitempty"`
	After    *fileJSON `json:"after,omitempty"`
	Preset   string    `json:"preset,omitempty"`
	Strength *int      `json:"strength,omitempty"`
	Gain     *float64  `json:"gain,omitempty"` // per cent
	// Index is the quality index before and after, 0 to 100.
	Index      *[2]float64 `json:"index,omitempty"`
	Untouched  bool        `json:"untouched,omitempty"`
	GPSRemoved bool        `json:"gps_removed,omitempty"`
	Error      string      `json:"error,omitempty"`
	Code       jobs.Code   `json:"code,omitempty"`
}

// fileJSON is one stored picture: its type, its size in bytes and in pixels.
type fileJSON struct {
	Type   string `json:"type"`
	Size   int64  `json:"size"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

func (s *Site) batchJSON(r *http.Request, b cloudpic.Batch) batchAnswer {
	a := batchAnswer{waitJSON: s.batchWait(b).json(), ID: b.ID, Created: b.Created.UTC(), Expires: b.Expires.UTC(), Final: b.Final(), Pictures: []pictureJSON{}}
	if count(b, jobs.StateDone) > 0 {
		a.Zip = s.base(r) + "/pics/" + b.ID + "/zip"
	}
	for _, p := range b.Pictures {
		a.Pictures = append(a.Pictures, s.pictureJSON(r, b.ID, p))
	}
	return a
}

func (s *Site) pictureJSON(r *http.Request, batch string, p cloudpic.Picture) pictureJSON {
	at := s.base(r) + picturePath(batch, p.Number)
	out := pictureJSON{
		ID: batch + "." + strconv.Itoa(p.Number), Number: p.Number, Name: p.Name, State: p.State,
		Error: p.Error, Code: p.Code, Preset: string(p.Options.Preset),
	}
	if p.Options.Preset != "" {
		out.Strength = &p.Options.Strength
	}
	if p.Original.Size > 0 {
		out.Original, out.Before = at+"/original", fileOf(p.Original)
	}
	if res := p.Result; res != nil {
		out.Enhanced, out.After = at+"/enhanced", fileOf(res.File)
		out.Download = out.Enhanced
		out.Gain, out.Index = &res.Gain, &[2]float64{res.Before, res.After}
		out.Untouched, out.GPSRemoved = res.Untouched, res.GPSRemoved
	}
	return out
}

func fileOf(f cloudpic.File) *fileJSON {
	return &fileJSON{Type: f.ContentType, Size: f.Size, Width: f.Width, Height: f.Height}
}

func picturePath(batch string, n int) string { return "/pics/" + batch + "/" + strconv.Itoa(n) }

func count(b cloudpic.Batch, state jobs.State) int {
	n := 0
	for _, p := range b.Pictures {
		if p.State == state {
			n++
		}
	}
	return n
}
