package site

import (
	"net/http"
	"strconv"

	"cloudworks/internal/cloudpic"
	"cloudworks/internal/jobs"

	"github.com/go-chi/chi/v5"
)

// begin answers POST /pics/begin: the id of a batch that pictures can then be
// sent to one by one.
func (s *Site) begin(w http.ResponseWriter, r *http.Request) {
	id := s.opts.Pics.Begin()
	noteOf(r).job = id
	w.Header().Set("Cache-Control", "no-store")
	s.sendJSON(w, r, http.StatusCreated, accepted{ID: id, URL: s.base(r) + "/pics/" + id})
}

// again answers POST /pics/{batch}/{n}/again.
func (s *Site) again(w http.ResponseWriter, r *http.Request) {
	batch := chi.URLParam(r, "batch")
	noteOf(r).job = batch
	n, err := pictureNumber(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if err := r.ParseForm(); err != nil {
		s.fail(w, r, badForm(err))
		return
	}
	o, err := cloudpic.ParseOptions(r.PostForm.Get("preset"), r.PostForm.Get("strength"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if err := s.opts.Pics.Again(r.Context(), batch, n, s.owner(w, r), o); err != nil {
		s.fail(w, r, err)
		return
	}
	at := "/pics/" + batch
	if wantsJSON(r) {
		s.sendJSON(w, r, http.StatusAccepted, accepted{ID: batch + "." + strconv.Itoa(n), URL: s.base(r) + at})
		return
	}
	http.Redirect(w, r, at+"#p"+strconv.Itoa(n), http.StatusSeeOther)
}

// deleteBatch answers DELETE /pics/{batch} and the form's POST.
func (s *Site) deleteBatch(w http.ResponseWriter, r *http.Request) {
	batch := chi.URLParam(r, "batch")
	noteOf(r).job = batch
	if err := s.opts.Pics.Delete(r.Context(), batch); err != nil {
		s.fail(w, r, err)
		return
	}
	s.drop(w, r, batch)
	if r.Method == http.MethodDelete || wantsJSON(r) {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	http.Redirect(w, r, "/#recent", http.StatusSeeOther)
}

// pictureNumber reads the number in an address.
func pictureNumber(r *http.Request) (int, error) {
	n, err := strconv.Atoi(chi.URLParam(r, "n"))
	if err != nil || n < 1 || n > cloudpic.MaxPictures {
		return 0, errorOf(jobs.CodeNotFound, "There is no picture of that number.")
	}
	return n, nil
}
